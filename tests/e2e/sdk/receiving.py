"""Runs `receiver.mjs`, an app that receives webhook calls with the official SDK."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from tests.e2e.sdk.node import HERE, NODE
from tests.servers import environment

_PATIENCE_S = 30


class Receiver:
    """A running receiver; `url` is where it takes calls."""

    def __init__(self, output: IO[str]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, args=[output], daemon=True).start()
        self.url = str(self.next()["url"])

    def next(self) -> dict[str, Any]:
        """What it says next: `handler` and `event`, or `refused` and `message`."""
        line = self._lines.get(timeout=_PATIENCE_S)
        assert line, "the receiver ended"
        return dict(json.loads(line))

    def says_nothing_more(self) -> bool:
        """Whether all that it said has been read."""
        return self._lines.empty()

    def _read(self, output: IO[str]) -> None:
        for line in output:
            self._lines.put(line)
        self._lines.put("")


@contextmanager
def receiver(public_key: str, app_id: str) -> Iterator[Receiver]:
    """A receiver that trusts the key, which is in PEM or in base64 of PEM."""
    assert NODE is not None
    told = json.dumps({"publicKey": public_key, "appId": app_id})
    with subprocess.Popen(
        [NODE, "receiver.mjs"],
        cwd=HERE,
        env=environment(CONTACTORY_RECEIVER=told),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout
            yield Receiver(process.stdout)
        finally:
            process.terminate()
