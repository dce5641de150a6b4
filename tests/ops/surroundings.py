"""What tests of operations ask a store, and whom they let act."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import jwt

from contactory.domain.credentials import SecretKind
from contactory.domain.errors import ContactoryError, InvalidArgument
from contactory.domain.identities import Identity
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_secret
from contactory.ops.context import Context
from contactory.ops.crm import Crm
from contactory.store.tokens import Subject, Token, insert_token
from tests.stores import StoreUnderTest

PASSWORD = "a password of some length"

TABLES = ("contacts", "contact_emails", "contact_phones", "contact_labels", "labels", "outbox")
FIELD_TABLES = ("extended_fields", "contact_field_values", "idempotency_keys")


def mail(*addresses: str, **more: Any) -> dict[str, Any]:
    return {"emails": {"items": [{"email": address} for address in addresses]}} | more


def call(phone: str, country: str | None = "US", **more: Any) -> dict[str, Any]:
    entry = {"phone": phone} | ({"countryCode": country} if country else {})
    return {"phones": {"items": [entry]}} | more


async def next_millisecond() -> None:
    """Let time pass, so that the ids of what was made before and after are in that order."""
    await asyncio.sleep(0.002)


def stored(store: StoreUnderTest) -> dict[str, int]:
    return {table: counted(store, table) for table in (*TABLES, *FIELD_TABLES)}


def counted(store: StoreUnderTest, table: str) -> int:
    """How many rows a table has, seen from outside."""
    return int(store.value(f"SELECT count(*) FROM {table}"))


def is_kept_in_clear(store: StoreUnderTest, secret: str) -> bool:
    """Whether the text stands anywhere in the store, as the database keeps it."""
    return secret.encode() in store.content()


def over_http(crm: Crm, identity: Identity, **changes: Any) -> Context:
    """The context of a call that came with a token."""
    return Context(
        store=crm.store,
        settings=changes.get("settings", crm.settings),
        site_id=crm.context.site_id,
        identity=identity,
        in_process=False,
    )


def fields_named(error: InvalidArgument) -> list[str]:
    return [violation.field for violation in error.violations]


def code_of(outcome: object) -> str:
    """The error's code, or the name of whatever else came."""
    return outcome.code if isinstance(outcome, ContactoryError) else type(outcome).__name__


async def past_secret(crm: Crm, kind: SecretKind, subject: Subject, **extra: Any) -> str:
    """A secret that was good until a moment ago."""
    secret, now = new_secret(kind, crm.context.site_id), Timestamp.current()
    token = Token(
        subject=subject,
        created=now - timedelta(days=1),
        expires=now - timedelta(milliseconds=1),
        **extra,
    )
    await crm.store.write(lambda tx: insert_token(tx, secret, token))
    return secret


def voucher(
    private_key: str | bytes, key_id: str, site_id: str, algorithm: str = "EdDSA", **claims: Any
) -> str:
    """A voucher for the member m-1, with claims replaced, or left out where None."""
    now = int(time.time())
    wanted = {"aud": site_id, "sub": "m-1", "iat": now, "exp": now + 300, "jti": "once"} | claims
    payload = {name: value for name, value in wanted.items() if value is not None}
    return jwt.encode(payload, private_key, algorithm=algorithm, headers={"kid": key_id})
