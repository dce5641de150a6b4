"""Webhooks: URLs that are called when something happens, and the keys that sign the calls."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.domain.subscription_reading import read_event_types, read_receiver_url
from contactory.domain.subscriptions import PublicKey, Subscription, SubscriptionKind
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, new_id
from contactory.ops.arguments import check_found, required, row_id
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.ops.webhook_signing import (
    add_key,
    ensure_key,
    first_key,
    known_keys,
    made_key,
)
from contactory.store.engine import Transaction
from contactory.store.outbox import has_unplaced, last_position, place_events
from contactory.store.signing_keys import hold_app
from contactory.store.subscriptions import (
    change_subscription,
    delete_subscription,
    find_subscription,
    insert_subscription,
    list_subscriptions,
)

_WEBHOOK = SubscriptionKind.WEBHOOK


class Webhooks(Bound):
    """The webhooks of a site's apps (CONTRACT H.3). Each is told of all that comes after it."""

    @operation(Permission.EVENTS_MANAGE)
    async def create_webhook(
        self, context: Context, app_id: str, url: str, event_types: Sequence[str] | None = None
    ) -> Subscription:
        """Have a URL called for the app on events of these types, or of all.

        Makes the app's signing key, where it has none. Raises PermissionDenied, NotFound for an app
        that is none, and InvalidArgument.
        """
        app = row_id(app_id, "app")
        problems = Problems()
        target = read_receiver_url(problems, url, allows_private=_allows_private(context))
        types = read_event_types(problems, event_types)
        problems.check()
        webhook = Subscription(
            id=new_id(),
            kind=_WEBHOOK,
            url=target,
            app_id=str(app),
            event_types=types,
            created_date=Timestamp.current(),
        )
        made = await first_key(context, app)

        async def work(tx: Transaction) -> Subscription:
            check_found("app", await hold_app(tx, context.site, app))
            await ensure_key(tx, context.site, app, made)
            while await has_unplaced(tx, context.site):
                await place_events(tx, context.site)
            last = await last_position(tx, context.site)
            await insert_subscription(tx, context.site, webhook, last)
            return webhook

        return await context.store.write(work)

    @operation(Permission.EVENTS_MANAGE)
    async def get_webhook(self, context: Context, webhook_id: str) -> Subscription:
        """The webhook with this id.

        Raises PermissionDenied, NotFound.
        """
        row = row_id(webhook_id, "webhook")
        return await context.store.read(lambda tx: _required(tx, context, row))

    @operation(Permission.EVENTS_MANAGE)
    async def list_webhooks(self, context: Context) -> list[Subscription]:
        """All webhooks of the site, the oldest first.

        Raises PermissionDenied.
        """
        return await context.store.read(lambda tx: list_subscriptions(tx, context.site, _WEBHOOK))

    @operation(Permission.EVENTS_MANAGE)
    async def update_webhook(
        self,
        context: Context,
        webhook_id: str,
        url: str | None = None,
        event_types: Sequence[str] | None = None,
    ) -> Subscription:
        """Call another URL, or on other types of events, from the next calls on.

        What is not given stays. Raises PermissionDenied, NotFound, InvalidArgument.
        """
        row, problems = row_id(webhook_id, "webhook"), Problems()
        target = None
        if url is not None:
            target = read_receiver_url(problems, url, allows_private=_allows_private(context))
        types = None if event_types is None else read_event_types(problems, event_types)
        problems.check()

        async def work(tx: Transaction) -> Subscription:
            found = await _required(tx, context, row)
            changed = msgspec.structs.replace(
                found,
                url=target or found.url,
                event_types=found.event_types if types is None else types,
            )
            await change_subscription(tx, context.site, row, changed.target, changed.event_types)
            return changed

        return await context.store.write(work)

    @operation(Permission.EVENTS_MANAGE)
    async def delete_webhook(self, context: Context, webhook_id: str) -> None:
        """Call the URL no more, and forget what became of its calls.

        Raises PermissionDenied, NotFound.
        """
        row = row_id(webhook_id, "webhook")
        found = await context.store.write(
            lambda tx: delete_subscription(tx, context.site, row, _WEBHOOK)
        )
        check_found("webhook", found)

    @operation(Permission.EVENTS_MANAGE)
    async def list_signing_keys(self, context: Context, app_id: str) -> list[PublicKey]:
        """The public keys by which an app's receivers know our calls, the newest first.

        The first is made where the app has none. Raises PermissionDenied, NotFound.
        """
        app = row_id(app_id, "app")
        made = await first_key(context, app)

        async def work(tx: Transaction) -> list[PublicKey]:
            check_found("app", await hold_app(tx, context.site, app))
            await ensure_key(tx, context.site, app, made)
            return await known_keys(tx, context, app)

        return await context.store.write(work)

    @operation(Permission.EVENTS_MANAGE)
    async def rotate_signing_key(
        self, context: Context, app_id: str, at_once: bool | None = None
    ) -> PublicKey:
        """Make a new key for an app, which signs a day from now: until then, receivers learn it.

        So long the old key is also known after it signed last. With `at_once`, for a key that
        others know, the new one signs within half a minute, and the old ones are forgotten. Raises
        PermissionDenied, NotFound, InvalidArgument.
        """
        app, problems = row_id(app_id, "app"), Problems()
        signs_now = problems.flag(at_once, "atOnce")
        problems.check()
        first = await first_key(context, app)
        made = await made_key()

        async def work(tx: Transaction) -> PublicKey:
            check_found("app", await hold_app(tx, context.site, app))
            await ensure_key(tx, context.site, app, first)
            return await add_key(tx, context, app, made, at_once=bool(signs_now))

        return await context.store.write(work)


def _allows_private(context: Context) -> bool:
    return context.settings.events.allows_private


async def _required(tx: Transaction, context: Context, row: RowId) -> Subscription:
    found = await find_subscription(tx, context.site, row)
    is_webhook = found is not None and found.kind is _WEBHOOK
    return required("webhook", found if is_webhook else None)
