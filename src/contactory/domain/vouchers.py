"""Vouchers: short-lived JWTs (RFC 7519) by which a site's own program vouches for its members."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from contactory.domain.errors import Unauthenticated
from contactory.domain.identities import LONGEST_MEMBER_ID
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp
from contactory.kit.ids import as_guid

LONGEST_LIFE_S: Final = 600
LEEWAY_S: Final = 60

_JWT: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_LONGEST_JWT: Final = 8_000
_LONGEST_ID: Final = 200
_LONGEST_PEM: Final = 10_000
_RSA_BITS: Final = range(2048, 8193)
_REQUIRED: Final = ["aud", "exp", "iat", "jti", "sub"]

_PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


class Origin(msgspec.Struct, frozen=True):
    """Which key of which site a voucher says it is signed with; not verified."""

    site_id: str
    key_id: str


class CodeGrant(msgspec.Struct, frozen=True, kw_only=True):
    """What a voucher is bound to that serves as an authorization code (RFC 6749 4.1, RFC 7636)."""

    client_id: str
    redirect_uri: str
    code_challenge: str


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """A verified voucher. `id` is good once, and to be remembered until `forgotten`."""

    origin: Origin
    id: str
    member_id: str
    forgotten: Timestamp
    code_grant: CodeGrant | None


class _Claims(msgspec.Struct, frozen=True):
    sub: str
    jti: str
    iat: int | float
    exp: int | float
    client_id: str | None = None
    redirect_uri: str | None = None
    code_challenge: str | None = None


def voucher_origin(token: str) -> Origin:
    """Where to look for the key. Raises Unauthenticated for what is no voucher at all."""
    if len(token) > _LONGEST_JWT or not _JWT.fullmatch(token):
        raise _refused("it is no JWT")
    try:
        parts = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, RecursionError) as error:  # Older releases let the second one through.
        raise _refused("it is no JWT") from error
    key_id, site_id = _guid(parts["header"].get("kid")), _guid(parts["payload"].get("aud"))
    if key_id is None or site_id is None:
        raise _refused("kid must be the id of a member key, and aud the id of the site")
    return Origin(site_id, key_id)


def read_voucher(token: str, origin: Origin, public_key: str) -> Voucher:
    """Verify a voucher with the key that its origin names.

    Raises Unauthenticated, with the reason: whoever gets beyond the signature made the voucher.
    """
    key = _load(public_key)
    try:
        payload = jwt.decode(
            token,
            key,
            algorithms=[algorithm_of(key)],
            audience=origin.site_id,
            leeway=LEEWAY_S,
            options={"require": _REQUIRED},
        )
        claims = msgspec.convert(payload, _Claims)
        _check(claims)
    except (jwt.PyJWTError, msgspec.ValidationError, OverflowError) as error:
        raise _refused(str(error)) from error
    return Voucher(
        origin=origin,
        id=claims.jti,
        member_id=claims.sub,
        forgotten=Timestamp.from_ms(int((claims.exp + LEEWAY_S + 1) * 1000)),
        code_grant=_code_grant(claims),
    )


def new_member_key() -> tuple[str, str]:
    """A fresh Ed25519 key: its private and its public half, in PEM."""
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), _pem(key.public_key())


def read_public_key(problems: Problems, value: Any, path: str) -> str:
    """A public key to trust, in its normal PEM form: RSA of 2048 bits or more, P-256, Ed25519."""
    text = problems.text(value, path, _LONGEST_PEM)
    if text is None:
        if not problems.violations:
            problems.add(path, "REQUIRED_FIELD", "must not be empty")
        return ""
    if "PRIVATE KEY" in text:
        problems.add(path, "FORMAT", "is a private key: give its public half", type="PUBLIC_KEY")
        return ""
    try:
        return _pem(_load(text))
    except (ValueError, UnsupportedAlgorithm):
        kinds = "RSA (2048 to 8192 bits), EC P-256 or Ed25519"
        problems.add(path, "FORMAT", f"is no public key in PEM: {kinds}", type="PUBLIC_KEY")
        return ""


def algorithm_of(key: _PublicKey) -> str:
    """The one algorithm (RFC 7518, RFC 8037) that goes with a key; a header never chooses it."""
    if isinstance(key, rsa.RSAPublicKey):
        return "RS256"
    return "ES256" if isinstance(key, ec.EllipticCurvePublicKey) else "EdDSA"


def _load(pem: str) -> _PublicKey:
    key = load_pem_public_key(pem.encode())
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in _RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("a key of another kind")


def _pem(key: _PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _check(claims: _Claims) -> None:
    if not 0 < claims.exp - claims.iat <= LONGEST_LIFE_S:
        raise _refused(f"exp must be 1 to {LONGEST_LIFE_S} seconds after iat")
    for name, value, most in (
        ("sub", claims.sub, LONGEST_MEMBER_ID),
        ("jti", claims.jti, _LONGEST_ID),
    ):
        if not (1 <= len(value) <= most and value.isprintable()):
            raise _refused(f"{name} must have 1 to {most} printable characters")


def _code_grant(claims: _Claims) -> CodeGrant | None:
    named = (claims.client_id, claims.redirect_uri, claims.code_challenge)
    if named == (None, None, None):
        return None
    client_id, redirect_uri, code_challenge = named
    if client_id is None or redirect_uri is None or code_challenge is None:
        raise _refused("client_id, redirect_uri and code_challenge go together")
    return CodeGrant(client_id=client_id, redirect_uri=redirect_uri, code_challenge=code_challenge)


def _guid(value: Any) -> str | None:
    return as_guid(value) if isinstance(value, str) else None


def _refused(reason: str) -> Unauthenticated:
    return Unauthenticated(f"The voucher cannot be used: {reason}")
