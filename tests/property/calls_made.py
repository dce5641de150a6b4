"""What random calls send: few values, so that they meet each other again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st

from contactory.domain.identities import SITE_APP_ID, Identity
from contactory.domain.permissions import GRANTABLE, READ_CONTACTS, Permission
from tests.property.model import PHONES, Person, keys
from tests.property.model_site import SYSTEM_LABELS

T = TypeVar("T")

EMAILS = (
    "ann@example.com",
    "Ann@Example.com",
    "bob@example.com",
    "BOB@example.com",
    "cy.doe@example.org",
    "dee@example.org",
)
FIRST = ("Ann", "ann", "Bob", "Cy")
LAST = ("Doe", "Dow")
COMPANIES = ("Engines", "Looms")
LABELS = ("custom.vip", "custom.hot", "custom.at-risk")
LABEL_NAMES = ("Vip", "Hot", "At Risk", "custom.hot", "Vip 2", "Beast")
FIELDS = {"custom.pet": ("Cat", "dog"), "custom.age": (1, 2, 36)}
FIELD_NAMES = {"Pet": "TEXT", "Age": "NUMBER"}
FIELD_NEW_NAMES = (*FIELD_NAMES, "Animal", "custom.age")
WORDS = (
    "ann",
    "BO",
    "doe",
    "engi",
    "example",
    "cy.doe@example.org",
    "2025550111",
    "+1 (202) 555-0122",
)
UNKNOWN = "0a9c2f1b-75d1-4c5c-9f2b-00000000000a"

VIEW, MODIFY = Permission.CONTACTS_VIEW, Permission.CONTACTS_MODIFY
MERGE, SUBMIT = Permission.CONTACTS_MERGE, Permission.CONTACTS_SUBMIT
LABEL, FIELD = Permission.LABELS_MODIFY, Permission.FIELDS_MODIFY

CALLERS: Mapping[str, Identity] = {
    "owner": Identity.user(GRANTABLE),
    "app": Identity.app(SITE_APP_ID),
    "viewer": Identity.user(READ_CONTACTS, "viewer"),
    "visitor": Identity.visitor("visitor-1"),
    "other visitor": Identity.visitor("visitor-2"),
    "member": Identity.member("member-1"),
}
_MAY: Mapping[str, frozenset[Permission]] = {
    "owner": frozenset({VIEW, MODIFY, MERGE, SUBMIT, LABEL, FIELD}),
    "app": frozenset({VIEW, MODIFY, MERGE, SUBMIT, LABEL, FIELD}),
    "viewer": frozenset({VIEW}),
    "visitor": frozenset({SUBMIT}),
    "other visitor": frozenset({SUBMIT}),
    "member": frozenset({SUBMIT}),
}


def may(caller: str, permission: Permission) -> bool:
    """Whether the contract lets this caller do it (CONTRACT G.1)."""
    return permission in _MAY[caller]


def drawn(build: Callable[[Random], T]) -> st.SearchStrategy[T]:
    """Values as likely as the chance says: plain strategies prefer small and empty ones."""

    @st.composite
    def built(draw: st.DrawFn) -> T:
        return build(Random(draw(st.integers(0, 2**32 - 1))))

    return built()


def _caller(chance: Random) -> str:
    return chance.choice(("owner", "app")) if chance.random() < 0.75 else chance.choice((*CALLERS,))


def _submitter(chance: Random) -> str:
    likely = ("visitor", "other visitor", "member", "owner")
    return chance.choice(likely if chance.random() < 0.9 else (*CALLERS,))


def some(values: Sequence[T], most: int, least: int = 0) -> st.SearchStrategy[list[T]]:
    return drawn(lambda chance: chance.sample(values, chance.randint(least, most)))


def one_of(values: Sequence[T]) -> st.SearchStrategy[T]:
    return drawn(lambda chance: chance.choice(values))


callers, submitters = drawn(_caller), drawn(_submitter)
sites = drawn(lambda chance: int(chance.random() < 0.3))
places = drawn(lambda chance: chance.randrange(100))
rarely = drawn(lambda chance: chance.random() < 0.15)
often = drawn(lambda chance: chance.random() < 0.5)


class Chosen(msgspec.Struct, frozen=True):
    """A filter as it is sent, the same in Python, and the custom field that it needs."""

    sent: dict[str, Any]
    is_met: Callable[[Person], bool]
    field: str | None = None
    search: str | None = None


def _items(chance: Random, name: str, texts: Mapping[str, str], more: Any) -> dict[str, Any]:
    """One or two entries of which no two are the same; one may be said to be primary."""
    by_key = {texts[text]: text for text in chance.sample(sorted(texts), chance.randint(1, 2))}
    items: list[dict[str, Any]] = [{name: text} | more for text in by_key.values()]
    if chance.random() < 0.4:
        chance.choice(items)["primary"] = True
    return {"items": items}


def _info(chance: Random) -> dict[str, Any]:
    info: dict[str, Any] = {}
    if chance.random() < 0.7:
        halves = {"first": chance.choice(FIRST), "last": chance.choice(LAST)}
        info["name"] = {
            half: halves[half] for half in chance.sample(sorted(halves), chance.choice((1, 2, 2)))
        }
    if chance.random() < 0.5:
        info["emails"] = _items(chance, "email", {text: text.lower() for text in EMAILS}, {})
    if chance.random() < 0.35:
        info["phones"] = _items(chance, "phone", PHONES, {"countryCode": "US"})
    if chance.random() < 0.35:
        info["company"] = chance.choice(COMPANIES)
    if chance.random() < 0.4:
        labels = chance.sample((*LABELS, SYSTEM_LABELS[0]), chance.randint(1, 2))
        info["labelKeys"] = {"items": labels}
    if chance.random() < 0.4:
        keys_sent = chance.sample(sorted(FIELDS), chance.randint(1, 2))
        values = {key: chance.choice(FIELDS[key]) for key in keys_sent}
        info["extendedFields"] = {"items": values}
    return info


def _update(chance: Random) -> dict[str, Any]:
    """An info of which parts may take away what is there."""
    info = _info(chance)
    for name in info:
        if chance.random() < 0.25:
            info[name] = _CLEARED[name](chance)
    return info


_CLEARED: Mapping[str, Callable[[Random], Any]] = {
    "name": lambda chance: {chance.choice(("first", "last")): chance.choice((None, ""))},
    "emails": lambda chance: chance.choice(({}, {"items": []}, None)),
    "phones": lambda chance: chance.choice(({}, {"items": []}, None)),
    "company": lambda chance: chance.choice(("", None)),
    "labelKeys": lambda chance: chance.choice(({}, {"items": []}, None)),
    "extendedFields": lambda chance: {
        "items": {chance.choice(sorted(FIELDS)): chance.choice((None, ""))}
    },
}

infos, updates = drawn(_info), drawn(_update)
masks = some(
    "name.first name.last company emails phones labelKeys extendedFields.custom.pet".split(), 2
)
label_lists = some((*LABELS, SYSTEM_LABELS[0]), 2, least=1)


def _by_label(key: str) -> Chosen:
    return Chosen({"info.labelKeys": {"$hasSome": [key]}}, lambda one: key in one.labels)


def _by_company(company: str) -> Chosen:
    return Chosen({"info.company": company}, lambda one: one.company == company)


def _by_first(first: str) -> Chosen:
    return Chosen({"info.name.first": {"$ne": first}}, lambda one: one.first != first)


def _by_email(email: str) -> Chosen:
    return Chosen({"info.emails.email": email}, lambda one: email.lower() in keys(one.emails))


def _by_search(email: str) -> Chosen:
    return Chosen({}, lambda one: email.lower() in keys(one.emails), search=email)


def _by_age(age: int) -> Chosen:
    path = "info.extendedFields.custom.age"
    return Chosen(
        {path: {"$gte": age}}, lambda one: one.fields.get("custom.age", -1) >= age, "custom.age"
    )


_CHOICES: Sequence[Callable[[Random], Chosen]] = (
    lambda chance: _by_email(chance.choice(EMAILS)),
    lambda chance: _by_search(chance.choice(EMAILS)),
    lambda chance: _by_label(chance.choice(LABELS)),
    lambda chance: _by_company(chance.choice(COMPANIES)),
    lambda chance: _by_first(chance.choice(FIRST)),
    lambda chance: _by_age(chance.choice((1, 2))),
)
chosen = drawn(lambda chance: chance.choice(_CHOICES)(chance))
few = drawn(lambda chance: chance.choice(_CHOICES[:3])(chance))
"""As `chosen`, but no filters that most contacts pass."""


def has_word(person: Person, expression: str) -> bool:
    """Whether a search for this one word, mail address or phone finds the contact."""
    digits = "".join(sign for sign in expression if sign.isdigit())
    if digits:
        numbers = [key.removeprefix("+") for key in keys(person.phones)]
        return any(form.startswith(digits) for one in numbers for form in (one, one[1:]))
    texts = [person.first, person.last, person.company, *keys(person.emails)]
    words = [word for text in texts if text for word in _split(text)]
    *whole, beginning = _split(expression)
    return all(word in words for word in whole) and any(
        word.startswith(beginning) for word in words
    )


def _split(text: str) -> list[str]:
    return text.lower().replace("@", " ").replace(".", " ").split()
