"""True of every update: what its event tells leads back to the contact before."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings

from contactory.domain.contacts import Contact
from contactory.domain.modified_fields import modified_fields, modified_fields_json
from tests.contact_before import bare, contact_before
from tests.property.infos import rest_infos
from tests.unit.contacts_made import made


@settings(deadline=None, max_examples=150)
@given(rest_infos(), rest_infos())
def test_previous_values_lead_back(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = made(old), made(new)
    told = json.loads(modified_fields_json(before, after))
    assert contact_before(after.to_rest(), told) == bare(before.to_rest())
    assert modified_fields(before, Contact.from_json(before.to_json())) == {}
