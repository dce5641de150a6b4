"""The calls about webhooks, handlers and their deliveries. The contract has none: they are ours."""

from __future__ import annotations

from typing import Any, Final

from contactory.domain.event_types import EVENT_TYPES
from contactory.domain.subscriptions import MOST_LISTED, DeliveryState
from contactory.wire.route import Route

_START: Final = "/contacts/v4"
_WEBHOOKS: Final = f"{_START}/webhooks"
_WEBHOOK: Final = f"{_WEBHOOKS}/{{webhookId}}"
_KEYS: Final = f"{_START}/webhook-keys/{{appId}}"
_HANDLERS: Final = f"{_START}/event-handlers"
_SUBSCRIPTION: Final = f"{_START}/subscriptions/{{subscriptionId}}"
_NOT_FOUND: Final = ("NOT_FOUND",)

WEBHOOK_ROUTES: Final = (
    Route(
        verb="POST",
        path=_WEBHOOKS,
        summary="Register a webhook.",
        about=(
            "From now on, the URL is called for the app on events of these types, or of all. A "
            "call is a signed token; what is not answered with success in time is tried again."
        ),
        operation="webhooks.create_webhook",
        arguments=("appId", "url", "eventTypes"),
        optional=("eventTypes",),
        envelope="webhook",
        errors=_NOT_FOUND,
    ),
    Route(
        verb="GET",
        path=_WEBHOOKS,
        summary="List webhooks.",
        about="All webhooks of the site, the oldest first, and how they do.",
        operation="webhooks.list_webhooks",
        envelope="webhooks",
    ),
    Route(
        verb="GET",
        path=_WEBHOOK,
        summary="Get a webhook.",
        about="The webhook, and since when it fails or why it is paused, if it is.",
        operation="webhooks.get_webhook",
        arguments=("webhookId",),
        envelope="webhook",
        errors=_NOT_FOUND,
    ),
    Route(
        verb="PATCH",
        path=_WEBHOOK,
        summary="Change a webhook.",
        about="Calls another URL, or on other types of events, from the next calls on.",
        operation="webhooks.update_webhook",
        arguments=("webhookId", "url", "eventTypes"),
        optional=("url", "eventTypes"),
        envelope="webhook",
        errors=_NOT_FOUND,
    ),
    Route(
        verb="DELETE",
        path=_WEBHOOK,
        summary="Delete a webhook.",
        about="The URL is called no more; what became of its calls is forgotten.",
        operation="webhooks.delete_webhook",
        arguments=("webhookId",),
        errors=_NOT_FOUND,
    ),
    Route(
        verb="GET",
        path=_KEYS,
        summary="List the signing keys of an app.",
        about="The public keys by which the app's receivers know our calls, the newest first.",
        operation="webhooks.list_signing_keys",
        arguments=("appId",),
        envelope="keys",
        errors=_NOT_FOUND,
    ),
    Route(
        verb="POST",
        path=f"{_KEYS}/rotate",
        summary="Replace the signing key of an app.",
        about=(
            "Makes a new key, which signs from `signsFrom` on: until then, receivers learn it. The "
            "old one stays known for as long after that. With `atOnce`, for a key that others "
            "know, it signs within half a minute, and the old ones are forgotten."
        ),
        operation="webhooks.rotate_signing_key",
        arguments=("appId", "atOnce"),
        optional=("atOnce",),
        envelope="key",
        errors=_NOT_FOUND,
    ),
)

SUBSCRIPTION_ROUTES: Final = (
    Route(
        verb="GET",
        path=_HANDLERS,
        summary="List event handlers.",
        about="The handlers that the site's code has or had, the oldest first, and how they do.",
        operation="subscriptions.list_handlers",
        envelope="handlers",
    ),
    Route(
        verb="DELETE",
        path=f"{_HANDLERS}/{{handlerId}}",
        summary="Forget an event handler.",
        about="For one that the code has no more. One that it has begins anew from now on.",
        operation="subscriptions.delete_handler",
        arguments=("handlerId",),
        errors=_NOT_FOUND,
    ),
    Route(
        verb="POST",
        path=f"{_SUBSCRIPTION}/pause",
        summary="Pause a webhook or handler.",
        about="It is told nothing for now; what happens meanwhile waits for it.",
        operation="subscriptions.pause_subscription",
        arguments=("subscriptionId", "reason"),
        optional=("reason",),
        envelope="subscription",
        errors=_NOT_FOUND,
    ),
    Route(
        verb="POST",
        path=f"{_SUBSCRIPTION}/resume",
        summary="Resume a webhook or handler.",
        about="It is told again, at once also what waits for another attempt.",
        operation="subscriptions.resume_subscription",
        arguments=("subscriptionId",),
        envelope="subscription",
        errors=_NOT_FOUND,
    ),
    Route(
        verb="GET",
        path=f"{_SUBSCRIPTION}/deliveries",
        summary="List deliveries.",
        about=(
            "What became of events at a webhook or handler, those of the newest events first; "
            "with `state=DEAD`, those that are tried no more."
        ),
        operation="subscriptions.list_deliveries",
        arguments=("subscriptionId", "state", "cursor", "limit"),
        optional=("state", "cursor", "limit"),
        errors=_NOT_FOUND,
    ),
    Route(
        verb="POST",
        path=f"{_SUBSCRIPTION}/redeliver",
        summary="Deliver again.",
        about=(
            "Tells it again of one event, of all since a moment, or of all that are DEAD. Events "
            "have the ids they had, so that receivers can drop repeats."
        ),
        operation="subscriptions.redeliver",
        arguments=("subscriptionId", "eventId", "since", "state"),
        optional=("eventId", "since", "state"),
        errors=_NOT_FOUND,
    ),
    Route(
        verb="POST",
        path=f"{_SUBSCRIPTION}/drop",
        summary="Give up a delivery.",
        about="It is told no more of an event that it did not receive.",
        operation="subscriptions.drop_delivery",
        arguments=("subscriptionId", "eventId"),
        errors=_NOT_FOUND,
    ),
)

_GUID: Final = {"type": "string", "format": "uuid"}
_WEBHOOK_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "appId": _GUID,
    "webhookId": _GUID,
    "url": {"type": "string", "format": "uri", "maxLength": 2000},
    "atOnce": {"type": "boolean", "default": False},
    "eventTypes": {
        "type": "array",
        "items": {"enum": list(EVENT_TYPES)},
        "description": "All types where none is named.",
    },
}
_SUBSCRIPTION_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "subscriptionId": _GUID,
    "handlerId": _GUID,
    "eventId": _GUID,
    "reason": {"type": "string", "minLength": 1, "maxLength": 500},
    "state": {"enum": list(DeliveryState)},
    "since": {"type": "string", "format": "date-time"},
    "cursor": {"type": "string", "description": "The nextCursor of an earlier page."},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": 100},
}
WEBHOOK_PARAMETERS: Final = {
    "webhooks": _WEBHOOK_PARAMETERS,
    "subscriptions": _SUBSCRIPTION_PARAMETERS,
}
"""JSON Schemas of what callers send, by noun and name."""
