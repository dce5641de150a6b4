"""Signing in and out: who a session is, how long, and how slow guessing gets."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from contactory.domain.credentials import SecretKind
from contactory.domain.errors import (
    InvalidArgument,
    PermissionDenied,
    RateLimited,
    Unauthenticated,
)
from contactory.domain.identities import Identity, IdentityType
from contactory.kit.clock import Timestamp
from contactory.kit.ids import digest, new_secret
from contactory.ops.authentication import authenticate, session_caller
from contactory.ops.crm import Crm
from contactory.ops.passwords import hash_password
from contactory.store.sign_in_failures import count_attempt, forget_failures
from contactory.store.tokens import Subject
from tests.ops.surroundings import (
    PASSWORD,
    code_of,
    counted,
    fields_named,
    is_kept_in_clear,
    past_secret,
)
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


async def _fail(crm: Crm, times: int, name: str = "Ada", address: str = "10.0.0.1") -> None:
    for _ in range(times):
        with pytest.raises(Unauthenticated):
            await crm.sessions.sign_in(name, "not the password", address)


async def _count(crm: Crm, name: str, address: str, now: Timestamp) -> int:
    """How long an attempt at that moment would have to wait, in seconds; 0 where it is heard."""
    site = crm.context.site
    try:
        await crm.store.write(lambda tx: count_attempt(tx, site, name, address, now))
    except RateLimited as slowed:
        return slowed.retry_after_s
    return 0


async def test_a_session_is_the_user_with_present_permissions(crm: Crm) -> None:
    user = await crm.users.create_user("Ada", permissions=["Manage Contacts"], password=PASSWORD)
    session = await crm.sessions.sign_in("  ADA", PASSWORD, "10.0.0.1")
    found = await session_caller(crm.store, session.session)
    assert found is not None
    caller, csrf_digest = found
    assert (caller.site_id, caller.credential) == (crm.context.site_id, "session")
    assert caller.identity == Identity.user(
        ["CONTACTS.VIEW", "CONTACTS.MODIFY", "CONTACTS.MERGE"], user.user_id
    )
    assert csrf_digest == digest(session.csrf_token)
    assert session.expires_date > Timestamp.current() + timedelta(hours=11)


async def test_session_and_csrf_token_are_kept_as_digests_only(
    crm: Crm, store: StoreUnderTest
) -> None:
    await crm.users.create_user("Ada", password=PASSWORD)
    session = await crm.sessions.sign_in("Ada", PASSWORD, "10.0.0.1")
    assert session.csrf_token not in session.session
    assert not is_kept_in_clear(store, session.session)
    assert not is_kept_in_clear(store, session.csrf_token)


async def test_a_session_is_no_credential_of_the_api(crm: Crm) -> None:
    await crm.users.create_user("Ada", password=PASSWORD)
    session = (await crm.sessions.sign_in("Ada", PASSWORD, "10.0.0.1")).session
    with pytest.raises(Unauthenticated):
        await authenticate(crm.store, session)


async def test_an_expired_unknown_or_malformed_session_is_nobody(crm: Crm) -> None:
    user = await crm.users.create_user("Ada")
    subject = Subject(type=IdentityType.USER, user_id=user.user_id)
    expired = await past_secret(crm, SecretKind.SESSION, subject, csrf_digest=b"c" * 32)
    unknown = new_secret(SecretKind.SESSION, crm.context.site_id)
    key = (await crm.keys.create_key()).key
    for secret in (expired, unknown, key, "", "\0", "\ud800", "x" * 10_000):
        assert await session_caller(crm.store, secret) is None


async def test_wrong_name_wrong_password_and_no_password_are_refused_alike(
    crm: Crm, elsewhere: Crm, store: StoreUnderTest
) -> None:
    await crm.users.create_user("Ada", password=PASSWORD)
    await crm.users.create_user("linked")
    await elsewhere.users.create_user("theirs", password=PASSWORD)
    messages = set()
    for name, password in (
        ("Ada", PASSWORD + "x"),
        ("Ada", ""),
        ("Ada", "\ud800" * 12),
        ("nobody", PASSWORD),
        ("linked", PASSWORD),
        ("linked", "nobody has this password"),
        ("theirs", PASSWORD),
        ("", PASSWORD),
        ("\ud800", PASSWORD),
        ("\0", PASSWORD),
        ("x" * 10_000, PASSWORD),
    ):
        with pytest.raises(Unauthenticated) as refused:
            await crm.sessions.sign_in(name, password, "10.0.0.1")
        messages.add(str(refused.value))
    assert len(messages) == 1
    assert counted(store, "tokens") == 0


@pytest.mark.parametrize("arguments", [(1, PASSWORD, "a"), ("Ada", None, "a"), ("Ada", "p", [])])
async def test_what_is_no_text_is_named(crm: Crm, arguments: tuple[Any, Any, Any]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.sessions.sign_in(*arguments)
    wrong = [isinstance(value, str) for value in arguments].index(False)
    assert fields_named(refused.value) == [("name", "password", "address")[wrong]]


async def test_after_five_failures_even_the_right_password_waits(crm: Crm) -> None:
    await crm.users.create_user("Ada", password=PASSWORD)
    await _fail(crm, 4)
    await _fail(crm, 1, name=" aDA ")
    with pytest.raises(RateLimited) as slowed:
        await crm.sessions.sign_in("Ada", PASSWORD, "10.0.0.1")
    assert 1 <= slowed.value.retry_after_s <= 15
    assert (await crm.sessions.sign_in("Ada", PASSWORD, "10.0.0.2")).session


async def test_the_count_holds_for_other_processes_on_the_same_file(
    crm: Crm, store: StoreUnderTest
) -> None:
    await crm.users.create_user("Ada", password=PASSWORD)
    await _fail(crm, 5)
    async with await Crm.open(store.url) as other:
        with pytest.raises(RateLimited):
            await other.sessions.sign_in("Ada", PASSWORD, "10.0.0.1")


async def test_success_clears_the_count(crm: Crm, store: StoreUnderTest) -> None:
    await crm.users.create_user("Ada", password=PASSWORD)
    for _ in range(2):
        await _fail(crm, 4)
        await crm.sessions.sign_in("Ada", PASSWORD, "10.0.0.1")
    assert counted(store, "sign_in_failures") == 0


async def test_many_guesses_at_once_do_not_outrun_the_count(crm: Crm) -> None:
    await crm.users.create_user("Ada", password=PASSWORD)
    guesses = [crm.sessions.sign_in("Ada", f"guess {n}", "10.0.0.1") for n in range(20)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    codes = [code_of(outcome) for outcome in outcomes]
    assert (codes.count("UNAUTHENTICATED"), codes.count("RESOURCE_EXHAUSTED")) == (5, 15)


async def test_the_wait_doubles_up_to_fifteen_minutes(crm: Crm) -> None:
    now, waits = Timestamp.current(), []
    for _ in range(5):
        assert await _count(crm, "Ada", "a", now) == 0
    for _ in range(8):
        waits.append(await _count(crm, "Ada", "a", now))
        now += timedelta(seconds=waits[-1])
        assert await _count(crm, "Ada", "a", now - timedelta(milliseconds=1)) == 1
        assert await _count(crm, "Ada", "a", now) == 0
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900]


async def test_a_name_guessed_from_everywhere_is_slowed_after_fifty(crm: Crm) -> None:
    now = Timestamp.current()
    for number in range(50):
        assert await _count(crm, "Ada", f"address {number}", now) == 0
    assert await _count(crm, "ada", "a fresh address", now) == 15
    assert await _count(crm, "Bob", "a fresh address", now) == 0


async def test_failures_are_forgotten_after_a_day(crm: Crm, store: StoreUnderTest) -> None:
    now = Timestamp.current()
    for _ in range(5):
        await _count(crm, "Ada", "a", now)
    later = now + timedelta(hours=24)
    for _ in range(5):
        assert await _count(crm, "Ada", "a", later) == 0
    assert await _count(crm, "Ada", "a", later) == 15
    site, much_later = crm.context.site, later + timedelta(hours=24)
    assert await crm.store.write(lambda tx: forget_failures(tx, site, later, 10)) == 0
    assert await crm.store.write(lambda tx: forget_failures(tx, site, much_later, 10)) == 2
    assert counted(store, "sign_in_failures") == 0


async def test_failures_at_one_site_slow_nobody_at_another(crm: Crm, elsewhere: Crm) -> None:
    for site in (crm, elsewhere):
        await site.users.create_user("Ada", password=PASSWORD)
    await _fail(crm, 5)
    assert (await elsewhere.sessions.sign_in("Ada", PASSWORD, "10.0.0.1")).session


async def test_what_was_typed_as_a_name_is_not_kept(crm: Crm, store: StoreUnderTest) -> None:
    await _fail(crm, 1, name="a password in the wrong field", address="10.9.8.7")
    assert counted(store, "sign_in_failures") == 2
    assert not is_kept_in_clear(store, "a password in the wrong field")
    assert not is_kept_in_clear(store, "10.9.8.7")


async def test_a_user_deleted_while_the_password_is_checked_gets_no_session(crm: Crm) -> None:
    user = await crm.users.create_user("Ada", password=PASSWORD)
    # The threads that check passwords are busy for a while.
    busy = [asyncio.create_task(hash_password(PASSWORD)) for _ in range(20)]
    await asyncio.sleep(0)
    signing_in = asyncio.create_task(crm.sessions.sign_in("Ada", PASSWORD, "1"))
    await asyncio.sleep(0)
    await crm.clients.create_client("committed after the attempt was counted")
    await crm.users.delete_user(user.user_id)
    assert not signing_in.done()
    with pytest.raises(Unauthenticated):
        await signing_in
    await asyncio.gather(*busy)


async def test_signing_out_ends_that_session_only_and_twice_is_fine(crm: Crm) -> None:
    await crm.users.create_user("Ada", password=PASSWORD)
    first = (await crm.sessions.sign_in("Ada", PASSWORD, "1")).session
    second = (await crm.sessions.sign_in("Ada", PASSWORD, "1")).session
    for secret in (first, first, "nonsense", "\ud800"):
        await crm.sessions.sign_out(secret)
    assert await session_caller(crm.store, first) is None
    assert await session_caller(crm.store, second) is not None


async def test_signing_out_takes_sessions_only(crm: Crm) -> None:
    client = await crm.clients.create_client("web")
    token = (await crm.tokens.anonymous(client.client_id)).access_token
    await crm.sessions.sign_out(token)
    assert (await authenticate(crm.store, token)).identity.type is IdentityType.VISITOR


async def test_users_sign_themselves_out_everywhere_and_others_need_permission(crm: Crm) -> None:
    ada = await crm.users.create_user("Ada", password=PASSWORD)
    bob = await crm.users.create_user("Bob", password=PASSWORD)
    mine = [(await crm.sessions.sign_in("Ada", PASSWORD, "1")).session for _ in range(2)]
    other = (await crm.sessions.sign_in("Bob", PASSWORD, "1")).session
    async with crm.acting_as(Identity.user([], bob.user_id)):
        with pytest.raises(PermissionDenied):
            await crm.sessions.sign_out_everywhere(ada.user_id)
    async with crm.acting_as(Identity.member(ada.user_id)):
        with pytest.raises(PermissionDenied):
            await crm.sessions.sign_out_everywhere(ada.user_id)
    assert await session_caller(crm.store, mine[0]) is not None
    async with crm.acting_as(Identity.user([], ada.user_id)):
        assert await crm.sessions.sign_out_everywhere(ada.user_id) == 2
    assert [await session_caller(crm.store, secret) for secret in mine] == [None, None]
    assert await session_caller(crm.store, other) is not None
    assert await crm.sessions.sign_out_everywhere(bob.user_id) == 1
