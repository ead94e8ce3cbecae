"""A matter, read."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.errors import (
    DocumentNotFound,
    FindingNotFound,
    MatterDamaged,
    PageNotFound,
)
from app.domain.finding import Decision, Outcome
from app.domain.ports import FoundPassage, IndexedText, PassageHit, VectorsDigest
from app.domain.question import Question
from app.domain.record import LedgerEntry
from app.domain.search import Within
from app.domain.spans import Span
from app.domain.text import PAGE_BREAK, Document, Page, PageShape, UnreadFile
from app.platform.files import sha256_of
from app.store.connection import Database
from app.store.found import found_passages
from app.store.lexical import LexicalSearch, matched_spans
from app.store.rows import (
    DECISION_COLUMNS,
    DOCUMENT_COLUMNS,
    ENTRY_COLUMNS,
    PAGE_COLUMNS,
    PASSAGE_COLUMNS,
    QUESTION_COLUMNS,
    SENTENCE_COLUMNS,
    SHAPE_COLUMNS,
    UNREAD_COLUMNS,
    Row,
    decision_from_row,
    document_from_row,
    entry_from_row,
    in_order,
    outcome_from_rows,
    page_from_row,
    passage_from_row,
    question_from_row,
    rows_of,
    sentence_from_row,
    shape_from_row,
    unpack_matrix,
)
from app.store.sealed import sealed_path
from app.store.sections import Sections, passages_within

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_A_TIME = 64
_FINDINGS = """
    SELECT findings.id, findings.body
    FROM findings JOIN documents ON documents.id = findings.document
"""


class SqliteMatterReader:
    """Implements MatterReader. One thread at a time is let in; another waits."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._sections = Sections()
        self._search = LexicalSearch(self._sections)

    @property
    def folder(self) -> Path:
        """The matter's folder, as it was given."""
        return self._folder

    @contextmanager
    def at_one_moment(self) -> Generator[None]:
        """What this thread reads inside is of one moment; other threads wait."""
        with self._database.snapshot():
            yield

    def generation(self) -> tuple[int, int]:
        """Another one after anything was written, by this connection or by another process."""
        with self._database.snapshot() as connection:
            return connection.execute("PRAGMA data_version").fetchone()[0], connection.total_changes

    def documents(self) -> tuple[Document, ...]:
        """In the order they were added; what lies inside a document comes after it."""
        with self._database.snapshot() as connection:
            rows = rows_of(connection, f"SELECT {DOCUMENT_COLUMNS} FROM documents ORDER BY position")
        return in_order([document_from_row(row) for row in rows])

    def names(self) -> dict[str, str]:
        """Every document's name by its id, in the order they were added."""
        with self._database.snapshot() as connection:
            return dict(rows_of(connection, "SELECT id, name FROM documents ORDER BY position"))

    def document(self, key: str) -> Document:
        """By id, else by name, else by a beginning of one id only. Raises DocumentNotFound."""
        select = f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE "
        with self._database.snapshot() as connection:
            for condition in ("id = ?1", "name = ?1", "?1 <> '' AND substr(id, 1, length(?1)) = ?1"):
                rows = rows_of(connection, f"{select} {condition} LIMIT 2", key)
                if len(rows) == 1:
                    return document_from_row(rows[0])
                if rows:
                    raise DocumentNotFound(
                        f"Several documents of this matter answer to “{key}”.",
                        "Name the one by its whole id.",
                    )
        raise DocumentNotFound(
            f"There is no document “{key}” in this matter.", "`pincite documents MATTER` lists them."
        )

    def outdated(self, reader: int) -> tuple[Document, ...]:
        """Those that an older version of the reader read, in the order they were added."""
        with self._database.snapshot() as connection:
            rows = rows_of(connection, "SELECT id FROM documents WHERE reader < ?", reader)
        older = {row[0] for row in rows}
        return tuple(document for document in self.documents() if document.id in older)

    def unread(self) -> tuple[UnreadFile, ...]:
        """Files that were taken in and not read to their end, in order."""
        with self._database.snapshot() as connection:
            rows = rows_of(connection, f"SELECT {UNREAD_COLUMNS} FROM unread ORDER BY position")
        return tuple(UnreadFile(document=row[0], name=row[1], sha256=row[2], parent=row[3]) for row in rows)

    def unread_pages(self, document: str) -> Iterator[tuple[int, bytes]]:
        """What was kept of the pages of one of them, by number, in order."""
        last = 0
        while True:
            with self._database.snapshot() as connection:
                rows = rows_of(
                    connection,
                    """
                    SELECT number, body FROM unread_pages WHERE document = ? AND number > ?
                    ORDER BY number LIMIT ?
                    """,
                    document,
                    last,
                    _AT_A_TIME,
                )
            if not rows:
                return
            yield from ((row[0], row[1]) for row in rows)
            last = rows[-1][0]

    def pages(self, document: str) -> tuple[Page, ...]:
        """With words and boxes. Raises DocumentNotFound."""
        rows = self._rows_of_document(
            document, f"SELECT {PAGE_COLUMNS} FROM pages WHERE document = ? ORDER BY number"
        )
        return tuple(page_from_row(row) for row in rows)

    def page(self, document: str, number: int) -> Page:
        """One page with words and boxes. Raises DocumentNotFound, PageNotFound."""
        rows = self._rows_of_document(
            document, f"SELECT {PAGE_COLUMNS} FROM pages WHERE document = ? AND number = ?", number
        )
        if not rows:
            raise PageNotFound(
                f"Document {document} has no page {number}.",
                "`pincite documents MATTER` says how many it has.",
            )
        return page_from_row(rows[0])

    def shapes(self, document: str) -> tuple[PageShape, ...]:
        """Every page's place and size, without reading texts or words. Raises DocumentNotFound."""
        rows = self._rows_of_document(
            document, f"SELECT {SHAPE_COLUMNS} FROM pages WHERE document = ? ORDER BY number"
        )
        return tuple(shape_from_row(row) for row in rows)

    def text(self, document: str) -> str:
        """Canonical text. Raises DocumentNotFound."""
        rows = self._rows_of_document(document, "SELECT text FROM pages WHERE document = ? ORDER BY number")
        return PAGE_BREAK.join(row[0] for row in rows)

    def indexed(self, document: str, embedder: str) -> IndexedText | None:
        """None if the document was not indexed by this embedder yet."""
        with self._database.snapshot() as connection:
            vectors = connection.execute(
                "SELECT dimensions, sentences, passages FROM vectors WHERE document = ? AND embedder = ?",
                (document, embedder),
            ).fetchone()
            if vectors is None:
                return None
            sentences = rows_of(
                connection,
                f"SELECT {SENTENCE_COLUMNS} FROM sentences WHERE document = ? ORDER BY ordinal",
                document,
            )
            passages = rows_of(
                connection,
                f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE document = ? ORDER BY ordinal",
                document,
            )
        return IndexedText(
            document=document,
            embedder=embedder,
            sentences=tuple(sentence_from_row(row) for row in sentences),
            passages=tuple(passage_from_row(row) for row in passages),
            sentence_vectors=unpack_matrix(vectors[1], len(sentences), vectors[0]),
            passage_vectors=unpack_matrix(vectors[2], len(passages), vectors[0]),
        )

    def indexed_documents(self, embedder: str) -> tuple[str, ...]:
        """Ids of the documents that this embedder has indexed, in the order they were added."""
        with self._database.snapshot() as connection:
            rows = rows_of(
                connection,
                """
                SELECT documents.id FROM vectors JOIN documents ON documents.id = vectors.document
                WHERE vectors.embedder = ? ORDER BY documents.position
                """,
                embedder,
            )
        return tuple(row[0] for row in rows)

    def vector_digests(self, embedder: str) -> dict[str, VectorsDigest]:
        """Of the passage vectors of every document that this embedder has indexed; reads no vectors."""
        with self._database.snapshot() as connection:
            rows = rows_of(
                connection,
                "SELECT document, passages, digest FROM passage_digests WHERE embedder = ?",
                embedder,
            )
        return {row[0]: VectorsDigest(row[1], row[2]) for row in rows}

    def lexical(
        self, query: str, document: str | None, limit: int, within: Within | None = None
    ) -> tuple[PassageHit, ...]:
        """BM25 over passages, best first, higher is better. Any text is a valid query.

        Passages with all of the query's quoted phrases come first, then those with any word.
        """
        with self._database.snapshot() as connection:
            return self._search.hits(connection, query, document, limit, within)

    def within(self, within: Within) -> dict[str, tuple[int, ...]]:
        """Ordinals of the passages that a filter lets through, by document."""
        found: dict[str, list[int]] = {}
        with self._database.snapshot() as connection:
            for _, document, ordinal in passages_within(connection, within, self._sections):
                found.setdefault(document, []).append(ordinal)
        return {document: tuple(ordinals) for document, ordinals in found.items()}

    def found(self, places: Sequence[tuple[str, int]], embedder: str) -> tuple[FoundPassage | None, ...]:
        """Passages by document and ordinal, in that order; None for one that is gone."""
        with self._database.snapshot() as connection:
            return found_passages(connection, places, embedder, self._sections)

    def passage_vectors(self, document: str, embedder: str) -> NDArray[np.float32] | None:
        """Row i is passage i; None if the document was not indexed by this embedder yet."""
        with self._database.snapshot() as connection:
            rows = rows_of(
                connection,
                "SELECT passages, dimensions FROM vectors WHERE document = ? AND embedder = ?",
                document,
                embedder,
            )
        if not rows:
            return None
        data, dimensions = rows[0]
        return unpack_matrix(data, len(data) // (4 * dimensions), dimensions)

    def matched(self, texts: Sequence[str], query: str) -> tuple[tuple[Span, ...], ...]:
        """In each text, the words that a search finds, in whatever form."""
        return matched_spans(texts, query)

    def outcomes(self) -> tuple[Outcome, ...]:
        """Every finding with the decision that stands, in document order, then the order found.

        A finding's ``cost.analyst`` holds what all its decisions took, also those replaced or withdrawn.
        """
        with self._database.snapshot() as connection:
            rows = rows_of(connection, f"{_FINDINGS} ORDER BY documents.position, findings.position")
            decided: dict[str, list[Row]] = {}
            for row in decision_rows(connection):
                decided.setdefault(row[0], []).append(row)
        return tuple(outcome_from_rows(body, decided.get(finding, ())) for finding, body in rows)

    def outcome(self, finding: str) -> Outcome:
        """By id or an unambiguous beginning of one. Raises FindingNotFound."""
        with self._database.snapshot() as connection:
            for condition in ("findings.id = ?1", "?1 <> '' AND substr(findings.id, 1, length(?1)) = ?1"):
                rows = rows_of(connection, f"{_FINDINGS} WHERE {condition} LIMIT 2", finding)
                if len(rows) == 1:
                    key, body = rows[0]
                    return outcome_from_rows(body, decision_rows(connection, key))
                if rows:
                    raise FindingNotFound(f"Several findings begin with “{finding}”.", "Give more of its id.")
        raise unknown_finding(finding)

    def decisions(self, finding: str) -> tuple[Decision, ...]:
        """All that was decided on a finding, withdrawals too, oldest first. Raises FindingNotFound."""
        with self._database.snapshot() as connection:
            rows = decision_rows(connection, finding)
            if not rows and not rows_of(connection, "SELECT 1 FROM findings WHERE id = ?", finding):
                raise unknown_finding(finding)
        return tuple(decision_from_row(row) for row in rows)

    def questions(self) -> tuple[Question, ...]:
        """Questions of the analyst's own, in the order they were first asked."""
        with self._database.snapshot() as connection:
            rows = rows_of(connection, f"SELECT {QUESTION_COLUMNS} FROM questions ORDER BY position")
        return tuple(question_from_row(row) for row in rows)

    def entries(self) -> tuple[LedgerEntry, ...]:
        """The whole ledger, oldest first."""
        with self._database.snapshot() as connection:
            rows = rows_of(connection, f"SELECT {ENTRY_COLUMNS} FROM ledger ORDER BY sequence")
        return tuple(entry_from_row(row) for row in rows)

    def original(self, document: str) -> Path:
        """The sealed file. Raises DocumentNotFound, MatterDamaged if it is gone."""
        path = sealed_path(self._folder, self.document(document).sha256)
        if not path.is_file():
            raise MatterDamaged(
                f"The original of document {document} is gone.",
                "Add the same file again, or restore a backup.",
            )
        return path

    def integrity(self) -> list[str]:
        """What is wrong with the matter's files, ids only; nothing if all is well. Reads every file."""
        try:
            with self._database.snapshot() as connection:
                rows = rows_of(connection, "PRAGMA integrity_check(20)")
                problems = [f"database: {row[0]}" for row in rows if row[0] != "ok"]
                for table, row_id, parent, _ in rows_of(connection, "PRAGMA foreign_key_check"):
                    problems.append(f"database: row {row_id} of {table} refers to nothing in {parent}")
            documents = self.documents()
        except MatterDamaged as error:
            return [f"database: {error.message}"]
        for document in documents:
            path = sealed_path(self._folder, document.sha256)
            if not path.is_file():
                problems.append(f"document {document.id}: the original is gone")
            elif sha256_of(path) != document.sha256:
                problems.append(f"document {document.id}: the original was changed")
        return problems

    def close(self) -> None:
        """Safe to call twice."""
        self._search.close()
        self._database.close()

    def _rows_of_document(self, document: str, query: str, *more: object) -> list[Row]:
        with self._database.snapshot() as connection:
            if not rows_of(connection, "SELECT 1 FROM documents WHERE id = ?", document):
                raise unknown_document(document)
            return rows_of(connection, query, document, *more)


def decision_rows(connection: sqlite3.Connection, finding: str | None = None) -> list[Row]:
    """DECISION_COLUMNS and what each cost, oldest first; of one finding, or of all."""
    select = f"SELECT {DECISION_COLUMNS}, analyst_cost FROM decisions"
    if finding is None:
        return rows_of(connection, f"{select} ORDER BY position")
    return rows_of(connection, f"{select} WHERE finding = ? ORDER BY position", finding)


def unknown_finding(finding: str) -> FindingNotFound:
    """The error for what no finding of the matter is called."""
    return FindingNotFound(
        f"There is no finding “{finding}” in this matter.", "`pincite findings MATTER` lists them."
    )


def unknown_document(document: str) -> DocumentNotFound:
    """The error for an id that no document of the matter bears."""
    return DocumentNotFound(
        f"There is no document {document} in this matter.", "`pincite documents MATTER` lists them."
    )
