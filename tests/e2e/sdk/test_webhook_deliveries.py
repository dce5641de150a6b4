"""A server's webhook calls reach an app that receives them with the official SDK."""

from __future__ import annotations

from typing import Any

from contactory.domain.seed_names import to_seed_names
from tests.e2e.sdk.node import needs_the_sdk
from tests.e2e.sdk.receiving import Receiver, receiver
from tests.servers import Server, serve, told
from tests.stores import StoreUnderTest

pytestmark = needs_the_sdk

PATH = "/contacts/v4/contacts"


def test_the_sdk_takes_the_deliveries_of_all_four_contact_events(store: StoreUnderTest) -> None:
    made = told(store, "apps", "create", "receiver")
    (key,) = told(store, "webhooks", "public-keys", made["appId"])
    with (
        receiver(key["publicKey"], made["appId"]) as app,
        serve(store, "--private-receivers", "--webhook-retry", "3600") as server,
    ):
        registered = call(server, "POST", "/contacts/v4/webhooks", appId=made["appId"], url=app.url)
        ada = call(server, "POST", PATH, info={"name": {"first": "Ada"}, "birthdate": "1815-12-10"})
        contact = ada["contact"]
        first = handled(app, "onContactCreated", contact["id"])
        assert first["entity"]["info"] == to_seed_names(contact["info"])
        assert first["entity"]["_id"] == contact["id"]
        assert first["entity"]["_createdDate"] == {"$date": contact["createdDate"]}
        assert first["metadata"]["instanceId"] == made["instanceId"]
        assert first["metadata"]["accountInfo"] == {"siteId": server.site_id}

        sent = {"info": {"company": "Engines"}, "revision": contact["revision"]}
        changed = call(server, "PATCH", f"{PATH}/{contact['id']}", **sent)["contact"]
        second = handled(app, "onContactUpdated", contact["id"])
        assert second["entity"]["info"]["company"] == "Engines"
        assert second["modifiedFields"]["info.company"] is None

        other = call(server, "POST", PATH, info={"name": {"first": "Byron"}})["contact"]
        handled(app, "onContactCreated", other["id"])
        merge = {"sourceContactIds": [other["id"]], "targetContactRevision": changed["revision"]}
        call(server, "POST", f"{PATH}/{contact['id']}/merge", **merge)
        told_of = {}
        for _ in range(3):
            said = app.next()
            told_of[said["handler"], said["event"]["metadata"]["entityId"]] = said["event"]
        merged = told_of["onContactMerged", contact["id"]]
        assert merged["data"]["sourceContactIds"] == [other["id"]]
        assert told_of["onContactDeleted", other["id"]]["metadata"]["originatedFrom"] == "merge"
        assert told_of["onContactUpdated", contact["id"]]["metadata"]["originatedFrom"] == "merge"

        found = call(
            server, "GET", f"/contacts/v4/subscriptions/{registered['webhook']['id']}/deliveries"
        )
        assert app.says_nothing_more()
    assert {one["eventId"] for one in found["deliveries"]} >= {
        first["metadata"]["_id"],
        second["metadata"]["_id"],
    }


def call(server: Server, verb: str, path: str, **sent: Any) -> dict[str, Any]:
    with server.client() as client:
        answer = client.request(verb, path, json=sent or None)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def handled(app: Receiver, handler: str, entity_id: str) -> dict[str, Any]:
    """What the next event gave its handler."""
    said = app.next()
    assert said.get("handler") == handler, said
    assert said["event"]["metadata"]["entityId"] == entity_id
    return dict(said["event"])
