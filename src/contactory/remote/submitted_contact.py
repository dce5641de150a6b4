"""Submits contacts to a server elsewhere: the same call as `ops/submitted_contact.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contactory.domain.submissions import SubmitAnswer, named_as_sent
from contactory.remote.answers import read_answer
from contactory.remote.calls import Calls


class RemoteSubmittedContact:
    """What people say of themselves in forms, and programs of people that they met."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def append_or_create_contact(
        self, submission: Mapping[str, Any] | None = None
    ) -> SubmitAnswer:
        """Add the submitted `info` to the contact that it is about, or make one (CONTRACT E.7).

        Raises what the embedded call raises and `Calls.call` adds.
        """
        answer = await self._calls.call(
            "submitted_contact.append_or_create_contact", named_as_sent(submission)
        )
        return read_answer(SubmitAnswer, answer)
