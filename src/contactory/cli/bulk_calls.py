"""`contactory contacts bulk-…`: commands about all contacts of a filter or search."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.inputs import read_input
from contactory.cli.job_progress import follow, show_job
from contactory.cli.terminal import Terminal
from contactory.domain.bulk_jobs import StartedBulkJob
from contactory.domain.errors import MalformedRequest
from contactory.http.bodies import parse_json
from contactory.http.settings import HttpSettings
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm

bulk_app = new_group("Change all contacts of a filter or search.")

_FilterOption = Annotated[
    str | None,
    typer.Option(
        "--filter", metavar="JSON", help="""Which contacts: '{"info.company": "Acme"}'."""
    ),
]
_SearchOption = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Contacts with exactly this name, e-mail or phone."),
]
_WaitOption = Annotated[bool, typer.Option("--wait", help="Follow the job until it is done.")]


@command(
    bulk_app,
    "bulk-delete",
    """contactory contacts bulk-delete --filter '{"info.company": "Acme"}' --wait""",
    over_http=True,
)
def bulk_delete(
    terminal: Terminal,
    *,
    which: _FilterOption = None,
    search: _SearchOption = None,
    delete_members: Annotated[
        bool, typer.Option("--delete-members", help="Contacts of members too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    wait: _WaitOption = False,
) -> None:
    """Delete all contacts that match; asks first."""
    options = _which(which, search) | {"deleteMember": delete_members}
    if not yes:
        typer.confirm("Delete all contacts that match, for good?", abort=True, err=True)
    _run(terminal, lambda crm: crm.contacts.bulk_delete_contacts(options), wait=wait)


@command(
    bulk_app,
    "bulk-update",
    """contactory contacts bulk-update new.json --filter '{"info.company": "Acme"}' --wait""",
    over_http=True,
)
def bulk_update(
    terminal: Terminal,
    file: Annotated[
        Path, typer.Argument(help="JSON: what to write, an info; - reads standard input.")
    ],
    *,
    which: _FilterOption = None,
    search: _SearchOption = None,
    field_mask: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="Write exactly this part, such as name.last; repeat."),
    ] = None,
    wait: _WaitOption = False,
) -> None:
    """Write one info over all contacts that match."""
    options = _which(which, search) | {"info": _parsed(read_input(file))}
    if field_mask:
        options["fieldMask"] = field_mask
    _run(terminal, lambda crm: crm.contacts.bulk_update_contacts(options), wait=wait)


@command(
    bulk_app,
    "bulk-label",
    """contactory contacts bulk-label --search Ada --add custom.vip --remove custom.new""",
    over_http=True,
)
def bulk_label(
    terminal: Terminal,
    *,
    which: _FilterOption = None,
    search: _SearchOption = None,
    add: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="A label to add; repeat for more.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="A label to take away; repeat for more.")
    ] = None,
    wait: _WaitOption = False,
) -> None:
    """Add labels to all contacts that match, and take others away."""
    labels = {"labelKeysToAdd": add or [], "labelKeysToRemove": remove or []}
    options = _which(which, search) | labels
    _run(terminal, lambda crm: crm.contacts.bulk_label_and_unlabel_contacts(options), wait=wait)


def _which(which: str | None, search: str | None) -> dict[str, Any]:
    sent = {"filter": None if which is None else _filter(which), "search": search}
    return {name: value for name, value in sent.items() if value is not None}


def _filter(text: str) -> Any:
    try:
        return _parsed(text.encode())
    except MalformedRequest as error:
        raise MalformedRequest(f"--filter: {error.message}") from error


def _parsed(text: bytes) -> Any:
    return parse_json(text, HttpSettings().max_depth)


def _run(
    terminal: Terminal,
    start: Callable[[Crm | RemoteCrm], Awaitable[StartedBulkJob]],
    *,
    wait: bool,
) -> None:
    """Start a job and show its id, or follow it to its end and show it whole."""

    async def started(crm: Crm | RemoteCrm) -> Any:
        job_id = (await start(crm)).job_id
        return await follow(crm, job_id) if wait else StartedBulkJob(job_id)

    done = terminal.run_anywhere(started)
    if not isinstance(done, StartedBulkJob):
        show_job(terminal, done)
        return
    terminal.show(done)
    terminal.note(f"A worker does it: contactory jobs watch {done.job_id}")
