"""The schema, as the list of steps that led to it. Append only: a step that was released never changes."""

from __future__ import annotations

import hashlib
import sqlite3

from app.domain.errors import MatterTooNew
from app.store.connection import Database, damaged

APPLICATION_ID = 0x50696E63  # "Pinc": tells a matter from any other SQLite file

_BASE = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """
    CREATE TABLE documents (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        pages INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        parent TEXT,
        flags TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE pages (
        document TEXT NOT NULL REFERENCES documents (id),
        number INTEGER NOT NULL,
        begins INTEGER NOT NULL,
        text TEXT NOT NULL,
        width REAL NOT NULL,
        height REAL NOT NULL,
        words BLOB NOT NULL,
        PRIMARY KEY (document, number)
    ) STRICT
    """,
    """
    CREATE TABLE sentences (
        document TEXT NOT NULL REFERENCES documents (id),
        ordinal INTEGER NOT NULL,
        page INTEGER NOT NULL,
        begins INTEGER NOT NULL,
        ends INTEGER NOT NULL,
        PRIMARY KEY (document, ordinal)
    ) STRICT, WITHOUT ROWID
    """,
    # AUTOINCREMENT: an id that was used once is never used again, so a cache may rely on it
    """
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document TEXT NOT NULL REFERENCES documents (id),
        ordinal INTEGER NOT NULL,
        page INTEGER NOT NULL,
        begins INTEGER NOT NULL,
        ends INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        heading_begins INTEGER,
        heading_ends INTEGER,
        UNIQUE (document, ordinal)
    ) STRICT
    """,
    """
    CREATE TABLE vectors (
        document TEXT NOT NULL REFERENCES documents (id),
        embedder TEXT NOT NULL,
        dimensions INTEGER NOT NULL,
        sentences BLOB NOT NULL,
        passages BLOB NOT NULL,
        PRIMARY KEY (document, embedder)
    ) STRICT
    """,
    """
    CREATE TABLE findings (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        document TEXT NOT NULL REFERENCES documents (id),
        task TEXT NOT NULL,
        status TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX findings_by_document ON findings (document)",
    """
    CREATE TABLE decisions (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        finding TEXT NOT NULL REFERENCES findings (id),
        kind TEXT NOT NULL,
        value TEXT,
        note TEXT,
        at TEXT NOT NULL,
        analyst_seconds REAL NOT NULL,
        analyst_cost REAL NOT NULL
    ) STRICT
    """,
    "CREATE INDEX decisions_by_finding ON decisions (finding)",
    """
    CREATE TABLE ledger (
        sequence INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
    BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_is_never_shortened BEFORE DELETE ON ledger
    BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END
    """,
)

_LEXICAL_INDEX = (
    # SQLite's substr counts code points, as our spans do
    """
    CREATE VIEW passage_texts AS
    SELECT passages.id AS id, passages.document AS document,
        substr(pages.text, passages.begins - pages.begins + 1, passages.ends - passages.begins) AS text
    FROM passages
    JOIN pages ON pages.document = passages.document AND pages.number = passages.page
    """,
    """
    CREATE VIRTUAL TABLE passages_fts USING fts5 (
        text, content = 'passage_texts', content_rowid = 'id',
        tokenize = 'porter unicode61 remove_diacritics 2'
    )
    """,
    "INSERT INTO passages_fts (passages_fts) VALUES ('rebuild')",
)

_QUESTIONS = (
    """
    CREATE TABLE questions (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        text TEXT NOT NULL,
        at TEXT NOT NULL,
        kept INTEGER NOT NULL
    ) STRICT
    """,
)

_READING = (
    "ALTER TABLE pages ADD COLUMN confidences BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE pages ADD COLUMN marks TEXT NOT NULL DEFAULT ''",
    # files that were taken in and are not read to their end yet; positions are the documents' own
    """
    CREATE TABLE unread (
        position INTEGER PRIMARY KEY,
        document TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        parent TEXT
    ) STRICT
    """,
    """
    CREATE TABLE unread_pages (
        document TEXT NOT NULL,
        number INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (document, number)
    ) STRICT
    """,
)

_READER = (
    # 0: read before the reader's version was kept
    "ALTER TABLE documents ADD COLUMN reader INTEGER NOT NULL DEFAULT 0",
)

_DIGESTS = (
    # a table of its own: what stands behind a blob in a row is found by reading all of the blob
    """
    CREATE TABLE passage_digests (
        document TEXT NOT NULL,
        embedder TEXT NOT NULL,
        passages INTEGER NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (document, embedder),
        FOREIGN KEY (document, embedder) REFERENCES vectors (document, embedder) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO passage_digests (document, embedder, passages, digest)
    SELECT document, embedder, length(passages) / (4 * dimensions), vectors_digest(passages) FROM vectors
    """,
)

_TABLES = (
    "ALTER TABLE passages ADD COLUMN table_begins INTEGER",
    "ALTER TABLE passages ADD COLUMN table_ends INTEGER",
    """
    CREATE VIEW passage_quotes AS
    SELECT passages.id AS id, passages.document AS document,
        substr(pages.text, passages.begins - pages.begins + 1, passages.ends - passages.begins) AS text
    FROM passages
    JOIN pages ON pages.document = passages.document AND pages.number = passages.page
    """,
    # what is searched by words; of passages that are there already it is what their index was told
    "DROP VIEW passage_texts",
    """
    CREATE VIEW passage_texts AS
    SELECT passages.id AS id, passages.document AS document,
        ifnull(
            substr(
                pages.text,
                passages.table_begins - pages.begins + 1,
                passages.table_ends - passages.table_begins
            ) || char(10),
            ''
        ) || substr(pages.text, passages.begins - pages.begins + 1, passages.ends - passages.begins) AS text
    FROM passages
    JOIN pages ON pages.document = passages.document AND pages.number = passages.page
    """,
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _BASE,
    _LEXICAL_INDEX,
    _QUESTIONS,
    _READING,
    _READER,
    _DIGESTS,
    _TABLES,
)
"""Step i brings a matter from version i to version i + 1."""

VERSION = len(MIGRATIONS)


def migrate(database: Database, target: int = VERSION) -> None:
    """Bring a matter up to ``target``, one transaction a step. Raises MatterTooNew, MatterDamaged."""
    version = version_of(database)
    for number in range(version, target):
        with database.transaction() as connection:
            connection.create_function("vectors_digest", 1, vectors_digest, deterministic=True)
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")


def vectors_digest(blob: bytes) -> str:
    """64 bits of BLAKE2b of a stored matrix, in hexadecimal. A released step uses it: never change it."""
    return hashlib.blake2b(blob, digest_size=8).hexdigest()


def version_of(database: Database) -> int:
    """0 for a file in which nothing was made yet. Raises MatterTooNew, MatterDamaged."""
    with database.snapshot() as connection:
        version = _pragma(connection, "user_version")
        application = _pragma(connection, "application_id")
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (tables or version or application):
        raise damaged()
    if version > VERSION:
        raise MatterTooNew(
            "This matter was written by a newer version of Pincite.", "Install the newer version to open it."
        )
    return version


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
