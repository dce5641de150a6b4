"""Callers are remembered for a moment, and no longer."""

from __future__ import annotations

import pytest

from contactory.domain.errors import PermissionDenied, Unauthenticated
from contactory.ops import authentication
from contactory.ops.crm import Crm

pytestmark = pytest.mark.anyio


async def test_a_revoked_key_acts_no_longer_than_it_is_remembered(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await crm.keys.create_key("busy")
    assert (await crm.callers.authenticate(key.key)).identity.id == key.id
    await crm.keys.revoke_key(key.id)
    assert (await crm.callers.authenticate(key.key)).identity.id == key.id
    real = authentication.time.monotonic
    monkeypatch.setattr(authentication.time, "monotonic", lambda: real() + 0.101)
    with pytest.raises(Unauthenticated):
        await crm.callers.authenticate(key.key)


async def test_a_remembered_caller_is_still_refused_at_another_site(crm: Crm) -> None:
    key = await crm.keys.create_key("here")
    other = await crm.sites.create_site("there")
    await crm.callers.authenticate(key.key, site_id=key.site_id)
    with pytest.raises(PermissionDenied):
        await crm.callers.authenticate(key.key, site_id=other.site_id)


async def test_a_refusal_is_not_remembered(crm: Crm) -> None:
    key = await crm.keys.create_key("k")
    with pytest.raises(Unauthenticated):
        await crm.callers.authenticate(key.key + "x")
    assert (await crm.callers.authenticate(key.key)).identity.id == key.id
