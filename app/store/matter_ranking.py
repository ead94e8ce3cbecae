"""BM25 over a whole matter."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain.ports import PassageHit
from app.store.connection import typed_errors
from app.store.posting_lists import PostingLists
from app.store.rows import rows_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOKENS = "tokenize = 'porter unicode61 remove_diacritics 2'"
"""How FTS5 cuts passages and queries into words, wherever we use it."""

_BLOCK = 512
_SAYS_NOTHING = 1e-6
"""What FTS5's bm25() takes for the rarity of a word that at least half of all passages hold."""


class MatterRanking:
    """Ranks as FTS5's bm25() does, from posting lists that are kept.

    bm25() walks the list of each word twice and looks up the length of every passage on it, in every search
    anew, which is most of the time that a search takes in a large matter.
    """

    def __init__(self) -> None:
        self._lists = PostingLists()
        self._cutter: sqlite3.Connection | None = None

    def hits(
        self, connection: sqlite3.Connection, words: Sequence[str], limit: int, ids: Sequence[int] | None
    ) -> tuple[PassageHit, ...] | None:
        """The best passages with any of the words, of all or of ``ids``, best first.

        None if the index takes one for several words or for none: only FTS5 knows where these stand.
        ``connection`` is always the same, and inside a snapshot.
        """
        asked = self._as_indexed(words)
        if asked is None:
            return None
        lists = self._lists
        lists.refresh(connection)
        rarities = [(word, self._rarity(connection, word)) for word in asked if lists.count(connection, word)]
        telling = [pair for pair in rarities if pair[1] > _SAYS_NOTHING]
        best = self._best(connection, telling, limit, ids)
        if len(best) < limit and len(telling) < len(rarities):
            best = self._best(connection, rarities, limit, ids)
        return _placed(connection, best)

    def close(self) -> None:
        """Forget what was read."""
        self._lists = PostingLists()
        if self._cutter is not None:
            self._cutter.close()
        self._cutter = None

    def _rarity(self, connection: sqlite3.Connection, word: str) -> float:
        """Inverse document frequency."""
        count = self._lists.count(connection, word)
        return max(math.log((self._lists.passages - count + 0.5) / (count + 0.5)), _SAYS_NOTHING)

    def _best(
        self,
        connection: sqlite3.Connection,
        words: Sequence[tuple[str, float]],
        limit: int,
        ids: Sequence[int] | None,
    ) -> list[tuple[int, float]]:
        """(id, score) of passages with any of the words, of which each has its rarity."""
        import numpy as np

        scores = np.zeros(-(-(self._lists.last + 1) // _BLOCK) * _BLOCK)
        for word, rarity in words:
            postings = self._lists.of(connection, word)
            scores[postings.ids] += rarity * postings.weights
        if ids is not None:
            found = np.array(ids, dtype=np.intp)
            found = found[scores[found] > 0]
        else:
            found = candidates(scores, limit)
        if len(found) > limit:
            least = -np.partition(-scores[found], limit - 1)[limit - 1]
            found = found[scores[found] >= least]
        order = np.argsort(-scores[found], kind="stable")[:limit]
        return [(int(found[place]), float(scores[found[place]])) for place in order]

    def _as_indexed(self, words: Sequence[str]) -> list[str] | None:
        """Each in the form in which the index holds it; None if one of them is not one word there."""
        with typed_errors():
            if self._cutter is None:
                self._cutter = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
                self._cutter.execute(f"CREATE VIRTUAL TABLE asked USING fts5 (text, content = '', {TOKENS})")
                self._cutter.execute("CREATE VIRTUAL TABLE cut USING fts5vocab (asked, instance)")
            self._cutter.execute("INSERT INTO asked (asked) VALUES ('delete-all')")
            self._cutter.executemany("INSERT INTO asked (rowid, text) VALUES (?, ?)", enumerate(words))
            cut = rows_of(self._cutter, "SELECT doc, term FROM cut ORDER BY doc, offset")
        return [term for _, term in cut] if [doc for doc, _ in cut] == list(range(len(words))) else None


def candidates(scores: NDArray[np.float64], limit: int) -> NDArray[np.intp]:
    """Places of all scores among which the best ``limit`` are, rising; far fewer than there are scores.

    The best of each block are scores, too: so what is below the ``limit``-th of these is not among the best.
    """
    import numpy as np

    blocks = scores.reshape(-1, _BLOCK)
    best = blocks.max(axis=1)
    if len(best) <= limit:
        return np.flatnonzero(scores)
    least = max(float(np.partition(best, -limit)[-limit]), np.nextafter(0.0, 1.0))
    there = np.flatnonzero(best >= least)
    rows, columns = np.nonzero(blocks[there] >= least)
    return there[rows] * _BLOCK + columns


def _placed(connection: sqlite3.Connection, best: Sequence[tuple[int, float]]) -> tuple[PassageHit, ...]:
    rows = rows_of(
        connection,
        "SELECT id, document, ordinal FROM passages WHERE id IN (SELECT value FROM json_each(?))",
        json.dumps([passage for passage, _ in best]),
    )
    places = {row[0]: (row[1], row[2]) for row in rows}
    return tuple(
        PassageHit(document=places[passage][0], passage=places[passage][1], score=score)
        for passage, score in best
        if passage in places
    )
