"""Runs the official SDK in Node against real servers; each of its files is one of our tests.

Every file runs over HTTP, where the SDK believes to talk to its vendor's hosts, and over TLS, where
its client names our host and asks below `/_api` (WIRE 1); and on each kind of store. Each run has
its own site.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest

from contactory import connect_blocking
from contactory.domain.permissions import GRANTABLE, Permission
from contactory.ops.crm import Crm
from tests.e2e.cli.running import document, running
from tests.e2e.sdk.certificates import HOST, make_certificates
from tests.e2e.sdk.node import HERE, NODE, needs_the_sdk
from tests.servers import environment, new_key, told
from tests.stores import new_store

SEED = ("--source", "api_key=WIX_CODE")
CALLS_PER_MINUTE = 20
FILES = sorted(path.name for path in HERE.glob("*.test.mjs"))

pytestmark = needs_the_sdk


class Running(msgspec.Struct, kw_only=True):
    """A server, what Node needs to trust it, and one that calls its keys the site's code."""

    url: str
    store: str
    trusts: dict[str, str]
    seed: dict[str, str]


@pytest.fixture(
    scope="module",
    params=[("http", "sqlite"), ("https", "sqlite"), ("https", "postgres")],
    ids="-".join,
)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    scheme, kind = request.param
    folder = tmp_path_factory.mktemp(scheme)
    (folder / "seed").mkdir()
    options, trusts = [], {}
    if scheme == "https":
        made = make_certificates(folder)
        options = ["--tls-cert", str(made.certificate), "--tls-key", str(made.key)]
        trusts = {"NODE_EXTRA_CA_CERTS": str(made.authority)}
    with ExitStack() as stack:
        store = stack.enter_context(new_store(kind, folder))
        seeded = stack.enter_context(new_store(kind, folder / "seed"))
        process = stack.enter_context(running(folder, "--json", "--store", store.url, *options))
        limit = ("--rate-limit", str(CALLS_PER_MINUTE))
        seed = stack.enter_context(
            running(seeded.folder, "--json", "--store", seeded.url, *SEED, *limit)
        )
        first = told(seeded, "keys", "create")
        yield Running(
            url=document(process)["url"].replace("127.0.0.1", HOST),
            store=store.url,
            trusts=trusts,
            seed={
                "seedUrl": document(seed)["url"],
                "seedKey": first["key"],
                "seedSiteId": first["siteId"],
                "eagerKey": new_key(seeded),
            },
        )


async def _new_site(crm: Crm, name: str) -> dict[str, Any]:
    """A site with a credential of each kind, and a second one with a key."""
    site = await crm.at_site((await crm.sites.create_site(name)).site_id)
    other = await crm.at_site((await crm.sites.create_site(f"other {name}")).site_id)
    app = await site.apps.create_app("App")
    key, other_key = await site.keys.create_key(), await other.keys.create_key()
    return {
        "siteId": key.site_id,
        "key": key.key,
        "otherSiteId": other_key.site_id,
        "otherKey": other_key.key,
        "keysWith": {one: await _key(site, [one]) for one in GRANTABLE},
        "keysWithout": {one: await _key(site, GRANTABLE - {one}) for one in GRANTABLE},
        "clientId": (await site.clients.create_client("Pages")).client_id,
        "appCode": (await site.apps.create_app_code(app.app_id)).code,
        **msgspec.to_builtins(app),
    }


async def _key(site: Crm, permissions: frozenset[Permission] | list[Permission]) -> str:
    return (await site.keys.create_key("limited", sorted(permissions))).key


@pytest.mark.parametrize("file", FILES)
def test_the_official_sdk_finds_what_it_expects(server: Running, file: str) -> None:
    assert NODE is not None
    with connect_blocking(server.store) as connection:
        site = connection.call(_new_site, connection.crm, file)
    given = {
        **site,
        **server.seed,
        "url": server.url,
        "overTls": bool(server.trusts),
        "callsPerMinute": CALLS_PER_MINUTE,
    }
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", file],
        cwd=HERE,
        env=environment(CONTACTORY_SERVER=json.dumps(given), **server.trusts),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail 0" in done.stdout
    assert "skipped 0" in done.stdout
