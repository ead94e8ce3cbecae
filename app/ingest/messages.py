"""What a parser child says: a line of JSON for each page, then one line that ends it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from app.domain.base import Frozen
from app.domain.kinds import DocumentState
from app.domain.words import Words
from app.ingest.limits import Limits

AsideKind = Literal["header", "footer", "page-number", "bates", "footnote"]
"""What stands on a page beside its text."""


class Unseen(Frozen):
    """Words that the file holds and nobody can see: they are no part of the page's text.

    ``why`` ends the sentence "words that are …", as in "white on white"; ``box`` is in PDF points.
    """

    text: str
    why: str
    box: tuple[float, float, float, float]


class PageRead(Frozen):
    """A page. All offsets are code points ``[start, end)`` in the page's own ``text``.

    ``words``' boxes are in PDF points, origin top left. ``confidences``, 0 to 1, one for each word, where
    they were recognised in a picture; empty where they were read from the file. ``wants_ocr``: why the
    words should be recognised from the page's picture (no text, garbled text, …); then ``text`` is only
    what could be had without. ``asides`` stay in the text, and are kept out of sentences. ``headings`` are
    (level from 1, start, end).
    """

    kind: Literal["page"] = "page"
    number: int = Field(default=0, ge=0)
    text: str
    width: float
    height: float
    words: Words = Words()
    confidences: tuple[float, ...] = ()
    broken: bool = False
    wants_ocr: str | None = None
    unseen: tuple[Unseen, ...] = ()
    asides: tuple[tuple[AsideKind, int, int], ...] = ()
    headings: tuple[tuple[int, int, int], ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> PageRead:
        if not self.words.lie_within(len(self.text)):
            raise ValueError("a word lies outside of the text")
        if self.confidences and len(self.confidences) != len(self.words):
            raise ValueError("one confidence for each word")
        return self


class Inside(Frozen):
    """A piece of a file that lies in the file: an attachment, a member of an archive, of a portfolio.

    Pieces of one file follow each other; ``last`` ends it. ``data`` is base64, at most 1 MiB of it a line.
    """

    kind: Literal["inside"] = "inside"
    name: str
    data: str
    last: bool


class Ended(Frozen):
    """The end, whatever it was."""

    kind: Literal["ended"] = "ended"
    state: DocumentState
    reason: str | None = None
    flags: tuple[str, ...] = ()


class Order(Frozen):
    """What a parser is told to read. ``depth``: so many files this one lies in, 0 for one on a disk."""

    path: str
    suffix: str
    limits: Limits
    password: str | None = None
    depth: int = 0


class RecogniseOrder(Frozen):
    """Pages, by number, whose words are to be recognised in their pictures."""

    path: str
    suffix: str
    pages: tuple[int, ...]
    limits: Limits
    password: str | None = None


Line = Annotated[PageRead | Inside | Ended, Field(discriminator="kind")]

LINE: TypeAdapter[PageRead | Inside | Ended] = TypeAdapter(Line)
