"""The languages in which names of ours show (CONTRACT A.9, B.11)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, Final

from contactory.domain.problems import Problems

_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8})*")


class Language(StrEnum):
    """A language that names of ours exist in."""

    EN = "en"
    ES = "es"


def read_language(problems: Problems, sent: Any, path: str = "language") -> Language:
    """The language that a tag such as `es` or `es-MX` names; English for those without names here.

    Also takes the one-element lists that query strings give.
    """
    value = sent[0] if isinstance(sent, list | tuple) and len(sent) == 1 else sent
    if value is None or value == "":
        return Language.EN
    if not isinstance(value, str):
        problems.wrong_kind(path, "a string")
        return Language.EN
    found = _TAG.fullmatch(value)
    if found is None:
        problems.add_format(path, "LANGUAGE", "is not a language code such as en or es")
        return Language.EN
    word = found[1].lower()
    return Language(word) if word in set(Language) else Language.EN
