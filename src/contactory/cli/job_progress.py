"""Follows a job with a bar on standard error, and shows how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contactory.cli.exit_codes import FAILED
from contactory.cli.printing import plain
from contactory.cli.terminal import Terminal
from contactory.domain.bulk_jobs import BulkJob
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm


async def follow(crm: Crm | RemoteCrm, job_id: str) -> BulkJob:
    """The job once it is done; a terminal shows a bar until then."""
    with _bar() as show:
        return await crm.wait_for_bulk_job(job_id, show)


def show_job(terminal: Terminal, job: BulkJob) -> None:
    """Show a job. One that is done but not for all contacts ends the command with exit code 1."""
    shown = plain(job)
    for old in ("errors", "processedCount", "failedCount"):
        del shown[old]
    if job.errors:
        told = [f"{error.count} x {error.code}: {error.message}" for error in job.errors]
        shown["errors"] = "; ".join(told)
    terminal.show(job, fields=shown)
    if job.finished_date is not None and job.failed_total:
        raise typer.Exit(FAILED)


@contextmanager
def _bar() -> Iterator[Callable[[BulkJob], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    ) as progress:
        task = progress.add_task("waiting", total=None)

        def show(job: BulkJob) -> None:
            done = job.success_total + job.failed_total
            failed = f", {job.failed_total} failed" if job.failed_total else ""
            text = f"{job.type.lower()} {job.status.lower()}{failed}"
            total = job.total_items or None
            progress.update(task, description=text, completed=done, total=total)

        yield show
