"""The command `contactory`: runs one command and turns errors into exit codes."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from contactory.cli.commands import Commands
from contactory.cli.exit_codes import EXIT_CODES, FAILED, INTERRUPTED
from contactory.cli.printing import tell, tell_error, tell_misuse
from contactory.domain.errors import ContactoryError

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    epilog="Options can also be set by the environment (CONTACTORY_STORE, CONTACTORY_PORT, …) and "
    "in the file contactory.toml (store = …, port = …). Start with:  contactory serve",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"contactory {version('contactory')}")
        raise typer.Exit


@app.callback()
def contactory(
    is_version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Keep the contact list of a site."""


def main() -> None:
    """Run the command line of this process, and end the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code."""
    as_json = "--json" in arguments
    try:
        status = typer.main.get_command(app).main(
            arguments, prog_name="contactory", standalone_mode=False
        )
    except ContactoryError as error:
        tell_error(error, as_json=as_json)
        return EXIT_CODES[type(error)]
    except typer.TyperException as error:
        # The help that takes the place of a message is printed already.
        if type(error).__name__ == "NoArgsIsHelpError":
            return error.exit_code
        hint = "help:  contactory --help, contactory COMMAND --help"
        tell_misuse(error.format_message(), hint, as_json=as_json)
        return error.exit_code
    except typer.Abort:
        tell("stopped")
        return INTERRUPTED
    return status if isinstance(status, int) else 0 if status is None else FAILED
