"""Passages by where they stand: document, page, and the headings above them."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence

from app.domain.search import Within
from app.store.dated import dated
from app.store.matter_ranking import TOKENS
from app.store.rows import Row, rows_of

_LARGE = re.compile(r"(?i)(?:article|part|chapter|exhibit|schedule|annex|appendix)\b")
_NUMBERED = re.compile(r"(?i)(?:section|clause|item)?\s*(\d{1,3}(?:\.\d{1,3})*)\b")
_UNNUMBERED = 9


def level_of(heading: str) -> int:
    """How deep a heading stands, by its look, from 0; one without a number is below all that have one."""
    if _LARGE.match(heading):
        return 0
    numbered = _NUMBERED.match(heading)
    if numbered:
        parts = [part for part in numbered.group(1).split(".") if part.strip("0")]
        return max(1, len(parts))
    return 1 if heading.isupper() else _UNNUMBERED


class Sections:
    """The headings above every passage; what was made of a document is kept until it is read anew."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[Row, dict[int, str]]] = {}

    def of(self, connection: sqlite3.Connection, document: str) -> dict[int, str]:
        """By ordinal, outermost heading first, parted by `` › ``; no passage before any heading."""
        (known,) = rows_of(
            connection, "SELECT min(id), max(id), count(*) FROM passages WHERE document = ?", document
        )
        held = self._held.get(document)
        if held is None or held[0] != known:  # ids are never used twice
            held = self._held[document] = (known, _paths(connection, document))
        return held[1]


def _paths(connection: sqlite3.Connection, document: str) -> dict[int, str]:
    """A passage begins with all the headings that stand right before its words; it may have none."""
    ((count,),) = rows_of(
        connection, "SELECT ifnull(max(ordinal) + 1, 0) FROM passages WHERE document = ?", document
    )
    paths: dict[int, str] = {}
    above: list[tuple[int, str]] = []
    begun = 0
    for ordinal, heading in _headings(connection, document):
        if above:
            paths.update(dict.fromkeys(range(begun, ordinal), _path(above)))
        level = level_of(heading)
        above = [(depth, words) for depth, words in above if depth < level]
        above.append((level, heading))
        begun = ordinal
    if above:
        paths.update(dict.fromkeys(range(begun, count), _path(above)))
    return paths


def _path(above: Sequence[tuple[int, str]]) -> str:
    return " › ".join(words for _, words in above)


def _headings(connection: sqlite3.Connection, document: str) -> Iterator[tuple[int, str]]:
    """Each with the ordinal of the passage that it begins, in order."""
    for ordinal, words in rows_of(
        connection,
        """
        SELECT passages.ordinal,
            substr(pages.text, sentences.begins - pages.begins + 1, sentences.ends - sentences.begins)
        FROM passages JOIN sentences ON sentences.document = passages.document
            AND sentences.ordinal BETWEEN passages.first AND passages.last
            AND sentences.begins <= passages.heading_begins
        JOIN pages ON pages.document = passages.document AND pages.number = passages.page
        WHERE passages.document = ? AND passages.heading_begins >= passages.begins
        ORDER BY passages.ordinal, sentences.ordinal
        """,
        document,
    ):
        yield ordinal, " ".join(words.split())


def passages_within(
    connection: sqlite3.Connection, within: Within, sections: Sections
) -> tuple[tuple[int, str, int], ...]:
    """(id, document, ordinal) of every passage that the filter lets through, in order."""
    rows = rows_of(
        connection,
        """
        SELECT id, document, ordinal FROM passages
        WHERE (?1 = '[]' OR document IN (SELECT value FROM json_each(?1)))
          AND page >= ?2 AND (?3 IS NULL OR page <= ?3)
        ORDER BY id
        """,
        json.dumps(within.documents),
        within.first_page,
        within.last_page,
    )
    if within.first_day or within.last_day:
        fitting_days = dated(connection, [row[0] for row in rows], within.first_day, within.last_day)
        rows = [row for row in rows if row[0] in fitting_days]
    if not within.section.strip():
        return tuple((row[0], row[1], row[2]) for row in rows)
    paths = {document: sections.of(connection, document) for document in {row[1] for row in rows}}
    fitting = _holding({path for held in paths.values() for path in held.values()}, within.section)
    return tuple((row[0], row[1], row[2]) for row in rows if paths[row[1]].get(row[2], "") in fitting)


def _holding(paths: set[str], words: str) -> set[str]:
    """Those with all of the words, told apart as the index of passages does it."""
    terms = re.findall(r"\w+", words.casefold())
    if not terms or not paths:
        return set()
    index = sqlite3.connect(":memory:")
    try:
        index.execute(f"CREATE VIRTUAL TABLE paths USING fts5 (path, {TOKENS})")
        index.executemany("INSERT INTO paths VALUES (?)", [(path,) for path in paths])
        wanted = " AND ".join(f'"{term}"' for term in terms)
        return {row[0] for row in index.execute("SELECT path FROM paths WHERE paths MATCH ?", (wanted,))}
    finally:
        index.close()
