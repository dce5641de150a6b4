"""The ES modules that pages import: text made once from web methods and the route table."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from itertools import groupby
from typing import Final

import msgspec

from contactory.ops.operation import OPERATIONS
from contactory.ops.web_methods import WebMethod
from contactory.wire.route import Route
from contactory.wire.routes import ROUTES

RUNTIME_PATH: Final = "/web/-/call.js"

_RESERVED: Final = frozenset(
    "arguments await break case catch class const continue debugger default delete do else enum "
    "eval export extends false finally for function if implements import in instanceof interface "
    "let new null package private protected public return static super switch this throw true try "
    "typeof var void while with yield".split()
)
"""Names that strict code cannot declare (ECMA-262 12.7.2, 13.1.1)."""

_SESSION_FUNCTIONS: Final = (
    ("signIn", ("name", "password"), "Sign a user of the site in. Resolves to `{type, id}`."),
    ("signInMember", ("token",), "Sign a member in whom the site's program vouches for."),
    ("signOut", (), "End the session of this browser."),
    ("currentIdentity", (), "Who calls from this page: `{type, id}`, a visitor where nobody is."),
)


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of a function in JavaScript."""

    name: str
    is_optional: bool = False
    is_rest: bool = False

    @property
    def declared(self) -> str:
        """How the function lists it."""
        return ("..." if self.is_rest else "") + safe_name(self.name)

    @property
    def documented(self) -> str:
        """Its line of JSDoc."""
        name = safe_name(self.name)
        kind = "...any" if self.is_rest else "any"
        return f"@param {{{kind}}} {f'[{name}]' if self.is_optional else name}"


def runtime_text() -> str:
    """The module that all others import."""
    return (files("contactory.http") / "web_runtime.js").read_text("utf-8")


def page_module_text(module: str, functions: Mapping[str, WebMethod]) -> str:
    """The module of one page module's web methods, by their names in JavaScript."""
    parts = [_opening(f"Web methods of {module}.")]
    for name, method in functions.items():
        parameters = page_parameters(method.signature)
        about = comment(method.about, [parameter.documented for parameter in parameters])
        parts.append(about + _function(module, name, parameters))
    return "\n".join(parts)


def contactory_module_text() -> str:
    """The module of the site's own calls: those of the API for whoever is signed in."""
    parts = [_opening("The contact list, for whoever is signed in; and signing in.")]
    for module, routes in groupby(ROUTES, key=lambda route: route.module):
        members = "".join(_member(route) for route in routes)
        parts.append(f"export const {module} = Object.freeze({{\n{members}}});\n")
    for name, arguments, about in _SESSION_FUNCTIONS:
        parameters = [Parameter(argument) for argument in arguments]
        documented = [parameter.documented for parameter in parameters]
        parts.append(comment(about, documented) + _function("contactory", name, parameters))
    return "\n".join(parts)


def page_parameters(signature: inspect.Signature) -> list[Parameter]:
    """The parameters that a page can give."""
    return [
        Parameter(
            parameter.name,
            is_optional=parameter.default is not parameter.empty,
            is_rest=parameter.kind is parameter.VAR_POSITIONAL,
        )
        for parameter in signature.parameters.values()
        if parameter.kind not in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD)
    ]


def safe_name(name: str) -> str:
    """A name that JavaScript can declare; no Python name has the sign that is added."""
    return f"${name}" if name in _RESERVED else name


def comment(about: str, lines: Iterable[str] = ()) -> str:
    """A JSDoc comment that nothing in the text can end."""
    text = [line for part in (*about.splitlines(), *lines) for line in part.splitlines() or [""]]
    body = "".join(f" * {line}".replace("*/", "*\\/").rstrip() + "\n" for line in text)
    return f"/**\n{body} */\n"


def _opening(about: str) -> str:
    return f'// {about}\nimport {{ call as $call }} from "{RUNTIME_PATH}";\n'


def _function(module: str, name: str, parameters: list[Parameter]) -> str:
    declared = ", ".join(parameter.declared for parameter in parameters)
    own = safe_name(name)
    is_plain = own == name
    body = f"  return $call({json.dumps(module)}, {json.dumps(name)}, [{declared}]);\n"
    head = f"{'export ' if is_plain else ''}async function {own}({declared}) {{\n"
    return f"{head}{body}}}\n" + ("" if is_plain else f"export {{ {own} as {name} }};\n")


def _member(route: Route) -> str:
    parameters = [Parameter(name, is_optional=name in route.optional) for name in route.arguments]
    if route.options:
        parameters.append(Parameter("options", is_optional=True))
    declared = ", ".join(parameter.declared for parameter in parameters)
    target = json.dumps(f"{route.module}.{route.function}")
    permission = OPERATIONS[route.operation].permission
    about = f"{route.summary}\n\n{route.about}\n\nNeeds the permission `{permission}`."
    text = comment(about, [parameter.documented for parameter in parameters])
    text += f"{route.function}({declared}) {{\n"
    text += f'  return $call("contactory", {target}, [{declared}]);\n}},\n'
    return "".join(f"  {line}\n" for line in text.splitlines())
