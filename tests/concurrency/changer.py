"""Changes contacts that others change at the same time, in this process or in one of several.

Run as `python -m tests.concurrency.changer URL`; the first line of standard input holds the tasks
to run at once, each the name of a function below and its arguments; any second line is the start.
Prints what each task reports, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from contactory.domain.errors import ContactoryError
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm

AnyCrm: TypeAlias = Crm | RemoteCrm
Task: TypeAlias = tuple[str, list[Any]]

ALLOWING = {"allowDuplicates": True}


async def update(crm: AnyCrm, contact_id: str, revision: int, first: str) -> str:
    """Give the contact another name, once: the name, or why not."""
    try:
        await crm.contacts.update_contact(contact_id, {"name": {"first": first}}, revision)
    except ContactoryError as error:
        return error.code
    return first


async def label(crm: AnyCrm, contact_id: str, key: str) -> str:
    """Put a label on the contact, whatever its revision: the label, or why not."""
    try:
        await crm.contacts.label_contact(contact_id, [key])
    except ContactoryError as error:
        return error.code
    return key


async def merge(crm: AnyCrm, target_id: str, revision: int, source_id: str) -> str:
    """Merge one contact into another, once: the source, or why not."""
    try:
        await crm.contacts.merge_contacts(target_id, revision, {"sourceContactIds": [source_id]})
    except ContactoryError as error:
        return error.code
    return source_id


async def regroup(crm: AnyCrm, ids: list[str], rounds: int) -> dict[str, list[str]]:
    """Merge the contacts into the first of them and undo it, so many times.

    The report has each error's code.
    """
    target_id, *source_ids = ids
    codes: list[str] = []
    for _ in range(rounds):
        try:
            target = await crm.contacts.get_contact(target_id)
            options = {"sourceContactIds": source_ids}
            await crm.contacts.merge_contacts(target.id, target.revision, options)
            await crm.contacts.unmerge_contacts(None, {"targetContactId": target.id})
        except ContactoryError as error:
            codes.append(error.code)
    return {"codes": codes}


async def mix(crm: AnyCrm, ids: list[str], name: str, rounds: int) -> dict[str, list[str]]:
    """Update, label, merge, unmerge and delete the contacts at random, so many times.

    The report has each e-mail that was written, each thing that was done, and each error's code.
    """
    mixer = _Mixer(crm, list(ids), name)
    for at in range(rounds):
        await mixer.act(at)
    return {"emails": mixer.emails, "done": mixer.done, "codes": mixer.codes}


_ACTS = ["create"] * 6 + ["update", "label"] * 3 + ["merge", "unmerge"] * 5 + ["delete"]


class _Mixer:
    def __init__(self, crm: AnyCrm, ids: list[str], name: str) -> None:
        self.emails: list[str] = []
        self.done: list[str] = []
        self.codes: list[str] = []
        self._crm = crm
        self._ids = ids
        self._merged: list[str] = []
        self._name = name
        self._chance = random.Random(name)

    async def act(self, at: int) -> None:
        """One random change."""
        email = f"{self._name}-{at}@example.com"
        contact_id = self._chance.choice(self._ids)
        # Contacts come faster than they go, or else most changes would find nobody.
        name = self._chance.choice(_ACTS)
        try:
            await getattr(self, f"_{name}")(contact_id, email)
        except ContactoryError as error:
            self.codes.append(error.code)
        else:
            self.done.append(name)

    async def _create(self, _contact_id: str, email: str) -> None:
        contact = await self._crm.contacts.create_contact({"emails": {"items": [{"email": email}]}})
        self._ids.append(contact.id)
        self.emails.append(email)

    async def _update(self, contact_id: str, email: str) -> None:
        contact = await self._crm.contacts.get_contact(contact_id)
        entries = contact.to_rest()["info"]["emails"].get("items", [])
        info = {"emails": {"items": [*entries, {"email": email}]}}
        await self._crm.contacts.update_contact(contact.id, info, contact.revision)
        self.emails.append(email)

    async def _label(self, contact_id: str, _email: str) -> None:
        keys = [self._chance.choice(("custom.a", "custom.b"))]
        takes = self._chance.random() < 0.5
        contacts = self._crm.contacts
        await (contacts.unlabel_contact if takes else contacts.label_contact)(contact_id, keys)

    async def _merge(self, contact_id: str, _email: str) -> None:
        target = await self._crm.contacts.get_contact(contact_id)
        sources = self._chance.sample(self._ids, self._chance.randint(1, 2))
        await self._crm.contacts.merge_contacts(
            target.id, target.revision, {"sourceContactIds": sources}
        )
        self._merged.append(target.id)

    async def _unmerge(self, contact_id: str, _email: str) -> None:
        contact_id = self._merged.pop() if self._merged else contact_id
        merges = await self._crm.contacts.list_merges(contact_id)
        merge_id = next((one.id for one in merges if one.undone_date is None), None)
        options = {} if merge_id else {"targetContactId": contact_id}
        await self._crm.contacts.unmerge_contacts(merge_id, options)

    async def _delete(self, contact_id: str, _email: str) -> None:
        await self._crm.contacts.delete_contact(contact_id)


async def order(crm: AnyCrm, name: str, rounds: int) -> dict[str, list[str]]:
    """Order bulk jobs about all contacts, submit some, and take a label and a field off all.

    The report has each thing that was done, and each error's code.
    """
    chance = random.Random(name)
    done: list[str] = []
    codes: list[str] = []
    for at in range(rounds):
        act = chance.choice((_relabel_all, _update_all, _submit, _erase_label, _erase_field))
        try:
            await act(crm, chance, f"{name}-{at}")
        except ContactoryError as error:
            codes.append(error.code)
        else:
            done.append(act.__name__)
    return {"done": done, "codes": codes}


_ALL: dict[str, Any] = {"filter": {"createdDate": {"$gt": "2000-01-01T00:00:00.000Z"}}}


async def _relabel_all(crm: AnyCrm, chance: random.Random, _name: str) -> None:
    added, removed = chance.sample(["custom.a", "custom.b"], 2)
    options = {"labelKeysToAdd": [added], "labelKeysToRemove": [removed]}
    started = await crm.contacts.bulk_label_and_unlabel_contacts(_ALL | options)
    await crm.wait_for_bulk_job(started.job_id)


async def _update_all(crm: AnyCrm, chance: random.Random, name: str) -> None:
    address = {"city": chance.choice(("Ulm", "Bonn", "Kiel")), "country": "DE"}
    info = {
        "name": {"last": name},
        "addresses": {"items": [{"tag": "HOME", "address": address}]},
        "labelKeys": {"items": chance.sample(["custom.a", "custom.c", "custom.d"], 2)},
        "extendedFields": {"items": {"custom.tier": name}},
    }
    started = await crm.contacts.bulk_update_contacts(_ALL | {"info": info})
    await crm.wait_for_bulk_job(started.job_id)


async def _submit(crm: AnyCrm, chance: random.Random, name: str) -> None:
    emails = [f"first-{chance.randrange(10)}@example.com", f"{name}@example.com"]
    info = {
        "emails": {"items": [{"email": email} for email in emails]},
        "labelKeys": {"items": ["custom.c"]},
    }
    await crm.submitted_contact.append_or_create_contact({"info": info})


async def _erase_label(crm: AnyCrm, _chance: random.Random, _name: str) -> None:
    await crm.labels.delete_label("custom.c")


async def _erase_field(crm: AnyCrm, _chance: random.Random, _name: str) -> None:
    await crm.extended_fields.delete_extended_field("custom.tier")


TASKS: dict[str, Callable[..., Awaitable[Any]]] = {
    "update": update,
    "label": label,
    "merge": merge,
    "mix": mix,
    "regroup": regroup,
    "order": order,
}


async def run_all(crm: AnyCrm, tasks: Sequence[Task]) -> list[Any]:
    """The reports of the tasks, which run at once."""
    running: list[Awaitable[Any]] = [TASKS[name](crm, *arguments) for name, arguments in tasks]
    return list(await asyncio.gather(*running))


async def main(url: str) -> None:
    """Take part in one race."""
    tasks = json.loads(sys.stdin.readline())
    async with await Crm.open(url) as crm:
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(await run_all(crm, tasks)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
