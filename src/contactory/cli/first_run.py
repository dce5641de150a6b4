"""Makes a store on the first run, with one key, and greets whoever started the server."""

from __future__ import annotations

import json
import shlex
from typing import Any, Final

from contactory.cli.plans import Plan
from contactory.cli.printing import print_json
from contactory.domain.access import NewKey
from contactory.ops.crm import Crm
from contactory.store.opening import store_exists
from contactory.store.shown_urls import shown_url

_ADA: Final = {
    "info": {
        "name": {"first": "Ada", "last": "Lovelace"},
        "emails": {"items": [{"email": "ada@example.com"}]},
    }
}


async def prepare_store(plan: Plan) -> NewKey | None:
    """See that the store opens and has the site; makes it where there is none.

    Returns the one key that a new store gets, with all permissions. Raises NotFound, StoreDamaged,
    Unavailable.
    """
    is_new = not await store_exists(plan.store)
    async with await Crm.open(plan.store) as crm:
        at_site = await crm.at_site(plan.site) if plan.site else crm
        return await at_site.keys.create_key("first key") if is_new else None


def greet(url: str, plan: Plan, key: NewKey | None, *, as_json: bool) -> None:
    """Say on standard output where the server is, and show the key of a new store."""
    if as_json:
        told: dict[str, Any] = {"url": url, "docs": f"{url}/docs", "store": shown_url(plan.store)}
        print_json(told | ({"key": key.key, "siteId": key.site_id} if key else {}))
        return
    lines = [f"Contactory serves {shown_url(plan.store)}"]
    if key:
        lines += [
            "",
            "This is a new store. Keep its key, which is shown this once:",
            "",
            f"  {key.key}",
            "",
            "Create a contact with it:",
            "",
            f"  {curl_line(url, key.key)}",
        ]
    lines += ["", f"  API   {url}/contacts/v4/contacts", f"  Docs  {url}/docs"]
    print("\n".join([*lines, "", "Ctrl-C stops the server."]), flush=True)


def curl_line(url: str, key: str) -> str:
    """A command for a shell that creates a contact."""
    return shlex.join(
        [
            "curl",
            f"{url}/contacts/v4/contacts",
            "-H",
            f"Authorization: {key}",
            "-H",
            "Content-Type: application/json",
            "-d",
            json.dumps(_ADA),
        ]
    )
