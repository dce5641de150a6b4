"""The plain search of queries: one text that a contact has as it is (CONTRACT D.8)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from contactory.domain.contact_index import phone_form
from contactory.domain.filter_forms import email_form, sort_form
from contactory.domain.problems import Problems

_LONGEST: Final = 100


class ExactSearch(msgspec.Struct, frozen=True):
    """A text that is a first name, a last name, both with a blank between, an e-mail or a phone.

    Letter case does not count; a phone may be written in any way.
    """

    name: str
    full_names: tuple[tuple[str, str], ...]
    email: str
    phone: str


def read_exact_search(sent: Any, *, path: str = "search") -> ExactSearch | None:
    """The search for this text; None where it is empty. Raises InvalidArgument."""
    problems = Problems()
    text = problems.text(sent, path, _LONGEST)
    problems.check()
    if text is None:
        return None
    words = text.strip()
    blanks = [at for at, sign in enumerate(words) if sign == " "]
    halves = tuple((sort_form(words[:at]), sort_form(words[at + 1 :])) for at in blanks)
    return ExactSearch(sort_form(words), halves, email_form(words), phone_form(words))
