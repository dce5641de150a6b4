"""What people entrust to a contact list appears in no log line and no metric."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import httpx2

from tests.contract.wire import CONTACTS, create, created, john
from tests.servers import serve, told
from tests.stores import StoreUnderTest

MARKS = ["Zaphod", "beeblebrox", "zaphod-b@example.com", "4930123456", "Heartofgold", "magrathea"]


def test_logs_and_metrics_hold_no_personal_data_and_no_secret(store: StoreUnderTest) -> None:
    with serve(store, "--log-level", "debug") as server:
        client_id = told(server.store, "clients", "create", "page")["clientId"]
        body = {"clientId": client_id, "grantType": "anonymous"}
        info = {
            "name": {"first": "Zaphod", "last": "Beeblebrox"},
            "emails": {"items": [{"email": "zaphod-b@example.com"}]},
            "phones": {"items": [{"phone": "+49 30 4930123456"}]},
            "addresses": {"items": [{"address": {"city": "Magrathea"}}]},
            "company": "Heartofgold",
        }
        with server.client() as client:
            created(client, info, headers={"idempotency-key": "Heartofgold"})
            tokens = client.post("/oauth2/token", json=body).json()
            create(client, info, headers={"idempotency-key": "Heartofgold"})
            create(client, info)
            create(client, {"emails": {"items": [{"email": "zaphod-b@"}]}, "name": "Zaphod"})
            client.post(CONTACTS, content=b'{"Zaphod": Beeblebrox')
            client.get("/Zaphod/Beeblebrox?email=zaphod-b@example.com")
            client.get(f"{CONTACTS}/Zaphod?fields=Magrathea&fieldsets=Heartofgold")
            create(client, info, headers={"wix-site-id": "Zaphod", "user-agent": "Magrathea"})
            metrics = client.get("/metrics").text
        with server.client("ctk_Zaphod") as stranger:
            create(stranger, info)
        httpx2.request("ZAPHOD", server.url + "/Magrathea")
        written = server.written()
    assert '"contacts.create_contact"' in written, "the log says what was done"
    for text in (written + server.written(), metrics):
        for mark in MARKS:
            assert mark.lower() not in text.lower()
        for secret in (server.key, tokens["access_token"], tokens["refresh_token"]):
            assert secret not in text
            assert secret[40:] not in text


def test_a_fault_of_ours_tells_callers_its_id_and_the_log_the_rest(store: StoreUnderTest) -> None:
    info = john("zaphod-b@example.com", company="Heartofgold")
    with serve(store) as server, server.client() as client:
        store.plant_fault("INSERT", "outbox")
        answer = create(client, info)
        written = server.written()
        stored = store.value("SELECT count(*) FROM contacts")
        assert client.get("/readyz").status_code == 200, "the server goes on"
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"message": "", "details": {}}
    assert stored == 0
    assert answer.headers["x-wix-request-id"] in written
    assert store.fault in written
    for mark in MARKS:
        assert mark.lower() not in written.lower()


FAULT_ON_A_TERMINAL = """
import structlog
from contactory.cli.logs import LogLevel, start_logs

def create(email):
    raise RuntimeError("planted")

start_logs(LogLevel.INFO)
try:
    create("zaphod-b@" + "example.com")
except RuntimeError:
    structlog.get_logger().exception("fault")
"""


def test_a_fault_shown_on_a_terminal_holds_no_values_of_variables() -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", FAULT_ON_A_TERMINAL]
    subprocess.run(command, stderr=follower, check=True, timeout=60)
    shown = os.read(leader, 1_000_000).decode()
    os.close(leader)
    os.close(follower)
    assert "planted" in shown
    assert "zaphod-b@example.com" not in shown
