"""Pages of files that have none of their own on paper: blocks of text, put together and counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.ingest.messages import AsideKind, PageRead, Unseen

WIDTH, HEIGHT = 612.0, 792.0
"""US Letter in PDF points: the sheet that stands for a page whose size nobody knows."""

PAGE_CHARACTERS = 3_000
COUNTED_HERE = "pages are counted by Pincite"
"""The flag of a document whose pages are ``counted``: others will number them differently."""

_BETWEEN = "\n\n"
_NOWHERE = (0.0, 0.0, 0.0, 0.0)
_SPACES = re.compile(r"[ \t\u00a0]+")
# all control characters but the line feed; those that part words become spaces
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160))) | {
    0x0A: "\n",
    0x0D: "\n",
    0x85: "\n",
    0x09: " ",
    0x0B: "\n",
    0x0C: "\n",
}


@dataclass(frozen=True)
class Block:
    """A paragraph, a row of a table, a note. ``heading``: its level from 1, 0 if it is none."""

    text: str
    heading: int = 0
    aside: AsideKind | None = None


def tidy(text: str) -> str:
    """Without control characters other than line feeds, and without halves of surrogate pairs."""
    paired = text.replace("\r\n", "\n").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return paired.translate(_CONTROLS)


def one_line(text: str) -> str:
    """Tidy, white space as single spaces."""
    return " ".join(tidy(text).split())


def paragraphs(text: str) -> list[Block]:
    """What blank lines part, tidied; lines inside stay."""
    found: list[Block] = []
    for part in re.split(r"\n[ \t\u00a0]*(?:\n[ \t\u00a0]*)+", tidy(text)):
        lines = "\n".join(_SPACES.sub(" ", line).strip() for line in part.split("\n")).strip("\n")
        if lines.strip():
            found.append(Block(lines))
    return found


def page_of(number: int, blocks: Iterable[Block], unseen: Sequence[Unseen] = ()) -> PageRead:
    """Blocks parted by a blank line, which is also where sentences are."""
    pieces: list[str] = []
    headings: list[tuple[int, int, int]] = []
    asides: list[tuple[AsideKind, int, int]] = []
    length = 0
    for block in blocks:
        if pieces:
            pieces.append(_BETWEEN)
            length += len(_BETWEEN)
        end = length + len(block.text)
        if block.heading:
            headings.append((block.heading, length, end))
        if block.aside:
            asides.append((block.aside, length, end))
        pieces.append(block.text)
        length = end
    return PageRead(
        number=number,
        text="".join(pieces),
        width=WIDTH,
        height=HEIGHT,
        unseen=tuple(unseen),
        headings=tuple(headings),
        asides=tuple(asides),
    )


def counted(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Pages of about ``PAGE_CHARACTERS``, each ending with a paragraph; always at least one."""
    page: list[Block] = []
    length = 0
    for block in blocks:
        if page and length + len(block.text) > PAGE_CHARACTERS:
            yield page
            page, length = [], 0
        page.append(block)
        length += len(block.text) + len(_BETWEEN)
    yield page


def unseen(text: str, why: str) -> Unseen:
    """Of a format in which nothing has a place on the page: its box is empty."""
    return Unseen(text=text, why=why, box=_NOWHERE)
