"""Webhooks: what is called, in which order, what happens when it fails, and with which keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import jwt
import pytest

from contactory.domain.access import NewApp
from contactory.domain.contacts import Contact
from contactory.domain.errors import InvalidArgument, NotFound
from contactory.domain.event_types import EVENT_TYPES
from contactory.domain.subscriptions import Delivery, Subscription
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, new_id
from contactory.ops.crm import Crm
from contactory.ops.event_delivering import MOST_TAKEN
from contactory.ops.settings import EventSettings, Settings
from contactory.store.subscriptions import Lease, take_lease
from contactory.worker.running import worked
from contactory.worker.webhooks import WebhookCaller
from tests.receivers import Received, Receiver, accept, receiving, status
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

CREATED, UPDATED, DELETED, MERGED = EVENT_TYPES[:4]
NEVER = 10**6


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that accepts all."""
    async with receiving() as receiver:
        yield receiver


@asynccontextmanager
async def opened(store: StoreUnderTest, **chosen: Any) -> AsyncIterator[Crm]:
    """The default site, whose webhooks may be here and are tried again at once, five times."""
    events = EventSettings(
        **{"allows_private": True, "webhook_delays_s": (0.02,) * 5, "timeout_s": 0.5} | chosen
    )
    async with await Crm.open(store.url, Settings(events=events)) as crm:
        yield crm


async def hooked(crm: Crm, receiver: Receiver, *types: str) -> tuple[NewApp, Subscription]:
    """A new app with a webhook at the receiver."""
    app = await crm.apps.create_app("app")
    return app, await crm.webhooks.create_webhook(app.app_id, receiver.url, types)


async def ada(crm: Crm, name: str = "Ada") -> Contact:
    return await crm.contacts.create_contact({"name": {"first": name}})


async def deliveries(crm: Crm, webhook: Subscription, state: str | None = None) -> list[Delivery]:
    page = await crm.subscriptions.list_deliveries(webhook.id, state)
    return list(page.deliveries)


async def settled(crm: Crm, webhook: Subscription, count: int, state: str) -> list[Delivery]:
    """Deliveries of the state, once there are so many."""
    async with asyncio.timeout(20):
        while len(found := await deliveries(crm, webhook, state)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return found


async def test_what_happens_from_then_on_is_told_signed_and_in_order(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async with opened(store) as crm:
        await ada(crm, "Before")
        app, webhook = await hooked(crm, receiver)
        async with worked(crm):
            contact = await ada(crm)
            contact = await crm.contacts.update_contact(contact.id, {"company": "Acme"}, 1)
            await crm.labels.find_or_create_label("VIP")
            await crm.contacts.delete_contact(contact.id)
            calls = await receiver.until(4)
            assert len(await settled(crm, webhook, 4, "DELIVERED")) == 4
        (key,) = await crm.webhooks.list_signing_keys(app.app_id)
        kinds = [call.told["eventType"] for call in calls]
        assert sorted(kinds) == sorted([CREATED, UPDATED, DELETED, EVENT_TYPES[4]])
        own = [call for call in calls if call.entity == contact.id]
        assert [call.told["eventType"] for call in own] == [CREATED, UPDATED, DELETED]
        assert own[1].event["updatedEvent"]["currentEntity"]["info"]["company"] == "Acme"
        for call in calls:
            assert jwt.decode(call.token, key.public_key, algorithms=["RS256"])
            assert jwt.get_unverified_header(call.token)["kid"] == key.id
            assert call.told["instanceId"] == app.instance_id
            assert call.told["accountInfo"] == {"siteId": crm.context.site_id}
            assert json.loads(call.told["identity"])["identityType"] == "WIX_USER"
        done = await deliveries(crm, webhook)
        assert {one.event_id for one in done} == {call.event["id"] for call in calls}
        assert {(one.attempts, one.status, one.reason) for one in done} == {(1, 200, "")}


async def test_only_the_types_that_are_asked_for_are_told(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async with opened(store) as crm:
        _, webhook = await hooked(crm, receiver, DELETED)
        async with worked(crm):
            contact = await ada(crm)
            await crm.contacts.delete_contact(contact.id)
            await receiver.until(1)
            await crm.webhooks.update_webhook(webhook.id, event_types=[CREATED])
            other = await ada(crm)
            await receiver.until(2)
            await settled(crm, webhook, 2, "DELIVERED")
        assert [(call.told["eventType"], call.entity) for call in receiver.calls] == [
            (DELETED, contact.id),
            (CREATED, other.id),
        ]


async def test_a_failure_holds_back_its_own_contact_and_no_other(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    refused: set[str] = set()
    failures = 3

    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal failures
        is_refused = received.entity in refused and failures > 0
        failures -= is_refused
        await (status(503) if is_refused else accept)(received, writer)

    receiver.answering = answer
    async with opened(store) as crm:
        _, webhook = await hooked(crm, receiver)
        slow, quick = await ada(crm, "Slow"), await ada(crm, "Quick")
        refused.add(slow.id)
        for contact in (slow, quick):
            await crm.contacts.update_contact(contact.id, {"company": "Acme"}, 1)
        async with worked(crm):
            await settled(crm, webhook, 4, "DELIVERED")
        order = [(call.entity, call.sequence) for call in receiver.calls]
        assert order.count((slow.id, 1)) == 4
        assert [one for one in order if one[0] == slow.id] == [(slow.id, 1)] * 4 + [(slow.id, 3)]
        assert order.index((quick.id, 3)) < order.index((slow.id, 3))
        tried = {(one.entity_id, one.attempts) for one in await deliveries(crm, webhook)}
        assert tried == {(slow.id, 4), (slow.id, 1), (quick.id, 1)}


async def test_what_always_fails_ends_dead_and_can_be_tried_again_or_dropped(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    receiver.answering = status(500)
    async with opened(store, webhook_delays_s=(0.01, 0.02)) as crm:
        _, webhook = await hooked(crm, receiver)
        contact = await ada(crm)
        await crm.contacts.update_contact(contact.id, {"company": "Acme"}, 1)
        async with worked(crm):
            dead = await settled(crm, webhook, 2, "DEAD")
            assert [(one.attempts, one.status, one.reason) for one in dead] == [
                (3, 500, "answered 500")
            ] * 2
            assert len(receiver.calls) == 6
            await crm.subscriptions.drop_delivery(webhook.id, dead[0].event_id)
            receiver.answering = accept
            await crm.subscriptions.redeliver(webhook.id, state="DEAD")
            (done,) = await settled(crm, webhook, 1, "DELIVERED")
            assert (done.event_id, done.attempts) == (dead[1].event_id, 1)
            await crm.subscriptions.redeliver(webhook.id, event_id=dead[0].event_id)
            assert len(await settled(crm, webhook, 2, "DELIVERED")) == 2
        with pytest.raises(NotFound):
            await crm.subscriptions.drop_delivery(webhook.id, dead[0].event_id)


async def test_all_since_a_moment_are_told_again_with_the_ids_they_had(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async with opened(store) as crm:
        await ada(crm, "Long ago")
        await asyncio.sleep(0.01)
        since = Timestamp.current()
        await asyncio.sleep(0.01)
        _, webhook = await hooked(crm, receiver)
        contact = await ada(crm)
        async with worked(crm):
            await receiver.until(1)
            await settled(crm, webhook, 1, "DELIVERED")
            await crm.subscriptions.redeliver(webhook.id, since=str(since))
            first, second = await receiver.until(2)
            assert first.entity == second.entity == contact.id
            assert first.event == second.event


async def test_while_it_is_paused_nothing_is_told_and_nothing_is_lost(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async with opened(store) as crm:
        _, webhook = await hooked(crm, receiver)
        paused = await crm.subscriptions.pause_subscription(webhook.id, "holiday")
        assert paused.pause_reason == "holiday"
        async with worked(crm):
            contact = await ada(crm)
            await asyncio.sleep(0.2)
            assert receiver.calls == []
            resumed = await crm.subscriptions.resume_subscription(webhook.id)
            assert resumed.paused_date is None
            (call,) = await receiver.until(1)
            assert call.entity == contact.id


async def test_a_pause_ends_what_is_under_way(store: StoreUnderTest, receiver: Receiver) -> None:
    async with opened(store) as crm:
        _, webhook = await hooked(crm, receiver)
        await asyncio.gather(*(ada(crm, f"Ada{at}") for at in range(3 * MOST_TAKEN)))
        async with worked(crm):
            await receiver.until(1)
            await crm.subscriptions.pause_subscription(webhook.id)
            await asyncio.sleep(0.5)
            assert len(receiver.calls) <= 2 * MOST_TAKEN
            await crm.subscriptions.resume_subscription(webhook.id)
            await receiver.until(3 * MOST_TAKEN)


async def test_who_receives_nothing_for_long_is_paused_and_says_so(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    receiver.answering = status(500)
    async with opened(
        store, webhook_delays_s=(0.01,) * 100, pause_after=timedelta(seconds=0.1)
    ) as crm:
        _, webhook = await hooked(crm, receiver)
        async with worked(crm):
            contact = await ada(crm)
            async with asyncio.timeout(20):
                while (found := await crm.webhooks.get_webhook(webhook.id)).paused_date is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert found.failing_since is not None
            assert "answered 500" in str(found.pause_reason)
            receiver.answering = accept
            calls = len(receiver.calls)
            await crm.subscriptions.resume_subscription(webhook.id)
            assert (await receiver.until(calls + 1))[-1].entity == contact.id
        assert (await crm.webhooks.get_webhook(webhook.id)).failing_since is None


async def test_a_dead_receiver_delays_nobody_else(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async def hang(_received: Received, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(NEVER)

    async with opened(store, timeout_s=2) as crm, receiving() as dead:
        dead.answering = hang
        await hooked(crm, dead)
        await hooked(crm, receiver)
        async with worked(crm):
            for at in range(20):
                await ada(crm, f"Ada{at}")
            await receiver.until(20)
            await dead.until(1)
            assert len(dead.calls) <= WebhookCaller.most_at_once, "its first calls are not over"


async def test_a_new_key_is_known_before_it_signs_and_an_old_one_after_it_signed(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async with opened(store, key_overlap=timedelta(seconds=1)) as crm:
        app, _ = await hooked(crm, receiver)
        (old,) = await crm.webhooks.list_signing_keys(app.app_id)
        new = await crm.webhooks.rotate_signing_key(app.app_id)
        assert timedelta(0) < new.signs_from - Timestamp.current() <= timedelta(seconds=1)
        assert await crm.webhooks.list_signing_keys(app.app_id) == [new, old]
        async with worked(crm):
            await ada(crm)
            await receiver.until(1)
            await asyncio.sleep(1.1)
            assert await crm.webhooks.list_signing_keys(app.app_id) == [new, old]
            await ada(crm)
            await receiver.until(2)
        used = [jwt.get_unverified_header(call.token)["kid"] for call in receiver.calls]
        assert used == [old.id, new.id]
        await asyncio.sleep(1)
        assert await crm.webhooks.list_signing_keys(app.app_id) == [new]


async def test_a_key_that_others_know_is_replaced_at_once(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async with opened(store) as crm:
        app, _ = await hooked(crm, receiver)
        (leaked,) = await crm.webhooks.list_signing_keys(app.app_id)
        new = await crm.webhooks.rotate_signing_key(app.app_id, at_once=True)
        assert await crm.webhooks.list_signing_keys(app.app_id) == [new]
        assert new.id != leaked.id
        async with worked(crm):
            await ada(crm)
            (call,) = await receiver.until(1)
        assert jwt.get_unverified_header(call.token)["kid"] == new.id


async def test_what_is_given_up_while_it_is_tried_stays_so(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    answered = asyncio.Event()

    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        if len(receiver.calls) > 1:
            await answered.wait()
        await status(500)(received, writer)

    receiver.answering = answer
    async with opened(store, timeout_s=5) as crm:
        _, webhook = await hooked(crm, receiver)
        await ada(crm)
        async with worked(crm):
            _, second = await receiver.until(2)
            await crm.subscriptions.drop_delivery(webhook.id, second.event["id"])
            answered.set()
            await asyncio.sleep(0.5)
        assert [one.state for one in await deliveries(crm, webhook)] == ["DROPPED"]
        assert len(receiver.calls) == 2


async def test_a_deleted_webhook_or_app_is_called_no_more(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async with opened(store) as crm:
        _, first = await hooked(crm, receiver)
        app, second = await hooked(crm, receiver)
        await crm.webhooks.delete_webhook(first.id)
        await crm.apps.delete_app(app.app_id)
        assert await crm.webhooks.list_webhooks() == []
        async with worked(crm):
            await ada(crm)
            await asyncio.sleep(0.2)
        assert receiver.calls == []
        for webhook in (first, second):
            with pytest.raises(NotFound):
                await crm.subscriptions.list_deliveries(webhook.id)


async def test_another_site_has_none_of_it(store: StoreUnderTest, receiver: Receiver) -> None:
    async with opened(store) as crm:
        app, webhook = await hooked(crm, receiver)
        site = await crm.sites.create_site("elsewhere")
        elsewhere = await crm.at_site(site.site_id)
        async with worked(crm):
            await elsewhere.contacts.create_contact({"name": {"first": "Bob"}})
            contact = await ada(crm)
            (call,) = await receiver.until(1)
            assert call.entity == contact.id
            await settled(crm, webhook, 1, "DELIVERED")
        assert await elsewhere.webhooks.list_webhooks() == []
        for attempt in (
            elsewhere.webhooks.get_webhook(webhook.id),
            elsewhere.webhooks.update_webhook(webhook.id, receiver.url),
            elsewhere.webhooks.delete_webhook(webhook.id),
            elsewhere.webhooks.create_webhook(app.app_id, receiver.url),
            elsewhere.webhooks.list_signing_keys(app.app_id),
            elsewhere.webhooks.rotate_signing_key(app.app_id),
            elsewhere.subscriptions.pause_subscription(webhook.id),
            elsewhere.subscriptions.resume_subscription(webhook.id),
            elsewhere.subscriptions.list_deliveries(webhook.id),
            elsewhere.subscriptions.redeliver(webhook.id, event_id=call.event["id"]),
            elsewhere.subscriptions.drop_delivery(webhook.id, call.event["id"]),
        ):
            with pytest.raises(NotFound):
                await attempt


async def test_a_receiver_inside_is_refused_and_is_not_called(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async with opened(store) as crm:
        app, webhook = await hooked(crm, receiver)
    async with opened(store, allows_private=False, webhook_delays_s=(NEVER,)) as crm:
        for url in (receiver.url, "https://127.0.0.1/", "https://[::1]/", "https://a b/", "x"):
            with pytest.raises(InvalidArgument) as refused:
                await crm.webhooks.create_webhook(app.app_id, url, ["nothing"])
            assert [one.field for one in refused.value.violations] == ["url", "eventTypes[0]"]
        async with worked(crm):
            await ada(crm)
            (waiting,) = await settled(crm, webhook, 1, "WAITING")
            assert waiting.reason == "its address 127.0.0.1 is loopback"
        assert receiver.calls == []


async def test_one_worker_serves_a_webhook_at_a_time(
    store: StoreUnderTest, receiver: Receiver
) -> None:
    async with opened(store) as crm:
        _, webhook = await hooked(crm, receiver)
        other = Lease(crm.context.site, webhook.id, RowId(new_id()))
        now = Timestamp.current()
        assert await crm.store.write(lambda tx: take_lease(tx, other, now))
        async with worked(crm):
            await ada(crm)
            await asyncio.sleep(0.3)
            assert receiver.calls == []
            await receiver.until(1, patience_s=15)
        waited = Timestamp.current() - now
        assert waited >= timedelta(seconds=4.9), "the other one was not heard of any more"
