"""Contacts are submitted and upserted."""

from __future__ import annotations

from typing import Any

from contactory.domain.identities import IdentityType
from contactory.ops.crm import Crm
from tests.property.calls_made import (
    CALLERS,
    MODIFY,
    SUBMIT,
)
from tests.property.compared_calls import ComparedCalls, model_says
from tests.property.model import Refused


class SubmitRules(ComparedCalls):
    """Calls that find the contact that they are about."""

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
        person = self.same(self.shown(at, answer.contact_id), wanted.person)
        if wanted.is_written:
            kind = "CONTACT_CREATED" if wanted.is_new else "GENERAL"
            assert person.activity["activityType"] == kind
            model.put(person, "created" if wanted.is_new else "updated")
            if visitor:
                model.visitors[visitor] = person.id

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

        def wanted() -> list[Any]:
            # Among many, a refusal is what became of one item, and not of the call.
            return [model_says(lambda: model.upsert(info)) if among_many else model.upsert(info)]

        done = self.both(at, caller, MODIFY, made, wanted)
        if not done:
            return
        answer, (said,) = done
        if isinstance(said, Refused):
            assert answer.metadata.error.code == said.code
            return
        person, is_new = said
        action = answer.metadata.action if among_many else answer.action
        assert action == ("CREATED" if is_new else "UPDATED")
        model.put(self.same(answer.contact, person), "created" if is_new else "updated")
