"""What a parser child says: a line of JSON for each page, then one line that ends it."""

from __future__ import annotations

from typing import Literal

from pydantic import TypeAdapter

from app.domain.base import Frozen
from app.domain.kinds import DocumentState
from app.domain.spans import Box, Word


class PageRead(Frozen):
    """A page; ``spans`` and ``boxes`` are those of its words, spans counted in the page's own text."""

    kind: Literal["page"] = "page"
    text: str
    width: float
    height: float
    spans: tuple[tuple[int, int], ...] = ()
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    broken: bool = False

    def words(self, start: int) -> tuple[Word, ...]:
        """Words in canonical offsets; ``start`` is the page's."""
        pairs = zip(self.spans, self.boxes, strict=True)
        return tuple(Word(start + first, start + last, Box(*box)) for (first, last), box in pairs)


class Ended(Frozen):
    """The end, whatever it was."""

    kind: Literal["ended"] = "ended"
    state: DocumentState
    reason: str | None = None
    flags: tuple[str, ...] = ()


LINE: TypeAdapter[PageRead | Ended] = TypeAdapter(PageRead | Ended)
