"""`contactory jobs`: changes of many contacts at once."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.job_progress import follow, show_job
from contactory.cli.terminal import Terminal

app = new_group("Jobs: changes of many contacts at once, in a store or through a server.")

_JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]
_COLUMNS = ("id", "type", "status", "startedDate", "totalItems", "successTotal", "failedTotal")


@command(app, "list", "contactory jobs list", over_http=True)
def list_all(terminal: Terminal) -> None:
    """List the newest 100 jobs, newest first."""
    found = terminal.run_anywhere(lambda crm: crm.contacts.list_bulk_jobs())
    terminal.show_all(found, _COLUMNS, "no jobs")


@command(app, "get", "contactory jobs get 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60", over_http=True)
def get(terminal: Terminal, job_id: _JobId) -> None:
    """Show how far a job is; exit code 1 when it is done and could not be for some contacts."""
    show_job(terminal, terminal.run_anywhere(lambda crm: crm.contacts.get_bulk_job(job_id)))


@command(app, "watch", "contactory jobs watch 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60", over_http=True)
def watch(terminal: Terminal, job_id: _JobId) -> None:
    """Follow a job until it is done; in a store that no worker runs on, this command does it."""
    show_job(terminal, terminal.run_anywhere(lambda crm: follow(crm, job_id)))
