"""The grants of the token endpoints, what is known of a token, and how all of it expires."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from contactory.domain.access import NewMemberKey
from contactory.domain.credentials import SecretKind
from contactory.domain.errors import InvalidArgument, PermissionDenied, Unauthenticated
from contactory.domain.identities import Identity, IdentityType
from contactory.domain.permissions import Permission
from contactory.domain.vouchers import Origin, Voucher
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id, new_secret
from contactory.ops.authentication import authenticate
from contactory.ops.crm import Crm
from contactory.ops.tokens import TokenAnswer, forget_expired
from contactory.store.idempotency_keys import IdempotentCall, claim_key
from contactory.store.member_keys import use_voucher
from contactory.store.sign_in_failures import count_attempt
from contactory.store.tokens import Subject, Token, insert_token
from tests.ops.surroundings import (
    code_of,
    counted,
    fields_named,
    is_kept_in_clear,
    past_secret,
    voucher,
)
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

REDIRECT = "https://shop.example/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]


async def _visitor(crm: Crm) -> tuple[str, TokenAnswer]:
    client = await crm.clients.create_client("web")
    return client.client_id, await crm.tokens.anonymous(client.client_id)


def _refresh_token(answer: TokenAnswer) -> str:
    assert answer.refresh_token is not None
    return answer.refresh_token


async def _identity(crm: Crm, answer: TokenAnswer) -> Identity:
    caller = await authenticate(crm.store, answer.access_token)
    assert (caller.site_id, caller.credential) == (crm.context.site_id, "access_token")
    return caller.identity


async def test_each_anonymous_call_makes_a_new_visitor(crm: Crm, store: StoreUnderTest) -> None:
    client_id, first = await _visitor(crm)
    second = await crm.tokens.anonymous(client_id.upper())
    one, two = await _identity(crm, first), await _identity(crm, second)
    assert one.type is two.type is IdentityType.VISITOR
    assert one.id != two.id
    assert one.permissions == {Permission.CONTACTS_SUBMIT}
    assert first.expires_in == 14_400
    for secret in (first.access_token, _refresh_token(first)):
        assert not is_kept_in_clear(store, secret)


async def test_a_client_of_any_site_gives_tokens_of_its_site(crm: Crm, elsewhere: Crm) -> None:
    client = await elsewhere.clients.create_client("web")
    answer = await crm.tokens.anonymous(client.client_id)
    caller = await authenticate(crm.store, answer.access_token)
    assert caller.site_id == elsewhere.context.site_id
    with pytest.raises(PermissionDenied):
        await authenticate(crm.store, answer.access_token, site_id=crm.context.site_id)


@pytest.mark.parametrize(
    "client_id", ["", "x", None, 5, "\ud800", "01900000-0000-7000-8000-000000000000"]
)
async def test_an_unknown_client_gets_nothing(
    crm: Crm, store: StoreUnderTest, client_id: Any
) -> None:
    with pytest.raises(Unauthenticated):
        await crm.tokens.anonymous(client_id)
    assert counted(store, "tokens") == 0


async def test_refreshing_keeps_the_visitor_and_the_refresh_token(crm: Crm) -> None:
    client_id, first = await _visitor(crm)
    for _ in range(2):
        again = await crm.tokens.refresh(client_id, _refresh_token(first))
        assert again.access_token != first.access_token
        assert again.refresh_token == first.refresh_token
        assert await _identity(crm, again) == await _identity(crm, first)


async def test_refreshing_needs_the_same_client_and_a_refresh_token(crm: Crm) -> None:
    client_id, first = await _visitor(crm)
    other, _ = await _visitor(crm)
    for client, secret in (
        (other, _refresh_token(first)),
        (client_id, first.access_token),
        (client_id, new_secret(SecretKind.REFRESH, crm.context.site_id)),
        (client_id, ""),
        ("", _refresh_token(first)),
    ):
        with pytest.raises(Unauthenticated):
            await crm.tokens.refresh(client, secret)


async def test_a_refresh_token_is_no_credential_of_the_api(crm: Crm) -> None:
    _, answer = await _visitor(crm)
    with pytest.raises(Unauthenticated):
        await authenticate(crm.store, _refresh_token(answer))


async def test_expired_tokens_are_refused(crm: Crm) -> None:
    client_id, _ = await _visitor(crm)
    subject = Subject(type=IdentityType.VISITOR, visitor_or_member_id=new_id(), client_id=client_id)
    access = await past_secret(crm, SecretKind.ACCESS, subject)
    refresh = await past_secret(crm, SecretKind.REFRESH, subject)
    with pytest.raises(Unauthenticated):
        await authenticate(crm.store, access)
    with pytest.raises(Unauthenticated):
        await crm.tokens.refresh(client_id, refresh)
    assert (await crm.tokens.token_info(access)).active is False


def _code(key: NewMemberKey, client_id: str, **claims: Any) -> str:
    bound = {"client_id": client_id, "redirect_uri": REDIRECT, "code_challenge": CHALLENGE}
    return voucher(key.private_key, key.id, key.site_id, **(bound | claims))


async def test_a_voucher_as_code_gives_a_members_tokens_once(crm: Crm) -> None:
    client_id, _ = await _visitor(crm)
    key = await crm.members.create_member_key()
    code = _code(key, client_id)
    answer = await crm.tokens.authorization_code(client_id, REDIRECT, code, VERIFIER)
    assert await _identity(crm, answer) == Identity.member("m-1")
    again = await crm.tokens.refresh(client_id, _refresh_token(answer))
    assert await _identity(crm, again) == Identity.member("m-1")
    with pytest.raises(Unauthenticated):
        await crm.tokens.authorization_code(client_id, REDIRECT, code, VERIFIER)


async def test_a_code_raced_for_is_won_once(crm: Crm) -> None:
    client_id, _ = await _visitor(crm)
    key = await crm.members.create_member_key()
    code = _code(key, client_id)
    calls = [crm.tokens.authorization_code(client_id, REDIRECT, code, VERIFIER) for _ in range(8)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    codes = [code_of(outcome) for outcome in outcomes]
    assert (codes.count("TokenAnswer"), codes.count("UNAUTHENTICATED")) == (1, 7)


async def test_a_code_needs_its_client_its_uri_and_the_verifier_and_survives_wrong_ones(
    crm: Crm, elsewhere: Crm
) -> None:
    client_id, _ = await _visitor(crm)
    other, _ = await _visitor(crm)
    key = await crm.members.create_member_key()
    code = _code(key, client_id)
    foreign = (await elsewhere.clients.create_client("web")).client_id
    for client, uri, sent, verifier in (
        (other, REDIRECT, code, VERIFIER),
        (client_id, REDIRECT + "/", code, VERIFIER),
        (client_id, REDIRECT, code, VERIFIER[:-1] + "w"),
        (client_id, REDIRECT, code, CHALLENGE),
        (client_id, REDIRECT, code, "\ud800"),
        (client_id, REDIRECT, voucher(key.private_key, key.id, key.site_id), VERIFIER),
        (foreign, REDIRECT, _code(key, foreign), VERIFIER),
        (client_id, REDIRECT, "", VERIFIER),
    ):
        with pytest.raises(Unauthenticated):
            await crm.tokens.authorization_code(client, uri, sent, verifier)
    assert await crm.tokens.authorization_code(client_id, REDIRECT, code, VERIFIER)


async def test_a_key_vouches_for_a_member_of_the_page_with_a_visitors_token(crm: Crm) -> None:
    client_id, page = await _visitor(crm)
    key = await crm.keys.create_key("vouch", ["MEMBERS.VOUCH"])
    answer = await crm.tokens.authorized_client(page.access_token, key.key, "m-7")
    assert await _identity(crm, answer) == Identity.member("m-7")
    assert (await crm.tokens.refresh(client_id, _refresh_token(answer))).access_token


async def test_vouching_by_key_needs_the_permission_the_site_and_good_credentials(
    crm: Crm, elsewhere: Crm, store: StoreUnderTest
) -> None:
    _, page = await _visitor(crm)
    weak = await crm.keys.create_key("weak", ["Manage Contacts"])
    good, foreign = await crm.keys.create_key(), await elsewhere.keys.create_key()
    app = await crm.apps.create_app("app")
    of_app = await crm.tokens.client_credentials(app.app_id, app.app_secret)
    rows = counted(store, "tokens")
    for visitor_token, api_key, error in (
        (page.access_token, weak.key, PermissionDenied),
        (page.access_token, foreign.key, PermissionDenied),
        (page.access_token, "", Unauthenticated),
        (page.access_token, page.access_token, PermissionDenied),
        ("", good.key, Unauthenticated),
        (_refresh_token(page), good.key, Unauthenticated),
        (of_app.access_token, good.key, Unauthenticated),
    ):
        with pytest.raises(error):
            await crm.tokens.authorized_client(visitor_token, api_key, "m-7")
    assert counted(store, "tokens") == rows


@pytest.mark.parametrize("member_id", ["", " ", None, 5, "m" * 101, "a\tb", "\0", "\ud800"])
async def test_a_member_id_is_a_short_printable_text(crm: Crm, member_id: Any) -> None:
    _, page = await _visitor(crm)
    key = await crm.keys.create_key()
    with pytest.raises(InvalidArgument) as refused:
        await crm.tokens.authorized_client(page.access_token, key.key, member_id)
    assert fields_named(refused.value) == ["member_id"]


async def test_an_app_gets_a_token_with_its_permissions(crm: Crm) -> None:
    app = await crm.apps.create_app("app", ["read contacts"])
    for instance in (None, app.instance_id, app.instance_id.upper()):
        answer = await crm.tokens.client_credentials(app.app_id, app.app_secret, instance)
        assert await _identity(crm, answer) == Identity.app(app.app_id, ["CONTACTS.VIEW"])
        assert (answer.refresh_token, answer.expires_in) == (None, 14_400)


async def test_an_app_needs_its_id_its_secret_and_its_instance(
    crm: Crm, elsewhere: Crm, store: StoreUnderTest
) -> None:
    app, other = await crm.apps.create_app("app"), await elsewhere.apps.create_app("app")
    for client_id, secret, instance in (
        (app.app_id, other.app_secret, None),
        (other.app_id, app.app_secret, None),
        (app.app_id, app.app_secret, other.instance_id),
        (app.app_id, app.app_secret, ""),
        (app.app_id, app.app_secret[:-1] + "!", None),
        (app.app_id, "", None),
        ("", app.app_secret, None),
        (app.app_id, (await crm.keys.create_key()).key, None),
    ):
        with pytest.raises(Unauthenticated):
            await crm.tokens.client_credentials(client_id, secret, instance)
    assert counted(store, "tokens") == 0


async def test_an_apps_refresh_token_stays_good(crm: Crm) -> None:
    app = await crm.apps.create_app("app")
    code = (await crm.apps.create_app_code(app.app_id)).code
    first = await crm.tokens.app_code(app.app_id, app.app_secret, code)
    calls = [
        crm.tokens.app_refresh(app.app_id, app.app_secret, _refresh_token(first)) for _ in range(3)
    ]
    answers = await asyncio.gather(*calls)
    assert {answer.refresh_token for answer in answers} == {first.refresh_token}
    assert len({answer.access_token for answer in answers}) == 3


async def test_an_apps_refresh_token_needs_the_app(crm: Crm) -> None:
    app, other = await crm.apps.create_app("app"), await crm.apps.create_app("other")
    code = (await crm.apps.create_app_code(app.app_id)).code
    refresh = _refresh_token(await crm.tokens.app_code(app.app_id, app.app_secret, code))
    _, visitor = await _visitor(crm)
    for client_id, secret, token in (
        (other.app_id, other.app_secret, refresh),
        (app.app_id, other.app_secret, refresh),
        (other.app_id, app.app_secret, refresh),
        (app.app_id, app.app_secret, _refresh_token(visitor)),
        (app.app_id, app.app_secret, ""),
    ):
        with pytest.raises(Unauthenticated):
            await crm.tokens.app_refresh(client_id, secret, token)
    with pytest.raises(Unauthenticated):
        await crm.tokens.refresh(app.app_id, refresh)


async def test_a_stripped_token_is_the_same_visitor_bound_to_the_app(crm: Crm) -> None:
    client_id, page = await _visitor(crm)
    app = await crm.apps.create_app("app")
    before = await crm.tokens.token_info(page.access_token)
    bound = await crm.tokens.strip_bound_session(app.app_secret, page.access_token)
    after = await crm.tokens.token_info(bound.access_token)
    assert (before.client_id, before.instance_id) == (client_id, None)
    assert (after.client_id, after.instance_id) == (app.app_id, app.instance_id)
    assert (after.subject_type, after.subject_id) == ("VISITOR", before.subject_id)
    assert (after.site_id, after.exp) == (crm.context.site_id, before.exp)
    assert bound.expires_in <= 14_400
    assert await _identity(crm, bound) == await _identity(crm, page)


async def test_stripping_never_prolongs_a_token(crm: Crm) -> None:
    client_id, _ = await _visitor(crm)
    app = await crm.apps.create_app("app")
    secret, now = new_secret(SecretKind.ACCESS, crm.context.site_id), Timestamp.current()
    subject = Subject(type=IdentityType.VISITOR, visitor_or_member_id=new_id(), client_id=client_id)
    token = Token(subject=subject, created=now, expires=now + timedelta(seconds=90))
    await crm.store.write(lambda tx: insert_token(tx, secret, token))
    bound = await crm.tokens.strip_bound_session(app.app_secret, secret)
    assert bound.expires_in <= 90
    old, new = [await crm.tokens.token_info(one) for one in (secret, bound.access_token)]
    assert new.exp == old.exp


async def test_only_an_app_of_the_site_can_bind_a_token_and_only_a_persons(
    crm: Crm, elsewhere: Crm
) -> None:
    _, page = await _visitor(crm)
    app, other = await crm.apps.create_app("app"), await crm.apps.create_app("other")
    foreign = await elsewhere.apps.create_app("foreign")
    of_other = await crm.tokens.client_credentials(other.app_id, other.app_secret)
    bound = await crm.tokens.strip_bound_session(other.app_secret, page.access_token)
    for secret, token in (
        (foreign.app_secret, page.access_token),
        (app.app_secret, of_other.access_token),
        (app.app_secret, bound.access_token),
        (app.app_secret, _refresh_token(page)),
        (app.app_secret, ""),
        ("", page.access_token),
        (app.app_secret[:-1] + "!", page.access_token),
    ):
        with pytest.raises(Unauthenticated):
            await crm.tokens.strip_bound_session(secret, token)
    assert await crm.tokens.strip_bound_session(other.app_secret, bound.access_token)


async def test_token_info_of_an_app(crm: Crm) -> None:
    app = await crm.apps.create_app("app")
    answer = await crm.tokens.client_credentials(app.app_id, app.app_secret)
    info = await crm.tokens.token_info(answer.access_token)
    assert (info.active, info.subject_type, info.subject_id) == (True, "APP", app.app_id)
    assert (info.client_id, info.instance_id) == (app.app_id, app.instance_id)
    assert info.exp is not None
    assert info.iat is not None
    assert int(info.exp) - int(info.iat) == 14_400


async def test_token_info_says_nothing_but_inactive_of_what_is_no_access_token(crm: Crm) -> None:
    _, page = await _visitor(crm)
    key = (await crm.keys.create_key()).key
    for token in ("", "x", "\ud800", key, _refresh_token(page)):
        info = await crm.tokens.token_info(token)
        assert info == type(info)(active=False)


@pytest.mark.parametrize("wrong", [None, 5, ["x"], {"a": 1}])
async def test_arguments_that_are_no_text_are_all_named(crm: Crm, wrong: Any) -> None:
    client_id, _ = await _visitor(crm)
    for call, fields in (
        (crm.tokens.refresh(client_id, wrong), ["refresh_token"]),
        (
            crm.tokens.authorization_code(client_id, wrong, wrong, wrong),
            ["redirect_uri", "code", "code_verifier"],
        ),
        (crm.tokens.app_code(client_id, wrong, wrong), ["client_secret", "code"]),
        (crm.tokens.strip_bound_session(wrong, wrong), ["client_secret", "access_token"]),
        (crm.tokens.token_info(wrong), ["token"]),
    ):
        with pytest.raises(InvalidArgument) as refused:
            await call
        assert fields_named(refused.value) == fields


async def test_what_has_expired_is_deleted_and_the_rest_kept(
    crm: Crm, elsewhere: Crm, store: StoreUnderTest
) -> None:
    client_id, kept = await _visitor(crm)
    key = await crm.members.create_member_key()
    past = Subject(type=IdentityType.VISITOR, visitor_or_member_id=new_id())
    await past_secret(crm, SecretKind.ACCESS, past)
    await past_secret(elsewhere, SecretKind.ACCESS, past)
    site, old = crm.context.site, Timestamp.current() - timedelta(hours=25)
    await crm.store.write(lambda tx: count_attempt(tx, site, "Ada", "a", old))
    used = Voucher(
        origin=Origin(key.site_id, key.id), id="old", member_id="m", forgotten=old, code_grant=None
    )
    await crm.store.write(lambda tx: use_voucher(tx, used))
    call = IdempotentCall("somebody", "old", b"digest")
    await crm.store.write(lambda tx: claim_key(tx, site, call, "{}", old))
    await crm.sessions.sign_in_member(voucher(key.private_key, key.id, key.site_id))
    await crm.contacts.create_contact({"name": {"first": "Ada"}}, idempotency_key="now")
    assert await forget_expired(crm.store) == 6
    assert counted(store, "tokens") == 3
    assert counted(store, "sign_in_failures") == 0
    assert counted(store, "used_vouchers WHERE id = 'once'") == 1
    assert counted(store, "idempotency_keys WHERE key = 'now'") == 1
    assert (await crm.tokens.refresh(client_id, _refresh_token(kept))).access_token
    assert await forget_expired(crm.store) == 0


async def test_more_than_one_portion_of_expired_tokens_goes(
    crm: Crm, store: StoreUnderTest
) -> None:
    subject = Subject(type=IdentityType.VISITOR, visitor_or_member_id=new_id())
    await asyncio.gather(*(past_secret(crm, SecretKind.ACCESS, subject) for _ in range(2_050)))
    assert counted(store, "tokens") == 2_050
    assert await forget_expired(crm.store) == 2_050
    assert counted(store, "tokens") == 0
