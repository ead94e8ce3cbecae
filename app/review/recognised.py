"""How sure the recognition of a page's words was, and which of them want a look at the picture."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.domain.spans import Span, Word
    from app.domain.text import Page

UNSURE = 0.8
"""A recognised word of less confidence is hard to read; reading flags pages whose mean is below the same."""


def surety(page: Page) -> float | None:
    """The mean confidence of a page's words, 0 to 1; None of a page that was not recognised."""
    return sum(page.confidences) / len(page.confidences) if page.confidences else None


def unsure_words(page: Page) -> tuple[Word, ...]:
    """Those of less than ``UNSURE``, in the text's order; none of a page that was not recognised."""
    places = (place for place, confidence in enumerate(page.confidences) if confidence < UNSURE)
    return tuple(page.words[place] for place in places)


def unsure_within(pages: Iterable[Page], spans: Iterable[Span]) -> int:
    """How many of the words in these spans of the canonical text were hard to read, each counted once."""
    held = sorted(spans)
    return sum(1 for page in pages for word in unsure_words(page) if _stands_in(word, held))


def _stands_in(word: Word, spans: list[Span]) -> bool:
    return any(span.end > word.start for span in _begun(spans, word.end))


def _begun(spans: list[Span], end: int) -> Iterator[Span]:
    """Those that begin before ``end``."""
    return iter(spans[: bisect_left(spans, (end,))])
