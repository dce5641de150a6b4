"""Takes a merge back: the sources as they were, the target without what it gained.

What was changed on the target since the merge stays. What counts as changed depends on the part:

- An e-mail or phone is known by its key (CONTRACT F), whatever its id or tag. The target loses
  each one that a source had and it had not before the merge, because the source gets it back.
  Where such an entry has been given another address or number since, that is the target's own.
- An address that was gained is known by its id. It is taken back as long as it is the same in
  every part; where its text or tag was changed since, it stays on the target.
- A label, a location or an assigned user that was gained is taken back if it is still there.
- An extended field, or a single value, is taken back as long as it has the value that it gained.
- The halves of a name that were gained are one value: when one was changed, both stay.
- The last activity goes back unless there was another since.

What was taken off the target since the merge, gained or not, stays off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from contactory.domain.contact_making import NOTHING_RECORDED, EmailStatus, with_info
from contactory.domain.contact_parts import (
    KEY_PARTS,
    SINGLE_PARTS,
    email_keys,
    info_with,
    keys_or_none,
    name_or_none,
    phone_keys,
    primary_of,
    with_primary,
)
from contactory.domain.contacts import (
    Contact,
    ContactAddresses,
    ContactEmail,
    ContactEmails,
    ContactInfo,
    ContactPhone,
    ContactPhones,
    ExtendedFields,
    Keys,
    Name,
)
from contactory.domain.extended_fields import READ_ONLY, FieldValue
from contactory.kit.clock import Timestamp

_Entry = TypeVar("_Entry", ContactEmail, ContactPhone)
_KeysOf = Callable[[Sequence[_Entry]], tuple[str, ...]]


def unmerged_target(
    now_target: Contact,
    before: Contact,
    after: Contact,
    sources: Sequence[Contact],
    *,
    now: Timestamp,
    status: EmailStatus = NOTHING_RECORDED,
) -> Contact:
    """The target without what it gained, one revision further.

    `before` and `after` are the target right before and right after the merge, `sources` what was
    merged into it. Where an entry that is taken back had become primary, the one that was primary
    before the merge is so again, else the first one. Where nothing would be left that makes a
    contact, the name that it gained stays, else its e-mails and phones from before come back.
    `status` is what is recorded of the e-mail that is primary afterwards.
    """
    info = _unmerged_info(now_target.info, before.info, after.info, [one.info for one in sources])
    gained_activity = now_target.last_activity == after.last_activity
    written = msgspec.structs.replace(
        now_target,
        revision=now_target.revision + 1,
        updated_date=now,
        last_activity=before.last_activity if gained_activity else now_target.last_activity,
    )
    shown = _shown_phone(now_target, info)
    return with_info(written, info, phone_as_sent=shown, status=status)


def restored_source(source: Contact, *, now: Timestamp) -> Contact:
    """The source as it was when it was merged, one revision further; only `updatedDate` is new."""
    return msgspec.structs.replace(source, revision=source.revision + 1, updated_date=now)


def _unmerged_info(
    current: ContactInfo, before: ContactInfo, after: ContactInfo, sources: Sequence[ContactInfo]
) -> ContactInfo:
    source_emails = [entry for one in sources for entry in one.emails.items]
    source_phones = [entry for one in sources for entry in one.phones.items]
    parts: dict[str, Any] = {
        "name": _unmerged_name(current.name, before.name, after.name),
        "emails": ContactEmails(
            items=_kept(current.emails.items, before.emails.items, source_emails, email_keys)
        ),
        "phones": ContactPhones(
            items=_kept(current.phones.items, before.phones.items, source_phones, phone_keys)
        ),
        "addresses": _kept_addresses(current, before, after),
        "extended_fields": ExtendedFields(
            items=_kept_fields(
                current.extended_fields.items,
                before.extended_fields.items,
                after.extended_fields.items,
            )
        ),
    }
    for name in KEY_PARTS:
        parts[name] = _kept_keys(
            getattr(current, name), getattr(before, name), getattr(after, name)
        )
    for name in SINGLE_PARTS:
        gained = getattr(before, name) is None and getattr(current, name) == getattr(after, name)
        parts[name] = None if gained else getattr(current, name)
    return info_with(current, _never_empty(parts, current, before))


def _never_empty(
    parts: dict[str, Any], current: ContactInfo, before: ContactInfo
) -> dict[str, Any]:
    if parts["name"] or parts["emails"].items or parts["phones"].items:
        return parts
    if current.name.first or current.name.last:
        return parts | {"name": current.name}
    return (
        parts
        | {"name": name_or_none(before.name.first, before.name.last)}
        | {
            "emails": ContactEmails(items=before.emails.items),
            "phones": ContactPhones(items=before.phones.items),
        }
    )


def _unmerged_name(current: Name, before: Name, after: Name) -> Name | None:
    first_gained = not before.first and bool(after.first)
    last_gained = not before.last and bool(after.last)
    first_changed = first_gained and current.first != after.first
    last_changed = last_gained and current.last != after.last
    if first_changed or last_changed:
        return name_or_none(current.first, current.last)
    return name_or_none(
        None if first_gained else current.first, None if last_gained else current.last
    )


def _kept(
    current: Sequence[_Entry],
    before: Sequence[_Entry],
    gained_from: Sequence[_Entry],
    keys_of: _KeysOf[_Entry],
) -> tuple[_Entry, ...]:
    taken_back = set(keys_of(gained_from)) - set(keys_of(before))
    kept = [
        entry for entry, key in zip(current, keys_of(current), strict=True) if key not in taken_back
    ]
    if not kept or primary_of(kept) is not None:
        return tuple(kept)
    had = primary_of(before)
    keys = keys_of(kept)
    old_key = None if had is None else keys_of([had])[0]
    return with_primary(kept, keys.index(old_key) if old_key in keys else 0)


def _kept_addresses(
    current: ContactInfo, before: ContactInfo, after: ContactInfo
) -> ContactAddresses:
    own = {entry.id for entry in before.addresses.items}
    gained = {entry.id: entry for entry in after.addresses.items if entry.id not in own}
    kept = [entry for entry in current.addresses.items if gained.get(entry.id) != entry]
    return ContactAddresses(items=tuple(kept))


def _kept_keys(current: Keys, before: Keys, after: Keys) -> Keys | None:
    gained = set(after.items) - set(before.items)
    return keys_or_none(key for key in current.items if key not in gained)


def _kept_fields(
    current: dict[str, FieldValue], before: dict[str, FieldValue], after: dict[str, FieldValue]
) -> dict[str, FieldValue]:
    return {
        key: value
        for key, value in current.items()
        if key in READ_ONLY or before.get(key, "") != "" or value != after.get(key)
    }


def _shown_phone(now_target: Contact, info: ContactInfo) -> str | None:
    """As before where the primary phone is the same one, else its normal form (CONTRACT A.3)."""
    old, new = primary_of(now_target.info.phones.items), primary_of(info.phones.items)
    if new is None:
        return None
    same = old is not None and old.id == new.id and now_target.primary_info is not None
    shown = now_target.primary_info.phone if same and now_target.primary_info else None
    return shown or new.phone
