"""A labelled text as pages."""

from __future__ import annotations

from app.domain.text import Page


def pages_of(text: str) -> tuple[Page, ...]:
    """Parted by form feeds."""
    pages: list[Page] = []
    start = 0
    for number, part in enumerate(text.split("\f"), start=1):
        pages.append(Page(number=number, start=start, text=part, width=612, height=792))
        start += len(part) + 1
    return tuple(pages)
