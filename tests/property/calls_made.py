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


class Asked(msgspec.Struct, frozen=True):
    """A call: the method of the rules that makes it, at which site, by whom, with what."""

    name: str
    at: int
    caller: str
    arguments: dict[str, Any]


def _rarely(chance: Random) -> bool:
    return chance.random() < 0.15


def _often(chance: Random) -> bool:
    return chance.random() < 0.5


def _place(chance: Random) -> int:
    return chance.randrange(100)


def _chosen(chance: Random) -> Chosen:
    return chance.choice(_CHOICES)(chance)


def _few(chance: Random) -> Chosen:
    """No filter that most contacts pass."""
    return chance.choice(_CHOICES[:3])(chance)


def _labels(chance: Random, least: int = 1) -> list[str]:
    return chance.sample((*LABELS, SYSTEM_LABELS[0]), chance.randint(least, 2))


def _mask(chance: Random) -> list[str]:
    return chance.sample(_MASKED, chance.choice((0, 0, 1, 2)))


def _one_of(values: Sequence[Any]) -> Callable[[Random], Any]:
    return lambda chance: chance.choice(values)


def _sources(chance: Random) -> list[int]:
    return [_place(chance) for _ in range(chance.randint(1, 2))]


_MASKED = "name.first name.last company emails phones labelKeys extendedFields.custom.pet".split()
_WAYS: Mapping[str, tuple[int, Mapping[str, Callable[[Random], Any]]]] = {
    "create": (8, {"info": _info, "allow": _rarely, "again": _rarely}),
    "update": (
        12,
        {
            "place": _place,
            "info": _update,
            "mask": _mask,
            "stale": _rarely,
            "allow": _rarely,
            "renamed": _rarely,
        },
    ),
    "delete": (3, {"place": _place}),
    "relabel": (5, {"place": _place, "labels": _labels, "removes": _often}),
    "get": (2, {"place": _place}),
    "find": (3, {"chosen": _chosen}),
    "search": (2, {"word": _one_of(WORDS)}),
    "count": (1, {}),
    "list_facets": (1, {}),
    "list_merges": (2, {"place": _place}),
    "merge": (
        12,
        {
            "place": _place,
            "sources": _sources,
            "stale": _rarely,
            "previews": _rarely,
            "undoes": _often,
        },
    ),
    "merge_what_was_merged": (4, {"place": _place}),
    "unmerge": (6, {"place": _place, "allow": _often}),
    "undo_what_lost_its_definitions": (3, {"place": _place}),
    "undo_what_others_took": (2, {"place": _place}),
    "submit": (10, {"info": _info}),
    "upsert": (6, {"info": _info, "among_many": _often}),
    "bulk_delete": (2, {"chosen": _few, "members": _often}),
    "bulk_update": (4, {"chosen": _chosen, "info": _update}),
    "bulk_relabel": (
        3,
        {"chosen": _chosen, "added": _labels, "removed": lambda chance: _labels(chance, 0)},
    ),
    "find_or_create_label": (2, {"name": _one_of(LABEL_NAMES)}),
    "rename_label": (2, {"key": _one_of(LABELS), "name": _one_of(LABEL_NAMES)}),
    "delete_label": (1, {"key": _one_of(LABELS)}),
    "find_or_create_field": (2, {"name": _one_of((*FIELD_NAMES,))}),
    "rename_field": (2, {"key": _one_of((*FIELDS,)), "name": _one_of(FIELD_NEW_NAMES)}),
    "delete_field": (1, {"key": _one_of((*FIELDS,))}),
}
"""How often each call is made, and what is sent."""


def _asked(chance: Random) -> Asked:
    weights = [weight for weight, _ in _WAYS.values()]
    (name,) = chance.choices([*_WAYS], weights)
    arguments = {part: build(chance) for part, build in _WAYS[name][1].items()}
    caller = _submitter(chance) if name == "submit" else _caller(chance)
    return Asked(name, int(chance.random() < 0.3), caller, arguments)


infos, asked = drawn(_info), drawn(_asked)


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
