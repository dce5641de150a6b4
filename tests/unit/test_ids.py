"""Identifiers and secrets."""

from __future__ import annotations

import uuid

import pytest

from contactory.kit.ids import as_guid, digest, new_id, new_secret, site_of_secret

SITE = "00000000-0000-7000-8000-000000000001"


def test_ids_are_version_7_and_sort_by_age() -> None:
    ids = [new_id() for _ in range(1000)]
    assert {uuid.UUID(one).version for one in ids} == {7}
    assert len(set(ids)) == 1000
    assert ids == sorted(ids)


def test_guid_is_shown_in_lower_case() -> None:
    assert as_guid("37DB3BDE-83c0-4CA2-8097-88964a2f343b") == (
        "37db3bde-83c0-4ca2-8097-88964a2f343b"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "37db3bde83c04ca2809788964a2f343b",
        "{37db3bde-83c0-4ca2-8097-88964a2f343b}",
        "37db3bde-83c0-4ca2-8097-88964a2f343",
        "37db3bde-83c0-4ca2-8097-88964a2f343g",
        "37db3bde-83c0-4ca2-8097-88964a2f343b\n",
        "٣7db3bde-83c0-4ca2-8097-88964a2f343",
    ],
)
def test_other_texts_are_no_guids(text: str) -> None:
    assert as_guid(text) is None


def test_secrets_differ_and_say_what_they_are_and_whose() -> None:
    one, other = new_secret("key", SITE), new_secret("key", SITE)
    assert one != other
    assert one.startswith("key_")
    assert site_of_secret(one) == site_of_secret(other) == SITE


@pytest.mark.parametrize("text", ["", "key_", "key_short", "Bearer x", "key_" + "?" * 64])
def test_other_texts_carry_no_site(text: str) -> None:
    assert site_of_secret(text) is None


def test_digest_is_the_same_for_one_secret_only() -> None:
    assert digest("a") == digest("a")
    assert digest("a") != digest("b")
    assert len(digest("\ud800")) == 32
