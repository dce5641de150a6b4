"""What a command has at hand: where it acts, and how it shows what it did."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from contactory.cli.printing import plain, print_fields, print_json, print_table, tell
from contactory.connecting import connect, is_remote
from contactory.domain.errors import NotFound
from contactory.domain.ignored_values import IgnoredValues
from contactory.ops.crm import Crm
from contactory.ops.settings import Settings
from contactory.remote.crm import RemoteCrm
from contactory.store.opening import store_exists
from contactory.store.shown_urls import shown_url

T = TypeVar("T")


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """The options that commands share."""

    as_json: bool
    store: str = ""
    site: str | None = None
    key: str | None = None

    def run(self, work: Callable[[Crm], Awaitable[T]], *, makes_store: bool = False) -> T:
        """Do the work with the open store, which must be there unless the command makes it.

        Raises what the work raises, NotFound, StoreDamaged, Unavailable.
        """
        if is_remote(self.store):
            raise NotFound(
                f"this command works on a store itself, not through the server {self.store}: "
                "name it with --store sqlite:///FILE or postgresql://…"
            )
        if not makes_store:
            check_exists(self.store)

        async def opened() -> T:
            async with connect(self.store, site_id=self.site) as crm:
                return await work(crm)

        return asyncio.run(opened())

    def run_anywhere(
        self,
        work: Callable[[Crm | RemoteCrm], Awaitable[T]],
        *,
        makes_store: bool = False,
        settings: Settings | None = None,
    ) -> T:
        """Do the work with the open store or with a server; tells what was not stored.

        `settings` are for a store: a server has its own. Raises what the work raises, NotFound,
        StoreDamaged, Unavailable, Unauthenticated.
        """
        if not (makes_store or is_remote(self.store)):
            check_exists(self.store)
        key, chosen = (self.key, None) if is_remote(self.store) else (None, settings)

        async def connected() -> T:
            async with connect(self.store, key=key, site_id=self.site, settings=chosen) as crm:
                return await work(crm)

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", IgnoredValues)
            result = asyncio.run(connected())
        for warning in caught:
            tell(f"warning: {warning.message}")
        return result

    def show(self, document: Any, *, fields: Mapping[str, Any] | None = None) -> None:
        """Show one thing: as JSON, or its fields (others than JSON has, where given)."""
        if self.as_json:
            print_json(document)
        else:
            print_fields(plain(document) if fields is None else fields)

    def show_all(self, found: Sequence[Any], columns: Sequence[str], nothing: str) -> None:
        """Show a list: as JSON, or as a table of these columns."""
        if self.as_json:
            print_json(found)
        else:
            print_table(plain(found), columns, nothing)

    def show_done(self, done: Mapping[str, Any], message: str) -> None:
        """Show that something was done which has no other result."""
        if self.as_json:
            print_json(done)
        else:
            tell(message)

    def note(self, message: str) -> None:
        """Say something beside the data to people."""
        if not self.as_json:
            tell(message)


def check_exists(store: str) -> None:
    """Raise NotFound where the store at this URL is not there, Unavailable where nobody can say."""
    if not asyncio.run(store_exists(store)):
        raise NotFound(
            f"there is no store {shown_url(store)}: "
            "`contactory serve` and the create commands make one"
        )
