"""E-mail addresses: which are valid, and which are the same."""

from __future__ import annotations

import pytest

from contactory.domain.emails import email_key


@pytest.mark.parametrize(
    ("email", "key"),
    [
        ("johndoe1@example.com", "johndoe1@example.com"),
        ("JohnDoe1@EXAMPLE.com", "johndoe1@example.com"),
        ("john.doe+news@mail.example.co.uk", "john.doe+news@mail.example.co.uk"),
        ("a@b.c", "a@b.c"),
        ("o'hara!#$%&*=?^`{|}~@example.com", "o'hara!#$%&*=?^`{|}~@example.com"),
        ("someone@sub.test", "someone@sub.test"),
        ("Jörg@Müller.de", "jörg@xn--mller-kva.de"),
        ("JÖRG@xn--mller-kva.de", "jörg@xn--mller-kva.de"),
        ("jo\u0301rg@example.com", "jórg@example.com"),
        ('"john doe"@example.com', '"john doe"@example.com'),
        ("A" * 64 + "@" + "B" * 60 + ".com", "a" * 64 + "@" + "b" * 60 + ".com"),
    ],
)
def test_valid_address_has_a_key_without_letter_case(email: str, key: str) -> None:
    assert email_key(email) == key


@pytest.mark.parametrize(
    "email",
    [
        "",
        "x",
        "@",
        "@example.com",
        "john@",
        "john@localhost",
        "john@printer.local",
        "john@@example.com",
        "john doe@example.com",
        "john@exam ple.com",
        ".john@example.com",
        "john..doe@example.com",
        "john@-example.com",
        "john@example..com",
        "john@example.com.",
        "john@[127.0.0.1]",
        "John <john@example.com>",
        "john@example.com, jane@example.com",
        "john@" + "a" * 64 + ".com",
        "john@" + "a." * 130 + "com",
        "john@example.com\n",
    ],
)
def test_invalid_address_is_refused(email: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        email_key(email)
