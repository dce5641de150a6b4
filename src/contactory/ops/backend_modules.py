"""Imports a site's own Python modules: those with web methods, those with handlers of events."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

import msgspec

from contactory.domain.errors import NotFound
from contactory.domain.problems import Problems

_OURS: Final = str(Path(__file__).parents[1])
"""What is wrong with how a decorator is used is told of the place where that is."""


class BackendModule(msgspec.Struct, frozen=True):
    """One module and the dotted name under which it was imported."""

    dotted: str
    module: ModuleType


class _File(msgspec.Struct, frozen=True):
    """One Python module to import; `path` is where it must be found, when a folder named it."""

    dotted: str
    path: Path | None = None


def import_backend(
    sources: Sequence[str], problems: Problems
) -> list[tuple[str, list[BackendModule]]]:
    """Import Python modules, or all of a folder; the modules of each source.

    A source is the dotted name of a module, or a folder whose `*.py` files are modules (those whose
    names start with `_` are not). The working folder, and each folder named, join the end of the
    path that Python searches. What is imported already is not imported again.

    Raises NotFound for a source that does not exist; modules that cannot be imported join the
    problems.
    """
    _search(Path.cwd())
    return [
        (source, [one for file in _files_of(source) if (one := _imported(file, problems))])
        for source in sources
    ]


def _files_of(source: str) -> Iterator[_File]:
    folder = Path(source).resolve()
    if source and folder.is_dir():
        _search(folder)
        for file in sorted(folder.glob("*.py")):
            if not file.name.startswith("_"):
                yield _File(file.stem, file)
    elif all(part.isidentifier() for part in source.split(".")):
        yield _File(source)
    else:
        raise NotFound(f"there is no module or folder {source}")


def _search(folder: Path) -> None:
    # At the end: a file of the site must not come before a library's module of the same name.
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
        importlib.invalidate_caches()


def _imported(file: _File, problems: Problems) -> BackendModule | None:
    try:
        module = importlib.import_module(file.dotted)
    except Exception as error:
        if file.path is None and _is_absent(file.dotted, error):
            raise NotFound(f"there is no module {file.dotted}") from error
        problems.add_other(file.dotted, "IMPORT", f"cannot be imported: {_told(error)}")
        return None
    if file.path is not None and Path(module.__file__ or "") != file.path:
        problems.add_other(
            str(file.path), "UNIQUE", "has the name of another Python module: rename the file"
        )
        return None
    return BackendModule(file.dotted, module)


def _is_absent(dotted: str, error: Exception) -> bool:
    return isinstance(error, ModuleNotFoundError) and f"{dotted}.".startswith(f"{error.name}.")


def _told(error: Exception) -> str:
    places = traceback.extract_tb(error.__traceback__)
    last = next((one for one in reversed(places) if not one.filename.startswith(_OURS)), places[-1])
    return f"{type(error).__name__}: {error} ({last.filename}, line {last.lineno})"
