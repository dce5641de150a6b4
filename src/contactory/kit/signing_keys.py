"""Pairs of RSA keys, and JWTs (RFC 7519) signed with them by RS256 (RFC 7518)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

ALGORITHM: Final = "RS256"
BITS: Final = 2048
_EXPONENT: Final = 65537


class SigningKey(msgspec.Struct, frozen=True):
    """A pair of keys in PEM; the id follows from the public half (RFC 7638)."""

    kid: str
    private_pem: str
    public_pem: str

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"


def new_signing_key() -> SigningKey:
    """A fresh pair of 2048 bits; making it may take some tenths of a second."""
    key = rsa.generate_private_key(_EXPONENT, BITS)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(thumbprint(public.decode()), private.decode(), public.decode())


def public_jwk(public_pem: str) -> dict[str, str]:
    """The public half as a JWK (RFC 7517), as one of the `keys` of a JWKS document."""
    named = {"kid": thumbprint(public_pem), "alg": ALGORITHM, "use": "sig"}
    return _members(public_pem) | named


def thumbprint(public_pem: str) -> str:
    """The key's SHA-256 thumbprint (RFC 7638): 43 characters of base64url."""
    canonical = msgspec.json.encode(_members(public_pem))
    return _base64url(hashlib.sha256(canonical).digest())


def one_line(public_pem: str) -> str:
    """The PEM as base64 without line breaks, as the official SDK takes it for its `publicKey`."""
    return base64.b64encode(public_pem.encode()).decode()


def signed(claims: Mapping[str, Any], private_pem: str, kid: str) -> str:
    """The claims as a JWT whose header names the key."""
    key = _private_key(private_pem)
    return jwt.encode(dict(claims), key, algorithm=ALGORITHM, headers={"kid": kid})


@lru_cache(maxsize=64)
def _private_key(pem: str) -> rsa.RSAPrivateKey:
    """The key, read and checked once: that takes far longer than a signature."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("Only RSA keys sign by RS256")
    return key


def _members(public_pem: str) -> dict[str, str]:
    """The required members of the JWK in the order of their names."""
    key = load_pem_public_key(public_pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("Only RSA keys sign by RS256")
    numbers = key.public_numbers()
    return {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8))


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
