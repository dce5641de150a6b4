"""Vouching for members: which keys are trusted, and which vouchers count."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from contactory.domain.errors import InvalidArgument, NotFound, PermissionDenied, Unauthenticated
from contactory.domain.identities import Identity
from contactory.domain.permissions import GRANTABLE, Permission
from contactory.kit.ids import new_id
from contactory.ops.authentication import session_caller
from contactory.ops.crm import Crm
from tests.ops.surroundings import counted, fields_named, is_kept_in_clear, voucher
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


def _private(key: Any) -> bytes:
    made: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made


def _public(key: Any) -> str:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
P256 = ec.generate_private_key(ec.SECP256R1())
ED25519 = ed25519.Ed25519PrivateKey.generate()


async def test_a_voucher_signs_its_member_in(crm: Crm, store: StoreUnderTest) -> None:
    key = await crm.members.create_member_key()
    assert key.site_id == crm.context.site_id
    assert not is_kept_in_clear(store, key.private_key.splitlines()[1])
    session = await crm.sessions.sign_in_member(voucher(key.private_key, key.id, key.site_id))
    found = await session_caller(crm.store, session.session)
    assert found is not None
    assert (found[0].site_id, found[0].identity) == (crm.context.site_id, Identity.member("m-1"))


@pytest.mark.parametrize(
    ("key", "algorithm"), [(RSA, "RS256"), (P256, "ES256"), (ED25519, "EdDSA")]
)
async def test_own_keys_of_three_kinds_are_trusted(crm: Crm, key: Any, algorithm: str) -> None:
    trusted = await crm.members.trust_key(_public(key))
    token = voucher(_private(key), trusted.id, trusted.site_id, algorithm)
    assert (await crm.sessions.sign_in_member(token)).session


@pytest.mark.parametrize(
    "pem",
    [
        _public(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
        _public(ec.generate_private_key(ec.SECP384R1())),
        _public(ed448.Ed448PrivateKey.generate()),
        _public(dsa.generate_private_key(key_size=2048)),
        _private(ED25519).decode(),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "é",
        "",
        None,
        "x" * 10_001,
    ],
)
async def test_other_keys_are_refused(crm: Crm, store: StoreUnderTest, pem: Any) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.members.trust_key(pem)
    assert fields_named(refused.value) == ["publicKeyPem"]
    assert counted(store, "member_keys") == 0


async def test_a_private_key_is_refused_without_being_kept(crm: Crm, store: StoreUnderTest) -> None:
    pem = _private(ED25519).decode()
    with pytest.raises(InvalidArgument, match="public half"):
        await crm.members.trust_key(pem)
    assert not is_kept_in_clear(store, pem.splitlines()[1])


async def test_keys_are_listed_and_revoked(crm: Crm) -> None:
    own = await crm.members.trust_key(_public(P256))
    made = await crm.members.create_member_key()
    await crm.members.revoke_member_key(own.id)
    first, second = await crm.members.list_member_keys()
    assert (first.id, first.public_key) == (own.id, _public(P256))
    assert first.revoked_date is not None
    assert (second.id, second.revoked_date) == (made.id, None)
    with pytest.raises(Unauthenticated):
        await crm.sessions.sign_in_member(voucher(_private(P256), own.id, own.site_id, "ES256"))


@pytest.mark.parametrize("key_id", ["", "x", None, "01900000-0000-7000-8000-000000000000"])
async def test_revoking_what_is_no_key_is_not_found(crm: Crm, key_id: Any) -> None:
    with pytest.raises(NotFound):
        await crm.members.revoke_member_key(key_id)


async def test_only_who_manages_access_handles_member_keys(crm: Crm, store: StoreUnderTest) -> None:
    async with crm.acting_as(Identity.user(GRANTABLE - {Permission.ACCESS_MANAGE})):
        for call in (
            crm.members.trust_key(_public(P256)),
            crm.members.create_member_key(),
            crm.members.list_member_keys(),
            crm.members.revoke_member_key(new_id()),
        ):
            with pytest.raises(PermissionDenied):
                await call
    assert counted(store, "member_keys") == 0


async def test_a_voucher_counts_once(crm: Crm, store: StoreUnderTest) -> None:
    key, other = [await crm.members.create_member_key() for _ in range(2)]
    token = voucher(key.private_key, key.id, key.site_id)
    await crm.sessions.sign_in_member(token)
    with pytest.raises(Unauthenticated, match="used before"):
        await crm.sessions.sign_in_member(token)
    assert counted(store, "tokens") == 1
    # The same jti under another key is another voucher.
    await crm.sessions.sign_in_member(voucher(other.private_key, other.id, key.site_id))


_NOW = int(time.time())
"""When this file was read; each test moves its instants on to when it runs."""


def _as_of_now(claims: dict[str, Any]) -> dict[str, Any]:
    later = int(time.time()) - _NOW
    near = {name for name in ("iat", "exp", "nbf") if _is_near(claims.get(name))}
    return claims | {name: claims[name] + later for name in near}


def _is_near(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value - _NOW) < 10_000


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": _NOW - 100, "iat": _NOW - 200},
        {"iat": _NOW + 3_000, "exp": _NOW + 3_100},
        {"iat": _NOW, "exp": _NOW + 601},
        {"iat": _NOW, "exp": _NOW},
        {"iat": _NOW, "exp": 10**400},
        {"iat": _NOW + 0.5, "exp": 10**400},
        {"iat": _NOW, "exp": float("inf")},
        {"iat": float("nan"), "exp": _NOW + 10},
        {"iat": "today"},
        {"exp": [1]},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 201},
        {"jti": "\ud800"},
        {"jti": 7},
        {"sub": None},
        {"sub": ""},
        {"sub": "m" * 101},
        {"sub": "a\nb"},
        {"sub": "\x00"},
        {"sub": 7},
        {"aud": None},
        {"aud": new_id()},
        {"aud": "everywhere"},
        {"nbf": _NOW + 3_000},
        {"client_id": new_id()},
        {"client_id": new_id(), "redirect_uri": "https://example.com", "code_challenge": "c"},
        {"client_id": 5, "redirect_uri": "https://example.com", "code_challenge": "c"},
    ],
)
async def test_vouchers_with_bad_claims_are_refused(
    crm: Crm, store: StoreUnderTest, claims: dict[str, Any]
) -> None:
    key = await crm.members.create_member_key()
    with pytest.raises(Unauthenticated):
        await crm.sessions.sign_in_member(
            voucher(key.private_key, key.id, key.site_id, **_as_of_now(claims))
        )
    assert counted(store, "tokens") == counted(store, "used_vouchers") == 0


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "m" * 100},
        {"sub": "é 漢"},
        {"iat": _NOW - 0.5, "exp": _NOW + 599.5},
        {"iat": _NOW - 630, "exp": _NOW - 30},
        {"iat": _NOW + 30, "exp": _NOW + 500},
        {"iss": "shop", "name": "more claims are fine"},
    ],
)
async def test_vouchers_at_the_limits_count(crm: Crm, claims: dict[str, Any]) -> None:
    key = await crm.members.create_member_key()
    token = voucher(key.private_key, key.id, key.site_id, **_as_of_now(claims))
    assert (await crm.sessions.sign_in_member(token)).session


async def test_a_voucher_for_another_site_or_by_another_key_is_refused(
    crm: Crm, elsewhere: Crm
) -> None:
    ours = await crm.members.create_member_key()
    theirs = await elsewhere.members.create_member_key()
    for private_key, key_id, site_id in (
        (ours.private_key, ours.id, theirs.site_id),
        (ours.private_key, theirs.id, theirs.site_id),
        (ours.private_key, theirs.id, ours.site_id),
        (ours.private_key, new_id(), ours.site_id),
        (ours.private_key, "no-id", ours.site_id),
    ):
        with pytest.raises(Unauthenticated):
            await crm.sessions.sign_in_member(voucher(private_key, key_id, site_id))


def _forged(header: dict[str, Any], site_id: str) -> str:
    claims = {"aud": site_id, "sub": "m", "iat": _NOW, "exp": _NOW + 600, "jti": "j"}
    parts = [json.dumps(part).encode() for part in (header, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


async def test_the_header_does_not_choose_the_algorithm(crm: Crm, store: StoreUnderTest) -> None:
    trusted = await crm.members.trust_key(_public(RSA))
    site_id = trusted.site_id
    forged = _forged({"alg": "none", "kid": trusted.id}, site_id)
    hs256 = _forged({"alg": "HS256", "kid": trusted.id}, site_id)
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        hs256.encode(), _public(RSA).encode()
    )
    ps256 = voucher(_private(RSA), trusted.id, site_id, "PS256")
    signed = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    for token in (f"{forged}.", f"{forged}.AAAA", f"{hs256}.{signed}", ps256):
        with pytest.raises(Unauthenticated):
            await crm.sessions.sign_in_member(token)
    assert counted(store, "tokens") == 0


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "a.b.c",
        "....",
        "\ud800",
        "é.é.é",
        "x" * 9_000,
        _forged({"alg": "EdDSA", "kid": 5}, new_id()) + ".AAAA",
        _forged({"alg": "EdDSA", "kid": new_id()}, "\ud800") + ".AAAA",
        base64.urlsafe_b64encode(b"[" * 2_000).decode().rstrip("=") + ".e30.AAAA",
        base64.urlsafe_b64encode(b'{"a":' * 1_100).decode().rstrip("=") + ".e30.AAAA",
    ],
)
async def test_what_is_no_voucher_is_refused(crm: Crm, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await crm.sessions.sign_in_member(token)
