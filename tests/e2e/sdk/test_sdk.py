"""Runs the official SDK in Node against a real server; each of its tests is one of ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import environment, new_key, serve, told

HERE = Path(__file__).parent
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    NODE is None or not (HERE / "node_modules" / "@wix" / "sdk").exists(),
    reason="NOT TESTED: Node or the official SDK is missing, run tests/tools",
)


@pytest.fixture
def told_to_node(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A server with a credential of each kind, and one that calls its keys the site's code."""
    store = tmp_path / "contacts.db"
    with serve(store) as server, _of_the_site_itself(tmp_path) as seed:
        app = told(store, "apps", "create", "App")
        yield {
            "url": server.url,
            "key": server.key,
            "siteId": server.site_id,
            "otherSiteId": told(store, "sites", "create", "Another")["siteId"],
            "readKey": new_key(store, "CONTACTS.VIEW"),
            "clientId": told(store, "clients", "create", "Pages")["clientId"],
            "appCode": told(store, "apps", "code", app["appId"])["code"],
            "seedUrl": seed.url,
            "seedKey": seed.key,
            "seedSiteId": seed.site_id,
            **app,
        }


def _of_the_site_itself(tmp_path: Path) -> Any:
    (tmp_path / "seed").mkdir()
    return serve(tmp_path / "seed" / "seed.db", "--source", "api_key=WIX_CODE")


def test_the_official_sdk_finds_what_it_expects(told_to_node: dict[str, Any]) -> None:
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", "contacts.test.mjs"],
        cwd=HERE,
        env=environment(CONTACTORY_SERVER=json.dumps(told_to_node)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail 0" in done.stdout
    assert "skipped 0" in done.stdout
