"""A site in plain Python: what each call does to its contacts, and which calls it must refuse.

Calls that change a contact return it as it must be then; `put` keeps it, with the ids that the
product chose. Calls that are refused raise Refused and leave everything as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, count
from typing import Any

from msgspec.structs import replace

from tests.property.model import (
    Change,
    Info,
    Items,
    Person,
    Refused,
    change_of,
    filled,
    given_back,
    keys,
    made,
    merged,
    overwritten,
    primary_key,
    updated,
)
from tests.property.model_results import Merge, Source, Submitted, Undone

SYSTEM_LABELS = ("contacts.customers", "contacts.contacted-me")
NOT_FOUND, TAKEN = "CONTACT_NOT_FOUND", "DUPLICATE_CONTACT_EXISTS"


class Site:
    """One site. `told` has the events of each contact, label and field, in order."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.labels: dict[str, str] = {}
        self.fields: dict[str, str] = {}
        self.visitors: dict[str, str] = {}
        self.merges: dict[str, Merge] = {}
        self.told: dict[str, list[str]] = {}

    # Contacts

    def get(self, contact_id: str) -> Person:
        """The contact, or that into which it was merged."""
        seen = set()
        while contact_id not in self.people:
            merge = self.merge_of(contact_id)
            if merge is None or contact_id in seen:
                raise Refused(NOT_FOUND)
            seen.add(contact_id)
            contact_id = merge.target
        return self.people[contact_id]

    def create(self, info: Info, *, allow: bool, member: str | None = None) -> Person:
        person = made(info)
        if not person.is_enough:
            raise Refused("INSUFFICIENT_CONTACT_DATA")
        if not allow:
            self.check_free(person, keys(person.emails) or keys(person.phones))
        self._register(person.labels, person.fields)
        return replace(person, member=member, is_guarded=not allow)

    def update(
        self, contact_id: str, revision: int, change: Change, *, allow: bool = False
    ) -> Person:
        if not change.names_anything:
            raise Refused("INSUFFICIENT_UPDATE_CONTACT_DATA")
        old = self._required(contact_id)
        if old.revision != revision:
            raise Refused("CONTACT_ALREADY_CHANGED")
        return self._updated(old, change, allow=allow)

    def _updated(self, old: Person, change: Change, *, allow: bool) -> Person:
        person = updated(old, change)
        if not person.is_enough:
            raise Refused("INSUFFICIENT_CONTACT_DATA")
        if old.member and primary_key(person.emails) != primary_key(old.emails):
            raise Refused("CANNOT_UPDATE_MEMBER_EMAIL")
        if change.emails is not None or change.phones is not None:
            # E-mails that the update does not name are not compared, and stay what they were.
            is_about = change.emails is not None or not person.emails
            if is_about and not allow:
                self.check_free(person, keys(person.emails) or keys(person.phones))
            person = replace(person, is_guarded=not allow if is_about else old.is_guarded)
        self._register(change.labels or (), change.fields)
        return person

    def delete(self, contact_id: str, *, with_member: bool = False) -> None:
        if self._required(contact_id).member and not with_member:
            raise Refused("CANNOT_DELETE_MEMBER")
        self.remove(contact_id)

    def relabel(
        self, contact_id: str, added: Sequence[str] = (), removed: Sequence[str] = ()
    ) -> Person:
        """The contact, the same one where nothing changes."""
        old = self._required(contact_id)
        self._check_labels((*added, *removed))
        labels = dict.fromkeys((*old.labels, *added))
        left = tuple(key for key in labels if key not in removed)
        if left == old.labels:
            return old
        return replace(old, revision=old.revision + 1, labels=left)

    def merge(
        self, target_id: str, revision: int | None, source_ids: Sequence[str]
    ) -> tuple[Person, list[Source], frozenset[str]]:
        """The target as it is then, and what the merge keeps of it; a preview has no revision."""
        if target_id in source_ids or len(set(source_ids)) < len(source_ids):
            raise Refused("ILLEGAL_MERGE")
        target = self._required(target_id)
        if revision not in (None, target.revision):
            raise Refused("FAILED_PRECONDITION")
        people = [self._required(one) for one in source_ids]
        if any(person.member for person in people):
            raise Refused("FAILED_PRECONDITION")
        group = {target_id, *source_ids}
        sources = [
            Source(person, self._visitors_of(person.id), self._shared(person, group))
            for person in people
        ]
        return replace(merged(target, people), activity=None), sources, self._shared(target, group)

    def keep_merge(self, merge: Merge) -> None:
        """The merge was done: the sources are gone, and their visitors are the target's."""
        for source in merge.sources:
            for visitor in source.visitors:
                self.visitors[visitor] = merge.target
            self.remove(source.person.id)
        self.merges[merge.id] = merge
        self.people[merge.target] = merge.after
        self.tell(merge.target, "updated", "merged")

    def unmerge(self, merge_id: str, *, allow: bool) -> Undone:
        merge = self.merges.get(merge_id)
        if merge is None:
            raise Refused("NOT_FOUND")
        target = self.people.get(merge.target)
        if merge.is_undone or (target is None and self.merge_of(merge.target)):
            raise Refused("FAILED_PRECONDITION")
        if not allow:
            self._check_sources_free(merge)
        if target is not None:
            gone = [source.person for source in merge.sources]
            new = given_back(target, merge.before, merge.after, gone)
            had = {*keys(target.emails), *keys(target.phones), *merge.shared}
            guarding = keys(new.emails) or keys(new.phones)
            if not allow:
                self.check_free(new, [key for key in guarding if key not in had])
            target = new
        return Undone(target, [self._restored(source.person) for source in merge.sources])

    def keep_undo(self, merge_id: str, undone: Undone) -> None:
        """The merge was undone: its sources are there again."""
        merge = self.merges[merge_id]
        merge.is_undone = True
        if undone.target is not None:
            self.put(undone.target, "updated")
        for source, person in zip(merge.sources, undone.sources, strict=True):
            self.put(person, "created")
            for visitor in source.visitors:
                if self.visitors.get(visitor) == merge.target:
                    self.visitors[visitor] = person.id

    def _check_sources_free(self, merge: Merge) -> None:
        holders: set[str] = set()
        for source in merge.sources:
            person = source.person
            for key in keys(person.emails) or keys(person.phones):
                if key not in source.shared:
                    holders |= self.holders(key) - {merge.target}
        if holders:
            raise Refused(TAKEN, holders)

    def _restored(self, person: Person) -> Person:
        return replace(
            person,
            revision=person.revision + 1,
            labels=tuple(
                key for key in person.labels if key in self.labels or key in SYSTEM_LABELS
            ),
            fields={key: one for key, one in person.fields.items() if key in self.fields},
            is_guarded=False,
        )

    # Submits and upserts

    def submit(self, info: Info, *, visitor: str | None, member: str | None) -> Submitted:
        sent = made(info)
        found = self._submitters(sent, visitor=visitor, member=member)
        if found is None:
            if not sent.is_enough:
                raise Refused("INSUFFICIENT_CONTACT_DATA")
            guarding = keys(sent.emails) or keys(sent.phones)
            allow = member is not None and any(self.holders(key) for key in guarding)
            person = self.create(info, allow=allow, member=member)
            return Submitted(person, "MEMBER" if member else "CONTACT", is_new=True)
        if found.member and member is None:
            kind = "NOT_AUTHENTICATED_MEMBER"
            return Submitted(found, kind, is_new=False, is_written=False)
        person = filled(found, sent)
        self._register(person.labels, sent.fields)
        person = replace(person, revision=found.revision + 1, activity=None)
        person = replace(person, is_guarded=person.is_guarded and self._is_free(person))
        return Submitted(person, "MEMBER" if member else "CONTACT", is_new=False)

    def upsert(self, info: Info) -> tuple[Person, bool]:
        """The contact as it is then, and whether it is new."""
        sent = made(info)
        if not sent.is_enough:
            raise Refused("INSUFFICIENT_CONTACT_DATA")
        found = self._holder(keys(sent.emails) or keys(sent.phones))
        if found is None:
            return self.create(info, allow=False), True
        person = overwritten(found, sent)
        had = {*keys(found.emails), *keys(found.phones)}
        guarding = keys(person.emails) or keys(person.phones)
        self.check_free(person, [key for key in guarding if key not in had])
        self._register(person.labels, sent.fields)
        return replace(person, revision=found.revision + 1), False

    def _submitters(self, sent: Person, *, visitor: str | None, member: str | None) -> Any:
        if member is not None:
            return next((one for one in self.people.values() if one.member == member), None)
        found = self._holder(keys(sent.emails)) or self._holder(keys(sent.phones))
        return found or self.people.get(self.visitors.get(visitor or "", ""))

    def _holder(self, searched: Iterable[str]) -> Person | None:
        """The oldest contact that has the first key that anybody has."""
        found = next((held for key in searched if (held := self.holders(key))), None)
        return self.people[min(found)] if found else None

    # Labels and fields

    def find_or_create(self, kind: dict[str, str], name: str) -> str | None:
        """The key of the label or field with this name; None where a new one must be made."""
        return next((key for key, own in kind.items() if own == name), None)

    def define(self, kind: dict[str, str], key: str, name: str) -> None:
        kind[key] = name
        self.tell(key, "created")

    def rename(self, kind: dict[str, str], key: str, name: str) -> None:
        if key not in kind:
            raise Refused("NOT_FOUND")
        if any(own == name and other != key for other, own in kind.items()):
            raise Refused("ALREADY_EXISTS")
        if kind[key] != name:
            kind[key] = name
            self.tell(key, "updated")

    def erase(self, kind: dict[str, str], key: str) -> None:
        """Take the label or field away, also from all contacts, whose revision moves on."""
        if key not in kind:
            raise Refused("NOT_FOUND")
        for person in list(self.people.values()):
            if key in (person.labels if kind is self.labels else person.fields):
                self.people[person.id] = replace(
                    person,
                    revision=person.revision + 1,
                    labels=tuple(one for one in person.labels if one != key),
                    fields={one: value for one, value in person.fields.items() if one != key},
                )
        del kind[key]
        self.tell(key, "deleted")

    def _register(self, labels: Iterable[str], fields: Any) -> None:
        wanted = [key for key in labels if key not in SYSTEM_LABELS]
        valued = [key for key, value in fields.items() if value not in (None, "")]
        for kind, named in ((self.labels, wanted), (self.fields, valued)):
            for key in sorted(set(named) - kind.keys()):
                self.define(kind, key, _free_name(key, kind.values()))

    def _check_labels(self, labels: Iterable[str]) -> None:
        if any(key not in self.labels and key not in SYSTEM_LABELS for key in labels):
            raise Refused("LABEL_NOT_FOUND")

    # Jobs

    def bulk(
        self, chosen: Callable[[Person], bool], act: Callable[[Person], Person | None]
    ) -> tuple[int, Counter[str]]:
        """How many contacts were done, and the codes of those that were not."""
        done, failed = 0, Counter[str]()
        for person in [self.people[key] for key in sorted(self.people)]:
            if not chosen(person):
                continue
            try:
                after = act(person)
            except Refused as error:
                failed[error.code] += 1
                continue
            done += 1
            if after is not None and after is not person:
                self.put(after, "updated")
        return done, failed

    def bulk_update(self, info: Info) -> Callable[[Person], Person]:
        change = change_of(info)
        self._register(change.labels or (), change.fields)
        return lambda person: self._updated(person, change, allow=False)

    def bulk_relabel(
        self, added: Sequence[str], removed: Sequence[str]
    ) -> Callable[[Person], Person]:
        self._check_labels((*added, *removed))
        return lambda person: self.relabel(person.id, added, removed)

    # What all of it rests on

    def put(self, person: Person, slug: str) -> None:
        self.people[person.id] = person
        self.tell(person.id, slug)

    def remove(self, contact_id: str) -> None:
        del self.people[contact_id]
        self.visitors = {who: held for who, held in self.visitors.items() if held != contact_id}
        self.tell(contact_id, "deleted")

    def tell(self, entity: str, *slugs: str) -> None:
        self.told.setdefault(entity, []).extend(slugs)

    def holders(self, key: str) -> set[str]:
        """The ids of the contacts with this e-mail or phone."""
        return {one.id for one in self.people.values() if key in _all_keys(one.emails, one.phones)}

    def check_free(self, person: Person, searched: Iterable[str]) -> None:
        for key in searched:
            if others := self.holders(key) - {person.id}:
                raise Refused(TAKEN, others)

    def _is_free(self, person: Person) -> bool:
        guarding = keys(person.emails) or keys(person.phones)
        return not any(self.holders(key) - {person.id} for key in guarding)

    def _shared(self, person: Person, group: set[str]) -> frozenset[str]:
        every = _all_keys(person.emails, person.phones)
        return frozenset(key for key in every if self.holders(key) - group)

    def _visitors_of(self, contact_id: str) -> tuple[str, ...]:
        return tuple(who for who, held in self.visitors.items() if held == contact_id)

    def merge_of(self, contact_id: str) -> Merge | None:
        """The merge that took the contact away, unless it was undone."""
        newest_first = reversed(list(self.merges.values()))
        return next(
            (
                merge
                for merge in newest_first
                if not merge.is_undone
                and contact_id in [source.person.id for source in merge.sources]
            ),
            None,
        )

    def _required(self, contact_id: str) -> Person:
        if contact_id not in self.people:
            raise Refused(NOT_FOUND)
        return self.people[contact_id]


def _all_keys(emails: Items, phones: Items) -> list[str]:
    return [*keys(emails), *keys(phones)]


def _free_name(key: str, taken: Iterable[str]) -> str:
    """The name of what is made on the fly: its key as words, its key, or words with a number."""
    words = " ".join(word.capitalize() for word in key.split(".", 1)[1].split("-"))
    used = set(taken)
    numbered = (f"{words} {number}" for number in count(2))
    return next(name for name in chain((words, key), numbered) if name not in used)
