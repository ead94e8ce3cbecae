"""SQLite connections to a matter: one writer or many readers, and SQLite's errors made typed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.domain.errors import MatterBusy, MatterDamaged, MatterNotReachable, PinciteError
from app.platform.files import disk_full

DATABASE = "matter.sqlite3"
_PATIENCE_SECONDS = 10.0

WORDS, INSTANCES = "temp.passage_words", "temp.passage_instances"
"""What the index of passages holds: each word with the number of its passages, and each place of each word.
They are the connection's own, and store nothing."""

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NOT_REACHABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


class Database:
    """One connection, used by one thread at a time, in whole transactions only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._turn = threading.RLock()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Everything inside is written and on the disk at the end, or nothing is."""
        with self._turn, typed_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def snapshot(self) -> Generator[sqlite3.Connection]:
        """Everything inside sees the matter at one moment, whatever is written meanwhile."""
        with self._turn, typed_errors():
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._roll_back()

    def close(self) -> None:
        """Safe to call twice."""
        with self._turn, typed_errors():
            self._connection.close()

    def _roll_back(self) -> None:
        # SQLite has rolled back by itself after some errors, a full disk among them
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")


def connect_to_write(file: Path) -> Database:
    """Creates the file if there is none. A commit is on the disk when it returns."""
    with typed_errors():
        connection = _connect(file, "rwc")
        with _closed_on_error(connection):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            _show_words(connection)
        return Database(connection)


def connect_to_read(file: Path) -> Database:
    """A connection that cannot write, beside whoever does."""
    with typed_errors():
        connection = _connect(file, "ro")
        with _closed_on_error(connection):
            _show_words(connection)  # first: it is a statement that writes, if only to the connection
            connection.execute("PRAGMA query_only = ON")
            connection.execute("SELECT count(*) FROM sqlite_master")
        return Database(connection)


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{file.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=_PATIENCE_SECONDS,
        isolation_level=None,
        check_same_thread=False,  # Database lets one thread in at a time
    )


def _show_words(connection: sqlite3.Connection) -> None:
    # fine without the index: it is looked for when they are read
    for table, kind in ((WORDS, "row"), (INSTANCES, "instance")):
        connection.execute(f"CREATE VIRTUAL TABLE {table} USING fts5vocab (main, passages_fts, {kind})")


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Generator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def typed_errors() -> Generator[None]:
    """SQLite's errors by their code, never by their text."""
    try:
        yield
    except sqlite3.Error as error:
        typed = _typed(error)
        if typed is None:
            raise
        raise typed from error


def _typed(error: sqlite3.Error) -> PinciteError | None:
    # errors that the module raises itself, such as the use of a closed connection, carry no code
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return disk_full()
    if code in _DAMAGED:
        return damaged()
    if code in _BUSY:
        return MatterBusy("Another program holds this matter's file.", "Close it and try again.")
    if code in _NOT_REACHABLE:
        return MatterNotReachable(
            "The matter's folder cannot be read or written.", "Check the drive and your rights to the folder."
        )
    return None


def damaged() -> MatterDamaged:
    """The error to raise when what is stored cannot be what was written."""
    return MatterDamaged(
        "The matter's file is damaged, or is not one of Pincite's.", "Restore the folder from a backup."
    )
