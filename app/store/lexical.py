"""BM25 over passages, in a whole matter or in one document; rows of a table with what heads it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence

from app.domain.ports import PassageHit
from app.domain.search import Within
from app.domain.spans import Span
from app.store.connection import typed_errors
from app.store.matter_ranking import TOKENS, MatterRanking
from app.store.rows import rows_of
from app.store.sections import Sections, passages_within

_MOST_TERMS = 64
_MOST_PHRASES = 8
_TERM = re.compile(r"\w+")
_QUOTED = re.compile(r'["“”„]([^"“”„]+)["“”]')
_UNSAFE = re.compile("[\x00-\x02\ud800-\udfff]")
_MARK = re.compile("([\x01\x02])")
_AMONG = "AND +{} IN (SELECT value FROM json_each(?3))"
_STOP_WORDS = """
    a about an and any are as at be been being by can could did do does for from had has have he her
    his how i if in into is it its me my of on or our she should so such than that the their them
    then there these they this those to was we were what when where which who whom whose why will
    with would you your
    """
_SAY_NOTHING = frozenset(_STOP_WORDS.split())


def match_expression(query: str) -> str | None:
    """Any text as an FTS5 query for passages with any of its words or quoted phrases; None without a word.

    Only the first 64 different words count: every one of them costs a pass over its list of passages.
    """
    return " OR ".join(f'"{term}"' for term in (*phrases_of(query), *words_of(query))) or None


def words_of(query: str) -> tuple[str, ...]:
    """Its first 64 different words, without those that say nothing where there are others."""
    terms = [term for term in dict.fromkeys(_TERM.findall(query.casefold())) if not _lone_surrogate(term)]
    return tuple([term for term in terms if term not in _SAY_NOTHING] or terms)[:_MOST_TERMS]


def phrases_of(query: str) -> tuple[str, ...]:
    """What stands in quotation marks and has several words, as words parted by one blank."""
    found = (" ".join(_TERM.findall(part.casefold())) for part in _QUOTED.findall(query))
    phrases = [phrase for phrase in found if " " in phrase and not _lone_surrogate(phrase)]
    return tuple(dict.fromkeys(phrases))[:_MOST_PHRASES]


def matched_spans(texts: Sequence[str], query: str) -> tuple[tuple[Span, ...], ...]:
    """In each text, the words that the query finds, in whatever form: code points of that text."""
    match = match_expression(query)
    if match is None or not texts:
        return tuple(() for _ in texts)
    index = sqlite3.connect(":memory:")
    try:
        index.execute(f"CREATE VIRTUAL TABLE texts USING fts5 (text, {TOKENS})")
        index.executemany(
            "INSERT INTO texts (rowid, text) VALUES (?, ?)",
            [(row, _UNSAFE.sub(" ", text)) for row, text in enumerate(texts)],
        )
        marked: dict[int, str] = dict(
            index.execute(
                "SELECT rowid, highlight(texts, 0, char(1), char(2)) FROM texts WHERE texts MATCH ?", (match,)
            ).fetchall()
        )
    finally:
        index.close()
    return tuple(_spans(marked.get(row, "")) for row in range(len(texts)))


def _spans(marked: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    place = start = 0
    for part in _MARK.split(marked):
        if part == "\x01":
            start = place
        elif part == "\x02":
            spans.append(Span(start, place))
        else:
            place += len(part)
    return tuple(spans)


def _lone_surrogate(term: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in term)


class LexicalSearch:
    """BM25 over the passages of one matter, whole or in part; for one connection, inside a snapshot of it."""

    def __init__(self, sections: Sections) -> None:
        self._sections = sections
        self._in_matter = MatterRanking()
        self._in_document = DocumentRanking()

    def hits(
        self,
        connection: sqlite3.Connection,
        query: str,
        document: str | None,
        limit: int,
        within: Within | None,
    ) -> tuple[PassageHit, ...]:
        """Passages with all of the query's quoted phrases, then those with any word; each best first."""
        match = match_expression(query)
        if match is None or limit < 1:
            return ()
        if within is not None and within.only_document is not None:
            document, within = within.only_document, None
        ids = None
        if within is not None and within.narrow:
            ids = [row[0] for row in passages_within(connection, within, self._sections)]

        def ranked(match: str) -> tuple[PassageHit, ...]:
            if document is None:
                return _fts5_hits(connection, match, limit, ids)
            return self._in_document.hits(connection, document, match, limit)

        def by_words() -> tuple[PassageHit, ...]:
            hits = None if document else self._in_matter.hits(connection, words_of(query), limit, ids)
            return ranked(match) if hits is None else hits

        phrases = phrases_of(query)
        if not phrases:
            return by_words()
        exact = ranked(" AND ".join(f'"{phrase}"' for phrase in phrases))
        held = {(hit.document, hit.passage) for hit in exact}
        # what has the only phrase is among the exact ones, so it ranks nothing of the rest
        rest = by_words() if len(phrases) == 1 else ranked(match)
        others = [hit for hit in rest if (hit.document, hit.passage) not in held]
        return (*(hit.model_copy(update={"exact": True}) for hit in exact), *others)[:limit]

    def close(self) -> None:
        """Forget what was read."""
        self._in_matter.close()
        self._in_document.close()


def _fts5_hits(
    connection: sqlite3.Connection, match: str, limit: int, ids: Sequence[int] | None = None
) -> tuple[PassageHit, ...]:
    """As ``MatterRanking.hits``, by FTS5 itself, for any expression of its own."""
    rows = rows_of(
        connection,
        f"""
        SELECT passages.document, passages.ordinal, -bm25(passages_fts)
        FROM passages_fts JOIN passages ON passages.id = passages_fts.rowid
        WHERE passages_fts MATCH ?1 {_AMONG.format("passages_fts.rowid") if ids is not None else ""}
        ORDER BY bm25(passages_fts), passages_fts.rowid LIMIT ?2
        """,
        match,
        limit,
        *(() if ids is None else (json.dumps(ids),)),
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
    index.execute(f"CREATE VIRTUAL TABLE passages USING fts5 (text, content = '', {TOKENS})")
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
