"""Contacts are made, changed, labelled, deleted and found."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from contactory.ops.crm import Crm
from tests.property import calls_made as calls
from tests.property.calls_made import (
    MODIFY,
    VIEW,
    Chosen,
)
from tests.property.compared_calls import EVERYTHING, ComparedCalls, found
from tests.property.model import Refused, change_of, items_of
from tests.property.model_site import Site


class ContactRules(ComparedCalls):
    """Calls about one contact, and those that find contacts."""

    def create(self, at: int, caller: str, info: Any, allow: bool, again: bool) -> None:
        options = {"allowDuplicates": allow}
        key = f"key-{len(self.known)}-{at}" if again else None

        def made(crm: Crm) -> Awaitable[Any]:
            return crm.contacts.create_contact(info, options, idempotency_key=key)

        model = self.sites[at]
        done = self.both(at, caller, MODIFY, made, lambda: model.create(info, allow=allow))
        if done:
            assert done[0].id not in self.known
            model.put(self.same(*done), "created")
            if again:
                before = self.outside.state()
                assert self.call(at, caller, made) == done[0]
                assert self.outside.state() == before

    def get(self, at: int, caller: str, place: int) -> None:
        contact_id = self.one(at, place)
        done = self.both(
            at,
            caller,
            VIEW,
            lambda crm: crm.contacts.get_contact(contact_id.upper()),
            lambda: self.sites[at].get(contact_id),
        )
        if done:
            self.same(*done)

    def update(
        self,
        at: int,
        caller: str,
        *,
        place: int,
        info: Any,
        mask: list[str],
        stale: bool,
        allow: bool,
        renamed: bool,
    ) -> None:
        contact_id, model = self.one(at, place), self.sites[at]
        person = model.people.get(contact_id)
        entries = items_of(info.get("emails"))
        if renamed and entries and person and person.emails:
            first = {**entries[0], "id": person.emails[0].id}
            info = {**info, "emails": {"items": [first, *entries[1:]]}}
        revision = (person.revision if person else 1) + (1 if stale else 0)
        options = {"allowDuplicates": allow, "fieldMask": mask}
        done = self.both(
            at,
            caller,
            MODIFY,
            lambda crm: crm.contacts.update_contact(contact_id, info, revision, options),
            lambda: model.update(contact_id, revision, change_of(info, mask), allow=allow),
        )
        if done:
            model.put(self.same(*done), "updated")

    def delete(self, at: int, caller: str, place: int) -> None:
        self.delete_one(at, caller, self.one(at, place))

    def delete_one(self, at: int, caller: str, contact_id: str) -> None:
        self.both(
            at,
            caller,
            MODIFY,
            lambda crm: crm.contacts.delete_contact(contact_id),
            lambda: self.sites[at].delete(contact_id),
        )

    def relabel(self, at: int, caller: str, place: int, labels: list[str], removes: bool) -> None:
        contact_id, model = self.one(at, place), self.sites[at]
        added, removed = ([], labels) if removes else (labels, [])
        name = "unlabel_contact" if removes else "label_contact"
        done = self.both(
            at,
            caller,
            MODIFY,
            lambda crm: getattr(crm.contacts, name)(contact_id, labels),
            lambda: model.relabel(contact_id, added, removed),
        )
        if done:
            person = self.same(*done)
            if person.revision != model.people[contact_id].revision:
                model.put(person, "updated")

    def find(self, at: int, caller: str, chosen: Chosen) -> None:
        model = self.sites[at]
        done = self.both(
            at,
            caller,
            VIEW,
            lambda crm: crm.contacts.find_contacts(
                {"filter": chosen.sent, **EVERYTHING}, {"search": chosen.search}
            ),
            lambda: found(model, chosen),
        )
        if done:
            page, people = done
            assert [one.id for one in page.contacts] == [one.id for one in people]
            assert page.paging_metadata.total == len(people)

    def search(self, at: int, caller: str, word: str) -> None:
        people = self.sites[at].people.values()
        done = self.both(
            at,
            caller,
            VIEW,
            lambda crm: crm.contacts.search_contacts(
                {"search": {"expression": word}, **EVERYTHING}
            ),
            lambda: {one.id for one in people if calls.has_word(one, word)},
        )
        if done:
            assert {one.id for one in done[0].contacts} == done[1]

    def count(self, at: int, caller: str) -> None:
        people = self.sites[at].people
        done = self.both(
            at, caller, VIEW, lambda crm: crm.contacts.count_contacts(), lambda: len(people)
        )
        if done:
            assert done[0].count == done[1]

    def list_facets(self, at: int, caller: str) -> None:
        model = self.sites[at]
        done = self.both(
            at, caller, VIEW, lambda crm: crm.contacts.list_facets(), model.people.values
        )
        if done:
            sizes = {facet.facet_key: facet.count for facet in done[0].facets}
            assert sizes["contacts.all"] == len(done[1])
            for key in model.labels:
                assert sizes[key] == sum(key in one.labels for one in done[1])

    def list_merges(self, at: int, caller: str, place: int) -> None:
        contact_id, model = self.one(at, place), self.sites[at]
        done = self.both(
            at,
            caller,
            VIEW,
            lambda crm: crm.contacts.list_merges(contact_id),
            lambda: self.history(model, contact_id),
        )
        if done:
            assert [(one.id, one.undone_date is not None) for one in done[0]] == done[1]

    @staticmethod
    def history(model: Site, contact_id: str) -> list[tuple[str, bool]]:
        found = [
            (merge.id, merge.is_undone)
            for merge in model.merges.values()
            if contact_id in (merge.target, *(source.person.id for source in merge.sources))
        ]
        if not found and contact_id not in model.people:
            raise Refused("CONTACT_NOT_FOUND")
        return found[::-1]
