"""Update, label, merge, unmerge and delete of the same contacts at once."""

from __future__ import annotations

from collections import Counter

import pytest

from contactory.ops.crm import Crm
from tests.concurrency.changing import racing
from tests.concurrency.happened import faults, happened
from tests.concurrency.test_updates import WAYS, made
from tests.servers import run_command
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

MIXERS = 16
ROUNDS = 25
GROUPS = 8
GROUP = 6
REGROUPED = 6
ORDERERS = 4
ORDERS = 4

OF_THE_CONTRACT = {
    "CONTACT_NOT_FOUND",
    "CONTACT_ALREADY_CHANGED",
    "DUPLICATE_CONTACT_EXISTS",
    "FAILED_PRECONDITION",
    "ILLEGAL_MERGE",
    "LABEL_NOT_FOUND",
    "NOT_FOUND",
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
async def test_mixed_changes_of_the_same_contacts_lose_nothing(
    store: StoreUnderTest, way: str
) -> None:
    deadlocks_before = deadlocks(store)
    first = [f"first-{at}@example.com" for at in range(10)]
    ids = [contact.id for contact in await made(store, *first)]
    async with await Crm.open(store.url) as crm:
        for name in "ab":
            await crm.labels.find_or_create_label(name)
    async with racing(way, store) as race:
        reports = await race([("mix", [ids, f"m{at}", ROUNDS]) for at in range(MIXERS)])
    codes = Counter(code for report in reports for code in report["codes"])
    assert codes.keys() <= OF_THE_CONTRACT
    done = Counter(name for report in reports for name in report["done"])
    assert done.keys() == {"create", "update", "label", "merge", "unmerge", "delete"}
    found = happened(store)
    assert faults(found) == []
    for email in (*first, *(email for report in reports for email in report["emails"])):
        holders = found.holders(email)
        assert len(holders) == 1 or (not holders and found.went_with(email)), email
    assert deadlocks(store) == deadlocks_before
    checked = run_command(store, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::contactory.domain.ignored_values.IgnoredValues")
@pytest.mark.parametrize("way", WAYS)
async def test_writers_of_several_contacts_never_wait_in_a_circle(
    store: StoreUnderTest, way: str
) -> None:
    deadlocks_before = deadlocks(store)
    emails = [f"first-{at}@example.com" for at in range(GROUPS * GROUP)]
    ids = [contact.id for contact in await made(store, *emails)]
    async with await Crm.open(store.url) as crm:
        for name in "abc":
            await crm.labels.find_or_create_label(name)
        for at, contact_id in enumerate(ids):
            await crm.contacts.label_contact(contact_id, [f"custom.{'abc'[at % 3]}"])
    async with racing(way, store) as race:
        groups = [("regroup", [ids[at::GROUPS], REGROUPED]) for at in range(GROUPS)]
        reports = await race([*groups, *[("order", [f"o{at}", ORDERS]) for at in range(ORDERERS)]])
    codes = Counter(code for report in reports for code in report["codes"])
    assert codes.keys() <= OF_THE_CONTRACT
    found = happened(store)
    assert {email: len(found.holders(email)) for email in emails} == dict.fromkeys(emails, 1)
    assert deadlocks(store) == deadlocks_before
    checked = run_command(store, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def deadlocks(store: StoreUnderTest) -> int:
    """How often writers waited for each other in a circle: each time, for a second in vain."""
    if store.kind == "sqlite":
        return 0  # It has one writer at a time.
    ((count,),) = store.rows(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    return int(count)
