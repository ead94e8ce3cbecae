"""Searching the canonical text: any case, any white space, any kind of quotation mark or dash."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.spans import Span

MOST_HITS = 20_000
_ALIKE = (
    "'\u2018\u2019\u201b\u2032",
    '"\u201c\u201d\u201e\u201f\u2033',
    "-\u2010\u2011\u2012\u2013\u2014\u2212",
)
# a line break ends a line of the page, not a sentence; a form feed ends the page
_SPACE = r"[^\S\f]+"


def pattern_of(query: str) -> re.Pattern[str] | None:
    """None if there is nothing to look for."""
    words = query.split()
    if not words:
        return None
    return re.compile(_SPACE.join("".join(map(_letter, word)) for word in words), re.IGNORECASE)


def hits_in(text: str, pattern: re.Pattern[str], start: int) -> Iterator[Span]:
    """In a piece of the canonical text that begins at ``start``."""
    for match in pattern.finditer(text):
        if match.end() > match.start():
            yield Span(start + match.start(), start + match.end())


def _letter(letter: str) -> str:
    for alike in _ALIKE:
        if letter in alike:
            return f"[{re.escape(alike)}]"
    return re.escape(letter)
