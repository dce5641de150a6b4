"""Which contacts are duplicates of others, and who is told (CONTRACT F)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.errors import DuplicateContact, InvalidArgument
from contactory.ops.crm import Crm
from tests.ops.surroundings import call, counted, mail, stored
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "info",
    [
        mail("ADA@Example.com"),
        mail(" ada@example.com "),
        mail("new@example.com", "Ada@example.com"),
        mail("ada.work@EXAMPLE.com"),
        mail("ada@example.com", **call("2125550100")),
    ],
)
async def test_an_e_mail_in_use_is_refused_in_any_case_primary_or_not(
    crm: Crm, store: StoreUnderTest, info: dict[str, Any]
) -> None:
    first = await crm.contacts.create_contact(mail("ada@example.com", "ada.work@example.com"))
    before = stored(store)
    with pytest.raises(DuplicateContact) as refused:
        await crm.contacts.create_contact(info)
    assert refused.value.contact_id == first.id
    sent = [entry["email"].strip() for entry in info["emails"]["items"]]
    assert refused.value.email in sent
    assert (refused.value.email or "").lower().startswith("ada")
    assert refused.value.phone is None
    assert stored(store) == before


async def test_allow_duplicates_lets_an_e_mail_in_and_later_ones_still_meet_it(crm: Crm) -> None:
    first = await crm.contacts.create_contact(mail("ada@example.com"))
    second = await crm.contacts.create_contact(mail("ada@example.com"), {"allowDuplicates": True})
    assert first.id != second.id
    with pytest.raises(DuplicateContact):
        await crm.contacts.create_contact(mail("ada@example.com"), {"allowDuplicates": False})


async def test_an_allowed_duplicate_is_a_duplicate_for_others(crm: Crm) -> None:
    only = await crm.contacts.create_contact(mail("ada@example.com"), {"allowDuplicates": True})
    with pytest.raises(DuplicateContact) as refused:
        await crm.contacts.create_contact(mail("ADA@example.com"))
    assert refused.value.contact_id == only.id


@pytest.mark.parametrize("entry", [mail("ada@example.com"), call("6465676359")])
async def test_of_several_that_have_it_the_oldest_is_named(crm: Crm, entry: dict[str, Any]) -> None:
    allowed = {"allowDuplicates": True}
    oldest = await crm.contacts.create_contact(entry, allowed)
    await crm.contacts.create_contact(entry, allowed)
    # Its rows are now the last that were written.
    nothing: dict[str, Any] = {"emails": {"items": []}, "phones": {"items": []}}
    for info in (nothing | mail("new@example.com"), nothing | entry):
        oldest = await crm.contacts.update_contact(oldest.id, info, oldest.revision, allowed)
    with pytest.raises(DuplicateContact) as refused:
        await crm.contacts.create_contact(entry)
    assert refused.value.contact_id == oldest.id


@pytest.mark.parametrize(
    "info",
    [
        call("6465676359"),
        call("(646) 567-6359"),
        call("+1 646 567 6359"),
        call("+1 646 567 6359", "CA"),
        call("646-567-6359", name={"first": "Ada"}),
    ],
)
async def test_a_phone_in_use_is_refused_where_no_e_mail_is_given(
    crm: Crm, store: StoreUnderTest, info: dict[str, Any]
) -> None:
    first = await crm.contacts.create_contact(call("6465676359"))
    before = stored(store)
    with pytest.raises(DuplicateContact) as refused:
        await crm.contacts.create_contact(info)
    assert refused.value.contact_id == first.id
    assert refused.value.email is None
    assert refused.value.phone is not None
    assert stored(store) == before


async def test_a_phone_is_not_compared_where_an_e_mail_is_given(crm: Crm) -> None:
    await crm.contacts.create_contact(call("6465676359"))
    await crm.contacts.create_contact(mail("ada@example.com", **call("6465676359")))
    await crm.contacts.create_contact(mail("bob@example.com", **call("6465676359")))


async def test_the_phone_of_a_contact_with_e_mail_is_met_by_one_without(crm: Crm) -> None:
    first = await crm.contacts.create_contact(mail("ada@example.com", **call("6465676359")))
    with pytest.raises(DuplicateContact) as refused:
        await crm.contacts.create_contact(call("646 567 6359"))
    assert refused.value.contact_id == first.id
    await crm.contacts.create_contact(call("6465676359"), {"allowDuplicates": True})


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (call("555-01", None), call("55501", None), True),
        (call("555-01", None), call("55501", "US"), False),
        (call("6465676359", None), call("6465676359", "US"), False),
        (call("2421642341"), call("242-164-2341"), True),
    ],
)
async def test_phones_without_international_form_are_compared_by_country_and_digits(
    crm: Crm, first: dict[str, Any], second: dict[str, Any], same: bool
) -> None:
    await crm.contacts.create_contact(first)
    if same:
        with pytest.raises(DuplicateContact):
            await crm.contacts.create_contact(second)
    else:
        assert (await crm.contacts.create_contact(second)).id


async def test_names_alone_are_never_duplicates(crm: Crm) -> None:
    one, two = [await crm.contacts.create_contact({"name": {"first": "Ada"}}) for _ in range(2)]
    assert one.id != two.id


@pytest.mark.parametrize("options", [{"allowDuplicates": 1}, {"allow": True}, "yes", {"": 1}])
async def test_wrong_options_are_named(crm: Crm, store: StoreUnderTest, options: Any) -> None:
    with pytest.raises(InvalidArgument):
        await crm.contacts.create_contact(mail("ada@example.com"), options)
    assert counted(store, "contacts") == 0


async def test_an_update_of_phones_is_not_refused_for_an_email_that_was_shared(crm: Crm) -> None:
    await crm.contacts.create_contact(mail("a@example.com"))
    shared = await crm.contacts.create_contact(mail("a@example.com"), {"allowDuplicates": True})

    changed = await crm.contacts.update_contact(shared.id, call("6465676359"), 1)

    assert [entry.phone for entry in changed.info.phones.items] == ["646-567-6359"]
    with pytest.raises(DuplicateContact):
        await crm.contacts.update_contact(shared.id, mail("a@example.com"), 2)
