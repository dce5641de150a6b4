"""Pairs of keys and what is signed with them, read by others' code."""

from __future__ import annotations

import base64
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from contactory.kit.signing_keys import (
    SigningKey,
    new_signing_key,
    one_line,
    public_jwk,
    signed,
    thumbprint,
)

KEY: Final = new_signing_key()
OTHER: Final = new_signing_key()
CLAIMS: Final[dict[str, Any]] = {"data": '{"name":"Zoë"}', "iat": 1_700_000_000}


def pem(key: Any) -> str:
    return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def test_a_pair_is_rsa_of_2048_bits_in_pem() -> None:
    private = load_pem_private_key(KEY.private_pem.encode(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.key_size == 2048
    assert KEY.private_pem.startswith("-----BEGIN PRIVATE KEY-----\n")
    assert KEY.public_pem == pem(private.public_key())
    assert KEY.kid == thumbprint(KEY.public_pem) != OTHER.kid


def test_the_private_half_is_not_shown() -> None:
    assert repr(KEY) == f"SigningKey(kid='{KEY.kid}')"
    assert str([KEY]) == f"[SigningKey(kid='{KEY.kid}')]"


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    """RFC 7638, section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPe"
        "bWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY36"
        "8QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4l"
        "Fd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    number = int.from_bytes(base64.urlsafe_b64decode(modulus + "=="))
    key = pem(rsa.RSAPublicNumbers(65537, number).public_key())
    assert thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert public_jwk(key)["n"] == modulus


def test_who_finds_the_key_in_a_jwks_document_can_verify() -> None:
    token = signed(CLAIMS, KEY.private_pem, KEY.kid)
    keys = jwt.PyJWKSet.from_dict(
        {"keys": [public_jwk(OTHER.public_pem), public_jwk(KEY.public_pem)]}
    )
    header = jwt.get_unverified_header(token)
    assert header == {"alg": "RS256", "typ": "JWT", "kid": KEY.kid}
    assert jwt.decode(token, keys[header["kid"]], ["RS256"]) == CLAIMS
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, keys[OTHER.kid], ["RS256"])


def test_a_jwk_has_the_public_half_alone() -> None:
    assert public_jwk(KEY.public_pem).keys() == {"kty", "n", "e", "kid", "alg", "use"}


def test_one_line_is_the_same_key() -> None:
    line = one_line(KEY.public_pem)
    assert "\n" not in line
    assert base64.b64decode(line).decode() == KEY.public_pem


def test_keys_of_other_kinds_are_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(TypeError, match="RSA"):
        signed(CLAIMS, private, "k")
    with pytest.raises(TypeError, match="RSA"):
        public_jwk(pem(key.public_key()))


def test_a_key_that_was_stored_signs_as_before() -> None:
    stored = SigningKey(KEY.kid, KEY.private_pem, KEY.public_pem)
    assert signed(CLAIMS, stored.private_pem, stored.kid) == signed(
        CLAIMS, KEY.private_pem, KEY.kid
    )
