"""Receives the calls of a webhook: checks them, drops repeats, and tells what happened.

    python receiver.py SERVER SITE APP [PORT]

SERVER is where the public keys are (http://127.0.0.1:8000), SITE and APP are ids: the webhook's app
and its site. The URL that is printed is the one to register:

    contactory webhooks create APP URL --private-receivers
"""

import json
import sqlite3
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt

server, site, app = sys.argv[1:4]
port = int(sys.argv[4]) if len(sys.argv) > 4 else 8100

keys = jwt.PyJWKClient(f"{server}/.well-known/contactory/{site}/{app}/jwks.json")


def event_in(token: str) -> dict[str, Any]:
    """The event that a call tells of. Raises jwt.PyJWTError for a call that is not ours."""
    key = keys.get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token, key, algorithms=["RS256"], leeway=60, options={"require": ["exp", "iat"]}
    )
    told = json.loads(claims["data"])
    event: dict[str, Any] = json.loads(told["data"])
    return event


def react(event: dict[str, Any]) -> None:
    """What the receiver is for."""
    print(event["entityFqdn"], event["slug"], event["entityId"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        token = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            event = event_in(token)
        except jwt.PyJWTError:
            self.answer(401)
            return
        # Both are kept, or neither: an error undoes the first, and the call comes again.
        with closing(sqlite3.connect("received.db")) as store, store:
            if store.execute("INSERT OR IGNORE INTO events VALUES (?)", [event["id"]]).rowcount:
                react(event)
        self.answer(200)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing of each call."""


with closing(sqlite3.connect("received.db")) as opened, opened:
    opened.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")

receiver = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
print(f"http://127.0.0.1:{receiver.server_port}/", flush=True)
receiver.serve_forever()
