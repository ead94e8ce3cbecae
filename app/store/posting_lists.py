"""Posting lists of a matter's words, read once from its FTS5 index and kept in memory."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.store.connection import INSTANCES, WORDS, damaged
from app.store.rows import rows_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ids = NDArray[np.int32]

_K1, _B = 1.2, 0.75  # those of FTS5's bm25()
_MOST_KEPT, _FOR_EACH = 8_000_000, 40
"""Places that are kept at least, and for each passage: what a hundred queries ask for is then read once."""

_AVERAGES = 1
"""Where FTS5 keeps how many rows and words it holds, in its on-disk format."""


@dataclass(frozen=True)
class Postings:
    """Ids of a word's passages, rising, and the word's BM25 weight in each, before its rarity."""

    ids: Ids
    weights: Floats


class PostingLists:
    """For one connection, inside a snapshot of it, after ``refresh``.

    ``most_kept`` and ``for_each`` passage bound the places on the lists that are kept, of eight bytes each:
    the larger of the two. The list that was asked for longest ago goes first.
    """

    def __init__(self, most_kept: int = _MOST_KEPT, for_each: int = _FOR_EACH) -> None:
        self._least_room = most_kept
        self._for_each = for_each
        self._state: tuple[int, bytes] | None = None
        self._passages = 0
        self._lengths: Floats | None = None
        self._counts: dict[str, int] = {}
        self._kept = 0
        self._lists: OrderedDict[str, Postings] = OrderedDict()

    @property
    def passages(self) -> int:
        """How many the index holds."""
        return self._passages

    @property
    def last(self) -> int:
        """The highest id that a passage ever had."""
        return 0 if self._state is None else self._state[0]

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Forget all lists if a passage has come or gone; costs next to nothing if none has.

        Raises MatterDamaged.
        """
        state = _state(connection)
        if state == self._state:
            return
        known, before = self.last, self._passages
        self._state = None  # until all is read
        self._counts.clear()
        self._lists.clear()
        self._kept = 0
        self._passages = int(next(iter(_varints(state[1])), 0))
        # a length stays as long as its passage does, and an id is never used again
        if before + self._read_lengths(connection, known, state[0]) != self._passages:
            self._read_lengths(connection, 0, state[0])
        self._state = state

    def count(self, connection: sqlite3.Connection, word: str) -> int:
        """How many passages hold a word, given as the index has it."""
        if word not in self._counts:
            rows = rows_of(connection, f"SELECT doc FROM {WORDS} WHERE term = ?", word)
            self._counts[word] = rows[0][0] if rows else 0
        return self._counts[word]

    def of(self, connection: sqlite3.Connection, word: str) -> Postings:
        """The list of a word that some passage holds. Raises MatterDamaged."""
        held = self._lists.get(word)
        if held is None:
            held = self._lists[word] = self._read(connection, word)
            self._kept += len(held.ids)
            room = max(self._least_room, self._for_each * self._passages)
            while self._kept > room and len(self._lists) > 1:
                _, gone = self._lists.popitem(last=False)
                self._kept -= len(gone.ids)
        self._lists.move_to_end(word)
        return held

    def _read(self, connection: sqlite3.Connection, word: str) -> Postings:
        import numpy as np

        assert self._lengths is not None
        # one long text: a row for each place of the word takes four times as long to fetch
        ((joined,),) = rows_of(connection, f"SELECT group_concat(doc) FROM {INSTANCES} WHERE term = ?", word)
        places = np.fromstring(joined or "", dtype=np.int32, sep=",")
        if not len(places) or places[-1] > self.last:
            raise damaged()
        starts = np.flatnonzero(np.diff(places, prepend=0))
        counts = np.diff(starts, append=len(places)).astype(np.float32)
        ids = places[starts]
        mean = self._lengths.sum(dtype=np.float64) / self._passages
        weights = counts * (_K1 + 1) / (counts + _K1 * (1 - _B + _B * self._lengths[ids] / mean))
        return Postings(ids, weights.astype(np.float32))

    def _read_lengths(self, connection: sqlite3.Connection, known: int, last: int) -> int:
        """Of the passages after ``known``: how many they are."""
        import numpy as np

        lengths = np.zeros(last + 1, dtype=np.float32)
        if known and self._lengths is not None:
            lengths[: known + 1] = self._lengths
        self._lengths = lengths
        ((ids, sizes),) = rows_of(
            connection,
            "SELECT group_concat(id), group_concat(hex(sz), '') FROM passages_fts_docsize WHERE id > ?",
            known,
        )
        if ids is None:
            return 0
        new = np.fromstring(ids, dtype=np.int64, sep=",")
        read = _varints(bytes.fromhex(sizes))
        if new[-1] > last or len(read) != len(new):
            raise damaged()
        lengths[new] = read
        return len(new)


def _state(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """What changes when a passage comes or goes: the last id, and what FTS5 holds in all."""
    last = rows_of(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'passages'")
    averages = rows_of(connection, "SELECT block FROM passages_fts_data WHERE id = ?", _AVERAGES)
    return (last[0][0] if last else 0, averages[0][0] if averages else b"")


def _varints(data: bytes) -> NDArray[np.int64]:
    """SQLite's numbers of seven bits a byte, highest first; all but a number's last byte have the top bit."""
    import numpy as np

    parts = np.frombuffer(data, dtype=np.uint8).astype(np.int64)
    ends = np.flatnonzero(parts < 0x80)
    values = parts[ends]
    at, shift = ends - 1, 7
    going = at >= 0
    while (going := going & (parts[at] >= 0x80)).any():
        values += np.where(going, (parts[at] & 0x7F) << shift, 0)
        at, shift = at - 1, shift + 7
        going &= at >= 0
    return values
