"""Gold: documents whose right words an author has marked, to learn from and to measure against."""

from __future__ import annotations

from app.domain.base import Frozen
from app.domain.spans import Span


class GoldSpan(Frozen):
    """Code points in the canonical text. ``text``, where given, are the words that must stand there."""

    start: int
    end: int
    text: str | None = None


class GoldAnswer(Frozen):
    """The right words for one task in one document, by place or as words; none: it does not answer."""

    spans: tuple[GoldSpan, ...] = ()
    quotes: tuple[str, ...] = ()


class GoldDocument(Frozen):
    """``file`` is relative to the folder of gold; ``answers`` are by task, and say nothing of other tasks.

    Documents of one ``group`` are learned from together or measured together, never one with the other.
    """

    file: str
    group: str
    answers: dict[str, GoldAnswer]


class GoldPlaces(Frozen):
    """A gold document as it was read: its right words in the canonical text, by task; none: absent."""

    document: str
    name: str
    group: str
    places: dict[str, tuple[Span, ...]]
