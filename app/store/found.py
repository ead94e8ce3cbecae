"""Passages that a search found, with everything that is told of them, a few queries for all of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from app.domain.ports import FoundPassage
from app.domain.spans import Span
from app.store.rows import Row, rows_of, unpack_matrix
from app.store.sections import Sections

_WANTED = """
    FROM json_each(?1) AS wanted
    JOIN passages ON passages.document = json_extract(wanted.value, '$[0]')
        AND passages.ordinal = json_extract(wanted.value, '$[1]')
"""


def found_passages(
    connection: sqlite3.Connection, places: Sequence[tuple[str, int]], embedder: str, sections: Sections
) -> tuple[FoundPassage | None, ...]:
    """In the order of ``places``; None for a passage that is gone."""
    wanted = json.dumps(places)
    rows = rows_of(
        connection,
        f"""
        SELECT wanted.key, passages.document, passages.ordinal, passages.page, passages.begins, passages.ends,
            passage_quotes.text, passages.first, passages.last
        {_WANTED} JOIN passage_quotes ON passage_quotes.id = passages.id
        """,
        wanted,
    )
    spans: dict[int, list[Span]] = {}
    for key, begins, ends in rows_of(
        connection,
        f"""
        SELECT wanted.key, sentences.begins, sentences.ends {_WANTED}
        JOIN sentences ON sentences.document = passages.document
            AND sentences.ordinal BETWEEN passages.first AND passages.last
        ORDER BY wanted.key, sentences.ordinal
        """,
        wanted,
    ):
        spans.setdefault(key, []).append(Span(begins, ends))
    vectors = _vectors(connection, rows, embedder)
    found: list[FoundPassage | None] = [None] * len(places)
    for row in rows:
        key, document, ordinal, page, begins, ends, text, _, _ = row
        count = len(spans.get(key, ()))
        data, dimensions = vectors.get(key, (b"", 1))
        found[key] = FoundPassage(
            document=document,
            ordinal=ordinal,
            page=page,
            span=Span(begins, ends),
            text=text,
            section=sections.of(connection, document).get(ordinal, ""),
            sentences=tuple(spans.get(key, ())),
            vectors=unpack_matrix(data, count if data else 0, dimensions),
        )
    return tuple(found)


def _vectors(
    connection: sqlite3.Connection, rows: Sequence[Row], embedder: str
) -> dict[int, tuple[bytes, int]]:
    """Of the passages' sentences; each document's are fetched once."""
    by_document: dict[str, list[Row]] = {}
    for row in rows:
        by_document.setdefault(row[1], []).append(row)
    held: dict[int, tuple[bytes, int]] = {}
    for document, of_it in by_document.items():
        for data, dimensions in rows_of(
            connection,
            "SELECT sentences, dimensions FROM vectors WHERE document = ? AND embedder = ?",
            document,
            embedder,
        ):
            width = 4 * dimensions
            for row in of_it:
                held[row[0]] = (data[row[7] * width : (row[8] + 1) * width], dimensions)
    return held
