"""What functions of a site's own code are told, and what becomes of it when they fail."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from anyio import from_thread

from contactory import (
    Contact,
    HandledEvent,
    MergedEvent,
    contacts,
    on_contact_created,
    on_contact_deleted,
    on_contact_merged,
    on_contact_updated,
    on_extended_field_created,
    on_extended_field_deleted,
    on_extended_field_updated,
    on_label_created,
    on_label_deleted,
    on_label_updated,
)
from contactory.domain.identities import SITE_APP
from contactory.domain.subscriptions import DeliveryState
from contactory.ops.context import current_context
from contactory.ops.crm import Crm
from contactory.ops.event_handlers import Handler, handled_types
from contactory.worker import event_dispatching
from contactory.worker.running import worked
from tests.ops.handling import delivered, deliveries, handling, until
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

Event = HandledEvent[Any]


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    """What is logged, in place of the default log, which takes long to show what failed."""
    with structlog.testing.capture_logs() as logs:
        yield logs


def named(first: str) -> dict[str, Any]:
    return {"name": {"first": first}}


async def test_handlers_get_each_type_of_event_with_its_entity(crm: Crm) -> None:
    told: list[Event] = []

    @on_contact_created
    @on_contact_updated
    @on_contact_deleted
    @on_contact_merged
    @on_label_created
    @on_label_updated
    @on_label_deleted
    @on_extended_field_created
    @on_extended_field_updated
    @on_extended_field_deleted
    async def hear(event: Event) -> None:
        told.append(event)

    async with handling(crm, hear):
        label = (await crm.labels.find_or_create_label("Guest")).label
        await crm.labels.rename_label(label.key, "Visitor")
        await crm.labels.delete_label(label.key)
        found = await crm.extended_fields.find_or_create_extended_field("Shoe size", "NUMBER")
        await crm.extended_fields.rename_extended_field(found.field.key, "Size")
        await crm.extended_fields.delete_extended_field(found.field.key)
        john = await crm.contacts.create_contact(named("John"))
        jack = await crm.contacts.create_contact(named("Jack"))
        await crm.contacts.merge_contacts(john.id, john.revision, {"sourceContactIds": [jack.id]})
        await until(lambda: len(told) == 11)

    by_type: dict[str, list[Event]] = defaultdict(list)
    for event in told:
        by_type[event.metadata.type.removeprefix("wix.contacts.v4.")].append(event)
    assert [one.entity.display_name for one in by_type["label_created"]] == ["Guest"]
    assert [one.entity.display_name for one in by_type["label_updated"]] == ["Visitor"]
    assert by_type["label_updated"][0].modified_fields == {"displayName": "Guest"}
    assert [one.entity.display_name for one in by_type["extended-field_created"]] == ["Shoe size"]
    assert [one.entity.display_name for one in by_type["extended-field_updated"]] == ["Size"]
    for gone in ("label_deleted", "extended-field_deleted", "contact_deleted"):
        assert [one.entity for one in by_type[gone]] == [None]
    assert [one.entity for one in by_type["contact_created"]] == [john, jack]
    (updated,), (deleted,) = by_type["contact_updated"], by_type["contact_deleted"]
    now = await crm.contacts.get_contact(john.id)
    assert updated.entity == now
    assert "lastActivity.activityType" in updated.modified_fields
    assert updated.metadata.originated_from == deleted.metadata.originated_from == "merge"
    assert deleted.metadata.entity_id == jack.id
    (merged,) = by_type["contact_merged"]
    assert isinstance(merged, MergedEvent)
    assert merged.data.target_contact_id == john.id
    assert merged.data.source_contact_ids == [jack.id]
    assert merged.data.target_contact == merged.entity == now
    assert merged.metadata.sequence > updated.metadata.sequence
    assert {one.metadata.site_id for one in told} == {crm.context.site_id}
    assert all(one.metadata.identity["identityType"] == "WIX_USER" for one in told)


async def test_handlers_act_as_the_site_s_own_app_at_the_event_s_site(
    crm: Crm, elsewhere: Crm
) -> None:
    heard: list[object] = []

    @on_contact_created
    async def copy_to_company(event: HandledEvent[Contact]) -> None:
        context = current_context()
        heard.append((context and context.identity, context and context.site_id))
        if event.entity.info.company is None:
            made = await contacts.create_contact(
                named("Copy") | {"company": f"of {event.entity.id}"}
            )
            assert made.source is not None
            heard.append(made.source.source_type)

    async with handling(crm, copy_to_company):
        first = await elsewhere.contacts.create_contact(named("John"))
        await delivered(elsewhere, "copy_to_company", DeliveryState.DELIVERED, 2)

    acted = (SITE_APP, elsewhere.context.site_id)
    assert heard == [acted, "WIX_CODE", acted]
    companies = [one.info.company for one in (await elsewhere.contacts.list_contacts()).contacts]
    assert f"of {first.id}" in companies
    assert not (await crm.contacts.list_contacts()).contacts


async def test_plain_functions_run_on_threads_and_can_call_from_there(crm: Crm) -> None:
    heard: list[tuple[str, bool]] = []

    @on_contact_created
    def call_back(event: HandledEvent[Contact]) -> None:
        note("call_back", event)
        if event.entity.info.company is None:
            from_thread.run(contacts.create_contact, named("New") | {"company": "called"})

    @on_contact_created
    def leave_to_caller(event: HandledEvent[Contact]) -> Any:
        note("leave_to_caller", event)
        info = event.entity.info
        return None if info.company else contacts.create_contact(named("New") | {"company": "left"})

    def note(name: str, event: HandledEvent[Contact]) -> None:
        heard.append((event.entity.info.company or name, threading.current_thread() is main))

    main = threading.current_thread()
    async with handling(crm, call_back, leave_to_caller):
        await crm.contacts.create_contact(named("John"))
        await until(lambda: len(heard) == 6)

    assert sorted(heard) == sorted(
        [(name, False) for name in ("call_back", "leave_to_caller")]
        + [(name, False) for name in ("called", "left") for _ in range(2)]
    )


async def test_a_failing_handler_is_called_again_ever_later_and_then_gives_up(
    crm: Crm, logs: list[Any]
) -> None:
    calls: list[float] = []

    @on_contact_created
    async def fail(_: Event) -> None:
        calls.append(time.monotonic())
        raise ValueError("no\x00such \udcff thing\nand more of it")

    async with handling(crm, fail, handler_delays_s=(0.1, 0.6)):
        await crm.contacts.create_contact(named("Johnny"))
        (dead,) = await delivered(crm, "fail", DeliveryState.DEAD)

    assert len(calls) == 3
    assert calls[1] - calls[0] >= 0.1
    assert calls[2] - calls[1] >= 0.6
    assert (dead.attempts, dead.reason) == (3, "ValueError: no such   thing")
    assert dead.next_attempt_date is None
    errors = [entry for entry in logs if entry["log_level"] == "error"]
    assert [entry["handler"] for entry in errors] == ["fail"] * 3
    assert "Johnny" not in repr(logs)


async def test_what_is_dead_is_delivered_when_somebody_asks_for_it(crm: Crm) -> None:
    is_well, heard = False, []

    @on_contact_created
    async def be_ill(event: Event) -> None:
        if not is_well:
            raise RuntimeError
        heard.append(event.metadata.id)

    async with handling(crm, be_ill, handler_delays_s=()):
        await crm.contacts.create_contact(named("John"))
        (dead,) = await delivered(crm, "be_ill", DeliveryState.DEAD)
        assert dead.reason == "RuntimeError: "
        is_well = True
        (handler,) = await crm.subscriptions.list_handlers()
        await crm.subscriptions.redeliver(handler.id, state="DEAD")
        await delivered(crm, "be_ill", DeliveryState.DELIVERED)
    assert heard == [dead.event_id]


async def test_events_of_a_contact_wait_for_its_failed_one_and_others_do_not(crm: Crm) -> None:
    heard: list[tuple[str, int]] = []
    is_ill = True

    @on_contact_created
    @on_contact_updated
    async def fail_for_john(event: HandledEvent[Contact]) -> None:
        name = event.entity.info.name.first or ""
        if is_ill and name == "John":
            raise ValueError
        heard.append((name, event.entity.revision))

    async with handling(crm, fail_for_john, handler_delays_s=(0.2,) * 50):
        john = await crm.contacts.create_contact(named("John"))
        await crm.contacts.update_contact(john.id, {"company": "Acme"}, john.revision)
        await crm.contacts.create_contact(named("Jack"))
        await until(lambda: heard == [("Jack", 1)])
        is_ill = False
        await until(lambda: len(heard) == 3)
    assert heard == [("Jack", 1), ("John", 1), ("John", 2)]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit("x")])
@pytest.mark.parametrize("is_plain", [True, False])
async def test_what_a_handler_raises_ends_nothing_but_its_call(
    crm: Crm, error: BaseException, *, is_plain: bool
) -> None:
    @on_contact_created
    async def leave(_: Event) -> None:
        raise error

    @on_contact_created
    def leave_plainly(_: Event) -> None:
        raise error

    function = leave_plainly if is_plain else leave
    async with handling(crm, function, handler_delays_s=()):
        await crm.contacts.create_contact(named("John"))
        (dead,) = await delivered(crm, function.__name__, DeliveryState.DEAD)
    assert dead.reason.startswith(type(error).__name__)


async def test_a_handler_that_cancels_itself_has_failed(crm: Crm) -> None:
    @on_contact_created
    async def cancel(_: Event) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(1)

    async with handling(crm, cancel, handler_delays_s=()):
        await crm.contacts.create_contact(named("John"))
        (dead,) = await delivered(crm, "cancel", DeliveryState.DEAD)
    assert dead.reason == "CancelledError: it was cancelled by its own doing"


async def test_a_handler_that_hangs_has_failed_and_keeps_no_other_from_working(crm: Crm) -> None:
    heard: list[str] = []
    release = threading.Event()

    @on_contact_created
    async def hang(_: Event) -> None:
        await asyncio.sleep(1000)

    @on_contact_created
    async def insist(_: Event) -> None:
        while not release.is_set():
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                heard.append("insisted")

    @on_contact_created
    def hang_plainly(_: Event) -> None:
        release.wait(60)

    @on_contact_created
    def work(event: Event) -> None:
        heard.append(event.metadata.entity_id)

    try:
        functions = (hang, insist, hang_plainly, work)
        async with handling(crm, *functions, handler_delays_s=(), handler_timeout_s=0.2):
            made = [await crm.contacts.create_contact(named("John")) for _ in range(10)]
            for function in functions[:3]:
                dead = await delivered(crm, function.__name__, DeliveryState.DEAD, len(made))
                assert {one.reason for one in dead} == {"TimeoutError: it did not end within 0.2 s"}
            await delivered(crm, "work", DeliveryState.DELIVERED, len(made))
    finally:
        release.set()
    assert sorted(set(heard)) == sorted(["insisted", *(one.id for one in made)])


async def test_a_plain_function_that_hangs_gets_no_more_than_eight_threads(crm: Crm) -> None:
    release, begun = threading.Event(), []

    @on_contact_created
    def hang(_: Event) -> None:
        begun.append(threading.get_ident())
        release.wait(60)

    try:
        async with handling(crm, hang, handler_delays_s=(), handler_timeout_s=0.2):
            for _ in range(20):
                await crm.contacts.create_contact(named("John"))
            await delivered(crm, "hang", DeliveryState.DEAD, 20)
            assert len(begun) == 8
            release.set()
            await crm.contacts.create_contact(named("John"))
            await delivered(crm, "hang", DeliveryState.DELIVERED)
    finally:
        release.set()


async def test_a_new_handler_begins_with_what_happens_from_now_on(crm: Crm) -> None:
    heard: list[str | None] = []

    @on_contact_created
    async def hear(event: HandledEvent[Contact]) -> None:
        heard.append(event.entity.info.name.first)

    await crm.contacts.create_contact(named("before"))
    async with handling(crm, hear):
        await crm.contacts.create_contact(named("while it runs"))
        await delivered(crm, "hear", DeliveryState.DELIVERED)
    await crm.contacts.create_contact(named("while nobody runs it"))
    async with handling(crm, hear):
        await until(lambda: len(heard) == 2)
    assert heard == ["while it runs", "while nobody runs it"]


async def test_at_a_new_site_handlers_begin_with_its_first_event(crm: Crm) -> None:
    heard: list[str | None] = []

    @on_contact_created
    async def hear(event: HandledEvent[Contact]) -> None:
        heard.append(event.entity.info.name.first)

    async with handling(crm, hear):
        site = await crm.at_site((await crm.sites.create_site("new")).site_id)
        await site.contacts.create_contact(named("first"))
        await until(lambda: heard == ["first"])
    later = await crm.at_site((await crm.sites.create_site("later")).site_id)
    await later.contacts.create_contact(named("second"))
    async with handling(crm, hear):
        await until(lambda: heard == ["first", "second"])


async def test_the_types_of_a_handler_follow_its_code(crm: Crm) -> None:
    heard: list[str] = []

    def release(*decorators: Any) -> Any:
        async def hear(event: Event) -> None:
            heard.append(event.metadata.type.rpartition("_")[2])

        for decorate in decorators:
            decorate(hear)
        return hear

    async with handling(crm, release(on_contact_created)):
        john = await crm.contacts.create_contact(named("John"))
        await until(lambda: heard == ["created"])
    john = await crm.contacts.update_contact(john.id, {"company": "Acme"}, john.revision)
    async with handling(crm, release(on_contact_updated, on_contact_deleted)):
        await crm.contacts.create_contact(named("Jack"))
        await crm.contacts.delete_contact(john.id)
        await until(lambda: len(heard) == 3)
    assert heard == ["created", "updated", "deleted"]
    (handler,) = await crm.subscriptions.list_handlers()
    assert [one.rpartition("_")[2] for one in handler.event_types] == ["deleted", "updated"]


async def test_what_waits_of_a_type_that_the_code_handles_no_more_is_let_go(crm: Crm) -> None:
    heard: list[str] = []

    def release(decorate: Any, error: type[Exception] | None) -> Any:
        async def hear(event: Event) -> None:
            heard.append(event.metadata.type.rpartition("_")[2])
            if error is not None:
                raise error

        return decorate(hear)

    async with handling(crm, release(on_contact_created, ValueError), handler_delays_s=(0.1,)):
        john = await crm.contacts.create_contact(named("John"))
        await delivered(crm, "hear", DeliveryState.WAITING)
    failed = list(heard)
    async with handling(crm, release(on_contact_updated, None)):
        await crm.contacts.update_contact(john.id, {"company": "Acme"}, john.revision)
        await delivered(crm, "hear", DeliveryState.DELIVERED, 2)
    assert heard == [*failed, "updated"]


async def test_an_old_release_beside_a_new_one_leaves_it_its_events(crm: Crm) -> None:
    heard: list[tuple[str, str]] = []
    go_on = asyncio.Event()

    def release(name: str, *decorators: Any) -> Any:
        async def hear(event: Event) -> None:
            heard.append((name, event.metadata.type.rpartition("_")[2]))
            await go_on.wait()

        for decorate in decorators:
            decorate(hear)
        return hear

    old = release("old", on_contact_created)
    new = release("new", on_contact_created, on_contact_updated)
    async with handling(crm, old):
        await crm.contacts.create_contact(named("John"))
        await until(lambda: len(heard) == 1)
        async with handling(crm, new):
            john = await crm.contacts.create_contact(named("Jack"))
            await crm.contacts.update_contact(john.id, {"company": "Acme"}, john.revision)
            go_on.set()
            await until(lambda: len(heard) == 3)
    assert heard == [("old", "created"), ("new", "created"), ("new", "updated")]


async def test_a_worker_without_the_function_does_not_take_its_events(
    crm: Crm, store: StoreUnderTest
) -> None:
    heard: list[str] = []

    @on_contact_created
    async def hear(event: Event) -> None:
        heard.append(event.metadata.entity_id)

    @on_contact_created
    async def other(_: Event) -> None: ...

    async with handling(crm, hear):
        pass
    async with handling(crm, other):
        await crm.contacts.create_contact(named("John"))
        await delivered(crm, "other", DeliveryState.DELIVERED)
        assert await deliveries(crm, "hear") == []
        assert heard == []
        leased = "SELECT count(*) FROM subscriptions WHERE leased_by IS NOT NULL AND target = ?"
        assert [store.value(leased, name) for name in ("hear", "other")] == [0, 1]
        async with handling(crm, hear):
            await until(lambda: len(heard) == 1)


async def test_two_workers_handle_no_event_twice(crm: Crm) -> None:
    heard: list[tuple[str, int]] = []

    @on_contact_created
    @on_contact_updated
    async def hear(event: HandledEvent[Contact]) -> None:
        await asyncio.sleep(0)
        heard.append((event.entity.id, event.entity.revision))

    async with handling(crm, hear), handling(crm, hear):
        made = await asyncio.gather(
            *(crm.contacts.create_contact(named(f"N{at}")) for at in range(100))
        )
        await asyncio.gather(
            *(crm.contacts.update_contact(one.id, {"company": "Acme"}, 1) for one in made)
        )
        await until(lambda: len(heard) >= 200)
    assert sorted(heard) == sorted((one.id, at) for one in made for at in (1, 2))
    assert all(heard.index((one.id, 1)) < heard.index((one.id, 2)) for one in made)


async def test_work_ends_after_the_events_at_hand(crm: Crm) -> None:
    begun, ended = asyncio.Event(), []

    @on_contact_created
    async def take_time(event: Event) -> None:
        begun.set()
        await asyncio.sleep(0.3)
        ended.append(event.metadata.entity_id)

    async with handling(crm, take_time):
        made = await crm.contacts.create_contact(named("John"))
        await begun.wait()
    assert ended == [made.id]
    (one,) = await deliveries(crm, "take_time")
    assert one.state == DeliveryState.DELIVERED


async def test_what_takes_too_long_at_the_end_waits_for_the_next_worker(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_dispatching, "GRACE_S", 0.1)
    begun, ended = asyncio.Event(), []
    is_slow = True

    @on_contact_created
    async def take_time(event: HandledEvent[Contact]) -> None:
        if event.entity.info.name.first == "slow":
            begun.set()
            await asyncio.sleep(1000 if is_slow else 0)
        ended.append(event.entity.info.name.first)

    async with handling(crm, take_time):
        await crm.contacts.create_contact(named("slow"))
        await begun.wait()
    (one,) = await deliveries(crm, "take_time")
    assert (one.state, one.attempts) == (DeliveryState.WAITING, 0)
    is_slow = False
    async with handling(crm, take_time):
        await until(lambda: ended == ["slow"])


async def test_a_worker_of_a_store_runs_handlers(crm: Crm) -> None:
    heard: list[str] = []

    @on_contact_created
    async def hear(event: Event) -> None:
        heard.append(event.metadata.entity_id)

    handlers = {"m.hear": Handler("m.hear", handled_types(hear), hear)}
    async with worked(crm, handlers=handlers, has_jobs=False):
        assert await crm.subscriptions.list_handlers() == []
    async with worked(crm, handlers=handlers):
        made = await crm.contacts.create_contact(named("John"))
        await until(lambda: heard == [made.id])
