"""Ways to change the same contacts at once: one process, four processes, a server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import anyio.to_thread

import contactory
from contactory.ops.crm import Crm
from tests.concurrency.changer import Task, run_all
from tests.servers import serve
from tests.stores import StoreUnderTest

PROCESSES = 4
REPOSITORY = Path(__file__).parents[2]

Racing: TypeAlias = Callable[[Sequence[Task]], Awaitable[list[Any]]]
"""Runs tasks at once and returns their reports, in no order."""


@asynccontextmanager
async def racing(way: str, store: StoreUnderTest) -> AsyncIterator[Racing]:
    """Where the tasks run: `one process`, `four processes`, or `a server` that they call."""
    if way == "four processes":
        yield lambda tasks: anyio.to_thread.run_sync(in_processes, store, tasks)
    elif way == "one process":
        async with await Crm.open(store.url) as crm:
            yield lambda tasks: run_all(crm, tasks)
    else:
        with serve(store) as server:
            async with contactory.connect(server.url, key=server.key) as remote:
                yield lambda tasks: run_all(remote, tasks)


def in_processes(store: StoreUnderTest, tasks: Sequence[Task]) -> list[Any]:
    """Share the tasks out to processes that begin at the same moment."""
    command = [sys.executable, "-m", "tests.concurrency.changer", store.url]
    changers = [
        subprocess.Popen(
            command, cwd=REPOSITORY, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(PROCESSES)
    ]
    try:
        for at, changer in enumerate(changers):
            _send(changer, json.dumps(tasks[at::PROCESSES]))
        for changer in changers:
            assert changer.stdout is not None
            assert changer.stdout.readline() == "ready\n"
        for changer in changers:
            _send(changer, "start")
        answers = [json.loads(changer.communicate(timeout=60)[0]) for changer in changers]
    finally:
        for changer in changers:
            changer.kill()
            changer.communicate()
    assert [changer.returncode for changer in changers] == [0] * PROCESSES
    return [report for answer in answers for report in answer]


def _send(changer: subprocess.Popen[str], line: str) -> None:
    assert changer.stdin is not None
    changer.stdin.write(line + "\n")
    changer.stdin.flush()
