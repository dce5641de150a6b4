"""JSON Schemas (draft 2020-12) of what callers send; the types of the domain are what they get."""

from __future__ import annotations

from typing import Any, Final

from contactory.domain.address_reading import ADDRESS_TAGS
from contactory.domain.contact_reading import EMAIL_TAGS, PHONE_TAGS
from contactory.domain.picture_reading import PROVIDERS
from contactory.wire import query_schemas
from contactory.wire.bulk_jobs import BULK_PARAMETERS
from contactory.wire.definition_schemas import DEFINITION_PARAMETERS
from contactory.wire.event_feed import EVENT_PARAMETERS
from contactory.wire.merge_schemas import MERGE_PARAMETERS
from contactory.wire.search_schemas import SEARCH_PARAMETERS
from contactory.wire.webhooks import WEBHOOK_PARAMETERS

_GUID: Final = {"type": "string", "format": "uuid"}
_FLAG: Final = {"oneOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]}


def parameter_schema(operation: str, name: str) -> dict[str, Any]:
    """The schema of one argument or option of an operation, by its name on the wire."""
    noun = operation.partition(".")[0]
    own = DEFINITION_PARAMETERS.get(noun) or WEBHOOK_PARAMETERS.get(noun, {})
    return own.get(name) or _PARAMETERS.get(f"{operation} {name}") or _PARAMETERS[name]


def _text(most: int, description: str = "", **more: Any) -> dict[str, Any]:
    told = {"description": description} if description else {}
    return {"type": "string", "maxLength": most, **told, **more}


def _object(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **needed}


def _items(item: dict[str, Any], most: int) -> dict[str, Any]:
    return _object({"items": {"type": "array", "maxItems": most, "items": item}})


_EMAIL: Final = _object(
    {
        "id": _GUID | {"description": "Made when absent."},
        "tag": {"enum": list(EMAIL_TAGS)},
        "email": _text(320, format="email", minLength=1),
        "primary": _FLAG,
    },
    ("email",),
)
_PHONE: Final = _object(
    {
        "id": _GUID,
        "tag": {"enum": list(PHONE_TAGS)},
        "countryCode": _text(2, "ISO 3166-1 alpha-2.", pattern="^[A-Z]{2}$"),
        "phone": _text(50, minLength=1),
        "primary": _FLAG,
    },
    ("phone",),
)
_PLACE: Final = _object(
    {
        "addressLine": _text(1000),
        "streetAddress": _object({"number": _text(100), "name": _text(1000), "apt": _text(100)}),
        "addressLine2": _text(1000),
        "city": _text(1000),
        "subdivision": _text(100, "ISO 3166-2, such as US-NY."),
        "country": _text(2, "ISO 3166-1 alpha-2."),
        "postalCode": _text(100),
        "formattedAddress": _text(2000, "Computed when absent."),
        "geocode": _object(
            {
                "latitude": {"type": "number", "minimum": -90, "maximum": 90},
                "longitude": {"type": "number", "minimum": -180, "maximum": 180},
            },
            ("latitude", "longitude"),
        ),
        "hint": _text(200),
    }
)
_ADDRESS: Final = _object(
    {"id": _GUID, "tag": {"enum": list(ADDRESS_TAGS)}, "address": _PLACE}, ("address",)
)
_IMAGE: Final = _object(
    {
        "id": _text(1000),
        "url": _text(2000),
        "height": {"type": "integer", "minimum": 0},
        "width": {"type": "integer", "minimum": 0},
        "altText": _text(1000),
        "filename": _text(1000),
    }
)
_INFO: Final = _object(
    {
        "name": _object({"first": _text(1000), "last": _text(1000)}),
        "emails": _items(_EMAIL, 50),
        "phones": _items(_PHONE, 50),
        "addresses": _items(_ADDRESS, 50),
        "company": _text(1000),
        "jobTitle": _text(1000),
        "picture": _object({"image": _IMAGE, "imageProvider": {"enum": list(PROVIDERS)}}),
        "birthdate": {"type": "string", "format": "date"},
        "locale": _text(100, "A language tag, such as en-US (RFC 5646)."),
        "labelKeys": _items(_text(80, minLength=1), 2000),
        "extendedFields": _object(
            {
                "items": {
                    "type": "object",
                    "description": "Values by field key, such as custom.nickname.",
                    "additionalProperties": {"type": ["string", "number"]},
                }
            }
        ),
        "locations": _items(_GUID, 50),
        "assignedUserIds": _items(_GUID, 50),
    }
) | {"description": "Needs a name, an e-mail or a phone."}

_PARAMETERS: Final[dict[str, dict[str, Any]]] = BULK_PARAMETERS | {
    **MERGE_PARAMETERS,
    **SEARCH_PARAMETERS,
    **EVENT_PARAMETERS,
    "info": _INFO,
    "contacts.bulk_upsert_contacts info": {
        "type": "array",
        "minItems": 1,
        "maxItems": 100,
        "items": _INFO,
    },
    "submitted_contact.append_or_create_contact info": _INFO
    | {"description": "What is known of the person."},
    "allowDuplicates": {
        **_FLAG,
        "default": False,
        "description": "Create the contact although another one has its e-mail or phone.",
    },
    "id": _GUID,
    "fields": query_schemas.FIELDS,
    "fieldsets": query_schemas.FIELDSETS,
    "query": query_schemas.QUERY,
    "filter": query_schemas.FILTER,
    "sort": query_schemas.SORT,
    "paging": query_schemas.PAGING,
    "cursorPaging": query_schemas.CURSOR_PAGING,
    "search": _text(100, "A name, e-mail or phone that a contact has as it is."),
    "omitTotal": {**_FLAG, "default": False, "description": "Leave the total out of the answer."},
    "contactId": _GUID,
    "contacts.update_contact info": _INFO
    | {"description": "What shall change; null and empty texts clear."},
    "revision": {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**31 - 1,
        "description": "The revision of the contact as it was read.",
    },
    "fieldMask": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Exactly the parts to write, such as name.last; all others stay.",
    },
    "labelKeys": {
        "type": "array",
        "minItems": 1,
        "maxItems": 100,
        "items": {"type": "string", "minLength": 1, "maxLength": 80},
    },
}
