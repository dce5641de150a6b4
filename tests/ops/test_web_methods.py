"""Web methods as Python calls them."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import anyio.from_thread
import pytest

from contactory import Cache, Permissions, contacts, elevate, invalidate_cache, web_method
from contactory.domain.contacts import Contact
from contactory.domain.errors import NoContext, PermissionDenied
from contactory.domain.identities import SITE_APP, SITE_APP_ID, Identity
from contactory.ops.crm import Crm
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

CALLERS = {
    "visitor": Identity.visitor(),
    "member": Identity.member("m-1"),
    "user": Identity.user(()),
    "key": Identity.api_key("k", ()),
    "app": Identity.app("a", ()),
    "site": SITE_APP,
}


@web_method(Permissions.SITE_MEMBER)
async def for_members() -> str:
    return "hello"


@web_method(Permissions.ANYONE)
async def create(info: Any, options: Any = None) -> Contact:
    return await elevate(contacts.create_contact)(info, options)


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        (Permissions.ANYONE, {"visitor", "member", "user", "key", "app", "site"}),
        (Permissions.SITE_MEMBER, {"member", "user", "key", "app", "site"}),
        (Permissions.ADMIN, {"user", "key", "site"}),
    ],
)
async def test_a_permission_names_who_may_call(
    crm: Crm, permission: Permissions, allowed: set[str]
) -> None:
    @web_method(permission)
    async def answer() -> int:
        return 1

    passed, refused = set(), list[dict[str, Any]]()
    for name, identity in CALLERS.items():
        async with crm.acting_as(identity):
            try:
                passed.add((name, await answer()))
            except PermissionDenied as error:
                refused.append(error.data)
    assert passed == {(name, 1) for name in allowed}
    assert refused == [{"permission": permission.value}] * (len(CALLERS) - len(allowed))


async def test_a_call_where_nobody_acts_is_refused() -> None:
    with pytest.raises(NoContext):
        await for_members()


async def test_inside_the_caller_acts_until_code_elevates(crm: Crm) -> None:
    @web_method(Permissions.ANYONE)
    async def create_as_caller(info: Any) -> Contact:
        return await contacts.create_contact(info)

    async with crm.acting_as(Identity.visitor()):
        with pytest.raises(PermissionDenied):
            await create_as_caller({"name": {"first": "Ada"}})
        made = await create({"name": {"first": "Ada"}})
    assert made.source is not None
    assert (made.source.source_type, made.source.app_id) == ("WIX_CODE", SITE_APP_ID)


async def test_a_plain_function_runs_on_a_thread_for_the_same_caller(crm: Crm) -> None:
    @web_method(Permissions.ANYONE)
    def create_plainly(first: str) -> tuple[str, int]:
        made = anyio.from_thread.run(elevate(contacts.create_contact), {"name": {"first": first}})
        return made.id, threading.get_ident()

    async with crm.acting_as(Identity.visitor()):
        made, thread = await create_plainly("Ada")
    assert thread != threading.get_ident()
    assert (await crm.contacts.get_contact(made)).info.name.first == "Ada"


async def test_a_plain_function_that_gives_a_coroutine_is_awaited(crm: Crm) -> None:
    make = web_method(Permissions.ANYONE)(lambda: elevate(contacts.create_contact)(NAMED))
    async with crm.acting_as(Identity.visitor()):
        made: Any = await make()
    assert made.info.name.first == "Ada"


NAMED: dict[str, Any] = {"name": {"first": "Ada"}}


class Counting:
    """A cached web method that tells how often it ran."""

    def __init__(self, cache: Cache, permission: Permissions = Permissions.ANYONE) -> None:
        self.runs = 0

        @web_method(permission, cache=cache)
        async def count(key: Any = None, *, scale: int = 1) -> dict[str, Any]:
            self.runs += 1
            await asyncio.sleep(0)
            return {"key": key, "runs": self.runs * scale}

        self.call = count


async def test_a_result_with_tags_is_kept_for_the_same_arguments(crm: Crm) -> None:
    counting = Counting(Cache(("prices",)))
    async with crm.acting_as(Identity.visitor()):
        first = await counting.call({"b": 1, "a": 2})
        assert await counting.call(key={"a": 2, "b": 1}, scale=1) == first
        assert await counting.call({"a": 2}) != first
        assert await counting.call({"a": 2}, scale=3) != await counting.call({"a": 2})
    assert counting.runs == 3


async def test_a_result_is_kept_for_all_callers_but_not_for_those_who_may_not_call(
    crm: Crm,
) -> None:
    counting = Counting(Cache(("prices",)), Permissions.SITE_MEMBER)
    async with crm.acting_as(Identity.member("m-1")):
        first = await counting.call()
    async with crm.acting_as(Identity.member("m-2")):
        assert await counting.call() == first
    async with crm.acting_as(Identity.visitor()):
        with pytest.raises(PermissionDenied):
            await counting.call()


async def test_a_result_is_kept_for_one_site_alone(crm: Crm, elsewhere: Crm) -> None:
    counting = Counting(Cache(("prices",)))
    for place, runs in ((crm, 1), (elsewhere, 2), (crm, 1)):
        async with place.acting_as(Identity.visitor()):
            assert (await counting.call())["runs"] == runs


async def test_without_tags_nothing_is_kept(crm: Crm) -> None:
    counting = Counting(Cache())
    async with crm.acting_as(Identity.visitor()):
        await counting.call()
        await counting.call()
    assert counting.runs == 2


async def test_what_a_caller_does_to_a_kept_result_harms_nobody(crm: Crm) -> None:
    counting = Counting(Cache(("prices",)))
    async with crm.acting_as(Identity.visitor()):
        (await counting.call())["runs"] = "spoilt"
        (await counting.call())["runs"] = "spoilt"
        assert await counting.call() == {"key": None, "runs": 1}


async def test_any_of_its_tags_ends_a_result_at_that_site(crm: Crm, elsewhere: Crm) -> None:
    counting = Counting(Cache(("prices", "stock")))
    async with elsewhere.acting_as(Identity.visitor()):
        await invalidate_cache("prices")
    async with crm.acting_as(Identity.visitor()):
        await counting.call()
        async with elsewhere.acting_as(Identity.visitor()):
            await invalidate_cache("stock")
        await invalidate_cache("people")
        assert (await counting.call())["runs"] == 1
        await invalidate_cache("stock", "people")
        assert (await counting.call())["runs"] == 2


async def test_what_was_begun_before_an_invalidation_does_not_count_after_it(crm: Crm) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    @web_method(Permissions.ANYONE, cache=Cache(("prices",)))
    async def slow() -> str:
        if started.is_set():
            return "new"
        started.set()
        await go_on.wait()
        return "old"

    async with crm.acting_as(Identity.visitor()):
        early = asyncio.create_task(slow())
        await started.wait()
        await invalidate_cache("prices")
        go_on.set()
        assert await early == "old"
        assert await slow() == "new"


async def test_a_failure_is_not_kept(crm: Crm) -> None:
    runs = []

    @web_method(Permissions.ANYONE, cache=Cache(("prices",)))
    async def fail_once() -> int:
        runs.append(1)
        if len(runs) == 1:
            raise RuntimeError("not yet")
        return len(runs)

    async with crm.acting_as(Identity.visitor()):
        with pytest.raises(RuntimeError, match="not yet"):
            await fail_once()
        assert await fail_once() == 2


async def test_python_callers_of_a_cached_method_get_what_pages_get(crm: Crm) -> None:
    @web_method(Permissions.ANYONE, cache=Cache(("people",)))
    async def cached_create(info: Any) -> Contact:
        return await elevate(contacts.create_contact)(info)

    async with crm.acting_as(Identity.visitor()):
        first = await cached_create(NAMED)
        assert first["_id"] == (await cached_create(NAMED))["_id"]


async def test_another_process_s_invalidation_counts_here(crm: Crm, store: StoreUnderTest) -> None:
    counting = Counting(Cache(("prices",)))
    async with await Crm.open(store.url) as other:
        async with crm.acting_as(Identity.visitor()):
            await counting.call()
        async with other.acting_as(Identity.visitor()):
            await invalidate_cache("prices")
        async with crm.acting_as(Identity.visitor()):
            assert (await counting.call())["runs"] == 2
