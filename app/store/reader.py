"""A matter, read."""

from __future__ import annotations

from pathlib import Path

from app.domain.errors import DocumentNotFound, FindingNotFound, MatterDamaged
from app.domain.finding import Outcome
from app.domain.ports import IndexedText, PassageHit
from app.domain.record import LedgerEntry
from app.domain.text import PAGE_BREAK, Document, Page
from app.platform.files import sha256_of
from app.store.connection import Database
from app.store.lexical import DocumentRanking, match_expression, matter_hits
from app.store.rows import (
    DECISION_COLUMNS,
    DOCUMENT_COLUMNS,
    ENTRY_COLUMNS,
    PAGE_COLUMNS,
    PASSAGE_COLUMNS,
    SENTENCE_COLUMNS,
    Row,
    document_from_row,
    entry_from_row,
    outcome_from_row,
    page_from_row,
    passage_from_row,
    rows_of,
    sentence_from_row,
    unpack_matrix,
)
from app.store.sealed import sealed_path

_OUTCOMES = f"""
    SELECT findings.body, (SELECT total(analyst_cost) FROM decisions WHERE finding = findings.id),
        {", ".join(f"decisions.{column}" for column in DECISION_COLUMNS.split(", "))}
    FROM findings
    JOIN documents ON documents.id = findings.document
    LEFT JOIN decisions
        ON decisions.position = (SELECT max(position) FROM decisions WHERE finding = findings.id)
"""


class SqliteMatterReader:
    """Implements MatterReader. One thread at a time is let in; another waits."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._ranking = DocumentRanking()

    @property
    def folder(self) -> Path:
        """The matter's folder, as it was given."""
        return self._folder

    def documents(self) -> tuple[Document, ...]:
        """In the order they were added."""
        with self._database.snapshot() as connection:
            rows = rows_of(connection, f"SELECT {DOCUMENT_COLUMNS} FROM documents ORDER BY position")
        return tuple(document_from_row(row) for row in rows)

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

    def pages(self, document: str) -> tuple[Page, ...]:
        """With words and boxes. Raises DocumentNotFound."""
        rows = self._rows_of_document(
            document, f"SELECT {PAGE_COLUMNS} FROM pages WHERE document = ? ORDER BY number"
        )
        return tuple(page_from_row(row) for row in rows)

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

    def lexical(self, query: str, document: str | None, limit: int) -> tuple[PassageHit, ...]:
        """BM25 over passages, best first, higher is better. Any text is a valid query."""
        match = match_expression(query)
        if match is None or limit < 1:
            return ()
        with self._database.snapshot() as connection:
            if document is None:
                return matter_hits(connection, match, limit)
            return self._ranking.hits(connection, document, match, limit)

    def outcomes(self) -> tuple[Outcome, ...]:
        """Every finding with its latest decision, in document order, then the order found.

        A finding's ``cost.analyst`` holds what all its decisions took, also the replaced ones.
        """
        with self._database.snapshot() as connection:
            rows = rows_of(connection, f"{_OUTCOMES} ORDER BY documents.position, findings.position")
        return tuple(outcome_from_row(row) for row in rows)

    def outcome(self, finding: str) -> Outcome:
        """By id or an unambiguous beginning of one. Raises FindingNotFound."""
        with self._database.snapshot() as connection:
            for condition in ("findings.id = ?1", "?1 <> '' AND substr(findings.id, 1, length(?1)) = ?1"):
                rows = rows_of(connection, f"{_OUTCOMES} WHERE {condition} LIMIT 2", finding)
                if len(rows) == 1:
                    return outcome_from_row(rows[0])
                if rows:
                    raise FindingNotFound(f"Several findings begin with “{finding}”.", "Give more of its id.")
        raise FindingNotFound(
            f"There is no finding “{finding}” in this matter.", "`pincite findings MATTER` lists them."
        )

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
        self._ranking.close()
        self._database.close()

    def _rows_of_document(self, document: str, query: str) -> list[Row]:
        with self._database.snapshot() as connection:
            if not rows_of(connection, "SELECT 1 FROM documents WHERE id = ?", document):
                raise unknown_document(document)
            return rows_of(connection, query, document)


def unknown_document(document: str) -> DocumentNotFound:
    """The error for an id that no document of the matter bears."""
    return DocumentNotFound(
        f"There is no document {document} in this matter.", "`pincite documents MATTER` lists them."
    )
