"""Finds the web methods in a site's own Python modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from contactory.domain.problems import Problems
from contactory.ops.backend_modules import BackendModule, import_backend
from contactory.ops.event_handlers import handled_types
from contactory.ops.web_methods import WebMethod, web_method_of
from contactory.wire.route import camel_case

_RESERVED_MODULE: Final = "contactory"


class WebModules(msgspec.Struct, frozen=True):
    """Page modules by name, each with its web methods by their names in JavaScript."""

    modules: Mapping[str, Mapping[str, WebMethod]] = {}


def load_web_modules(sources: Sequence[str]) -> WebModules:
    """Import Python modules, or all of a folder, and collect their web methods.

    Raises NotFound for a source that does not exist, and InvalidArgument that names every module
    that cannot be imported, every source without any web method or handler, every name in use, and
    every two functions with one name in JavaScript.
    """
    problems = Problems()
    found: dict[str, Mapping[str, WebMethod]] = {}
    for source, modules in import_backend(sources, problems):
        is_useful = False
        for one in modules:
            functions = _functions(one, problems)
            if functions:
                _add(found, one, functions, problems)
            is_useful = is_useful or bool(functions) or _has_handlers(one)
        if not is_useful and not problems.violations:
            problems.add_other(
                source,
                "WEB_METHOD",
                "has no web method and no handler: mark one @web_method(…) or @on_contact_created",
            )
    problems.check()
    return WebModules(found)


def _has_handlers(one: BackendModule) -> bool:
    return any(handled_types(value) for value in vars(one.module).values())


def _functions(one: BackendModule, problems: Problems) -> Mapping[str, WebMethod]:
    found: dict[str, WebMethod] = {}
    for name, value in vars(one.module).items():
        method = None if name.startswith("_") else web_method_of(value)
        if method is None:
            continue
        if camel_case(name) in found:
            problems.add_other(
                f"{one.dotted}.{name}",
                "UNIQUE",
                f"is {camel_case(name)} in JavaScript, as another function is: rename one",
            )
        found[camel_case(name)] = method
    return found


def _add(
    found: dict[str, Mapping[str, WebMethod]],
    one: BackendModule,
    functions: Mapping[str, WebMethod],
    problems: Problems,
) -> None:
    name = one.dotted.rpartition(".")[2]
    if name == _RESERVED_MODULE or name in found:
        why = "is ours" if name == _RESERVED_MODULE else "is in use"
        problems.add_other(
            one.dotted, "UNIQUE", f"cannot be /web/{name}.js: that name {why}, choose another"
        )
        return
    found[name] = functions
