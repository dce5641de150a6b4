"""True of every update, merge and undo: nothing is lost but what was asked for."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contactory.domain.contact_appending import appended_contact
from contactory.domain.contact_merging import merged_contact
from contactory.domain.contact_parts import email_keys, phone_keys
from contactory.domain.contact_reading import read_info
from contactory.domain.contact_updating import updated_contact
from contactory.domain.contacts import Contact
from contactory.domain.errors import ContactoryError, InsufficientContactData, InvalidArgument
from contactory.domain.extended_fields import FieldType, check_fields
from contactory.domain.field_changes import check_field_changes
from contactory.domain.merge_undoing import restored_source, unmerged_target
from contactory.domain.update_reading import ReadUpdate, read_update
from contactory.kit.clock import Timestamp
from tests.property.infos import garbage, infos, rest_infos
from tests.unit.contacts_made import made

_quietly: Final = settings(deadline=None, max_examples=150)
_LATER: Final = Timestamp.parse("2024-01-01T00:00:00Z")
_UNDONE: Final = Timestamp.parse("2024-01-02T00:00:00Z")

# Few addresses and numbers, so that contacts share some.
_SHARED: Final = st.fixed_dictionaries(
    {},
    optional={
        "emails": st.fixed_dictionaries(
            {
                "items": st.lists(
                    st.builds(
                        lambda email: {"email": email},
                        st.sampled_from(["a@x.de", "A@x.de", "b@x.de", "c@x.de", "d@x.de"]),
                    ),
                    max_size=3,
                )
            }
        ),
        "phones": st.fixed_dictionaries(
            {
                "items": st.lists(
                    st.builds(
                        lambda phone: {"phone": phone, "countryCode": "US"},
                        st.sampled_from(["6465676359", "(646) 567-6359", "2142682998", "12"]),
                    ),
                    max_size=3,
                )
            }
        ),
        "labelKeys": st.fixed_dictionaries(
            {"items": st.lists(st.sampled_from(["custom.a", "custom.b"]), max_size=2)}
        ),
        "name": st.sampled_from([{"first": "Jo"}, {"first": "jo", "last": "Doe"}, {"last": "Roe"}]),
    },
)


@st.composite
def _contacts(draw: st.DrawFn) -> Contact:
    info = draw(infos) | draw(_SHARED)
    try:
        return made(info)
    except InsufficientContactData:
        return made(info | {"name": {"first": "J"}})


def _updated(old: Contact, info: Any) -> Contact:
    update = read_update(info)
    known = {
        key: FieldType.TEXT if isinstance(value, str) else FieldType.NUMBER
        for key, value in old.info.extended_fields.items.items()
        if key.startswith("custom.")
    }
    known |= {
        key: FieldType.TEXT if isinstance(value, str) else FieldType.NUMBER
        for key, value in update.fields.items()
        if key.startswith("custom.") and value is not None
    }
    changes = check_field_changes(update.fields, known, strict=False)
    return updated_contact(old, update, changes, now=_LATER)


def _untouched(contact: Contact, like: Contact) -> Contact:
    return msgspec.structs.replace(contact, revision=like.revision, updated_date=like.updated_date)


def _flags_are_right(contact: Contact) -> bool:
    return all(
        [entry.primary for entry in items].count(True) == min(len(items), 1)
        for items in (contact.info.emails.items, contact.info.phones.items)
    )


_SOURCES: Final = st.lists(_contacts(), min_size=1, max_size=3)


@_quietly
@given(_contacts(), _SOURCES)
def test_merge_and_undo_give_back_what_was_there(target: Contact, sources: list[Contact]) -> None:
    merged = merged_contact(target, sources, now=_LATER)
    undone = unmerged_target(merged, target, merged, sources, now=_UNDONE)
    assert _untouched(undone, target) == target
    assert (undone.revision, undone.updated_date) == (target.revision + 2, _UNDONE)
    for source in sources:
        assert _untouched(restored_source(source, now=_UNDONE), source) == source


@_quietly
@given(_contacts(), _SOURCES)
def test_merge_loses_nothing(target: Contact, sources: list[Contact]) -> None:
    info = merged_contact(target, sources, now=_LATER).info
    everybody = [target, *sources]
    emails = [key for one in everybody for key in email_keys(one.info.emails.items)]
    phones = [key for one in everybody for key in phone_keys(one.info.phones.items)]
    labels = [key for one in everybody for key in one.info.label_keys.items]
    assert email_keys(info.emails.items) == tuple(dict.fromkeys(emails))
    assert phone_keys(info.phones.items) == tuple(dict.fromkeys(phones))
    assert info.label_keys.items == tuple(dict.fromkeys(labels))
    for name in ("emails", "phones", "addresses"):
        own, now = getattr(target.info, name).items, getattr(info, name).items
        assert now[: len(own)] == own
        assert len({entry.id for entry in now}) == len(now)
    for name in ("company", "job_title", "picture", "birthdate", "locale"):
        values = [getattr(one.info, name) for one in everybody]
        assert getattr(info, name) == next((one for one in values if one is not None), None)
    assert target.info.extended_fields.items.keys() <= info.extended_fields.items.keys()


@_quietly
@given(_contacts(), _SOURCES)
def test_merge_has_one_primary_of_each_kind(target: Contact, sources: list[Contact]) -> None:
    assert _flags_are_right(merged_contact(target, sources, now=_LATER))


@_quietly
@given(_contacts(), _SOURCES, st.lists(rest_infos() | _SHARED, min_size=1, max_size=3))
def test_undo_after_changes_leaves_nobody_with_the_key_of_another(
    target: Contact, sources: list[Contact], changes: list[dict[str, Any]]
) -> None:
    merged = now_target = merged_contact(target, sources, now=_LATER)
    for info in changes:
        try:
            now_target = _updated(now_target, info)
        except ContactoryError:
            assume(False)
    undone = unmerged_target(now_target, target, merged, sources, now=_UNDONE)
    for kind, keys_of in (("emails", email_keys), ("phones", phone_keys)):
        old = set(keys_of(getattr(target.info, kind).items))
        theirs = {key for one in sources for key in keys_of(getattr(one.info, kind).items)}
        mine = keys_of(getattr(undone.info, kind).items)
        assert not set(mine) & theirs - old
        current = keys_of(getattr(now_target.info, kind).items)
        assert set(current) - set(mine) <= theirs - old
        assert set(mine) - set(current) <= old
    assert _flags_are_right(undone)
    left = undone.info
    assert left.name.first or left.name.last or left.emails.items or left.phones.items
    assert Contact.from_json(undone.to_json()) == undone


_REST_TO_FIELD: Final = {"jobTitle": "job_title", "labelKeys": "label_keys"}


@_quietly
@given(_contacts(), infos)
def test_update_leaves_alone_what_it_does_not_name(old: Contact, info: dict[str, Any]) -> None:
    try:
        new = _updated(old, info)
    except ContactoryError:
        assume(False)
    named = {_REST_TO_FIELD.get(name, name) for name in info}
    for name in set(old.info.__struct_fields__) - named - {"extended_fields"}:
        assert getattr(new.info, name) == getattr(old.info, name)
    sent = ((info.get("extendedFields") or {}).get("items") or {}).keys()
    for key, value in old.info.extended_fields.items.items():
        if key.startswith("custom.") and key not in sent and key != "custom.id":
            assert new.info.extended_fields.items[key] == value
    assert _flags_are_right(new)
    assert Contact.from_json(new.to_json()) == new


@_quietly
@given(_contacts())
def test_whole_info_sent_back_changes_nothing(old: Contact) -> None:
    for echo in (old.info, old.to_rest()["info"]):
        assert _updated(old, echo).info == old.info


def _read(sent: Any, mask: Any) -> ReadUpdate | ContactoryError:
    try:
        return read_update(sent, field_mask=mask)
    except ContactoryError as error:
        return error


@_quietly
@given(garbage, st.none() | garbage)
def test_garbage_makes_an_update_or_is_refused_by_an_error_of_ours(sent: Any, mask: Any) -> None:
    outcome = _read(sent, mask)
    if isinstance(outcome, InvalidArgument):
        paths = [f"{one.field}." for one in outcome.violations]
        assert all(path.startswith(("info.", "fieldMask.")) for path in paths)
        assert msgspec.json.encode(outcome.violations)
    elif isinstance(outcome, ReadUpdate):
        assert msgspec.json.encode([outcome.dropped, outcome.name, outcome.fields])


@_quietly
@given(_contacts(), infos)
def test_append_overwrites_nothing(old: Contact, info: dict[str, Any]) -> None:
    read = read_info(info)
    values = check_fields(read.fields, {}, strict=False).values
    result = appended_contact(old, read, values, now=_LATER)
    found = result.contact.info
    for name in ("emails", "phones", "addresses"):
        own = getattr(old.info, name).items
        assert getattr(found, name).items[: len(own)] == own
    for key, value in old.info.extended_fields.items.items():
        if key.startswith("custom."):
            assert found.extended_fields.items[key] == value
    assert set(email_keys(found.emails.items)) == {
        *email_keys(old.info.emails.items),
        *read.email_keys,
    }
    assert result.is_changed == (found != old.info)
    assert _flags_are_right(result.contact)
