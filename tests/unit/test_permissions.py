"""Permissions, and the names under which they are granted (CONTRACT G.2)."""

from __future__ import annotations

import pytest

from contactory.domain.permissions import (
    GRANTABLE,
    MANAGE_CONTACTS,
    ROLE_GRANTS,
    Permission,
    Role,
    permissions_named,
)


def test_ids_are_those_of_the_contract() -> None:
    assert {
        "CONTACTS.VIEW",
        "CONTACTS.MODIFY",
        "CONTACTS.MERGE",
        "CONTACTS.SUBMIT",
        "CONTACTS.SUBMIT_WITH_OVERRIDES",
        "CONTACTS_LABELS.VIEW",
        "CONTACTS_LABELS.MODIFY",
        "CONTACTS_SCHEMA.VIEW",
        "CONTACTS_SCHEMA.MODIFY",
        "MEMBERS.MEMBER_DELETE",
    } <= {permission.value for permission in Permission}


@pytest.mark.parametrize(
    ("names", "granted"),
    [
        ([], set()),
        (["CONTACTS.VIEW"], {Permission.CONTACTS_VIEW}),
        (["contacts.view", " CONTACTS.MODIFY "], {"CONTACTS.VIEW", "CONTACTS.MODIFY"}),
        (["Manage Contacts"], MANAGE_CONTACTS),
        (
            ["manage-contacts", "MANAGE_LABELS"],
            MANAGE_CONTACTS
            | {
                Permission.LABELS_VIEW,
                Permission.LABELS_MODIFY,
            },
        ),
        (["read contacts"], {Permission.CONTACTS_VIEW}),
    ],
)
def test_permissions_are_named_by_id_or_by_group(
    names: list[str], granted: set[Permission]
) -> None:
    assert permissions_named(names) == granted


def test_every_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown permission fly, swim: use .*CONTACTS\.VIEW"):
        permissions_named(["fly", "CONTACTS.VIEW", "swim"])


def test_owner_holds_all_that_can_be_granted_and_a_collaborator_nothing() -> None:
    assert ROLE_GRANTS[Role.OWNER] == GRANTABLE
    assert ROLE_GRANTS[Role.COLLABORATOR] == frozenset()
    assert MANAGE_CONTACTS <= GRANTABLE


def test_what_cannot_be_granted_cannot_be_named() -> None:
    for permission in set(Permission) - GRANTABLE:
        with pytest.raises(ValueError, match="unknown permission"):
            permissions_named([permission.value])
