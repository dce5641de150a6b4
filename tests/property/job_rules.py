"""Many contacts are changed at once by jobs, each of which runs to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from contactory.ops.crm import Crm
from tests.property.calls_made import (
    MODIFY,
    Chosen,
)
from tests.property.compared_calls import ComparedCalls, found
from tests.property.model import Person

CODES_IN_JOBS = {"CANNOT_DELETE_MEMBER": "CANNOT_DELETE_SITE_MEMBERS"}


class JobRules(ComparedCalls):
    """Jobs that delete, update and label."""

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
            found(model, chosen)
            result = model.bulk(chosen.is_met, act())
            self.take_ids(at)
            return result

        done = self.both(at, caller, MODIFY, made, wanted)
        if done:
            job, (good, failed) = done
            assert job.status == "COMPLETED"
            assert (job.success_total, job.failed_total) == (good, sum(failed.values()))
            told = {error.code: error.count for error in job.errors}
            assert told == {CODES_IN_JOBS.get(code, code): many for code, many in failed.items()}

    def take_ids(self, at: int) -> None:
        """Let the model's contacts have the ids of entries that the product chose."""
        people = self.sites[at].people
        for contact in self.listed(at):
            if contact.id in people:
                people[contact.id] = self.same(contact, people[contact.id])
