"""A server elsewhere, with the calls that it offers."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from contactory.remote.calls import Calls
from contactory.remote.contacts import RemoteContacts
from contactory.remote.extended_fields import RemoteExtendedFields
from contactory.remote.labels import RemoteLabels


class RemoteCrm:
    """One site of a server, as the caller whom the key stands for."""

    def __init__(self, url: str, key: str, site_id: str | None = None) -> None:
        """Prepare to call the server at the URL; nothing is sent yet.

        The key's own site is meant unless `site_id` names it, which the server then checks. Raises
        InvalidArgument for a URL that is none, Unauthenticated for a key that can be none.
        """
        self._calls = Calls(url, key, site_id)
        self.contacts = RemoteContacts(self._calls)
        self.labels = RemoteLabels(self._calls)
        self.extended_fields = RemoteExtendedFields(self._calls)

    def __repr__(self) -> str:
        return f"RemoteCrm({self._calls.url!r})"

    async def close(self) -> None:
        """Close all connections."""
        await self._calls.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
