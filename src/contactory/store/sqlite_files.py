"""Files of SQLite stores: written whole or not at all, restored from backups."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from contactory.domain.errors import AlreadyExists, NotFound, StoreDamaged, Unavailable


def restore_file(backup: Path, target: Path) -> int:
    """Make a store of a backup, where there is none yet; returns its bytes.

    Raises NotFound without such a backup, StoreDamaged when it is no whole store, AlreadyExists
    when the target is there, Unavailable when it cannot be written.
    """
    if not backup.is_file():
        raise NotFound(f"there is no backup {backup}")
    leftover = target.with_name(target.name + "-wal")
    if leftover.exists():
        raise AlreadyExists(f"{leftover} is there: it belongs to another store, move it away")
    with new_file(target) as unfinished:
        shutil.copyfile(backup, unfinished)
        _check_whole(unfinished)
    return target.stat().st_size


def _check_whole(path: Path) -> None:
    connection = apsw.Connection(str(path))
    try:
        found = connection.execute("PRAGMA integrity_check(1)").fetchall()
        if found != [("ok",)]:
            raise StoreDamaged(f"the backup is damaged: {found[0][0]}")
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sites'").fetchall():
            raise StoreDamaged("the backup is no contactory store")
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise StoreDamaged(f"the backup is no contactory store: {error}") from error
    finally:
        connection.close()


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A file to write, which becomes the target once whole and on the disk.

    Raises AlreadyExists when the target is there, and Unavailable when the disk refuses.
    """
    if target.exists():
        raise AlreadyExists(f"{target} is there already: choose another name")
    unfinished = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        yield unfinished
        _flush(unfinished)
        os.link(unfinished, target)
        _flush(target.parent)
    except FileExistsError as error:
        raise AlreadyExists(f"{target} is there already: choose another name") from error
    except (apsw.Error, OSError) as error:
        raise Unavailable(f"cannot write {target}: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
