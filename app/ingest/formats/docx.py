"""Word documents (DOCX): the accepted view, page by page as they were last laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import ZipFile

from app.domain.kinds import DocumentState
from app.ingest.formats.charsets import load_charsets
from app.ingest.formats.docx_body import BodyWalker
from app.ingest.formats.docx_parts import DocxParts, parsed
from app.ingest.formats.docx_runs import Noted
from app.ingest.formats.ending import Message, Refused, ends_once, too_many_pages
from app.ingest.formats.html import UNSEEN_FLAG
from app.ingest.formats.inside import most_bytes_inside
from app.ingest.formats.kinds import FileKind
from app.ingest.formats.packages import kind_of_package, open_package
from app.ingest.formats.pages import COUNTED_HERE, PAGE_CHARACTERS, Block, counted, page_of, unseen
from app.ingest.formats.source import Source
from app.ingest.limits import Limits
from app.ingest.messages import Ended

_HIDDEN = "marked as hidden"
_COMMENTS = "comments.xml"


def warm_up() -> None:
    """Load lxml, the codecs and the decompressor."""
    load_charsets()
    parsed(b"<?xml version='1.0' encoding='UTF-8'?><warm><up/></warm>").find("up")
    made = BytesIO()
    with ZipFile(made, "w", 8) as package:
        package.writestr("warm", "up")
    with ZipFile(made) as package:
        package.read("warm")


@ends_once
def read_docx(source: Source, limits: Limits) -> Iterator[Message]:
    """Deleted words and comments are left out and flagged; hidden ones are ``unseen``."""
    with open_package(source, most_bytes_inside(limits.output_bytes)) as package:
        kind = kind_of_package(package)
        if kind is not FileKind.DOCX:
            raise not_word(str(kind))
        parts = DocxParts(package)
        walker = BodyWalker(parts)
        laid = _lay(walker)
        header, footer = walker.headers("header"), walker.headers("footer")
        has_comments = parts.has(_COMMENTS)
        hidden = [unseen(text, _HIDDEN) for text in walker.notes.hidden]
    pages = laid.pages
    if len(pages) > limits.pages:
        raise too_many_pages(len(pages), limits)
    pages[0][:0] = header
    pages[-1] += footer
    for number, blocks in enumerate(pages, start=1):
        yield page_of(number, blocks, hidden if number == 1 else ())
    flags = (
        ("holds tracked changes",) * walker.notes.tracked
        + ("holds comments",) * has_comments
        + (UNSEEN_FLAG,) * bool(hidden)
        + (COUNTED_HERE,) * laid.counted
        + ("parts of it are damaged and were left out",) * parts.lost
    )
    if any(pages):
        yield Ended(state=DocumentState.READY, flags=flags)
    else:
        yield Ended(state=DocumentState.NO_TEXT, reason="There are no words in it.", flags=flags)


def not_word(kind: str) -> Refused:
    """Of a package that ``kind_of_package`` calls ``kind``."""
    if kind == FileKind.ARCHIVE:
        return Refused(DocumentState.DAMAGED, "The file holds no Word document. Ask for it again.")
    return Refused(DocumentState.UNSUPPORTED, f"This kind of {kind} is not supported. Save it as PDF.")


@dataclass
class _Laid:
    """Blocks page by page; always at least one page."""

    pages: list[list[Block]] = field(default_factory=lambda: [[]])
    counted: bool = False


def _lay(walker: BodyWalker) -> _Laid:
    pages: list[list[Block]] = [[]]
    footnotes, endnotes = walker.note_texts("footnote"), walker.note_texts("endnote")
    rendered = asked = False
    noted = {"footnote": 0, "endnote": 0}
    waiting: list[Block] = []
    last: list[Block] = []
    for piece in walker.pieces():
        if isinstance(piece, Block):
            pages[-1].append(piece)
            asked = False
        elif isinstance(piece, Noted):
            texts = footnotes if piece.kind == "footnote" else endnotes
            noted[piece.kind] += 1
            if text := texts.pop(piece.identity, ""):
                note = Block(f"{noted[piece.kind]} {text}", aside="footnote")
                (waiting if piece.kind == "footnote" else last).append(note)
        else:
            rendered = rendered or piece.start == "rendered"
            # what was asked for is also rendered, and is one page
            if piece.start == "rendered" and asked:
                continue
            pages[-1] += waiting
            waiting = []
            pages.append([])
            asked = piece.start == "asked"
    pages[-1] += [*waiting, *last]
    return _Laid(pages) if rendered else _split(pages)


def _split(pages: list[list[Block]]) -> _Laid:
    """Where nobody has laid it out, what stands between two page breaks may be many pages."""
    found: list[list[Block]] = []
    for page in pages:
        long = sum(len(block.text) for block in page) > 2 * PAGE_CHARACTERS or len(pages) == 1
        found += counted(page) if long else [page]
    return _Laid(found, counted=len(found) > len(pages))
