"""Every operation is registered, and only who holds its permission may call it (CONTRACT G)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import contactory.ops
from contactory.domain.errors import ContactoryError, PermissionDenied
from contactory.domain.identities import Identity
from contactory.domain.permissions import GRANTABLE, READ_CONTACTS, Permission
from contactory.ops.crm import Crm
from contactory.ops.operation import OPERATIONS, Bound
from contactory.wire.routes import ROUTES
from tests.servers import store_url

NEEDED = {
    "contacts.create_contact": "CONTACTS.MODIFY",
    "contacts.get_contact": "CONTACTS.VIEW",
}
"""The permission of each call of the API (CONTRACT B.0); a new route comes with its line here."""

OPEN_TO_ANYBODY = {"tokens", "sessions"}
"""Nouns whose operations check the credentials that they are given."""

IDENTITIES = {
    "visitor": Identity.visitor("v"),
    "member": Identity.member("m"),
    "user without permissions": Identity.user(()),
    "user who reads": Identity.user(READ_CONTACTS),
    "owner": Identity.user(),
    "key that reads": Identity.api_key("k", READ_CONTACTS),
    "key with all permissions": Identity.api_key("k", GRANTABLE),
    "app without permissions": Identity.app("a", ()),
    "app with all permissions": Identity.app("a"),
}


def bound_classes() -> list[type[Bound]]:
    for found in pkgutil.iter_modules(contactory.ops.__path__):
        importlib.import_module(f"contactory.ops.{found.name}")
    return Bound.__subclasses__()


def public_methods() -> Iterator[tuple[str, Any]]:
    for kind in bound_classes():
        for name, method in vars(kind).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                yield f"{kind.__name__.lower()}.{name}", method


def test_every_public_method_of_a_noun_is_a_registered_operation() -> None:
    names = [name for name, _ in public_methods()]
    assert {"contacts.create_contact", "keys.create_key", "tokens.anonymous"} <= set(names)
    assert [name for name in names if name not in OPERATIONS] == []


def test_every_operation_says_what_it_does_and_which_errors_it_raises() -> None:
    for name, method in public_methods():
        about = inspect.getdoc(method) or ""
        assert about.partition("\n")[0].endswith("."), name
        if OPERATIONS[name].permission is not None:
            assert "PermissionDenied" in about, name


def test_only_tokens_and_sessions_are_open_to_anybody() -> None:
    unguarded = {name.split(".")[0] for name, found in OPERATIONS.items() if not found.permission}
    assert unguarded == OPEN_TO_ANYBODY


def test_no_operation_shows_its_context_to_callers() -> None:
    for name, method in public_methods():
        assert "context" not in inspect.signature(method).parameters, name


def test_every_route_has_the_permission_of_the_contract() -> None:
    assert {route.operation for route in ROUTES} == NEEDED.keys()
    for route in ROUTES:
        permission = OPERATIONS[route.operation].permission
        assert permission is not None
        assert permission.value == NEEDED[route.operation]


@pytest.mark.anyio
@pytest.mark.parametrize("who", IDENTITIES)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
async def test_a_call_is_refused_exactly_to_those_without_its_permission(
    route: Any, who: str, tmp_path: Path
) -> None:
    identity = IDENTITIES[who]
    allowed = Permission(NEEDED[route.operation]) in identity.permissions
    assert not (allowed and who in {"visitor", "member"})
    async with (
        await Crm.open(store_url(tmp_path / "contacts.db")) as crm,
        crm.acting_as(identity) as acting,
    ):
        call = getattr(getattr(acting, route.noun), route.method)
        with pytest.raises(ContactoryError) as refused:
            await call(*[None for _ in route.arguments])
    assert isinstance(refused.value, PermissionDenied) is not allowed
