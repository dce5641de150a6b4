"""Webhooks of a server elsewhere: the same calls as `ops/webhooks.py`."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.domain.subscriptions import PublicKey, Subscription
from contactory.remote.answers import read_answer
from contactory.remote.calls import Calls


class RemoteWebhooks:
    """The webhooks of a site. Calls raise what the embedded ones raise and `Calls.call` adds."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def create_webhook(
        self, app_id: str, url: str, event_types: Sequence[str] | None = None
    ) -> Subscription:
        """Have a URL called for the app on events of these types, or of all."""
        values = {"appId": app_id, "url": url, "eventTypes": event_types}
        return read_answer(Subscription, await self._calls.call("webhooks.create_webhook", values))

    async def get_webhook(self, webhook_id: str) -> Subscription:
        """The webhook with this id."""
        values = {"webhookId": webhook_id}
        return read_answer(Subscription, await self._calls.call("webhooks.get_webhook", values))

    async def list_webhooks(self) -> list[Subscription]:
        """All webhooks of the site, the oldest first."""
        answer = await self._calls.call("webhooks.list_webhooks", {})
        return read_answer(list[Subscription], answer)

    async def update_webhook(
        self,
        webhook_id: str,
        url: str | None = None,
        event_types: Sequence[str] | None = None,
    ) -> Subscription:
        """Call another URL, or on other types of events, from the next calls on."""
        values = {"webhookId": webhook_id, "url": url, "eventTypes": event_types}
        return read_answer(Subscription, await self._calls.call("webhooks.update_webhook", values))

    async def delete_webhook(self, webhook_id: str) -> None:
        """Call the URL no more, and forget what became of its calls."""
        await self._calls.call("webhooks.delete_webhook", {"webhookId": webhook_id})

    async def list_signing_keys(self, app_id: str) -> list[PublicKey]:
        """The public keys by which an app's receivers know our calls, the newest first."""
        answer = await self._calls.call("webhooks.list_signing_keys", {"appId": app_id})
        return read_answer(list[PublicKey], answer)

    async def rotate_signing_key(self, app_id: str, at_once: bool | None = None) -> PublicKey:
        """Make a new key for an app, which signs a day from now: until then, receivers learn it."""
        answer = await self._calls.call(
            "webhooks.rotate_signing_key", {"appId": app_id, "atOnce": at_once}
        )
        return read_answer(PublicKey, answer)
