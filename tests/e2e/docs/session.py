"""Does what a reader of a document does: one folder, one shell, one Python, one server."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from collections.abc import Awaitable
from inspect import CO_COROUTINE
from pathlib import Path
from typing import Any, cast

from tests.e2e.docs.markdown import ROOT, Block

NODE_MODULES = ROOT / "tests/e2e/sdk/node_modules"
BIN = Path(sys.executable).parent
PROGRAM = Path(__file__).with_name("program.mjs")

_OF_MAKE = {"ARGS", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"}
_SERVES = re.compile(r"^(make serve|contactory serve)\b", re.MULTILINE)
_MASKS = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<guid>"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "<time>"),
    (re.compile(r"\bct[a-z]_[^\s\"']+"), "<secret>"),
)
_STEP = """\
set -euo pipefail
{text}
{{ export -p; declare -f; echo "cd $(printf %q "$PWD")"; }} > "$DOCS_STATE"
"""


def missing_tool(block: Block) -> str | None:
    """A program that the block needs and this machine lacks."""
    needed = {tool for tool in ("curl", "node") if re.search(rf"\b{tool} ", block.text)}
    if block.language == "js":
        needed.add("node")
    for tool in sorted(needed):
        if not shutil.which(tool):
            return tool
    uses_sdk = "node" in needed and not _is_of_page(block)
    return "the official SDK" if uses_sdk and not NODE_MODULES.is_dir() else None


def _is_of_page(block: Block) -> bool:
    """Whether the code belongs into a page; all other JavaScript is for the SDK."""
    return block.language == "js" and 'from "/web/' in block.text


def masked(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return text


class DocsSession:
    """A clone of the repository in which the blocks of one document are run one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"127.0.0.1:{_free_port()}"
        self.key = ""
        self.printed: str | None = None
        self.skipped: list[str] = []
        self._is_cut_short = False
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self._loop = asyncio.Runner()
        self._server: subprocess.Popen[bytes] | None = None
        self._program: subprocess.Popen[str] | None = None
        self._state = folder.parent / "state.sh"
        self._log = folder.parent / "server.log"
        # What this suite's own make was told is not for the reader's.
        kept = {name: value for name, value in os.environ.items() if name not in _OF_MAKE}
        self._environment = kept | {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "CONTACTORY_PORT": self.address.rpartition(":")[2],
            "DOCS_STATE": str(self._state),
        }
        self._clone()

    def run(self, block: Block) -> None:
        """Do with one block what its language and notes say.

        Nothing is done after a block that needs a missing tool: what follows may stand on it. On
        the code of a page nothing does.
        """
        if self._is_cut_short:
            return
        text = self._filled(block.text)
        if "not run" in block.notes:
            assert block.notes["not run"], f"{block.place}: say why it is not run"
        elif "answer" in block.notes:
            if self.printed is not None:
                self._compare(block, text, self.printed)
        elif tool := missing_tool(block):
            self.skipped.append(f"{block.place} needs {tool}")
            self.printed = None
            self._is_cut_short = not _is_of_page(block)
        elif name := block.notes.get("file"):
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        else:
            run = {"sh": self._shell, "python": self._python, "js": self._javascript}
            assert block.language in (*run, *SHOWN), f"{block.place}: {block.language!r} is unknown"
            run.get(block.language, _show)(block, text)

    def close(self) -> None:
        """Stop the server, the JavaScript program and the loop."""
        if self._program is not None:
            self._program.communicate(timeout=60)
        self._stop()
        self._loop.close()

    def _clone(self) -> None:
        self.folder.mkdir()
        for entry in ROOT.iterdir():
            if entry.name in {".venv", ".git", "contactory.toml"} or ".db" in entry.name:
                continue
            (self.folder / entry.name).symlink_to(entry)
        if NODE_MODULES.is_dir():
            (self.folder / "node_modules").symlink_to(NODE_MODULES)
        environment = self.folder / ".venv"
        environment.mkdir()
        (environment / "bin").symlink_to(BIN)
        (environment / ".runtime").touch()
        (environment / ".dev").touch()

    def _filled(self, text: str) -> str:
        text = text.replace("127.0.0.1:8000", self.address)
        return text.replace("ctk_...", self.key) if self.key else text

    def _shell(self, block: Block, text: str) -> None:
        if _SERVES.search(text):
            self._serve(block, text)
            return
        done = subprocess.run(
            ["bash", "-c", self._restored() + _STEP.format(text=text)],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            timeout=120,
            text=True,
            check=False,
        )
        self.printed = done.stdout
        assert done.returncode == 0, f"{block.place}\n{done.stdout}\n{done.stderr}"

    def _restored(self) -> str:
        return f"source {self._state}\nset -a\n" if self._state.exists() else "set -a\n"

    def _serve(self, block: Block, text: str) -> None:
        self._stop()
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                ["bash", "-c", self._restored() + text],
                cwd=self.folder,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while not self._is_ready():
            told = self._log.read_text()
            assert self._server.poll() is None, f"{block.place}: the server ended\n{told}"
            assert time.monotonic() < deadline, f"{block.place}: the server is not ready\n{told}"
            time.sleep(0.05)
        self.printed = self._log.read_text()
        if found := re.search(r"\bctk_[\w-]{20,}", self.printed):
            self.key = found[0]

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _is_listening(self) -> bool:
        host, _, port = self.address.partition(":")
        with socket.socket() as asking:
            return asking.connect_ex((host, int(port))) == 0

    def _stop(self) -> None:
        if self._server is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._server.pid, signal.SIGTERM)
        self._server.wait(timeout=40)
        self._server = None
        # The shell is gone; the server below it stops listening as soon as it was told.
        deadline = time.monotonic() + 40
        while self._is_listening():
            assert time.monotonic() < deadline, f"the server at {self.address} does not stop"
            time.sleep(0.05)

    def _python(self, block: Block, text: str) -> None:
        code = compile(text, block.place, "exec", flags=PyCF_ALLOW_TOP_LEVEL_AWAIT)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if code.co_flags & CO_COROUTINE:
                self._loop.run(_awaited(eval(code, self.namespace)))
            else:
                exec(code, self.namespace)
        self.printed = printed.getvalue()

    def _javascript(self, block: Block, text: str) -> None:
        """Run a part of the document's program with the SDK.

        The code of a page is checked alone: it needs a browser.
        """
        if _is_of_page(block):
            self._check_page(block, text)
        else:
            self._run_part(block, text)

    def _check_page(self, block: Block, text: str) -> None:
        file = self.folder / "block.mjs"
        file.write_text(text)
        done = subprocess.run(
            ["node", "--check", str(file)],
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.printed = done.stdout
        assert done.returncode == 0, f"{block.place}\n{done.stdout}\n{done.stderr}"

    def _run_part(self, block: Block, text: str) -> None:
        if self._program is None:
            self._program = subprocess.Popen(
                ["node", str(PROGRAM)],
                env=self._environment,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        told, heard = self._program.stdin, self._program.stdout
        assert told is not None
        assert heard is not None
        told.write(json.dumps({"code": text, "environment": self._exported()}) + "\n")
        told.flush()
        answer = json.loads(heard.readline() or '{"error": "Node has ended"}')
        assert not answer["error"], f"{block.place}\n{answer['error']}"
        self.printed = answer["printed"]

    def _exported(self) -> dict[str, str]:
        """The variables that the blocks before have set."""
        if not self._state.exists():
            return {}
        done = subprocess.run(
            ["bash", "-c", f"source {self._state}; env -0"],
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return dict(line.split("=", 1) for line in done.stdout.split("\0") if line)

    def _compare(self, block: Block, text: str, printed: str) -> None:
        told, shown = masked(printed).strip(), masked(text).strip()
        if block.language == "json":
            assert json.loads(told) == json.loads(shown), f"{block.place}: printed {told}"
        else:
            assert told == shown, f"{block.place}: printed {told}"


SHOWN = {"json", "text", "ini", "nginx", "toml", "html"}
"""Languages of blocks that are read, not run."""


def _show(block: Block, text: str) -> None:
    if block.language == "json":
        json.loads(text)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def _awaited(running: object) -> None:
    await cast("Awaitable[None]", running)
