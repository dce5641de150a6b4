"""Finds the web methods in a site's own Python modules."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

import msgspec

from contactory.domain.errors import NotFound
from contactory.domain.problems import Problems
from contactory.ops.web_methods import WebMethod, web_method_of
from contactory.wire.route import camel_case

_RESERVED_MODULE: Final = "contactory"


class WebModules(msgspec.Struct, frozen=True):
    """Page modules by name, each with its web methods by their names in JavaScript."""

    modules: Mapping[str, Mapping[str, WebMethod]] = {}


class _Source(msgspec.Struct, frozen=True):
    """One Python module to import; `file` is where it must be found, when a folder named it."""

    dotted: str
    file: Path | None = None

    @property
    def page_name(self) -> str:
        """What pages call it: the last segment."""
        return self.dotted.rpartition(".")[2]


def load_web_modules(sources: Sequence[str]) -> WebModules:
    """Import Python modules, or all of a folder, and collect their web methods.

    A source is the dotted name of a module, or a folder whose `*.py` files are modules (those whose
    names start with `_` are not). The working folder, and each folder named, join the end of the
    path that Python searches.

    Raises NotFound for a source that does not exist, and InvalidArgument that names every module
    that cannot be imported, has no web method (in a folder, when none has), a name in use, or two
    functions with one name in JavaScript.
    """
    _search(Path.cwd())
    problems = Problems()
    found: dict[str, Mapping[str, WebMethod]] = {}
    for source in sources:
        methods = 0
        for one in _modules_of(source):
            functions = _functions(_imported(one, problems), one, problems)
            methods += len(functions)
            if functions:
                _add(found, one, functions, problems)
        if not methods and not problems.violations:
            problems.add_other(source, "WEB_METHOD", "has no web method: mark one @web_method(…)")
    problems.check()
    return WebModules(found)


def _modules_of(source: str) -> Iterator[_Source]:
    folder = Path(source).resolve()
    if source and folder.is_dir():
        _search(folder)
        for file in sorted(folder.glob("*.py")):
            if not file.name.startswith("_"):
                yield _Source(file.stem, file)
    elif all(part.isidentifier() for part in source.split(".")):
        yield _Source(source)
    else:
        raise NotFound(f"there is no module or folder {source}")


def _search(folder: Path) -> None:
    # At the end: a file of the site must not come before a library's module of the same name.
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
        importlib.invalidate_caches()


def _imported(source: _Source, problems: Problems) -> ModuleType | None:
    try:
        module = importlib.import_module(source.dotted)
    except Exception as error:
        if source.file is None and _is_absent(source.dotted, error):
            raise NotFound(f"there is no module {source.dotted}") from error
        problems.add_other(source.dotted, "IMPORT", f"cannot be imported: {_told(error)}")
        return None
    if source.file is not None and Path(module.__file__ or "") != source.file:
        problems.add_other(
            str(source.file), "UNIQUE", "has the name of another Python module: rename the file"
        )
        return None
    return module


def _is_absent(dotted: str, error: Exception) -> bool:
    return isinstance(error, ModuleNotFoundError) and f"{dotted}.".startswith(f"{error.name}.")


def _told(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({last.filename}, line {last.lineno})"


def _functions(
    module: ModuleType | None, source: _Source, problems: Problems
) -> Mapping[str, WebMethod]:
    found: dict[str, WebMethod] = {}
    for name, value in vars(module).items() if module else ():
        method = None if name.startswith("_") else web_method_of(value)
        if method is None:
            continue
        if camel_case(name) in found:
            problems.add_other(
                f"{source.dotted}.{name}",
                "UNIQUE",
                f"is {camel_case(name)} in JavaScript, as another function is: rename one",
            )
        found[camel_case(name)] = method
    return found


def _add(
    found: dict[str, Mapping[str, WebMethod]],
    source: _Source,
    functions: Mapping[str, WebMethod],
    problems: Problems,
) -> None:
    name = source.page_name
    if name == _RESERVED_MODULE or name in found:
        why = "is ours" if name == _RESERVED_MODULE else "is in use"
        problems.add_other(
            source.dotted, "UNIQUE", f"cannot be /web/{name}.js: that name {why}, choose another"
        )
        return
    found[name] = functions
