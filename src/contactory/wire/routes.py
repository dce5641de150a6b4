"""The one table of HTTP calls: the server, its OpenAPI document and the remote client read it."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

Verb = Literal["GET", "POST", "PATCH", "DELETE"]

PREFIXES: Final = ("", "/_api")
"""Every route is served under both: the SDK adds the second for a host of one's own (WIRE 1)."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the API.

    `arguments` are the names, on the wire, of the operation's arguments in their order; `options`
    those that make up its last one. A name in the path is read there and nowhere else. `envelope`
    is the name under which the result stands in the answer, beside what `beside` holds. `summary`
    and `about` tell callers in any language what the call does.
    """

    verb: Verb
    path: str
    summary: str
    about: str
    operation: str
    arguments: tuple[str, ...]
    options: tuple[str, ...] = ()
    envelope: str
    beside: dict[str, Any] = {}
    takes_idempotency_key: bool = False
    errors: tuple[str, ...] = ()

    @property
    def noun(self) -> str:
        """The noun of the operation: `contacts`."""
        return self.operation.split(".", 1)[0]

    @property
    def method(self) -> str:
        """The operation's name below its noun: `create_contact`."""
        return self.operation.split(".", 1)[1]

    @property
    def function(self) -> str:
        """The name in the seed's dialect: `createContact`."""
        return camel_case(self.method)


def camel_case(name: str) -> str:
    """`create_contact` as `createContact`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


ROUTES: Final = (
    Route(
        verb="POST",
        path="/contacts/v4/contacts",
        summary="Create a contact.",
        about=(
            "The contact needs a name, an e-mail or a phone. It is refused when another contact "
            "has one of its e-mails, or its phone where no e-mail is given, unless "
            "`allowDuplicates` is true. Labels and custom fields that it names are made when they "
            "do not exist. The answer is the whole contact."
        ),
        operation="contacts.create_contact",
        arguments=("info",),
        options=("allowDuplicates",),
        envelope="contact",
        takes_idempotency_key=True,
        errors=(
            "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
            "INSUFFICIENT_CONTACT_DATA",
            "INVALID_EXTENDED_FIELD_VALUE",
            "DUPLICATE_CONTACT_EXISTS",
            "LABEL_NOT_FOUND",
            "LABELS_QUOTA_REACHED",
            "FIELDS_QUOTA_EXCEEDED",
            "IDEMPOTENCY_KEY_REUSED",
        ),
    ),
    Route(
        verb="GET",
        path="/contacts/v4/contacts/{id}",
        summary="Get a contact.",
        about=(
            "The whole contact, or the parts that `fields` and `fieldsets` name together; `id` and "
            "`revision` always show."
        ),
        operation="contacts.get_contact",
        arguments=("id",),
        options=("fields", "fieldsets"),
        envelope="contact",
        beside={"responseType": "REGULAR"},
        errors=("CONTACT_NOT_FOUND",),
    ),
)
