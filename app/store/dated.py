"""Passages that write out a date within a range."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date

from app.domain.written_dates import written_dates
from app.store.rows import rows_of

_FIRST_YEAR, _LAST_YEAR = 1800, 2199
"""Of a date that is taken for one."""


def dated(
    connection: sqlite3.Connection, ids: Sequence[int], first: date | None, last: date | None
) -> frozenset[int]:
    """Those of ``ids`` that name a day from ``first`` to ``last``; passages without its year are not read."""
    from_year, to_year = (first.year if first else _FIRST_YEAR), (last.year if last else _LAST_YEAR)
    years = range(max(from_year, _FIRST_YEAR), min(to_year, _LAST_YEAR) + 1)
    written = {f'"{year}"' for year in years} | {
        f'"{year % 100:02}"' for year in years if 1950 <= year < 2050
    }
    if not written:
        return frozenset()
    rows = rows_of(
        connection,
        """
        SELECT passage_quotes.id, passage_quotes.text FROM passages_fts
        JOIN passage_quotes ON passage_quotes.id = passages_fts.rowid
        WHERE passages_fts MATCH ?1 AND passages_fts.rowid IN (SELECT value FROM json_each(?2))
        """,
        " OR ".join(sorted(written)),
        json.dumps(ids),
    )
    return frozenset(
        row[0]
        for row in rows
        if any(
            (first is None or first <= day) and (last is None or day <= last)
            for day, *_ in written_dates(row[1])
        )
    )
