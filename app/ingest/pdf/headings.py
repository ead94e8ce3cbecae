"""Headings by the file's outline, by their numbering and by how they are set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.ingest.pdf.composed import Composed, Line

_MOST_WORDS = 16
_MOST_ENTRIES = 20_000
_PART = re.compile(
    r"(?:ARTICLE|PART|CHAPTER|ITEM|EXHIBIT|SCHEDULE|ANNEX|APPENDIX)\s+[\dIVXLCA-Z]{1,6}\b", re.IGNORECASE
)
_SECTION = re.compile(r"(?:(?:SECTION|§)\s*)?(\d{1,3}(?:\.\d{1,3}){0,4})\.?\s+\S", re.IGNORECASE)
_SIZES = ((1.6, 1), (1.3, 2), (1.12, 3))
_SPACE = re.compile(r"\s+")

Heading = tuple[int, int, int]
"""Level from 1, and code points ``[start, end)`` in the page's text."""


class Sizes:
    """The size that most of the letters so far are set in."""

    def __init__(self) -> None:
        self._letters: Counter[float] = Counter()

    def learn(self, lines: Sequence[Line]) -> None:
        """One page's."""
        for line in lines:
            self._letters[round(line.size * 2) / 2] += line.end - line.start

    @property
    def body(self) -> float:
        """In points; 0 before any text."""
        return self._letters.most_common(1)[0][0] if self._letters else 0.0


def outline_of(document: Any) -> Mapping[int, list[tuple[int, str]]]:
    """Level and folded title of what the outline lists on each page, from 1."""
    found: dict[int, list[tuple[int, str]]] = {}
    try:
        entries = document.get_toc(simple=True)
    except Exception:  # MuPDF's errors have no common type; a broken outline is none
        return found
    for level, title, number, *_ in entries[:_MOST_ENTRIES]:
        if folded := _folded(title):
            found.setdefault(number, []).append((max(1, level), folded))
    return found


def headings_of(page: Composed, titles: Sequence[tuple[int, str]], body: float) -> tuple[Heading, ...]:
    """In the text's order; where the outline names a line, its level counts."""
    return tuple(_headings(page, {title: level for level, title in titles}, body))


def _headings(page: Composed, titles: Mapping[str, int], body: float) -> Iterator[Heading]:
    for number, line in enumerate(page.lines):
        if line.end - line.start > 160:
            continue
        apart = number == 0 or line.begins
        if not (titles or line.bold or line.size > 1.1 * body or apart):
            continue
        text = page.text[line.start : line.end]
        level = titles.get(_folded(text)) if titles else None
        level = level or _level(text, line, body, apart)
        if level is not None:
            yield level, line.start, line.end


def _level(text: str, line: Line, body: float, apart: bool) -> int | None:
    words = text.split()
    if len(words) > _MOST_WORDS or text[-1] in ",;:" or not any(letter.isalpha() for letter in text):
        return None
    if len(words) > 1 and words[-1].isdigit() and ("..." in text or line.size <= 1.1 * body):
        return None  # an entry of a table, or of a table of contents
    larger = next((level for ratio, level in _SIZES if body and line.size >= ratio * body), None)
    marked = line.bold or text.isupper()
    if _PART.match(text) and (apart or marked or larger):
        return larger or 1
    section = _SECTION.match(text)
    if section and (marked or larger):
        return larger or 1 + section[1].count(".")
    if text[-1] == "." and not larger:
        return None
    if larger and len(text) > 2:
        return larger
    return 2 if marked and apart and len(text) > 3 and len(words) <= 12 else None


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip().casefold()
