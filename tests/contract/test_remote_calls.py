"""The remote client has every call of the route table, as the embedded library has it."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from contactory.http.api import NOUNS
from contactory.remote.crm import RemoteCrm
from contactory.wire.route import Route
from contactory.wire.routes import ROUTES

BY_OPERATION = [pytest.param(route, id=route.operation) for route in ROUTES]


def remote_call(route: Route) -> Any:
    crm = RemoteCrm("http://127.0.0.1:9", "key")
    return getattr(getattr(crm, route.noun), route.method)


def embedded_call(route: Route) -> Any:
    return getattr(NOUNS[route.noun](), route.method)


@pytest.mark.parametrize("route", BY_OPERATION)
def test_every_route_has_a_remote_call_of_the_same_signature(route: Route) -> None:
    remote, embedded = remote_call(route), embedded_call(route)

    assert str(inspect.signature(remote)) == str(inspect.signature(embedded))
    assert inspect.iscoroutinefunction(remote)


def test_events_are_followed_with_the_same_signature() -> None:
    remote, embedded = RemoteCrm("http://127.0.0.1:9", "key").events.follow, NOUNS["events"]()

    assert str(inspect.signature(remote)) == str(inspect.signature(embedded.follow))
    assert (
        inspect.getdoc(remote).partition("\n")[0]
        == inspect.getdoc(embedded.follow).partition("\n")[0]
    )


@pytest.mark.parametrize("route", BY_OPERATION)
def test_remote_and_embedded_calls_are_described_alike(route: Route) -> None:
    def first_line(call: Any) -> str:
        return (inspect.getdoc(call) or "").partition("\n")[0]

    assert first_line(remote_call(route)) == first_line(embedded_call(route)) != ""


def test_the_remote_client_offers_no_call_without_a_route() -> None:
    crm = RemoteCrm("http://127.0.0.1:9", "key")
    offered = {
        f"{noun}.{name}"
        for noun, calls in vars(crm).items()
        if not noun.startswith("_")
        for name, _ in inspect.getmembers(calls, inspect.iscoroutinefunction)
    }

    assert offered == {route.operation for route in ROUTES}
