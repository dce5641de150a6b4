"""The quick way through common input reads as the careful one does, or leaves it to it."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contactory.domain.contact_reading import ReadInfo, read_info
from contactory.domain.errors import ContactoryError
from contactory.domain.plain_info import plain_parts

_ODD = st.sampled_from(
    ["", " ", " a", "a ", "a\n", "\x00", "\ud800", "é", "a" * 1001, "\u200b", None, 5]
)


def _mostly(*usual: Any, odd: st.SearchStrategy[Any] = _ODD) -> st.SearchStrategy[Any]:
    """Few odd values, because one of them is enough to leave the quick way."""
    return st.integers(0, 11).flatmap(lambda at: odd if at == 0 else st.sampled_from(usual))


_LINES = _mostly("Ada", "O'Neil", "Łódź")
_EMAILS = _mostly("a@example.com", "A@Example.com", "b.c+d@sub.example.org", "ü@example.com")
_PHONES = _mostly("6465676359", "(646) 567-6359", "+44 20 7946 0958", "12")
_PRIMARY = _mostly(None, False, False, True, odd=st.sampled_from(["true", 1]))
_TAGS = _mostly("UNTAGGED", "MAIN", "HOME", odd=st.sampled_from(["MOBILE", "main", "", None]))
_COUNTRIES = _mostly("US", "GB", None, odd=st.sampled_from(["us", "USA", "US\n", ""]))


def _part(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=members)


def _items(item: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _part(items=st.lists(item, max_size=3))


_INFOS = _part(
    name=_part(first=_LINES, last=_LINES),
    emails=_items(_part(email=_EMAILS, tag=_TAGS, primary=_PRIMARY)),
    phones=_items(_part(phone=_PHONES, countryCode=_COUNTRIES, tag=_TAGS, primary=_PRIMARY)),
    company=_LINES,
    jobTitle=_LINES,
)


def _told(info: Any) -> Any:
    """What reading gives, without the ids that it made; or the error."""
    try:
        read: ReadInfo = read_info(info)
    except ContactoryError as error:
        return type(error), error.message
    plain = msgspec.to_builtins(read)
    for kind in ("emails", "phones"):
        for item in plain["info"][kind].get("items", ()):
            del item["id"]
    return plain


@settings(max_examples=1500, deadline=None)
@given(_INFOS)
@example({"name": {"first": "Ada"}, "emails": {"items": [{"email": "a@example.com"}]}})
@example({"emails": {"items": [{"email": "a@example.com"}, {"email": "A@example.com"}]}})
@example({"phones": {"items": [{"phone": " 12"}]}})
@example({"phones": {"items": [{"phone": "12 "}]}})
@example({"name": {"first": "A", "middle": "B"}, "locale": "en"})
def test_both_ways_read_alike(info: dict[str, Any]) -> None:
    # What is no dict of Python's own goes the careful way.
    assert _told(info) == _told(MappingProxyType(info))


def test_what_most_callers_send_goes_the_quick_way() -> None:
    phone = {"phone": "6465676359", "countryCode": "US", "tag": "MOBILE", "primary": True}
    info = {
        "name": {"first": "Ada", "last": "Byron"},
        "emails": {"items": [{"email": "a@example.com", "tag": "MAIN"}]},
        "phones": {"items": [phone]},
        "company": "Engines",
        "jobTitle": "Writer",
    }
    assert plain_parts(info) is not None


class _Word(StrEnum):
    MAIN = "MAIN"


def test_words_of_other_types_come_out_as_plain_text() -> None:
    read = read_info({"emails": {"items": [{"email": "a@example.com", "tag": _Word.MAIN}]}})
    assert type(read.info.emails.items[0].tag) is str
