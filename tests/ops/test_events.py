"""The feed of events: every event once, in the order of commits, from any cursor on."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from contactory.domain.contacts import Contact
from contactory.domain.errors import FailedPrecondition, InvalidArgument, PermissionDenied
from contactory.domain.event_feed import EventPage, FeedEvent
from contactory.domain.event_types import EVENT_TYPES
from contactory.domain.field_definitions import ExtendedField
from contactory.domain.identities import Identity
from contactory.domain.labels import Label
from contactory.kit.clock import Timestamp
from contactory.ops.crm import Crm
from contactory.ops.event_reading import MOST_LOOKED
from contactory.store.outbox import events_after, forget_events
from contactory.wire.events import domain_event
from tests.ops.surroundings import fields_named, mail
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

CREATED = "wix.contacts.v4.contact_created"
UPDATED = "wix.contacts.v4.contact_updated"
DELETED = "wix.contacts.v4.contact_deleted"
MERGED = "wix.contacts.v4.contact_merged"
LABEL_CREATED = "wix.contacts.v4.label_created"


async def create(crm: Crm, *names: str) -> list[Contact]:
    return [await crm.contacts.create_contact(mail(f"{name}@example.com")) for name in names]


def ids(page: EventPage) -> list[str]:
    return [event.entity_id for event in page.events]


async def forget(crm: Crm, position: int) -> int:
    now = Timestamp.from_ms(Timestamp.current().ms + 1000)
    site = crm.context.site
    return await crm.store.write(
        lambda tx: forget_events(tx, site, before=now, position=position, most=1000)
    )


async def test_events_come_in_order_page_by_page(crm: Crm) -> None:
    made = [contact.id for contact in await create(crm, "a", "b", "c")]
    first = await crm.events.list_events(limit=2)
    assert (ids(first), first.has_more) == (made[:2], True)
    second = await crm.events.list_events(first.cursor)
    assert (ids(second), second.has_more) == (made[2:], False)
    third = await crm.events.list_events(second.cursor)
    assert (ids(third), third.has_more, third.cursor) == ([], False, second.cursor)
    assert ids(await crm.events.list_events(first.events[0].cursor)) == made[1:]
    assert ids(await crm.events.list_events("earliest")) == made


async def test_an_exact_page_has_no_more(crm: Crm) -> None:
    await create(crm, "a", "b")
    assert not (await crm.events.list_events(limit=2)).has_more


async def test_latest_begins_after_what_is_there(crm: Crm) -> None:
    empty = await crm.events.list_events("latest")
    await create(crm, "a")
    now = await crm.events.list_events("latest")
    (later,) = await create(crm, "b")
    assert (ids(empty), ids(now)) == ([], [])
    assert len(ids(await crm.events.list_events(empty.cursor))) == 2
    assert ids(await crm.events.list_events(now.cursor)) == [later.id]


async def test_events_show_what_happened(crm: Crm) -> None:
    (contact,) = await create(crm, "a")
    changed = await crm.contacts.update_contact(contact.id, {"company": "Looms"}, 1)
    label = (await crm.labels.find_or_create_label("Vip")).label
    field = (await crm.extended_fields.find_or_create_extended_field("Age", "NUMBER")).field
    await crm.contacts.delete_contact(contact.id)
    created, updated, labelled, defined, deleted = (await crm.events.list_events()).events

    assert (created.type, updated.type, deleted.type) == (CREATED, UPDATED, DELETED)
    assert [created.sequence, updated.sequence, deleted.sequence] == [1, 3, 5]
    assert created.identity == {"identityType": "WIX_USER"}
    assert (created.entity, updated.entity, deleted.entity) == (contact, changed, None)
    assert updated.modified_fields["info.company"] is None
    assert (created.modified_fields, deleted.modified_fields) == ({}, {})
    assert isinstance(labelled.entity, Label)
    assert isinstance(defined.entity, ExtendedField)
    assert (labelled.entity, defined.entity) == (label, field)
    assert (labelled.entity_id, labelled.type) == ("custom.vip", LABEL_CREATED)
    assert created.time == contact.created_date
    assert created.to_dict()["createdEvent"]["entity"]["_id"] == contact.id


async def test_a_merge_tells_of_its_target(crm: Crm) -> None:
    target, source = await create(crm, "a", "b")
    await crm.contacts.merge_contacts(target.id, 1, {"sourceContactIds": [source.id]})
    told = {event.type: event for event in (await crm.events.list_events("e2")).events}
    assert told.keys() == {UPDATED, DELETED, MERGED}
    merged = told[MERGED].entity
    assert isinstance(merged, Contact)
    assert (merged.id, merged.revision) == (target.id, 2)
    assert (told[DELETED].originated_from, told[MERGED].originated_from) == ("merge", None)


async def test_events_have_the_envelope_of_webhooks(crm: Crm) -> None:
    target, source = await create(crm, "a", "b")
    await crm.contacts.merge_contacts(target.id, 1, {"sourceContactIds": [source.id]})
    await crm.labels.find_or_create_label("Vip")
    await crm.labels.delete_label("custom.vip")
    site = crm.context.site
    page = await crm.events.list_events()
    stored = await crm.store.read(lambda tx: events_after(tx, site, 0, 100))
    for event, placed in zip(page.events, stored, strict=True):
        shown = event.to_rest()
        beside = {name: shown.pop(name) for name in ("eventType", "identity", "cursor")}
        assert shown == json.loads(domain_event(placed.event))
        assert beside["identity"] == json.loads(placed.event.identity)


async def test_only_events_of_the_types_asked_for(crm: Crm) -> None:
    a, _ = await create(crm, "a", "b")
    await crm.labels.find_or_create_label("Vip")
    await crm.contacts.delete_contact(a.id)
    page = await crm.events.list_events(event_types=[DELETED, LABEL_CREATED])
    assert [event.type for event in page.events] == [LABEL_CREATED, DELETED]
    assert page.cursor == "e4"
    assert [event.type for event in (await crm.events.list_events(event_types=DELETED)).events] == [
        DELETED
    ]
    some = await crm.events.list_events(event_types=[CREATED], limit=1)
    assert (some.cursor, some.has_more) == ("e1", True)


async def test_a_rare_type_is_looked_for_in_steps(crm: Crm, store: StoreUnderTest) -> None:
    (contact,) = await create(crm, "a")
    copies = (
        "INSERT INTO outbox (site_id, id, entity_fqdn, slug, entity_id, entity_sequence, "
        "created_at, identity, body, position) SELECT site_id, {id}, entity_fqdn, slug, entity_id, "
        "entity_sequence + n, created_at, identity, body, 1 + n FROM outbox, ({series}) s "
        "WHERE position = 1"
    )
    await crm.events.list_events()
    last = MOST_LOOKED + 10
    if store.kind == "sqlite":
        series = (
            "WITH RECURSIVE s(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM s "
            f"WHERE n < {last}) SELECT n FROM s"
        )
        store.change(copies.format(id="randomblob(16)", series=series))
    else:
        series = f"SELECT n FROM generate_series(1, {last}) n"
        store.change(copies.format(id="gen_random_uuid()", series=series))
    await crm.contacts.delete_contact(contact.id)
    page = await crm.events.list_events(event_types=[DELETED])
    assert (ids(page), page.has_more, page.cursor) == ([], True, f"e{MOST_LOOKED}")
    page = await crm.events.list_events(page.cursor, event_types=[DELETED])
    assert (ids(page), page.has_more) == ([contact.id], False)


@pytest.mark.parametrize("after", ["x", "e", "e-1", "e01", "E1", "e1.5", 5, ["e1", "e2"], "é1"])
async def test_what_is_no_cursor_is_refused(crm: Crm, after: Any) -> None:
    with pytest.raises(InvalidArgument, match="must be a cursor of this feed") as refused:
        await crm.events.list_events(after)
    assert fields_named(refused.value) == ["after"]


async def test_all_problems_are_told_at_once_with_the_known_types(crm: Crm) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.events.list_events("x", 1001, ["contact_created", CREATED])
    assert fields_named(refused.value) == ["after", "limit", "types"]
    told = str(refused.value)
    assert "contact_created for one of" in told
    assert all(kind in told for kind in EVENT_TYPES)
    with pytest.raises(InvalidArgument, match="greater than or equal to 1"):
        await crm.events.list_events(limit=0)


async def test_a_cursor_ahead_of_the_feed_is_refused(crm: Crm) -> None:
    with pytest.raises(
        FailedPrecondition, match="e1 is ahead of this feed: the newest event is e0"
    ):
        await crm.events.list_events("e1")
    await create(crm, "a")
    assert ids(await crm.events.list_events("e1")) == []
    with pytest.raises(FailedPrecondition, match="e2 is ahead of this feed"):
        await crm.events.list_events("e2")


async def test_a_cursor_whose_next_events_are_gone_is_refused(crm: Crm) -> None:
    made = await create(crm, "a", "b", "c", "d")
    await crm.events.list_events()
    assert await forget(crm, 3) == 2
    with pytest.raises(FailedPrecondition, match=r"forgotten .* begin at earliest"):
        await crm.events.list_events("e1")
    left = [contact.id for contact in made[2:]]
    assert ids(await crm.events.list_events("e2")) == left
    assert ids(await crm.events.list_events()) == left


async def test_earliest_passes_by_what_is_kept_for_other_reasons(crm: Crm) -> None:
    await crm.labels.find_or_create_label("Vip")
    made = await create(crm, "a", "b")
    await crm.events.list_events()
    assert await forget(crm, 3) == 1
    page = await crm.events.list_events(limit=1)
    assert ids(page) == [made[1].id]
    assert ids(await crm.events.list_events(page.cursor)) == []


async def test_sites_do_not_see_each_others_events(crm: Crm, elsewhere: Crm) -> None:
    here, there = await create(crm, "a"), await create(elsewhere, "b")
    assert ids(await crm.events.list_events()) == [here[0].id]
    assert ids(await elsewhere.events.list_events()) == [there[0].id]


async def test_a_follower_gets_old_events_and_then_new_ones(crm: Crm) -> None:
    _, b = await create(crm, "a", "b")
    async with aclosing(crm.events.follow("e1")) as events:
        assert (await anext(events)).entity_id == b.id
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        (c,) = await create(crm, "c")
        assert (await waiting).entity_id == c.id


async def test_a_follower_hears_of_other_connections(crm: Crm, store: StoreUnderTest) -> None:
    async with await Crm.open(store.url) as other, aclosing(crm.events.follow("e0")) as events:
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.05)
        (made,) = await create(other, "a")
        assert (await asyncio.wait_for(waiting, 20)).entity_id == made.id


async def test_a_follower_begins_with_what_happens_next(crm: Crm) -> None:
    await create(crm, "a")
    async with aclosing(crm.events.follow()) as events:
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.2)
        (b,) = await create(crm, "b")
        assert (await asyncio.wait_for(waiting, 20)).entity_id == b.id


async def test_a_follower_of_some_types_passes_others_by(crm: Crm) -> None:
    a, b = await create(crm, "a", "b")
    await crm.contacts.delete_contact(b.id)
    found: list[FeedEvent] = []
    async with aclosing(crm.events.follow("earliest", event_types=[DELETED])) as events:
        found.append(await anext(events))
        await crm.contacts.delete_contact(a.id)
        found.append(await asyncio.wait_for(anext(events), 20))
    assert [event.entity_id for event in found] == [b.id, a.id]


async def test_who_may_not_view_events_may_neither_list_nor_follow(crm: Crm) -> None:
    async with crm.acting_as(Identity.user(["CONTACTS.VIEW"])) as reader:
        with pytest.raises(PermissionDenied) as refused:
            await reader.events.list_events()
        with pytest.raises(PermissionDenied):
            reader.events.follow()
    assert refused.value.data == {"permission": "EVENTS.VIEW"}
    async with crm.acting_as(Identity.user(["EVENTS.VIEW"])) as viewer:
        assert ids(await viewer.events.list_events()) == []


async def test_a_follower_is_refused_what_a_list_is(crm: Crm) -> None:
    with pytest.raises(InvalidArgument):
        crm.events.follow("x", event_types=["y"])
    with pytest.raises(FailedPrecondition, match="ahead of this feed"):
        await anext(crm.events.follow("e7"))
