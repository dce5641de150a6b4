"""Subscriptions of a server elsewhere: the same calls as `ops/subscriptions.py`."""

from __future__ import annotations

from contactory.domain.subscriptions import DeliveryPage, Subscription
from contactory.remote.answers import read_answer
from contactory.remote.calls import Calls


class RemoteSubscriptions:
    """Who is told of a site's events. All calls raise what the embedded ones raise."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list_handlers(self) -> list[Subscription]:
        """All handlers that the site's code has or had, the oldest first."""
        answer = await self._calls.call("subscriptions.list_handlers", {})
        return read_answer(list[Subscription], answer)

    async def delete_handler(self, handler_id: str) -> None:
        """Forget a handler that the code has no more; where it has, it begins anew from now on."""
        await self._calls.call("subscriptions.delete_handler", {"handlerId": handler_id})

    async def pause_subscription(
        self, subscription_id: str, reason: str | None = None
    ) -> Subscription:
        """Tell a webhook or handler nothing for now; what happens meanwhile waits for it."""
        values = {"subscriptionId": subscription_id, "reason": reason}
        answer = await self._calls.call("subscriptions.pause_subscription", values)
        return read_answer(Subscription, answer)

    async def resume_subscription(self, subscription_id: str) -> Subscription:
        """Tell it again, at once also what waits for another attempt."""
        values = {"subscriptionId": subscription_id}
        answer = await self._calls.call("subscriptions.resume_subscription", values)
        return read_answer(Subscription, answer)

    async def list_deliveries(
        self,
        subscription_id: str,
        state: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> DeliveryPage:
        """What became of events at a webhook or handler, those of the newest events first."""
        values = {"state": state, "cursor": cursor, "limit": limit}
        sent = {name: value for name, value in values.items() if value is not None}
        answer = await self._calls.call(
            "subscriptions.list_deliveries", {"subscriptionId": subscription_id, **sent}
        )
        return read_answer(DeliveryPage, answer)

    async def redeliver(
        self,
        subscription_id: str,
        event_id: str | None = None,
        since: str | None = None,
        state: str | None = None,
    ) -> None:
        """Tell a webhook or handler again: of one event, of all since a moment, or of all DEAD."""
        values = {
            "subscriptionId": subscription_id,
            "eventId": event_id,
            "since": since,
            "state": state,
        }
        await self._calls.call("subscriptions.redeliver", values)

    async def drop_delivery(self, subscription_id: str, event_id: str) -> None:
        """Tell a webhook or handler no more of an event that it did not receive."""
        values = {"subscriptionId": subscription_id, "eventId": event_id}
        await self._calls.call("subscriptions.drop_delivery", values)
