"""What is marked in a document: cited words, hits of a search, the selection."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from app.desktop import look

if TYPE_CHECKING:
    from app.domain.finding import Citation
    from app.domain.spans import Span

_OTHER_HIT, _THIS_HIT, _SELECTED, _VEIL = 0.22, 0.45, 0.28, 0.4
_UNSURE, _UNSURE_LINE, _UNSEEN = 0.06, 0.7, 0.12


@dataclass(frozen=True)
class Marks:
    """``citation`` and ``hit`` are the current ones, counted from 0; hits are in order of the text.

    ``unseen``: places of words that nobody can see are framed; ``unsure``: words that were hard to read are
    underlined.
    """

    citations: tuple[Citation, ...] = ()
    citation: int = 0
    hits: tuple[Span, ...] = ()
    hit: int = -1
    selection: Span | None = None
    unseen: bool = False
    unsure: bool = False

    @property
    def cited(self) -> Citation | None:
        """The current one."""
        return self.citations[self.citation] if self.citation < len(self.citations) else None

    @property
    def found(self) -> Span | None:
        """The current hit."""
        return self.hits[self.hit] if 0 <= self.hit < len(self.hits) else None

    def hits_between(self, start: int, end: int) -> Iterator[tuple[Span, bool]]:
        """Those that begin in a part of the text, and whether each is the current one."""
        first = bisect_left(self.hits, start, key=_start)
        for index in range(first, bisect_right(self.hits, end, key=_start)):
            yield self.hits[index], index == self.hit


def cited_colour(current: bool) -> QColor:
    """Ground of cited words."""
    return look.colour("cited" if current else "cited_other")


def underline_colour() -> QColor:
    """A darker tone of the ground, so that the current citation differs by more than its colour."""
    return look.colour("cited").darker(160)


def hit_colour(current: bool) -> QColor:
    """Ground of what a search found, on white paper."""
    return _tint("good", _THIS_HIT if current else _OTHER_HIT)


def selection_colour() -> QColor:
    """Ground of selected words, on white paper."""
    return _tint("accent", _SELECTED)


def unsure_colours() -> tuple[QColor, QColor]:
    """Ground and underline of words that were hard to read, on white paper."""
    return _tint("warning", _UNSURE), _tint("warning", _UNSURE_LINE)


def unseen_colours() -> tuple[QColor, QColor]:
    """Ground and frame of where words stand that nobody can see; paper is white in the dark too."""
    return _tint("bad", _UNSEEN), QColor(look.LIGHT.bad)


def selection_veil() -> QColor:
    """Laid over selected words on any ground: theirs, or that of a mark."""
    colour = look.colour("accent")
    colour.setAlphaF(_VEIL)
    return colour


def _tint(name: str, share: float) -> QColor:
    full = QColor(getattr(look.LIGHT, name))
    mixed = (round(255 + (part - 255) * share) for part in (full.red(), full.green(), full.blue()))
    return QColor(*mixed)


def _start(span: Span) -> int:
    return span.start
