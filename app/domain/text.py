"""Documents as text: spans, boxes, words, pages, sentences, passages."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field, model_validator

from app.domain.base import Frozen, PageNumber, Sha256
from app.domain.kinds import DocumentState
from app.domain.spans import Box, Span
from app.domain.words import Words

PAGE_BREAK = "\f"
"""Joins page texts into the canonical text. It is never part of a page's own text."""


class Aside(NamedTuple):
    """Words beside a page's text: ``kind`` is header, footer, page-number, bates or footnote."""

    kind: str
    start: int
    end: int


class Heading(NamedTuple):
    """A heading; ``level`` 1 is the highest."""

    level: int
    start: int
    end: int


class Unseen(NamedTuple):
    """Words that nobody can see, and no text of the page. ``why`` goes on "words that are …"."""

    text: str
    why: str
    box: Box


class Page(Frozen):
    """One page as read. ``text`` holds no form feed; ``start`` is its offset in the canonical text.

    All spans count in the canonical text. ``confidences``, 0 to 1, one for each word, are there where the
    words were recognised in the page's picture. Asides are part of the text, and of no sentence.
    """

    number: PageNumber
    start: int = Field(ge=0)
    text: str
    width: float
    height: float
    words: Words = Words()
    confidences: tuple[float, ...] = ()
    asides: tuple[Aside, ...] = ()
    headings: tuple[Heading, ...] = ()
    unseen: tuple[Unseen, ...] = ()

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class PageShape(Frozen):
    """A page without its words: where its text lies in the canonical text, and its size in PDF points."""

    number: PageNumber
    start: int = Field(ge=0)
    end: int
    width: float
    height: float


class Document(Frozen):
    """One file of a matter. ``id`` is the first 16 hexadecimal digits of ``sha256``."""

    id: str
    name: str
    sha256: Sha256
    pages: int = 0
    state: DocumentState
    reason: str | None = None
    parent: str | None = None
    flags: tuple[str, ...] = ()


class UnreadFile(Frozen):
    """A file that was taken into a matter and is not read to its end yet. ``document`` is the id it gets."""

    document: str
    name: str
    sha256: Sha256
    parent: str | None = None


class Sentence(Frozen):
    """A sentence inside one page. ``ordinal`` counts from 0 through the document."""

    ordinal: int = Field(ge=0)
    page: PageNumber
    span: Span


class Passage(Frozen):
    """Neighbouring sentences of one page, at most a few hundred characters, that follow the structure.

    ``first``/``last`` are sentence ordinals, both included. ``heading`` is the span of the heading the
    passage stands under, if one was recognised. ``table`` is what heads the table in whose rows the passage
    begins, as title, units and years, where that stands on its page before it.
    """

    ordinal: int = Field(ge=0)
    page: PageNumber
    span: Span
    first: int
    last: int
    heading: Span | None = None
    table: Span | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Passage:
        if self.first > self.last or self.span.start >= self.span.end:
            raise ValueError("a passage holds at least one sentence and one character")
        return self


def document_id(sha256: str) -> str:
    return sha256[:16]


def canonical_text(pages: tuple[Page, ...]) -> str:
    """Page texts joined by a form feed; the text all spans count in."""
    return PAGE_BREAK.join(page.text for page in pages)
