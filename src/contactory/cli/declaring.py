"""Declares commands: each gets the options that all share, and its example in its help."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from contactory.cli.settings_file import read_settings_file
from contactory.cli.terminal import Terminal

DEFAULT_STORE: Final = "sqlite:///contactory.db"


def _load_config(context: typer.Context, path: Path | None) -> Path | None:
    """Let the file's values be the defaults of the options that come after."""
    context.default_map = read_settings_file(path)
    return path


_StoreOption = Annotated[
    str,
    typer.Option(
        help="The store: sqlite:///FILE (sqlite:////FILE for an absolute path) or postgresql://…",
        envvar="CONTACTORY_STORE",
        rich_help_panel="Store and settings",
    ),
]
_ConfigOption = Annotated[
    Path | None,
    typer.Option(
        help="The settings file, instead of contactory.toml in the working folder.",
        envvar="CONTACTORY_CONFIG",
        is_eager=True,
        callback=_load_config,
        rich_help_panel="Store and settings",
    ),
]
_SiteOption = Annotated[
    str | None,
    typer.Option(
        metavar="ID",
        help="The site; the default site where none is named.",
        envvar="CONTACTORY_SITE",
        rich_help_panel="Store and settings",
    ),
]
_KeyOption = Annotated[
    str | None,
    typer.Option(
        help="An API key, where --store is the http(s) URL of a server.",
        envvar="CONTACTORY_KEY",
        show_envvar=True,
        rich_help_panel="Store and settings",
    ),
]
_JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Answer with one JSON document on standard output."),
]

PermissionOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="P",
        help="A permission or group of them, such as MANAGE_CONTACTS; repeat for more.",
    ),
]

_JSON: Final = {"as_json": (_JsonOption, False)}
_STORE: Final = {"store": (_StoreOption, DEFAULT_STORE)}
_SITE: Final = {"site": (_SiteOption, None)}
_KEY: Final = {"key": (_KeyOption, None)}
_CONFIG: Final = "config"

F = TypeVar("F", bound=Callable[..., None])


def new_group(about: str) -> typer.Typer:
    """A group of commands about one noun."""
    return typer.Typer(help=about, no_args_is_help=True, add_completion=False)


def new_single() -> typer.Typer:
    """A place for one command that stands alone."""
    return typer.Typer(add_completion=False)


def command(
    app: typer.Typer,
    name: str,
    example: str,
    *,
    at_store: bool = True,
    at_site: bool = True,
    over_http: bool = False,
) -> Callable[[F], F]:
    """Make a function a command. Its first argument is the Terminal; the rest is declared as usual.

    `at_store` adds `--store`, `at_site` adds `--site`, `over_http` adds `--key`.
    """
    shared = (
        _JSON
        | (_STORE if at_store else {})
        | (_SITE if at_site else {})
        | (_KEY if over_http else {})
    )

    def declare(function: F) -> F:
        @wraps(function)
        def call(**values: Any) -> None:
            values.pop(_CONFIG)
            terminal = Terminal(**{option: values.pop(option) for option in shared})
            function(terminal, **values)

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        options = (shared | {_CONFIG: (_ConfigOption, None)}).items()
        signature = inspect.Signature([*own, *(_parameter(*option) for option in options)])
        vars(call)["__signature__"] = signature
        call.__doc__ = _unwrapped(inspect.getdoc(function) or "")
        call.__annotations__ = {one.name: one.annotation for one in signature.parameters.values()}
        app.command(name, epilog=f"Example:  {example}")(call)
        return function

    return declare


def _unwrapped(text: str) -> str:
    """The text with a line for each paragraph, which terminals then wrap."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _parameter(name: str, option: tuple[Any, Any]) -> inspect.Parameter:
    annotation, default = option
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )
