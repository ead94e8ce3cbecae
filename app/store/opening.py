"""Opening a matter: to write, one process at a time, or to read, as many as like."""

from __future__ import annotations

from pathlib import Path

from app.domain.cost import RateCard
from app.domain.errors import MatterNotFound, MatterNotReachable, PinciteError
from app.platform.files import disk_full_is_typed
from app.platform.locks import FileLock
from app.store.connection import DATABASE, connect_to_read, connect_to_write
from app.store.migrations import VERSION, migrate, version_of
from app.store.reader import SqliteMatterReader
from app.store.sealed import clear_parts
from app.store.writer import SqliteMatter

LOCK = "matter.lock"


def open_matter(folder: Path, create: bool, card: RateCard | None = None) -> SqliteMatter:
    """Open a matter to write to it, after bringing an older one up to date.

    ``card`` prices the analyst's time in the ledger. Raises MatterNotFound (only without ``create``),
    MatterBusy, MatterTooNew, MatterDamaged, MatterNotReachable, DiskFull.
    """
    if not create:
        _need_matter(folder)
    lock = FileLock(folder / LOCK)
    try:
        with disk_full_is_typed():
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            clear_parts(folder)
            database = connect_to_write(folder / DATABASE)
    except OSError as error:
        lock.release()
        raise _not_reachable() from error
    except PinciteError:
        lock.release()
        raise
    matter = SqliteMatter(folder, database, lock, card if card is not None else RateCard())
    try:
        migrate(database)
    except BaseException:
        matter.close()
        raise
    return matter


def read_matter(folder: Path) -> SqliteMatterReader:
    """Open a matter to read it while another process may be writing.

    A matter of an older version is brought up to date first, which takes its lock for a moment. Raises
    MatterNotFound, MatterBusy (older version only), MatterTooNew, MatterDamaged, MatterNotReachable.
    """
    _need_matter(folder)
    database = connect_to_read(folder / DATABASE)
    try:
        outdated = version_of(database) < VERSION
    except BaseException:
        database.close()
        raise
    if outdated:
        database.close()
        open_matter(folder, create=False).close()
        database = connect_to_read(folder / DATABASE)
    return SqliteMatterReader(folder, database)


def _need_matter(folder: Path) -> None:
    try:
        there = (folder / DATABASE).is_file()
    except OSError as error:
        raise _not_reachable() from error
    if not there:
        raise MatterNotFound(
            f"There is no matter in {folder}.", "`pincite add MATTER PATH...` makes one out of files."
        )


def _not_reachable() -> MatterNotReachable:
    return MatterNotReachable(
        "The matter's folder cannot be read or written.", "Check the drive and your rights to the folder."
    )
