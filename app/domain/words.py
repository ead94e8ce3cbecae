"""A page's words, packed: a document is mostly these, and few are ever asked for one by one."""

from __future__ import annotations

import base64
import binascii
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Self, overload

from app.domain.spans import Box, Word

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_COLUMNS = 6
_HUNDRED = 100.0


class Words(Sequence[Word]):
    """Words in reading order. Boxes are kept to hundredths of a point, offsets exactly.

    In bytes they are columns of int32, little-endian: starts, ends, then x0, y0, x1 and y1 in hundredths of a
    point; in JSON these bytes as base64. Offsets count from ``start``.
    """

    __slots__ = ("_columns", "_count", "_start")

    def __init__(self, columns: array[int] | None = None, start: int = 0) -> None:
        """``columns`` is kept, not copied. Raises ValueError if they are not of one length."""
        self._columns = array("i") if columns is None else columns
        self._count, rest = divmod(len(self._columns), _COLUMNS)
        if rest:
            raise ValueError("columns of different lengths")
        self._start = start

    @classmethod
    def of(cls, words: Iterable[Word]) -> Self:
        """Packs them; boxes are rounded."""
        kept = list(words)
        sides = (
            round(side * _HUNDRED) for number in range(4) for side in (word.box[number] for word in kept)
        )
        return cls(array("i", chain((word.start for word in kept), (word.end for word in kept), sides)))

    @classmethod
    def unpacked(cls, data: bytes, start: int = 0) -> Self:
        """From ``packed``. Raises ValueError for bytes that are no such columns."""
        columns = array("i")
        columns.frombytes(data)
        if sys.byteorder != "little":
            columns.byteswap()
        return cls(columns, start)

    def packed(self, base: int = 0) -> bytes:
        """Their columns, with offsets counted from ``base``."""
        columns = self._columns
        shift = self._start - base
        if shift:
            spans = 2 * self._count
            columns = array("i", [offset + shift for offset in columns[:spans]]) + columns[spans:]
        if sys.byteorder != "little":
            columns = columns[:]
            columns.byteswap()
        return columns.tobytes()

    def moved(self, start: int) -> Words:
        """The same words with their offsets counted on from ``start``."""
        return Words(self._columns, self._start + start)

    @property
    def starts(self) -> Sequence[int]:
        """Offsets of the words' first letters, without ``start``."""
        return self._columns[: self._count]

    def lie_within(self, length: int) -> bool:
        """Whether every word is a part of so long a text, counted without ``start``."""
        if not self._count:
            return True
        starts, ends = self._columns[: self._count], self._columns[self._count : 2 * self._count]
        return min(starts) >= 0 and max(ends) <= length and not any(map(int.__gt__, starts, ends))

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Word: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Word]: ...
    def __getitem__(self, index: int | slice) -> Word | Sequence[Word]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(self._count)))
        number = index + self._count if index < 0 else index
        if not 0 <= number < self._count:
            raise IndexError(index)
        first, last, *sides = self._columns[number :: self._count]
        return _word(self._start + first, self._start + last, *sides)

    def __iter__(self) -> Iterator[Word]:
        held, count, base = self._columns, self._count, self._start
        columns = (held[count * number : count * (number + 1)] for number in range(_COLUMNS))
        for first, last, *sides in zip(*columns, strict=True):
            yield _word(base + first, base + last, *sides)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Words) and other._start == self._start:
            return self._columns == other._columns
        return list(self) == list(other) if isinstance(other, Words) else NotImplemented

    def __hash__(self) -> int:
        return hash((self._start, self._count))

    def __repr__(self) -> str:
        return f"Words({self._count} from {self._start})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        del source, handler
        return core_schema.no_info_plain_validator_function(
            _validated,
            serialization=core_schema.plain_serializer_function_ser_schema(_told, when_used="json"),
        )


def _word(start: int, end: int, x0: int, y0: int, x1: int, y1: int) -> Word:
    return Word(start, end, Box(x0 / _HUNDRED, y0 / _HUNDRED, x1 / _HUNDRED, y1 / _HUNDRED))


def _validated(value: object) -> Words:
    if isinstance(value, Words):
        return value
    if not isinstance(value, str):
        raise ValueError("words, or base64 of their columns")
    try:
        return Words.unpacked(base64.b64decode(value, validate=True))
    except binascii.Error:
        raise ValueError("no base64") from None


def _told(words: Words) -> str:
    return base64.b64encode(words.packed()).decode()
