"""Rich Text Format, through striprtf, which is given each part of the file by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from striprtf import striprtf

from app.domain.kinds import DocumentState
from app.ingest.formats.charsets import load_charsets
from app.ingest.formats.ending import Message, Refused, ends_once, too_many_pages
from app.ingest.formats.html import UNSEEN_FLAG
from app.ingest.formats.pages import COUNTED_HERE, Block, counted, one_line, page_of, paragraphs, unseen
from app.ingest.formats.rtf_parts import PAGE_MARK, RtfParts, parted
from app.ingest.formats.source import Source, whole
from app.ingest.limits import Limits
from app.ingest.messages import AsideKind, Ended

_START = b"{\\rtf"
_START_WITHIN = 64
_ASIDES: dict[str, AsideKind] = {"header": "header", "footer": "footer", "footnote": "footnote"}


def warm_up() -> None:
    """Load the codecs, and convert something."""
    load_charsets()
    cast(Any, striprtf).rtf_to_text("{\\rtf1\\ansi warm}")


@ends_once
def read_rtf(source: Source, limits: Limits) -> Iterator[Message]:
    """Pages by the file's own page breaks; else of about 3,000 characters."""
    data = whole(source)
    if _START not in data[:_START_WITHIN]:
        raise Refused(DocumentState.DAMAGED, "The file is not RTF, whatever its name says. Ask for it again.")
    parts = parted(data.decode("latin-1"))
    pages = [_blocks(page) for page in _converted(parts, parts.body).split(PAGE_MARK)]
    flags = list(parts.flags)
    if len(pages) == 1 and len(halves := list(counted(pages[0]))) > 1:
        pages = halves
        flags.append(COUNTED_HERE)
    if len(pages) > limits.pages:
        raise too_many_pages(len(pages), limits)
    pages[0][:0] = _beside(parts, "header")
    pages[-1] += [*_beside(parts, "shape"), *_beside(parts, "footnote"), *_beside(parts, "footer")]
    hidden = one_line(_converted(parts, parts.hidden))
    if hidden:
        flags.append(UNSEEN_FLAG)
    for number, blocks in enumerate(pages, start=1):
        yield page_of(number, blocks, [unseen(hidden, "marked as hidden")] if hidden and number == 1 else ())
    if any(pages):
        yield Ended(state=DocumentState.READY, flags=tuple(flags))
    else:
        yield Ended(state=DocumentState.NO_TEXT, reason="There are no words in it.", flags=tuple(flags))


def _converted(parts: RtfParts, content: str) -> str:
    if not content:
        return ""
    convert = cast(Callable[..., str], cast(Any, striprtf).rtf_to_text)
    return convert("{\\rtf1" + parts.preamble + content + "}", errors="replace")


def _blocks(text: str) -> list[Block]:
    """Each line is a paragraph here; a row's cells end with a bar."""
    found: list[Block] = []
    for line in text.split("\n"):
        shown = (
            one_line(line.rstrip("| ").replace("|", " | ")) if line.rstrip().endswith("|") else one_line(line)
        )
        if shown:
            found.append(Block(shown))
    return found


def _beside(parts: RtfParts, kind: str) -> list[Block]:
    """Each once, however many sections have it."""
    seen: dict[str, Block] = {}
    for content in parts.beside.get(kind, ()):
        for block in paragraphs(_converted(parts, content)):
            text = one_line(block.text)
            seen.setdefault(text, Block(text, aside=_ASIDES.get(kind)))
    return list(seen.values())
