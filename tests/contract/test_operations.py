"""Every operation is registered, and only who holds its permission may call it (CONTRACT G)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
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
from tests.contract.needed import NEEDED
from tests.servers import store_url

BUILDERS = {
    "contacts.query_contacts": "contacts.find_contacts",
    "labels.query_labels": "labels.find_labels",
    "extended_fields.query_extended_fields": "extended_fields.find_extended_fields",
}
"""Methods that build a query step by step, with the operation that then runs it."""

FOLLOWERS = {"events.follow": "events.list_events"}
"""Methods that go on for ever, with the operation that answers the same at one go."""

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
            dotted = f"{noun_of(kind)}.{name}"
            is_known = dotted in BUILDERS or dotted in FOLLOWERS
            if inspect.isfunction(method) and not name.startswith("_") and not is_known:
                yield dotted, method


def noun_of(kind: type[Bound]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def test_every_public_method_of_a_noun_is_a_registered_operation() -> None:
    names = [name for name, _ in public_methods()]
    assert {"contacts.create_contact", "keys.create_key", "tokens.anonymous"} <= set(names)
    assert [name for name in names if name not in OPERATIONS] == []


@pytest.mark.anyio
@pytest.mark.parametrize("name", BUILDERS)
async def test_a_builder_leads_to_its_operation_and_so_to_its_permission(
    name: str, tmp_path: Path
) -> None:
    noun, method = name.split(".")
    needed = OPERATIONS[BUILDERS[name]].permission
    assert needed is not None
    async with (
        await Crm.open(store_url(tmp_path / "contacts.db")) as crm,
        crm.acting_as(Identity.user(())) as acting,
    ):
        with pytest.raises(PermissionDenied) as refused:
            await getattr(getattr(acting, noun), method)()
    assert refused.value.data == {"permission": needed.value}


@pytest.mark.anyio
@pytest.mark.parametrize("name", FOLLOWERS)
async def test_a_follower_needs_the_permission_of_its_operation(name: str, tmp_path: Path) -> None:
    noun, method = name.split(".")
    needed = OPERATIONS[FOLLOWERS[name]].permission
    assert needed is not None
    async with (
        await Crm.open(store_url(tmp_path / "contacts.db")) as crm,
        crm.acting_as(Identity.user(())) as acting,
    ):
        with pytest.raises(PermissionDenied) as refused:
            getattr(getattr(acting, noun), method)()
    assert refused.value.data == {"permission": needed.value}


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
    is_submit = route.noun == "submitted_contact"
    assert not (allowed and who in {"visitor", "member"} and not is_submit)
    async with (
        await Crm.open(store_url(tmp_path / "contacts.db")) as crm,
        crm.acting_as(identity) as acting,
    ):
        call = getattr(getattr(acting, route.noun), route.method)
        refusal: ContactoryError | None = None
        try:
            await call(*[None for _ in route.arguments])
        except ContactoryError as error:
            refusal = error
    assert isinstance(refusal, PermissionDenied) is not allowed
