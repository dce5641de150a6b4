"""Reads and formats plain national phone numbers by the library's own tables, prepared once.

The library looks its tables up anew for every number, which costs more than all the rest of a
create. What is decided here, a property test holds equal to what the library decides.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import msgspec
import phonenumbers
from phonenumbers.phonemetadata import NumberFormat, PhoneNumberDesc

_SEPARATORS: Final = str.maketrans("", "", " ().-")
_GROUP: Final = re.compile(r"\\([1-9])")
_KINDS: Final = (
    "fixed_line mobile toll_free premium_rate shared_cost voip personal_number pager uan voicemail"
).split()


class _Kind(msgspec.Struct, frozen=True):
    """What numbers of one kind, such as mobile ones, look like."""

    lengths: frozenset[int]
    pattern: re.Pattern[str]

    def holds(self, digits: str) -> bool:
        return len(digits) in self.lengths and self.pattern.fullmatch(digits) is not None


class _Format(msgspec.Struct, frozen=True):
    """How numbers that begin so, and look so, are written."""

    beginning: re.Pattern[str] | None
    pattern: re.Pattern[str]
    template: str

    def written(self, digits: str) -> str | None:
        """The digits in this form; None for those it is not for."""
        if self.beginning is not None and self.beginning.match(digits) is None:
            return None
        found = self.pattern.fullmatch(digits)
        return None if found is None else self.template.format(*found.groups())


class NumberingPlan(msgspec.Struct, frozen=True):
    """One country's numbers."""

    calling_code: str
    prefix: re.Pattern[str] | None
    any_kind: _Kind
    kinds: tuple[_Kind, ...]
    formats: tuple[_Format, ...]

    def national_number(self, phone: str) -> str | None:
        """The digits, when they are a valid number without anything that parsing would take away.

        None means that only the library can tell.
        """
        digits = phone.translate(_SEPARATORS)
        if not (digits.isascii() and digits.isdecimal()):
            return None
        if digits.startswith(("0", self.calling_code)):
            return None
        if self.prefix is not None and self.prefix.match(digits):
            return None
        is_valid = self.any_kind.holds(digits) and any(kind.holds(digits) for kind in self.kinds)
        return digits if is_valid else None

    def international_form(self, digits: str) -> str:
        """A national number as it is written after its calling code."""
        for form in self.formats:
            if (text := form.written(digits)) is not None:
                return text
        return digits


@cache
def numbering_plan(country_code: str) -> NumberingPlan | None:
    """The plan of an ISO 3166-1 alpha-2 country; None where the library knows none."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country_code)
    calling_code = phonenumbers.country_code_for_region(country_code)
    if metadata is None or metadata.general_desc is None or not calling_code:
        return None
    # Countries that share a calling code write their numbers as the first of them does.
    main = phonenumbers.region_code_for_country_code(calling_code)
    written = phonenumbers.PhoneMetadata.metadata_for_region(main) or metadata
    prefix = metadata.national_prefix_for_parsing
    return NumberingPlan(
        calling_code=str(calling_code),
        prefix=None if prefix is None else re.compile(prefix),
        any_kind=_kind(metadata.general_desc),
        kinds=tuple(
            _kind(found) for name in _KINDS if (found := getattr(metadata, name)) is not None
        ),
        formats=tuple(map(_format, written.intl_number_format or written.number_format)),
    )


def _kind(found: PhoneNumberDesc) -> _Kind:
    nothing = r"(?!)"
    return _Kind(
        frozenset(found.possible_length), re.compile(found.national_number_pattern or nothing)
    )


def _format(found: NumberFormat) -> _Format:
    beginnings = found.leading_digits_pattern
    return _Format(
        re.compile(beginnings[-1]) if beginnings else None,
        re.compile(found.pattern or ""),
        _GROUP.sub(lambda group: f"{{{int(group[1]) - 1}}}", found.format or ""),
    )
