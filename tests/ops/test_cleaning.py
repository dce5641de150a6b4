"""The clean-up beside a server: what has expired goes, also after a store could not answer."""

from __future__ import annotations

import anyio
import pytest
import structlog

from contactory.domain.credentials import SecretKind
from contactory.domain.identities import IdentityType
from contactory.ops.crm import Crm
from contactory.store.tokens import Subject
from contactory.worker.cleaning import clean_hourly
from tests.ops.surroundings import PASSWORD, counted, past_secret
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


async def test_what_has_expired_is_deleted_and_the_rest_stays(
    crm: Crm, store: StoreUnderTest
) -> None:
    user = await crm.users.create_user("ada", password=PASSWORD)
    await crm.sessions.sign_in("ada", PASSWORD, "-")
    subject = Subject(type=IdentityType.USER, user_id=user.user_id)
    for _ in range(3):
        await past_secret(crm, SecretKind.SESSION, subject)
    assert counted(store, "tokens") == 4

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(clean_hourly, crm.store, crm.settings)
        with anyio.fail_after(20):
            while counted(store, "tokens") > 1:  # noqa: ASYNC110 - the store tells nobody
                await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()

    assert counted(store, "tokens") == 1


async def test_a_store_that_cannot_answer_is_logged_and_left_for_later(crm: Crm) -> None:
    await crm.close()

    with structlog.testing.capture_logs() as logged:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(clean_hourly, crm.store, crm.settings)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()

    assert [entry["event"] for entry in logged] == ["cleaning failed"]
    assert logged[0]["code"] == "UNAVAILABLE"
