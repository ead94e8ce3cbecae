"""BM25 over passages, in a whole matter or in one document."""

from __future__ import annotations

import re
import sqlite3

from app.domain.ports import PassageHit
from app.store.connection import typed_errors
from app.store.rows import rows_of

_MOST_TERMS = 64
_TERM = re.compile(r"\w+")


def match_expression(query: str) -> str | None:
    """Any text as an FTS5 query for passages with any of its words; None where it has no word.

    Only the first 64 different words count: every one of them costs a pass over its list of passages.
    """
    terms = dict.fromkeys(_TERM.findall(query.casefold()))
    quoted = [f'"{term}"' for term in terms if not _lone_surrogate(term)][:_MOST_TERMS]
    return " OR ".join(quoted) or None


def _lone_surrogate(term: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in term)


def matter_hits(connection: sqlite3.Connection, match: str, limit: int) -> tuple[PassageHit, ...]:
    """The matter's best passages; how rare a word is counts over the whole matter."""
    rows = rows_of(
        connection,
        """
        SELECT passages.document, passages.ordinal, -bm25(passages_fts)
        FROM passages_fts JOIN passages ON passages.id = passages_fts.rowid
        WHERE passages_fts MATCH ? ORDER BY bm25(passages_fts), passages_fts.rowid LIMIT ?
        """,
        match,
        limit,
    )
    return tuple(PassageHit(document=row[0], passage=row[1], score=row[2]) for row in rows)


class DocumentRanking:
    """BM25 within one document, from an index of that document alone, in memory.

    How rare a word is counts within the document: so its ranking does not depend on what else is in
    the matter, and costs the same in a matter of ten documents and of a hundred thousand, where FTS5's
    own bm25() walks every passage of the matter that holds a word. The last document asked for is kept.
    """

    def __init__(self) -> None:
        self._index: sqlite3.Connection | None = None
        self._holds: tuple[str, int, int] | None = None

    def hits(
        self, connection: sqlite3.Connection, document: str, match: str, limit: int
    ) -> tuple[PassageHit, ...]:
        """The document's best passages, best first."""
        index = self._index_of(connection, document)
        rows = rows_of(
            index,
            """
            SELECT rowid, -bm25(passages) FROM passages
            WHERE passages MATCH ? ORDER BY bm25(passages), rowid LIMIT ?
            """,
            match,
            limit,
        )
        return tuple(PassageHit(document=document, passage=row[0], score=row[1]) for row in rows)

    def close(self) -> None:
        """Forget the index."""
        if self._index is not None:
            self._index.close()
        self._index = self._holds = None

    def _index_of(self, connection: sqlite3.Connection, document: str) -> sqlite3.Connection:
        ((first, last),) = rows_of(
            connection,
            "SELECT ifnull(min(id), 0), ifnull(max(id), 0) FROM passages WHERE document = ?",
            document,
        )
        # ids are never used twice: the same ones mean the same passages
        if self._index is None or self._holds != (document, first, last):
            self.close()
            with typed_errors():
                self._index = _index_in_memory(connection, document)
            self._holds = (document, first, last)
        return self._index


def _index_in_memory(connection: sqlite3.Connection, document: str) -> sqlite3.Connection:
    index = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    index.execute(
        "CREATE VIRTUAL TABLE passages USING fts5 "
        "(text, content = '', tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    index.execute("BEGIN")
    index.executemany(
        "INSERT INTO passages (rowid, text) VALUES (?, ?)",
        connection.execute(
            """
            SELECT passages.ordinal, passage_texts.text
            FROM passages JOIN passage_texts ON passage_texts.id = passages.id
            WHERE passages.document = ?
            """,
            (document,),
        ),
    )
    index.execute("COMMIT")
    return index
