"""Calls the product and the model of it, and compares what they say and what is there then."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine, invariant
from msgspec.structs import replace

from contactory.domain.contacts import Contact
from contactory.domain.errors import ContactNotFound, ContactoryError, PermissionDenied
from contactory.domain.identities import OWNER
from contactory.domain.permissions import Permission
from contactory.ops.context import entered
from contactory.ops.crm import Crm
from tests.property import calls_made as calls
from tests.property import rows_checked as rows
from tests.property.calls_made import CALLERS, UNKNOWN, Chosen
from tests.property.model import Person, Refused, adopted, view, view_of_answer
from tests.property.model_site import Site
from tests.stores import new_store

EVERYTHING = {"paging": {"limit": 1000}}
IN_MEMORY = Path("/dev/shm")
"""Where there is such a folder, thousands of commits need not wait for a disk."""

Call = Callable[[Crm], Awaitable[Any]]


class ComparedCalls(RuleBasedStateMachine):
    """Calls both the product and the model, and compares what they say and what is there then."""

    kind: ClassVar[str] = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.around = ExitStack()
        folder = tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None)
        path = Path(self.around.enter_context(folder))
        self.outside = self.around.enter_context(new_store(self.kind, path))
        self.runner = self.around.enter_context(asyncio.Runner())
        crm = self.runner.run(Crm.open(self.outside.url))
        site = self.runner.run(crm.sites.create_site("elsewhere"))
        self.crms = [crm, self.runner.run(crm.at_site(site.site_id))]
        self.sites = [Site(), Site()]
        self.known: list[str] = []
        self.ignored: list[str] = []
        self.steps = 0

    # How calls are made and compared

    def call(self, at: int, caller: str, made: Call) -> Any:
        """The result of the product's call, or its error."""
        return self.called(self.crms[at], caller, made, self.ignored)

    def called(self, crm: Crm, caller: str, made: Call, ignored: list[str]) -> Any:
        """The result of a call at a site, or its error; and what it ignored."""
        context = replace(crm.context, identity=CALLERS[caller], report_ignored=ignored.extend)

        async def act() -> Any:
            with entered(context):
                return await made(crm)

        try:
            return self.runner.run(act())
        except ContactoryError as error:
            return error

    def both(
        self, at: int, caller: str, needed: Permission, made: Call, model: Callable[[], Any]
    ) -> tuple[Any, Any] | None:
        """What the product answers and what the model does; None where both refuse it alike."""
        before = self.outside.state()
        self.ignored.clear()
        answer = self.call(at, caller, made)
        if not calls.may(caller, needed):
            assert isinstance(answer, PermissionDenied), answer
            assert answer.data["permission"] == needed.value
            assert self.outside.state() == before
            return None
        wanted = model_says(model)
        if isinstance(wanted, Refused):
            assert isinstance(answer, ContactoryError), (wanted.code, answer)
            assert answer.code == wanted.code
            named = answer.data.get("duplicateContactId")
            assert named in wanted.holders if wanted.holders else named is None
            return None
        if isinstance(answer, ContactoryError):
            raise AssertionError("the model allows it") from answer
        return answer, wanted

    def shown(self, at: int, contact_id: str) -> Any:
        """The contact, or the error in its place."""
        return self.call(at, "viewer", lambda crm: crm.contacts.get_contact(contact_id))

    def one(self, at: int, place: int) -> str:
        """The id of a contact of the site, now and then of a member's, or of any that ever was."""
        people = sorted(self.sites[at].people)
        members = [key for key in people if self.sites[at].people[key].member]
        if 70 <= place < 80 and members:
            return members[0]
        if place < 80 and people:
            return people[place % len(people)]
        return [*self.known, UNKNOWN][place % (len(self.known) + 1)]

    def others(self, at: int, contact_id: str, chosen: list[int]) -> list[str]:
        """Ids of other contacts of the site, now and then of any, also of this one, also twice."""
        people = sorted(self.sites[at].people.keys() - {contact_id})
        if max(chosen) >= 90 or len(people) < len(chosen):
            return [self.one(at, place) for place in chosen]
        return [people.pop(place % len(people)) for place in chosen]

    def same(self, contact: Contact, person: Person) -> Person:
        """The person with the ids that the product chose, once both are the same."""
        shown = contact.to_rest()
        person = adopted(person, shown)
        assert view_of_answer(shown) == view(person)
        if person.id not in self.known:
            self.known.append(person.id)
            # Of two that are made in one millisecond, chance says which one is the older.
            time.sleep(0.002)
        return person

    # What must hold after each call, and at the end

    def listed(self, at: int) -> list[Contact]:
        page = self.call(at, "viewer", lambda crm: crm.contacts.list_contacts(EVERYTHING))
        assert page.paging_metadata.total == len(page.contacts)
        return list(page.contacts)

    @invariant()
    def both_sites_have_what_the_model_has(self) -> None:
        for at, model in enumerate(self.sites):
            shown = [view_of_answer(contact.to_rest()) for contact in self.listed(at)]
            assert shown == [view(model.people[key]) for key in sorted(model.people)]
            self.guard_knows(self.crms[at].context.site, model)
        self.steps += 1
        if self.steps % 5 == 0:
            self.look_inside(self.steps % 2)

    def look_inside(self, at: int) -> None:
        """What is kept beside the contacts follows from them, and all that happened was told."""
        site, model, contacts = self.crms[at].context.site, self.sites[at], self.listed(at)
        assert rows.kept(self.outside, site) == rows.expected(self.outside, site, contacts)
        assert not rows.unspelled(self.outside, site, contacts)
        assert rows.visitors(self.outside, site) == model.visitors
        self.ids_lead_where_they_must(at, model)
        self.all_was_told(site, model)
        labels = self.call(at, "owner", lambda crm: crm.labels.list_labels())
        fields = self.call(at, "owner", lambda crm: crm.extended_fields.list_extended_fields())
        shown = {one.key: one.display_name for one in labels.labels}
        assert custom(shown) == model.labels
        assert custom({one.key: one.display_name for one in fields.fields}) == model.fields

    def ids_lead_where_they_must(self, at: int, model: Site) -> None:
        """Also ids of merged contacts; those of the other site and of deleted ones lead nowhere."""
        for contact_id in self.known:
            answer, wanted = self.shown(at, contact_id), model_says(partial(model.get, contact_id))
            if isinstance(wanted, Refused):
                assert isinstance(answer, ContactNotFound)
            else:
                assert answer.id == wanted.id

    def guard_knows(self, site: Any, model: Site) -> None:
        emails = rows.guarded(self.outside, site, "contact_emails")
        phones = rows.guarded(self.outside, site, "contact_phones")
        for person in model.people.values():
            if person.is_guarded:
                assert emails.get(person.id, {True}) == {True}
                assert phones.get(person.id, {not person.emails}) == {not person.emails}

    def all_was_told(self, site: Any, model: Site) -> None:
        told = rows.told(self.outside, site)
        assert {key: [slug for _, slug in events] for key, events in told.items()} == model.told
        for events in told.values():
            numbers = [number for number, _ in events]
            assert numbers == sorted(set(numbers))

    def teardown(self) -> None:
        try:
            for at in range(2):
                self.look_inside(at)
            assert self.runner.run(self.checked()) == []
        finally:
            self.runner.run(self.crms[0].close())
            self.around.close()

    async def checked(self) -> list[str]:
        async with self.crms[0].acting_as(OWNER) as crm:
            return await crm.maintenance.check()


def model_says(model: Callable[[], Any]) -> Any:
    """What the model does, or why it refuses."""
    try:
        return model()
    except Refused as refused:
        return refused


def custom(names: dict[str, str]) -> dict[str, str]:
    return {key: name for key, name in names.items() if key.startswith("custom.")}


def found(model: Site, chosen: Chosen) -> list[Person]:
    """The contacts that the filter leaves, in their order. Raises Refused."""
    if chosen.field is not None and chosen.field not in model.fields:
        raise Refused("UNSUPPORTED_FILTER_FIELD_UNKNOWN")
    return [model.people[key] for key in sorted(model.people) if chosen.is_met(model.people[key])]
