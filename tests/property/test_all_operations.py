"""Random sequences of all operations at two sites of one store, against a model in plain Python."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from contactory.domain.contacts import Contact
from contactory.domain.errors import ContactoryError, PermissionDenied
from contactory.domain.identities import OWNER, IdentityType
from contactory.domain.merges import UnmergedContacts
from contactory.domain.permissions import Permission
from contactory.ops.context import entered
from contactory.ops.crm import Crm
from tests.property import calls_made as calls
from tests.property import rows_checked as rows
from tests.property.calls_made import (
    CALLERS,
    FIELD,
    LABEL,
    MERGE,
    MODIFY,
    SUBMIT,
    UNKNOWN,
    VIEW,
    Chosen,
    callers,
    infos,
    often,
    places,
    rarely,
    sites,
    updates,
)
from tests.property.model import Person, Refused, adopted, change_of, view, view_of_answer
from tests.property.model_site import Merge, Site
from tests.servers import store_url

EVERYTHING = {"paging": {"limit": 1000}}
IN_MEMORY = Path("/dev/shm")
"""Where there is such a folder, thousands of commits need not wait for a disk."""

CODES_IN_JOBS = {"CANNOT_DELETE_MEMBER": "CANNOT_DELETE_SITE_MEMBERS"}

Call = Callable[[Crm], Awaitable[Any]]


class AllOperations(RuleBasedStateMachine):
    """Calls both the product and the model, and compares what they say and what is there then."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None)
        self.runner = asyncio.Runner()
        path = Path(self.folder.name) / "contacts.db"
        crm = self.runner.run(Crm.open(store_url(path)))
        site = self.runner.run(crm.sites.create_site("elsewhere"))
        self.crms = [crm, self.runner.run(crm.at_site(site.site_id))]
        self.sites = [Site(), Site()]
        self.known: list[str] = []
        self.outside = rows.opened(str(path))
        self.ignored: list[str] = []

    # How calls are made and compared

    def call(self, at: int, caller: str, made: Call) -> Any:
        """The result of the product's call, or its error."""
        crm = self.crms[at]
        context = replace(crm.context, identity=CALLERS[caller], report_ignored=self.ignored.extend)

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
        before = rows.version(self.outside)
        self.ignored.clear()
        answer = self.call(at, caller, made)
        if not calls.may(caller, needed):
            assert isinstance(answer, PermissionDenied), answer
            assert answer.data["permission"] == needed.value
            assert rows.version(self.outside) == before
            return None
        try:
            wanted = model()
        except Refused as refused:
            assert isinstance(answer, ContactoryError), (refused.code, answer)
            assert answer.code == refused.code
            named = answer.data.get("duplicateContactId")
            assert named in refused.holders if refused.holders else named is None
            return None
        if isinstance(answer, ContactoryError):
            raise AssertionError("the model allows it") from answer
        return answer, wanted

    def one(self, at: int, place: int) -> str:
        """The id of a contact of the site, now and then of any contact that ever was."""
        people = sorted(self.sites[at].people)
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
        return person

    # Contacts

    @initialize(first=st.lists(infos, min_size=3, max_size=5), second=st.lists(infos, max_size=2))
    def begin(self, first: list[Any], second: list[Any]) -> None:
        for at, many in enumerate((first, second)):
            for number, info in enumerate(many):
                self.create(
                    at, "owner", {"name": {"first": f"N{number}"}, **info}, number == 2, False
                )

    @rule(at=sites, caller=callers, info=infos, allow=rarely, again=rarely)
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
                before = rows.version(self.outside)
                assert self.call(at, caller, made) == done[0]
                assert rows.version(self.outside) == before

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

    @rule(
        at=sites,
        caller=callers,
        place=places,
        info=updates,
        mask=st.just([]) | calls.masks,
        stale=rarely,
        allow=rarely,
        renamed=rarely,
    )
    def update(
        self,
        at: int,
        caller: str,
        place: int,
        info: Any,
        mask: list[str],
        stale: bool,
        allow: bool,
        renamed: bool,
    ) -> None:
        contact_id, model = self.one(at, place), self.sites[at]
        person = model.people.get(contact_id)
        if person and person.emails and renamed and info.get("emails", {}).get("items"):
            info["emails"]["items"][0]["id"] = person.emails[0].id
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

    @rule(at=sites, caller=callers, place=places)
    def delete(self, at: int, caller: str, place: int) -> None:
        contact_id = self.one(at, place)
        self.both(
            at,
            caller,
            MODIFY,
            lambda crm: crm.contacts.delete_contact(contact_id),
            lambda: self.sites[at].delete(contact_id),
        )

    @rule(at=sites, caller=callers, place=places, labels=calls.label_lists, removes=often)
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

    # Finding

    @rule(
        at=sites,
        caller=callers,
        place=places,
        chosen=calls.chosen,
        word=calls.one_of(calls.WORDS),
        name=calls.one_of("get find find search count list_facets list_merges".split()),
    )
    def read(self, at: int, caller: str, place: int, chosen: Chosen, word: str, name: str) -> None:
        match name:
            case "get" | "list_merges":
                getattr(self, name)(at, caller, place)
            case "find":
                self.find(at, caller, chosen)
            case "search":
                self.search(at, caller, word)
            case _:
                getattr(self, name)(at, caller)

    def find(self, at: int, caller: str, chosen: Chosen) -> None:
        model = self.sites[at]
        done = self.both(
            at,
            caller,
            VIEW,
            lambda crm: crm.contacts.find_contacts(
                {"filter": chosen.sent, **EVERYTHING}, {"search": chosen.search}
            ),
            lambda: self.found(model, chosen),
        )
        if done:
            page, people = done
            assert [one.id for one in page.contacts] == [one.id for one in people]
            assert page.paging_metadata.total == len(people)

    @staticmethod
    def found(model: Site, chosen: Chosen) -> list[Person]:
        if chosen.field is not None and chosen.field not in model.fields:
            raise Refused("UNSUPPORTED_FILTER_FIELD_UNKNOWN")
        return [
            model.people[key] for key in sorted(model.people) if chosen.is_met(model.people[key])
        ]

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
            at, caller, VIEW, lambda crm: crm.contacts.list_facets(), lambda: model.people.values()
        )
        if done:
            sizes = {facet.facet_key: facet.count for facet in done[0].facets}
            assert sizes["contacts.all"] == len(done[1])
            for key in model.labels:
                assert sizes[key] == sum(key in one.labels for one in done[1])

    # Merging

    @rule(
        at=sites,
        caller=callers,
        place=places,
        sources=calls.some(range(100), 2, least=1),
        stale=rarely,
        previews=rarely,
        undoes=often,
    )
    def merge(
        self,
        at: int,
        caller: str,
        place: int,
        sources: list[int],
        stale: bool,
        previews: bool,
        undoes: bool,
    ) -> None:
        model, contact_id = self.sites[at], self.one(at, place)
        options = {"sourceContactIds": self.others(at, contact_id, sources)}
        person = model.people.get(contact_id)
        revision = (person.revision if person else 1) + (1 if stale else 0)
        if previews:
            self.preview(at, caller, contact_id, options)
        group = [contact_id, *options["sourceContactIds"]]
        before = self.seen(at, group)
        done = self.both(
            at,
            caller,
            MERGE,
            lambda crm: crm.contacts.merge_contacts(contact_id, revision, options),
            lambda: model.merge(contact_id, revision, options["sourceContactIds"]),
        )
        if not done or person is None:
            return
        answer, (after, kept, shared) = done
        after = self.same(answer, after)
        assert after.activity["activityType"] == "CONTACT_MERGED"
        history = self.call(at, "viewer", lambda crm: crm.contacts.list_merges(contact_id))
        assert list(history[0].source_contact_ids) == options["sourceContactIds"]
        assert history[0].id not in model.merges
        merge = Merge(id=history[0].id, before=person, after=after, sources=kept, shared=shared)
        model.keep_merge(merge)
        if undoes:
            self.unmerge(at, "owner", len(model.merges) - 1, False)
            assert self.seen(at, group) == before

    def merges(self) -> list[str]:
        return [merge_id for site in self.sites for merge_id in site.merges]

    def preview(self, at: int, caller: str, contact_id: str, options: dict[str, list[str]]) -> None:
        before = rows.version(self.outside)
        done = self.both(
            at,
            caller,
            MERGE,
            lambda crm: crm.contacts.preview_merge_contacts(contact_id, options),
            lambda: self.sites[at].merge(contact_id, None, options["sourceContactIds"])[0],
        )
        if done:
            self.same(*done)
        assert rows.version(self.outside) == before

    def seen(self, at: int, group: list[str]) -> list[Any]:
        """All of these contacts but their revisions and times of writing, and their entries."""
        crm, found = self.crms[at], []
        for contact_id in group:
            contact = self.call(
                at, "viewer", lambda crm, key=contact_id: crm.contacts.get_contact(key)
            )
            if isinstance(contact, Contact):
                shown = contact.to_rest()
                del shown["revision"], shown["updatedDate"]
                found.append((shown, rows.entries(self.outside, crm.context.site, contact_id)))
        return [found, rows.visitors(self.outside, crm.context.site)]

    @precondition(lambda self: any(site.merges for site in self.sites))
    @rule(at=sites, caller=callers, place=places, allow=often)
    def unmerge(self, at: int, caller: str, place: int, allow: bool) -> None:
        model = self.sites[at]
        merges = (list(model.merges) if place < 90 else self.merges()) or [UNKNOWN]
        merge_id = merges[place % len(merges)]
        options = {"allowDuplicates": allow}
        before = rows.version(self.outside)
        preview = self.call(at, caller, lambda crm: crm.contacts.preview_unmerge_contacts(merge_id))
        assert rows.version(self.outside) == before
        done = self.both(
            at,
            caller,
            MERGE,
            lambda crm: crm.contacts.unmerge_contacts(merge_id, options),
            lambda: model.unmerge(merge_id, allow=allow),
        )
        if not done:
            return
        answer, undone = done
        assert isinstance(preview, UnmergedContacts)
        assert allow or not preview.duplicates
        assert undated(preview) == undated(answer)
        target = None if undone.target is None else self.same(answer.target, undone.target)
        sources = [self.same(*pair) for pair in zip(answer.sources, undone.sources, strict=True)]
        lost = [one.person.labels for one in model.merges[merge_id].sources]
        lost_labels = sum(map(len, lost)) - sum(len(one.labels) for one in sources)
        assert sum("labelKeys" in path for path in self.ignored) == lost_labels
        model.keep_undo(merge_id, replace(undone, target=target, sources=sources))

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

    # Submits and upserts

    @rule(at=sites, caller=calls.submitters, info=infos)
    def submit(self, at: int, caller: str, info: Any) -> None:
        model, identity = self.sites[at], CALLERS[caller]
        visitor = identity.id if identity.type is IdentityType.VISITOR else None
        member = identity.id if identity.type is IdentityType.MEMBER else None
        done = self.both(
            at,
            caller,
            SUBMIT,
            lambda crm: crm.submitted_contact.append_or_create_contact({"info": info}),
            lambda: model.submit(info, visitor=visitor, member=member),
        )
        if not done:
            return
        answer, wanted = done
        assert (answer.identity_type, answer.new_contact) == (wanted.kind, wanted.is_new)
        assert wanted.is_new or answer.contact_id == wanted.person.id
        contact = self.call(at, "owner", lambda crm: crm.contacts.get_contact(answer.contact_id))
        person = self.same(contact, wanted.person)
        if wanted.is_written:
            kind = "CONTACT_CREATED" if wanted.is_new else "GENERAL"
            assert person.activity["activityType"] == kind
            model.put(person, "created" if wanted.is_new else "updated")
            if visitor:
                model.visitors[visitor] = person.id

    @rule(at=sites, caller=callers, info=infos, among_many=often)
    def upsert(self, at: int, caller: str, info: Any, among_many: bool) -> None:
        model = self.sites[at]

        async def made(crm: Crm) -> Any:
            if not among_many:
                return await crm.contacts.upsert_contact(info)
            both = [{"company": "Nobody"}, info]
            done = await crm.contacts.bulk_upsert_contacts(both, {"returnFullEntity": True})
            first, second = done.results
            assert first.metadata.error is not None
            assert first.metadata.error.code == "INSUFFICIENT_CONTACT_DATA"
            return second

        def wanted() -> Any:
            try:
                return model.upsert(info)
            except Refused as refused:
                if not among_many:
                    raise
                return refused

        done = self.both(at, caller, MODIFY, made, wanted)
        if not done:
            return
        if isinstance(done[1], Refused):
            assert done[0].metadata.error.code == done[1].code
            return
        person, is_new = done[1]
        action = done[0].metadata.action if among_many else done[0].action
        assert action == ("CREATED" if is_new else "UPDATED")
        model.put(self.same(done[0].contact, person), "created" if is_new else "updated")

    # Jobs

    @rule(
        at=sites,
        caller=callers,
        chosen=calls.chosen,
        few=calls.few,
        info=updates,
        added=calls.label_lists,
        removed=calls.some(calls.LABELS, 1),
        members=often,
        name=calls.one_of("delete update update relabel".split()),
    )
    def do_many(
        self,
        at: int,
        caller: str,
        chosen: Chosen,
        few: Chosen,
        info: Any,
        added: list[str],
        removed: list[str],
        members: bool,
        name: str,
    ) -> None:
        match name:
            case "delete":
                self.bulk_delete(at, caller, few, members)
            case "update":
                self.bulk_update(at, caller, chosen, info)
            case _:
                self.bulk_relabel(at, caller, chosen, added, removed)

    def bulk_delete(self, at: int, caller: str, chosen: Chosen, members: bool) -> None:
        model = self.sites[at]

        def delete(person: Person) -> None:
            model.delete(person.id, with_member=members)

        options = {"deleteMember": members}
        self.bulk(at, caller, "bulk_delete_contacts", chosen, options, lambda: delete)

    def bulk_update(self, at: int, caller: str, chosen: Chosen, info: Any) -> None:
        info = info or {"company": "Looms"}
        model = self.sites[at]
        self.bulk(
            at,
            caller,
            "bulk_update_contacts",
            chosen,
            {"info": info},
            lambda: model.bulk_update(info),
        )

    def bulk_relabel(
        self, at: int, caller: str, chosen: Chosen, added: list[str], removed: list[str]
    ) -> None:
        model = self.sites[at]
        self.bulk(
            at,
            caller,
            "bulk_label_and_unlabel_contacts",
            chosen,
            {"labelKeysToAdd": added, "labelKeysToRemove": removed},
            lambda: model.bulk_relabel(added, removed),
        )

    def bulk(
        self,
        at: int,
        caller: str,
        name: str,
        chosen: Chosen,
        options: dict[str, Any],
        act: Callable[[], Callable[[Person], Person | None]],
    ) -> None:
        """Run the job to its end, and let the model do the same contact by contact."""
        model, sent = self.sites[at], {"filter": chosen.sent, "search": chosen.search, **options}

        async def made(crm: Crm) -> Any:
            started = await getattr(crm.contacts, name)(sent)
            return await crm.wait_for_bulk_job(started.job_id)

        def wanted() -> tuple[int, Counter[str]]:
            self.found(model, chosen)
            return self.with_ids(at, lambda: model.bulk(chosen.is_met, act()))

        done = self.both(at, caller, MODIFY, made, wanted)
        if done:
            job, (good, failed) = done
            assert job.status == "COMPLETED"
            assert (job.success_total, job.failed_total) == (good, sum(failed.values()))
            told = {error.code: error.count for error in job.errors}
            assert told == {CODES_IN_JOBS.get(code, code): many for code, many in failed.items()}
            assert (
                not any(chosen.is_met(one) for one in model.people.values())
                or failed
                or (name != "bulk_delete_contacts")
            )

    def with_ids(self, at: int, act: Callable[[], Any]) -> Any:
        """The model's result, once its contacts have the ids of entries that the product chose."""
        model = self.sites[at]
        result = act()
        for contact in self.listed(at):
            if contact.id in model.people:
                model.people[contact.id] = self.same(contact, model.people[contact.id])
        return result

    # Labels and fields

    @rule(
        at=sites,
        caller=callers,
        key=calls.one_of(calls.LABELS),
        name=calls.one_of(calls.LABEL_NAMES),
        act=calls.one_of("find_or_create rename delete".split()),
    )
    def change_labels(self, at: int, caller: str, key: str, name: str, act: str) -> None:
        match act:
            case "find_or_create":
                self.find_or_create_label(at, caller, name)
            case "rename":
                self.rename_label(at, caller, key, name)
            case _:
                self.delete_label(at, caller, key)

    @rule(
        at=sites,
        caller=callers,
        key=calls.one_of(tuple(calls.FIELDS)),
        name=calls.one_of(tuple(calls.FIELD_NAMES)),
        new_name=calls.one_of(calls.FIELD_NEW_NAMES),
        act=calls.one_of("find_or_create rename delete".split()),
    )
    def change_fields(
        self, at: int, caller: str, key: str, name: str, new_name: str, act: str
    ) -> None:
        match act:
            case "find_or_create":
                self.find_or_create_field(at, caller, name)
            case "rename":
                self.rename_field(at, caller, key, new_name)
            case _:
                self.delete_field(at, caller, key)

    def find_or_create_label(self, at: int, caller: str, name: str) -> None:
        model = self.sites[at]
        done = self.both(
            at,
            caller,
            LABEL,
            lambda crm: crm.labels.find_or_create_label(name),
            lambda: model.find_or_create(model.labels, name),
        )
        if done:
            self.defined(model, model.labels, name, done[1], done[0].label, done[0].new_label)

    def find_or_create_field(self, at: int, caller: str, name: str) -> None:
        model, kind = self.sites[at], calls.FIELD_NAMES[name]
        done = self.both(
            at,
            caller,
            FIELD,
            lambda crm: crm.extended_fields.find_or_create_extended_field(name, kind),
            lambda: model.find_or_create(model.fields, name),
        )
        if done:
            self.defined(model, model.fields, name, done[1], done[0].field, done[0].new_field)

    @staticmethod
    def defined(
        model: Site, kind: dict[str, str], name: str, known: str | None, shown: Any, is_new: bool
    ) -> None:
        assert (is_new, shown.display_name) == (known is None, name)
        if known is not None:
            assert shown.key == known
            return
        assert shown.key not in kind
        slug = f"custom.{name.lower().replace(' ', '-').replace('.', '')}"
        assert shown.key == slug or (slug in kind and shown.key.startswith(f"{slug}-"))
        model.define(kind, shown.key, name)

    def rename_label(self, at: int, caller: str, key: str, name: str) -> None:
        model = self.sites[at]
        self.both(
            at,
            caller,
            LABEL,
            lambda crm: crm.labels.rename_label(key, name),
            lambda: model.rename(model.labels, key, name),
        )

    def rename_field(self, at: int, caller: str, key: str, name: str) -> None:
        model = self.sites[at]
        self.both(
            at,
            caller,
            FIELD,
            lambda crm: crm.extended_fields.rename_extended_field(key, name),
            lambda: model.rename(model.fields, key, name),
        )

    def delete_label(self, at: int, caller: str, key: str) -> None:
        model = self.sites[at]
        self.both(
            at,
            caller,
            LABEL,
            lambda crm: crm.labels.delete_label(key),
            lambda: model.erase(model.labels, key),
        )

    def delete_field(self, at: int, caller: str, key: str) -> None:
        model = self.sites[at]
        self.both(
            at,
            caller,
            FIELD,
            lambda crm: crm.extended_fields.delete_extended_field(key),
            lambda: model.erase(model.fields, key),
        )

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

    @rule(at=sites)
    def look_inside(self, at: int) -> None:
        """What is kept beside the contacts follows from them, and all that happened was told."""
        site, model, contacts = self.crms[at].context.site, self.sites[at], self.listed(at)
        assert rows.kept(self.outside, site) == rows.expected(self.outside, site, contacts)
        assert not rows.unspelled(self.outside, site, contacts)
        assert rows.visitors(self.outside, site) == model.visitors
        self.guard_knows(site, model)
        self.all_was_told(site, model)
        labels = self.call(at, "owner", lambda crm: crm.labels.list_labels())
        fields = self.call(at, "owner", lambda crm: crm.extended_fields.list_extended_fields())
        shown = {one.key: one.display_name for one in labels.labels}
        assert custom(shown) == model.labels
        assert custom({one.key: one.display_name for one in fields.fields}) == model.fields

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
            self.outside.close()
            self.runner.run(self.crms[0].close())
            self.runner.close()
            self.folder.cleanup()

    async def checked(self) -> list[str]:
        async with self.crms[0].acting_as(OWNER) as crm:
            return await crm.maintenance.check()


def custom(names: dict[str, str]) -> dict[str, str]:
    return {key: name for key, name in names.items() if key.startswith("custom.")}


def undated(undone: UnmergedContacts) -> list[Any]:
    """The contacts but for the time at which they were written."""
    contacts = [*([undone.target] if undone.target else []), *undone.sources]
    return [msgspec.structs.replace(one, updated_date=None).to_rest() for one in contacts]


TestAllOperations = pytest.mark.slow(AllOperations.TestCase)
AllOperations.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
