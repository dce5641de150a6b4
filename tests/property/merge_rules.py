"""Contacts are merged, and merges undone."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from contactory.domain.contacts import Contact
from contactory.domain.merges import UnmergedContacts
from tests.property import rows_checked as rows
from tests.property.calls_made import (
    MERGE,
    UNKNOWN,
)
from tests.property.contact_rules import ContactRules
from tests.property.definition_rules import DefinitionRules
from tests.property.model_results import Merge


class MergeRules(ContactRules, DefinitionRules):
    """Merges and undos, also one right after the other."""

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
        contact_id = self.one(at, place)
        source_ids = self.others(at, contact_id, sources)
        if previews:
            self.preview(at, caller, contact_id, {"sourceContactIds": source_ids})
        self.merged(at, caller, contact_id, source_ids, stale=stale, undoes=undoes)

    def merge_what_was_merged(self, at: int, caller: str, place: int) -> None:
        """The id of the first source then leads over two merges."""
        model = self.sites[at]
        targets = sorted({one.target for one in model.merges.values()} & model.people.keys())
        if targets:
            source = targets[place % len(targets)]
            (target,) = self.others(at, source, [place % 90])
            self.merged(at, caller, target, [source], stale=False, undoes=False)

    def merged(
        self,
        at: int,
        caller: str,
        contact_id: str,
        source_ids: list[str],
        *,
        stale: bool,
        undoes: bool,
    ) -> None:
        model, options = self.sites[at], {"sourceContactIds": source_ids}
        person = model.people.get(contact_id)
        revision = (person.revision if person else 1) + (1 if stale else 0)
        group = [contact_id, *source_ids]
        before = self.seen(at, group)
        done = self.both(
            at,
            caller,
            MERGE,
            lambda crm: crm.contacts.merge_contacts(contact_id, revision, options),
            lambda: model.merge(contact_id, revision, source_ids),
        )
        if not done or person is None:
            return
        answer, (after, kept, shared) = done
        after = self.same(answer, after)
        assert after.activity["activityType"] == "CONTACT_MERGED"
        history = self.call(at, "viewer", lambda crm: crm.contacts.list_merges(contact_id))
        assert list(history[0].source_contact_ids) == source_ids
        assert history[0].id not in model.merges
        merge = Merge(id=history[0].id, before=person, after=after, sources=kept, shared=shared)
        model.keep_merge(merge)
        if undoes:
            self.unmerge(at, "owner", len(model.merges) - 1, False)
            assert self.seen(at, group) == before

    def undo_what_lost_its_definitions(self, at: int, caller: str, place: int) -> None:
        """A label or field that a merged contact had is deleted before the merge is undone."""
        model = self.sites[at]
        lost = [
            (number, key)
            for number, merge in enumerate(model.merges.values())
            for source in merge.sources
            for key in (*source.person.labels, *source.person.fields)
            if not merge.is_undone and (key in model.labels or key in model.fields)
        ]
        if lost:
            number, key = lost[place % len(lost)]
            delete = self.delete_label if key in model.labels else self.delete_field
            delete(at, caller, key)
            self.unmerge(at, "owner", number, allow=True)

    def undo_what_others_took(self, at: int, caller: str, place: int) -> None:
        """Somebody else has an e-mail of a merged contact before the merge is undone."""
        model = self.sites[at]
        free = [
            (number, merge.target, source.person.emails[0].text)
            for number, merge in enumerate(model.merges.values())
            for source in merge.sources
            if not merge.is_undone and source.person.emails
        ]
        if free:
            number, target, email = free[place % len(free)]
            info = {"emails": {"items": [{"email": email}]}}
            self.delete_one(at, caller, target)
            self.create(at, caller, info, allow=False, again=False)
            self.unmerge(at, caller, number, allow=False)
            self.unmerge(at, caller, number, allow=True)

    def merges(self) -> list[str]:
        return [merge_id for site in self.sites for merge_id in site.merges]

    def preview(self, at: int, caller: str, contact_id: str, options: dict[str, list[str]]) -> None:
        before = self.outside.state()
        done = self.both(
            at,
            caller,
            MERGE,
            lambda crm: crm.contacts.preview_merge_contacts(contact_id, options),
            lambda: self.sites[at].merge(contact_id, None, options["sourceContactIds"])[0],
        )
        if done:
            self.same(*done)
        assert self.outside.state() == before

    def seen(self, at: int, group: list[str]) -> list[Any]:
        """All of these contacts but their revisions and times of writing, and their entries."""
        site, found = self.crms[at].context.site, []
        for contact_id in group:
            contact = self.shown(at, contact_id)
            if isinstance(contact, Contact):
                shown = contact.to_rest()
                del shown["revision"], shown["updatedDate"]
                found.append((shown, rows.entries(self.outside, site, contact_id)))
        return [found, rows.visitors(self.outside, site)]

    def unmerge(self, at: int, caller: str, place: int, allow: bool) -> None:
        model = self.sites[at]
        merges = (list(model.merges) if place < 90 else self.merges()) or [UNKNOWN]
        merge_id = merges[place % len(merges)]
        options = {"allowDuplicates": allow}
        before = self.outside.state()
        preview = self.call(at, caller, lambda crm: crm.contacts.preview_unmerge_contacts(merge_id))
        assert self.outside.state() == before
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
        for name, path in (("labels", "labelKeys"), ("fields", "extendedFields")):
            had = sum(len(getattr(one.person, name)) for one in model.merges[merge_id].sources)
            lost = had - sum(len(getattr(one, name)) for one in sources)
            assert sum(path in one for one in self.ignored) == lost
        model.keep_undo(merge_id, replace(undone, target=target, sources=sources))


def undated(undone: UnmergedContacts) -> list[Any]:
    """The contacts but for the time at which they were written."""
    contacts = [*([undone.target] if undone.target else []), *undone.sources]
    return [msgspec.structs.replace(one, updated_date=None).to_rest() for one in contacts]
