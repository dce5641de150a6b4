"""A contact list in plain Python: what a contact becomes by each call (CONTRACT E).

It knows names, e-mails, phones, company, labels and custom fields, and nothing of the product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

PHONES = {
    "2025550111": "+12025550111",
    "(202) 555-0111": "+12025550111",
    "2025550122": "+12025550122",
    "+1 202 555 0133": "+12025550133",
}
"""Phones as they are sent for the United States, with the form in which they are the same."""

Info: TypeAlias = Mapping[str, Any]
"""What is sent of a contact, in the names of the wire."""


class Refused(Exception):
    """The call must fail with this code; it names one of these contacts, if any."""

    def __init__(self, code: str, holders: Iterable[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.holders = frozenset(holders)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An e-mail or phone; the id is empty until the product has chosen one."""

    id: str = ""
    text: str
    key: str
    primary: bool = False


Items: TypeAlias = tuple[Item, ...]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A contact. `is_guarded` says that all writers of its e-mails and phones refused duplicates.

    `activity` and `created` are as the product showed them first.
    """

    id: str = ""
    revision: int = 1
    first: str | None = None
    last: str | None = None
    company: str | None = None
    emails: Items = ()
    phones: Items = ()
    labels: tuple[str, ...] = ()
    fields: dict[str, Any] = {}
    member: str | None = None
    activity: Any = None
    created: Any = None
    is_guarded: bool = False

    @property
    def is_enough(self) -> bool:
        """Whether it has what a contact needs."""
        return bool(self.first or self.last or self.emails or self.phones)


def keys(items: Items) -> list[str]:
    return [item.key for item in items]


def primary_key(items: Items) -> str | None:
    return next((item.key for item in items if item.primary), None)


def made(info: Info) -> Person:
    """The contact that an info makes."""
    name = info.get("name") or {}
    return Person(
        first=name.get("first") or None,
        last=name.get("last") or None,
        company=info.get("company") or None,
        emails=email_items(info.get("emails")),
        phones=phone_items(info.get("phones")),
        labels=tuple(items_of(info.get("labelKeys"))),
        fields={key: value for key, value in fields_of(info).items() if value is not None},
    )


def items_of(sent: Any) -> list[Any]:
    return list((sent or {}).get("items", ()))


def fields_of(info: Info) -> dict[str, Any]:
    return dict((info.get("extendedFields") or {}).get("items", {}))


def email_items(sent: Any) -> Items:
    return _flagged(
        Item(
            id=item.get("id", ""),
            text=item["email"],
            key=item["email"].lower(),
            primary=item.get("primary", False),
        )
        for item in items_of(sent)
    )


def phone_items(sent: Any) -> Items:
    return _flagged(
        Item(id=item.get("id", ""), text=key, key=key, primary=item.get("primary", False))
        for item in items_of(sent)
        for key in [PHONES[item["phone"]]]
    )


def _flagged(items: Iterable[Item]) -> Items:
    found = tuple(items)
    if not found or any(item.primary for item in found):
        return found
    return (replace(found[0], primary=True), *found[1:])


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an update names: None where it does not name a part; the maps hold what they name."""

    name: Mapping[str, Any] = {}
    company: tuple[str | None] | None = None
    emails: Items | None = None
    phones: Items | None = None
    labels: tuple[str, ...] | None = None
    fields: dict[str, Any] = {}
    names_anything: bool = True


def change_of(info: Info, mask: Sequence[str] = ()) -> Change:
    """What is written: all that is present, or exactly what the mask names (CONTRACT E.1)."""
    named = set(mask) or info.keys()
    name = dict(info.get("name") or {})
    halves = {path.removeprefix("name."): None for path in mask if path.startswith("name.")}
    if halves:
        name = {half: name.get(half) for half in halves}
    fields = {key: value for key, value in fields_of(info).items() if not mask}
    for path in mask:
        if (key := path.removeprefix("extendedFields.")) != path:
            fields[key] = fields_of(info).get(key)
    labels = tuple(items_of(info.get("labelKeys")))
    return Change(
        name=name if halves or not mask else {},
        company=(info.get("company"),) if "company" in named else None,
        emails=email_items(info.get("emails")) if "emails" in named else None,
        phones=phone_items(info.get("phones")) if "phones" in named else None,
        labels=labels if "labelKeys" in named else None,
        fields=fields,
        names_anything=bool(named),
    )


def updated(person: Person, change: Change) -> Person:
    """The contact with the change, one revision further (CONTRACT E.1)."""
    name = {"first": person.first, "last": person.last} | dict(change.name)
    fields = dict(person.fields) | change.fields
    return replace(
        person,
        revision=person.revision + 1,
        first=name["first"] or None,
        last=name["last"] or None,
        company=person.company if change.company is None else change.company[0] or None,
        emails=person.emails if change.emails is None else kept_ids(change.emails, person.emails),
        phones=person.phones if change.phones is None else kept_ids(change.phones, person.phones),
        labels=person.labels if change.labels is None else change.labels,
        fields={key: value for key, value in fields.items() if value not in (None, "")},
    )


def kept_ids(items: Items, old: Items) -> Items:
    """Entries keep the id that they name, or that of the old one with their value."""
    named = {item.id for item in items}
    free = {item.key: item.id for item in old if item.id not in named}
    return tuple(item if item.id else replace(item, id=free.get(item.key, "")) for item in items)


def filled(own: Person, other: Person) -> Person:
    """`own` with what it lacks and `other` has: merge and submit overwrite nothing."""
    first, last = own.first, own.last
    if not (_differ(own.first, other.first) or _differ(own.last, other.last)):
        first, last = own.first or other.first, own.last or other.last
    return replace(
        own,
        first=first,
        last=last,
        company=own.company or other.company,
        emails=appended(own.emails, other.emails),
        phones=appended(own.phones, other.phones),
        labels=tuple(dict.fromkeys((*own.labels, *other.labels))),
        fields=dict(other.fields) | own.fields,
    )


def _differ(own: str | None, other: str | None) -> bool:
    return bool(own and other and own.lower() != other.lower())


def appended(own: Items, other: Items) -> Items:
    if not own:
        return other
    known = set(keys(own))
    return (*own, *(replace(item, primary=False) for item in other if item.key not in known))


def overwritten(own: Person, sent: Person) -> Person:
    """`own` as an upsert leaves it: single values as sent, lists longer."""
    return filled(
        replace(
            own,
            first=sent.first or own.first,
            last=sent.last or own.last,
            company=sent.company or own.company,
            fields=dict(own.fields) | sent.fields,
        ),
        sent,
    )


def merged(target: Person, sources: Sequence[Person]) -> Person:
    """The target with all that it lacks, one revision further (CONTRACT E.2)."""
    for source in sources:
        target = filled(target, source)
    return replace(
        target,
        revision=target.revision + 1,
        is_guarded=target.is_guarded and all(source.is_guarded for source in sources),
    )


def given_back(now: Person, before: Person, after: Person, sources: Sequence[Person]) -> Person:
    """The target without what it gained by a merge; what was changed since stays."""
    first, last = _name_given_back(now, before, after)
    gained = {key for key, value in after.fields.items() if key not in before.fields}
    person = replace(
        now,
        revision=now.revision + 1,
        first=first,
        last=last,
        company=None if before.company is None and now.company == after.company else now.company,
        emails=_taken_back(now.emails, before.emails, [one.emails for one in sources]),
        phones=_taken_back(now.phones, before.phones, [one.phones for one in sources]),
        labels=tuple(key for key in now.labels if key in before.labels or key not in after.labels),
        fields={
            key: value
            for key, value in now.fields.items()
            if key not in gained or value != after.fields[key]
        },
        activity=before.activity if now.activity == after.activity else now.activity,
        is_guarded=False,
    )
    if person.is_enough:
        return person
    if now.first or now.last:
        return replace(person, first=now.first, last=now.last)
    return replace(
        person, first=before.first, last=before.last, emails=before.emails, phones=before.phones
    )


def _name_given_back(now: Person, before: Person, after: Person) -> tuple[Any, Any]:
    first = not before.first and bool(after.first)
    last = not before.last and bool(after.last)
    if (first and now.first != after.first) or (last and now.last != after.last):
        return now.first, now.last
    return None if first else now.first, None if last else now.last


def _taken_back(now: Items, before: Items, gained_from: Sequence[Items]) -> Items:
    gone = {key for items in gained_from for key in keys(items)} - set(keys(before))
    kept = tuple(item for item in now if item.key not in gone)
    if not kept or primary_key(kept) is not None:
        return kept
    had = primary_key(before)
    chosen = had if had in keys(kept) else kept[0].key
    return tuple(replace(item, primary=item.key == chosen) for item in kept)


def view(person: Person) -> dict[str, Any]:
    """All that is compared of a contact."""
    shown = msgspec.structs.asdict(person)
    del shown["is_guarded"]
    shown["member"] = person.member is not None
    shown["fields"] = dict(person.fields)
    return shown | {"email": next((one.text for one in person.emails if one.primary), None)}


def view_of_answer(contact: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a contact as the product shows it in REST names."""
    info = contact["info"]
    name, fields = info.get("name", {}), info["extendedFields"]["items"]
    return {
        "id": contact["id"],
        "revision": contact["revision"],
        "first": name.get("first"),
        "last": name.get("last"),
        "company": info.get("company"),
        "emails": _shown(info["emails"], "email"),
        "phones": _shown(info["phones"], "e164Phone"),
        "labels": tuple(items_of(info.get("labelKeys"))),
        "fields": {key: value for key, value in fields.items() if key.startswith("custom.")},
        "member": fields.get("members.membershipStatus") == "APPROVED",
        "activity": contact["lastActivity"],
        "created": contact["createdDate"],
        "email": contact["primaryInfo"].get("email"),
    }


def _shown(sent: Any, name: str) -> Items:
    return tuple(
        Item(
            id=item["id"], text=item[name], key=item[name].lower(), primary=item["primary"] is True
        )
        for item in items_of(sent)
    )


def adopted(person: Person, contact: Mapping[str, Any]) -> Person:
    """The contact with the ids and instants that the product chose for what is new in it."""
    seen = view_of_answer(contact)
    return replace(
        person,
        id=person.id or seen["id"],
        created=person.created or seen["created"],
        activity=person.activity or seen["activity"],
        emails=_with_ids(person.emails, seen["emails"]),
        phones=_with_ids(person.phones, seen["phones"]),
    )


def _with_ids(items: Items, seen: Items) -> Items:
    """Ids that are new must be new indeed."""
    known = {item.id for item in items if item.id}
    fresh = {item.key: item.id for item in seen if item.id not in known}
    return tuple(item if item.id else replace(item, id=fresh.get(item.key, "")) for item in items)
