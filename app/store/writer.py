"""A matter, written: every call is one transaction that leaves it whole."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from app.domain.cost import RateCard
from app.domain.errors import QuestionNotFound
from app.domain.finding import Decision, Finding
from app.domain.ports import IndexedText
from app.domain.question import Question, question_id, question_text
from app.domain.record import EntryKind, LedgerEntry
from app.domain.reread import Settle
from app.domain.text import Document, Page, UnreadFile
from app.platform.locks import FileLock
from app.store import sealed
from app.store.connection import Database
from app.store.migrations import vectors_digest
from app.store.reader import SqliteMatterReader, decision_rows, unknown_document
from app.store.recording import append, decide, insert
from app.store.rereading import Cited, cited_words, settle_findings
from app.store.rows import (
    DOCUMENT_COLUMNS,
    PAGE_COLUMNS,
    PASSAGE_COLUMNS,
    QUESTION_COLUMNS,
    SENTENCE_COLUMNS,
    UNREAD_COLUMNS,
    document_to_row,
    pack_matrix,
    page_to_row,
    passage_to_row,
    question_from_row,
    question_to_row,
    rows_of,
    sentence_to_row,
    standing_row,
)


class SqliteMatter(SqliteMatterReader):
    """Implements MatterStore. Holds the matter's lock until it is closed."""

    def __init__(self, folder: Path, database: Database, lock: FileLock, card: RateCard) -> None:
        super().__init__(folder, database)
        self._lock = lock
        self._card = card

    def seal(self, source: Path) -> tuple[str, Path]:
        """Copy a file in under its SHA-256. Raises DocumentNotReadable, DiskFull."""
        return sealed.seal(self._folder, source)

    def take_in(self, files: Sequence[UnreadFile]) -> None:
        """Remember that they are to be read; one that is known keeps its place."""
        with self._database.transaction() as connection:
            for file in files:
                connection.execute(
                    f"""
                    INSERT OR IGNORE INTO unread (position, {UNREAD_COLUMNS})
                    SELECT coalesce(
                        (SELECT position FROM documents WHERE id = ?1),
                        1 + max(
                            (SELECT coalesce(max(position), 0) FROM documents),
                            (SELECT coalesce(max(position), 0) FROM unread)
                        )
                    ), ?1, ?2, ?3, ?4
                    """,
                    (file.document, file.name, file.sha256, file.parent),
                )

    def begin_reading(self, reader: int) -> None:
        """Forget the kept pages of files that another version of the reader began; it begins them anew."""
        with self._database.transaction() as connection:
            held = rows_of(connection, "SELECT value FROM meta WHERE key = 'reader'")
            if held != [(str(reader),)]:
                connection.execute("DELETE FROM unread_pages")
                _upsert(connection, "meta", "key", "key, value", ("reader", str(reader)))

    def keep_pages(self, document: str, pages: Sequence[tuple[int, bytes]]) -> None:
        """Pages of a file that is being read, by number, until ``put_document``; a later one replaces."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO unread_pages (document, number, body) VALUES (?, ?, ?)",
                [(document, number, body) for number, body in pages],
            )

    def put_document(
        self, document: Document, pages: Iterable[Page], reader: int = 0, settle: Settle | None = None
    ) -> None:
        """Add or replace; a replaced document keeps its place, a new one gets that at which it was taken in.

        ``reader`` is the version that read it. Replacing drops sentences, passages and vectors. If the text
        is not the same any more ``settle`` says what becomes of the findings, whose citations count in the
        old text, and the ledger is told. Without it those that nobody decided on are dropped and the others
        stay as they are.
        """
        with self._database.transaction() as connection:
            old = _digest_of_pages(connection, document.id)
            cited = cited_words(connection, document.id) if settle is not None else Cited()
            _drop_index(connection, document.id)
            _put_document_row(connection, document)
            connection.execute("UPDATE documents SET reader = ? WHERE id = ?", (reader, document.id))
            connection.execute("DELETE FROM pages WHERE document = ?", (document.id,))
            marks = ", ".join("?" for _ in PAGE_COLUMNS.split(","))
            for page in pages:
                connection.execute(
                    f"INSERT INTO pages (document, {PAGE_COLUMNS}) VALUES (?, {marks})",
                    (document.id, *page_to_row(page)),
                )
            if old != _digest_of_pages(connection, document.id):
                if settle is None:
                    _drop_undecided(connection, document.id)
                elif cited.findings:
                    settle_findings(connection, document.id, cited, settle, reader)
            _forget_unread(connection, document.id)

    def restate(self, document: Document) -> None:
        """What is said of a document, and nothing of its text. Raises DocumentNotFound."""
        with self._database.transaction() as connection:
            _need_document(connection, document.id)
            _put_document_row(connection, document)

    def leave_as_it_was(self, document: str) -> None:
        """Forget what was kept of a document that was read again for nothing."""
        with self._database.transaction() as connection:
            _forget_unread(connection, document)

    def put_indexed(self, indexed: IndexedText) -> None:
        """Sentences, passages, their FTS rows and vectors, together. Raises DocumentNotFound.

        A document has one split. Vectors of another embedder stay if they are of the same split.
        """
        document = indexed.document
        sentences = [sentence_to_row(sentence) for sentence in indexed.sentences]
        passages = [passage_to_row(passage) for passage in indexed.passages]
        if (len(sentences), len(passages)) != (len(indexed.sentence_vectors), len(indexed.passage_vectors)):
            raise ValueError("one vector for every sentence and passage")
        with self._database.transaction() as connection:
            _need_document(connection, document)
            if _split(connection, document) != (sentences, passages):
                _drop_index(connection, document)
                insert(
                    connection,
                    "sentences",
                    f"document, {SENTENCE_COLUMNS}",
                    [(document, *row) for row in sentences],
                )
                insert(
                    connection,
                    "passages",
                    f"document, {PASSAGE_COLUMNS}",
                    [(document, *row) for row in passages],
                )
                connection.execute(
                    """
                    INSERT INTO passages_fts (rowid, text)
                    SELECT id, text FROM passage_texts WHERE document = ?
                    """,
                    (document,),
                )
            _put_vectors(connection, indexed)

    def put_finding(self, finding: Finding, payload: dict[str, JsonValue]) -> None:
        """The finding and its ledger entry, together. Raises DocumentNotFound.

        A finding on which a decision stands stays as it is, and nothing is added to the ledger. Where all
        decisions were withdrawn it is as if there had been none: a failed one may be made again, and keeps
        its history.
        """
        with self._database.transaction() as connection:
            _need_document(connection, finding.document)
            if standing_row(decision_rows(connection, finding.id)) is not None:
                return
            _upsert(
                connection,
                "findings",
                "id",
                "id, document, task, status, body",
                (finding.id, finding.document, finding.task, finding.status.value, finding.model_dump_json()),
            )
            append(connection, EntryKind.FINDING, payload)

    def put_decision(self, decision: Decision) -> None:
        """The decision and its ledger entry, together. Raises FindingNotFound, NothingToWithdraw.

        The entry holds no note and no value: they are words.
        """
        self.put_decisions([decision])

    def put_decisions(self, decisions: Sequence[Decision]) -> None:
        """As ``put_decision``, in order, all or none."""
        with self._database.transaction() as connection:
            for decision in decisions:
                decide(connection, decision, decision.analyst_seconds / 3600 * self._card.analyst_hour)

    def put_question(self, text: str) -> Question:
        """Remember a question; one that was asked before stays as it was. Raises QuestionInvalid."""
        key = question_id(text)
        with self._database.transaction() as connection:
            held = rows_of(connection, f"SELECT {QUESTION_COLUMNS} FROM questions WHERE id = ?", key)
            if held:
                return question_from_row(held[0])
            question = Question(id=key, text=question_text(text), at=datetime.now(UTC))
            insert(connection, "questions", QUESTION_COLUMNS, [question_to_row(question)])
            return question

    def keep_question(self, question: str, kept: bool) -> None:
        """Whether its answers are a column of their own, by its id. Raises QuestionNotFound."""
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE questions SET kept = ? WHERE id = ?", (int(kept), question)
            ).rowcount
            if not changed:
                raise QuestionNotFound(
                    f"There is no question {question} in this matter.", "Ask it with `pincite ask` first."
                )

    def append(self, kind: EntryKind, payload: dict[str, JsonValue]) -> LedgerEntry:
        """One more entry on the ledger's chain."""
        with self._database.transaction() as connection:
            return append(connection, kind, payload)

    def close(self) -> None:
        """Also gives the matter's lock back."""
        try:
            super().close()
        finally:
            self._lock.release()


def _need_document(connection: sqlite3.Connection, document: str) -> None:
    if not rows_of(connection, "SELECT 1 FROM documents WHERE id = ?", document):
        raise unknown_document(document)


def _split(
    connection: sqlite3.Connection, document: str
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    sentences = f"SELECT {SENTENCE_COLUMNS} FROM sentences WHERE document = ? ORDER BY ordinal"
    passages = f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE document = ? ORDER BY ordinal"
    return rows_of(connection, sentences, document), rows_of(connection, passages, document)


def _put_vectors(connection: sqlite3.Connection, indexed: IndexedText) -> None:
    key = (indexed.document, indexed.embedder)
    packed = pack_matrix(indexed.passage_vectors)
    _upsert(
        connection,
        "vectors",
        "document, embedder",
        "document, embedder, dimensions, sentences, passages",
        (*key, indexed.sentence_vectors.shape[1], pack_matrix(indexed.sentence_vectors), packed),
    )
    _upsert(
        connection,
        "passage_digests",
        "document, embedder",
        "document, embedder, passages, digest",
        (*key, len(indexed.passage_vectors), vectors_digest(packed)),
    )


def _drop_index(connection: sqlite3.Connection, document: str) -> None:
    # first, while the pages are still there: FTS5 must be told the very words it is to forget
    connection.execute(
        """
        INSERT INTO passages_fts (passages_fts, rowid, text)
        SELECT 'delete', id, text FROM passage_texts WHERE document = ?
        """,
        (document,),
    )
    for table in ("passages", "sentences", "passage_digests", "vectors"):
        connection.execute(f"DELETE FROM {table} WHERE document = ?", (document,))


def _drop_undecided(connection: sqlite3.Connection, document: str) -> None:
    connection.execute(
        "DELETE FROM findings WHERE document = ? AND id NOT IN (SELECT finding FROM decisions)", (document,)
    )


def _digest_of_pages(connection: sqlite3.Connection, document: str) -> bytes:
    digest = hashlib.sha256()
    pages = "SELECT number, text FROM pages WHERE document = ? ORDER BY number"
    for number, text in connection.execute(pages, (document,)):
        digest.update(f"{number}:{len(text)}:{text}".encode())
    return digest.digest()


def _forget_unread(connection: sqlite3.Connection, document: str) -> None:
    for table in ("unread", "unread_pages"):
        connection.execute(f"DELETE FROM {table} WHERE document = ?", (document,))


def _put_document_row(connection: sqlite3.Connection, document: Document) -> None:
    row = document_to_row(document)
    if rows_of(connection, "SELECT 1 FROM documents WHERE id = ?", document.id):
        _upsert(connection, "documents", "id", DOCUMENT_COLUMNS, row)
        return
    place = rows_of(connection, "SELECT position FROM unread WHERE document = ?", document.id)
    marks = ", ".join("?" for _ in row)
    connection.execute(
        f"INSERT INTO documents (position, {DOCUMENT_COLUMNS}) VALUES (?, {marks})",
        (place[0][0] if place else None, *row),
    )


def _upsert(
    connection: sqlite3.Connection, table: str, key: str, columns: str, row: tuple[object, ...]
) -> None:
    """Insert or update in place: REPLACE would give the row a new position and break what refers to it."""
    marks = ", ".join("?" for _ in row)
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns.split(", "))
    connection.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {updates}", row
    )
