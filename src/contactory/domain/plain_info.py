"""The quick way through an `info` as most callers send it: names, e-mails, phones, company.

It reads that, or nothing: whatever is unusual, or wrong, is for the careful reading, which knows
every spelling and names every problem. A property test holds that both read alike.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from contactory.domain.contacts import ContactEmail, ContactPhone, Name
from contactory.kit.ids import new_id

_Line = Annotated[str, Meta(min_length=1, max_length=1000)]


class _Plain(msgspec.Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    """Input in REST names, of the right kinds, with nothing else beside."""


class _Name(_Plain):
    first: _Line | None = None
    last: _Line | None = None


class _Email(_Plain):
    email: Annotated[str, Meta(min_length=1, max_length=320)]
    tag: Literal["UNTAGGED", "MAIN", "HOME", "WORK"] = "UNTAGGED"
    primary: bool | None = None


class _Phone(_Plain):
    phone: Annotated[str, Meta(min_length=1, max_length=50)]
    country_code: Annotated[str, Meta(pattern="^[A-Z]{2}\\Z")] | None = None
    tag: Literal["UNTAGGED", "MAIN", "HOME", "MOBILE", "WORK", "FAX"] = "UNTAGGED"
    primary: bool | None = None


class _Emails(_Plain):
    items: Annotated[list[_Email], Meta(max_length=50)] = []


class _Phones(_Plain):
    items: Annotated[list[_Phone], Meta(max_length=50)] = []


class _Info(_Plain):
    name: _Name | None = None
    emails: _Emails | None = None
    phones: _Phones | None = None
    company: _Line | None = None
    job_title: _Line | None = None


def plain_parts(sent: Any) -> dict[str, Any] | None:
    """What was sent, by the names of ContactInfo; None when only careful reading can tell."""
    try:
        info = msgspec.convert(sent, _Info)
    except (msgspec.ValidationError, UnicodeError):
        return None
    parts: dict[str, Any] = {}
    lines = [info.company, info.job_title]
    if (name := info.name) is not None and (name.first or name.last):
        parts["name"] = Name(first=name.first, last=name.last)
        lines += (name.first, name.last)
    if info.emails is not None:
        lines += [item.email for item in info.emails.items]
        parts["emails"] = [_email(item) for item in info.emails.items]
    if info.phones is not None:
        lines += [text for item in info.phones.items for text in (item.phone, item.country_code)]
        parts["phones"] = [_phone(item) for item in info.phones.items]
    if info.company is not None:
        parts["company"] = info.company
    if info.job_title is not None:
        parts["job_title"] = info.job_title
    return parts if all(map(_is_plain, lines)) else None


def _is_plain(text: str | None) -> bool:
    """Whether the text is kept as it is: nothing to trim, nothing that stores cannot hold."""
    if text is None:
        return True
    # Encoders know no subclass of str.
    return type(text) is str and text.isprintable() and text[0] != " " and text[-1] != " "


def _email(item: _Email) -> ContactEmail:
    return ContactEmail(id=new_id(), tag=item.tag, email=item.email, primary=item.primary)


def _phone(item: _Phone) -> ContactPhone:
    return ContactPhone(
        id=new_id(),
        tag=item.tag,
        country_code=item.country_code,
        phone=item.phone,
        primary=item.primary,
    )
