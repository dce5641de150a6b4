"""Limits of what `info` holds, each at its limit and one above it (CONTRACT A)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contactory.domain.contact_reading import read_info
from tests.unit.infos import address, email, info, phone, refused

_TEXTS: list[tuple[str, int, Callable[[str], dict[str, Any]]]] = [
    ("info.name.first", 1000, lambda text: {"name": {"first": text}}),
    ("info.name.last", 1000, lambda text: {"name": {"last": text}}),
    ("info.company", 1000, lambda text: info(company=text)),
    ("info.jobTitle", 1000, lambda text: info(jobTitle=text)),
    ("info.phones.items[0].phone", 50, lambda text: phone(phone=text)),
    ("info.labelKeys.items[0]", 80, lambda text: info(labelKeys={"items": [text]})),
    ("info.picture.image.url", 2000, lambda text: info(picture={"image": {"url": text}})),
    ("info.picture.image.id", 1000, lambda text: info(picture={"image": {"id": text}})),
    ("info.picture.image.altText", 1000, lambda text: info(picture={"image": {"altText": text}})),
    ("info.picture.image.filename", 1000, lambda text: info(picture={"image": {"filename": text}})),
    ("info.picture", 2000, lambda text: info(picture=text)),
    ("info.picture.image", 2000, lambda text: info(picture={"image": text})),
] + [
    (
        f"info.addresses.items[0].address.{name}",
        most,
        lambda text, name=name: address(**{name: text}),
    )
    for name, most in {
        "addressLine": 1000,
        "addressLine1": 1000,
        "addressLine2": 1000,
        "city": 1000,
        "postalCode": 100,
        "formattedAddress": 2000,
        "formatted": 2000,
        "hint": 200,
    }.items()
] + [
    (
        f"info.addresses.items[0].address.streetAddress.{name}",
        most,
        lambda text, name=name: address(streetAddress={name: text}),
    )
    for name, most in {"number": 100, "name": 1000, "apt": 100}.items()
]  # fmt: skip


@pytest.mark.parametrize(("path", "most", "sent"), _TEXTS, ids=[case[0] for case in _TEXTS])
def test_longest_text(path: str, most: int, sent: Callable[[str], dict[str, Any]]) -> None:
    # Characters count, not bytes and not UTF-16 units.
    read_info(sent("\U0001f600" * most))
    description = f"has size {most + 1}, expected {most} or less"
    assert refused(sent("x" * (most + 1))) == (
        path,
        "MAX_LENGTH",
        description,
        {"threshold": most},
    )


def test_longest_email() -> None:
    longest = "a" * 64 + "@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 57 + ".com"
    assert len(longest) == 254
    assert read_info(email(email=longest)).info.emails.items[0].email == longest
    path = "info.emails.items[0].email"
    assert refused(email(email="a" + longest))[:2] == (path, "FORMAT")
    assert refused(email(email="a" * 320))[:2] == (path, "FORMAT")
    assert refused(email(email="a" * 321)) == (
        path,
        "MAX_LENGTH",
        "has size 321, expected 320 or less",
        {"threshold": 320},
    )


@pytest.mark.parametrize(
    ("name", "most", "item"),
    [
        ("emails", 50, lambda at: {"email": f"john{at}@example.com"}),
        ("phones", 50, lambda at: {"phone": str(at)}),
        ("addresses", 50, lambda at: {"address": {"city": str(at)}}),
        ("labelKeys", 2000, lambda at: f"custom.{at}"),
        ("locations", 50, lambda at: f"{at:08}-0000-0000-0000-000000000000"),
        ("assignedUserIds", 50, lambda at: f"{at:08}-0000-0000-0000-000000000000"),
    ],
)
def test_most_items(name: str, most: int, item: Callable[[int], Any]) -> None:
    read_info(info(**{name: {"items": [item(at) for at in range(most)]}}))
    assert refused(info(**{name: {"items": [item(at) for at in range(most + 1)]}})) == (
        f"info.{name}.items",
        "MAX_SIZE",
        f"has size {most + 1}, expected {most} or less",
        {"threshold": most},
    )


def test_most_extended_fields() -> None:
    fields = {f"custom.{at}": at for at in range(1000)}
    assert read_info(info(extendedFields={"items": fields})).fields == fields
    assert refused(info(extendedFields={"items": fields | {"custom.more": 1}})) == (
        "info.extendedFields.items",
        "MAX_SIZE",
        "has size 1001, expected 1000 or less",
        {"threshold": 1000},
    )
