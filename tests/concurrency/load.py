"""Clients that create as fast as they can, and remember every answer."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import httpx2

from tests.servers import Server

PATH = "/contacts/v4/contacts"


class Load:
    """Creates sent to one server after another, each for an e-mail and a phone of its own.

    `answered` has the id of the contact by its e-mail; `unanswered` what was sent and got no
    answer; `refusals` answers other than 200. Every other create carries an idempotency key.
    """

    def __init__(self, name: str) -> None:
        self.answered: dict[str, str] = {}
        self.unanswered: list[str] = []
        self.refusals: list[str] = []
        self._name = name
        self._numbers = itertools.count()

    async def run(self, server: Server, clients: int) -> None:
        """Create until the server is gone."""
        limits = httpx2.Limits(max_connections=None)
        headers = {"authorization": server.key}
        async with httpx2.AsyncClient(
            base_url=server.url, headers=headers, limits=limits, timeout=60
        ) as client:
            await asyncio.gather(*(self._create_on(client) for _ in range(clients)))

    async def send(self, client: httpx2.AsyncClient, email: str) -> None:
        """One create. Raises TransportError where no answer comes."""
        keyed = keys_of(email)
        try:
            answer = await client.post(PATH, json={"info": info_of(email)}, headers=keyed)
        except httpx2.ConnectError:
            raise  # It never left.
        except httpx2.TransportError:
            self.unanswered.append(email)
            raise
        if answer.status_code == 200:
            self.answered[email] = answer.json()["contact"]["id"]
        else:
            self.refusals.append(f"{answer.status_code} {answer.text}")

    async def _create_on(self, client: httpx2.AsyncClient) -> None:
        while True:
            try:
                await self.send(client, f"{self._name}-{next(self._numbers)}@example.com")
            except httpx2.TransportError:
                return


def keys_of(email: str) -> dict[str, str]:
    """Half of the creates can be repeated safely."""
    number = int(email.split("-", 1)[1].split("@", 1)[0])
    return {"idempotency-key": email} if number % 2 else {}


def info_of(email: str) -> dict[str, Any]:
    """A contact with something in most tables."""
    return {
        "name": {"first": email},
        "emails": {"items": [{"email": email}, {"email": f"second-{email}"}]},
        "phones": {"items": [{"phone": "6465676359", "countryCode": "US"}]},
        "labelKeys": {"items": ["custom.loaded"]},
        "extendedFields": {"items": {"custom.nickname": "Jonny", "custom.age": 24}},
    }
