"""Walks what a DOCX shows, in its order: paragraphs, rows, text boxes, notes; and where its pages begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from app.ingest.formats.docx_numbering import Numbering
from app.ingest.formats.docx_parts import RELATION_ID, DocxParts, is_on, value, w
from app.ingest.formats.docx_runs import Broke, Inline, Noted, RunWalker, Said
from app.ingest.formats.pages import Block, one_line, tidy
from app.ingest.messages import AsideKind

Piece: TypeAlias = Block | Broke | Noted
_CONTAINERS = frozenset(map(w, ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")))
_GONE = frozenset(map(w, ("del", "moveFrom")))
_NEXT_PAGE = (None, "nextPage", "oddPage", "evenPage")


@dataclass
class Notes:
    """What the walk came upon besides words."""

    tracked: bool = False
    hidden: list[str] = field(default_factory=list[str])


class BodyWalker:
    """Of one document."""

    def __init__(self, parts: DocxParts) -> None:
        self._parts = parts
        self._numbering = Numbering(parts.part("numbering.xml"))
        self.notes = Notes()
        self._runs = RunWalker(parts.styles)
        self._held: list[Inline] = []  # of a paragraph whose end was deleted: it goes on in the next

    def pieces(self) -> Iterator[Piece]:
        """Of the body."""
        yield from self._blocks(self._parts.body)
        yield from self._flush()
        self.notes.tracked = self.notes.tracked or self._runs.tracked
        self.notes.hidden = self._runs.hidden

    def headers(self, kind: AsideKind) -> list[Block]:
        """Each header, or footer, that the sections name, once."""
        seen: dict[str, Block] = {}
        for reference in self._parts.body.iter(w(f"{kind}Reference")):
            part = self._parts.related(str(reference.get(RELATION_ID)))
            for text in () if part is None else self._lines(part):
                seen.setdefault(text, Block(text, aside=kind))
        return list(seen.values())

    def note_texts(self, name: str) -> dict[str, str]:
        """Footnotes or endnotes by their ids."""
        part = self._parts.part(f"{name}s.xml")
        return {} if part is None else {
            str(note.get(w("id"))): " ".join(self._lines(note))
            for note in part.iterfind(w(name))
            if note.get(w("type")) in (None, "normal")
        }  # fmt: skip

    def _lines(self, container: Any) -> list[str]:
        """The texts of a part that has no pages of its own."""
        pieces = [*self._blocks(container), *self._flush()]
        return [one_line(piece.text) for piece in pieces if isinstance(piece, Block)]

    def _blocks(self, container: Any) -> Iterator[Piece]:
        for element in container:
            if element.tag == w("p"):
                yield from self._paragraph(element)
            elif element.tag == w("tbl"):
                yield from self._flush()
                yield from self._table(element)
            elif element.tag in _CONTAINERS:
                yield from self._blocks(element)
            elif element.tag in _GONE:
                self.notes.tracked = True

    def _paragraph(self, paragraph: Any) -> Iterator[Piece]:
        properties = paragraph.find(w("pPr"))
        style = value(properties, "pStyle")
        if is_on(properties, "pageBreakBefore"):
            yield Broke("asked")
        inline = [*self._held, *self._runs.inline(paragraph, style)]
        self._held = []
        if self._end_is_deleted(properties):
            self.notes.tracked = True
            self._held = inline
            return
        yield from self._shown(inline, properties, style)
        section = None if properties is None else properties.find(w("sectPr"))
        if section is not None and value(section, "type") in _NEXT_PAGE:
            yield Broke("asked")

    def _end_is_deleted(self, properties: Any | None) -> bool:
        mark = None if properties is None else properties.find(w("rPr"))
        return mark is not None and (mark.find(w("del")) is not None or mark.find(w("moveFrom")) is not None)

    def _shown(self, inline: list[Inline], properties: Any | None, style: str | None) -> Iterator[Piece]:
        level = self._heading(properties, style)
        label = ""
        if any(isinstance(one, Said) and one.text.strip() for one in inline):
            own = None if properties is None else properties.find(w("numPr"))
            label = self._numbering.label(self._numbers(own, style), style)
        said: list[str] = []
        for one in [*inline, None]:
            if isinstance(one, Said):
                said.append(one.text)
                continue
            if isinstance(one, Noted):
                yield one
                continue
            if one is not None and not isinstance(one, Broke):
                # a text box hangs on this paragraph; it is read before it goes on
                yield from self._boxed(one.content)
                continue
            if text := tidy_lines("".join(said)):
                yield Block(f"{label} {text}" if label else text, heading=level)
                label = ""
            said = []
            if one is not None:
                yield one

    def _boxed(self, content: Any) -> Iterator[Block]:
        held, self._held = self._held, []
        for piece in self._blocks(content):
            if isinstance(piece, Block):
                yield piece
        self._held = held

    def _numbers(self, own: Any | None, style: str | None) -> Any | None:
        """A paragraph may take its list from its style, and may opt out of it."""
        if own is not None and value(own, "numId") is not None:
            return own
        return self._parts.styles.numbering(style)

    def _heading(self, properties: Any | None, style: str | None) -> int:
        stated = value(properties, "outlineLvl")
        if stated is not None and stated.isdigit() and int(stated) < 9:
            return int(stated) + 1
        return self._parts.styles.outline_level(style)

    def _flush(self) -> Iterator[Piece]:
        held, self._held = self._held, []
        if held:
            yield from self._shown(held, None, None)

    def _table(self, table: Any) -> Iterator[Piece]:
        for row in _within(table, "tr"):
            if (properties := row.find(w("trPr"))) is not None and properties.find(w("del")) is not None:
                self.notes.tracked = True
                continue
            cells: list[list[Piece]] = []
            for cell in _within(row, "tc"):
                how = cell.find(w("tcPr"))
                if how is not None and how.find(w("cellDel")) is not None:
                    self.notes.tracked = True
                    continue
                cells.append([*self._blocks(cell), *self._flush()])
            yield from _row(cells)


def _within(parent: Any, name: str) -> Iterator[Any]:
    """Rows and cells, also those in content controls."""
    for element in parent:
        if element.tag == w(name):
            yield element
        elif element.tag in _CONTAINERS:
            yield from _within(element, name)


def _row(cells: list[list[Piece]]) -> Iterator[Piece]:
    """One block, the cells joined by a bar: page text holds no tabs, and a space would join cells' words.

    A row with words in one cell only is layout, and stays in paragraphs. A page that begins inside a row
    begins before it.
    """
    everything = [piece for cell in cells for piece in cell]
    for piece in everything:
        if isinstance(piece, Broke):
            yield piece
            break
    texts = [" ".join(one_line(piece.text) for piece in cell if isinstance(piece, Block)) for cell in cells]
    if sum(map(bool, texts)) > 1:
        yield Block(one_line(" | ".join(texts)))
        yield from (piece for piece in everything if isinstance(piece, Noted))
    else:
        yield from (piece for piece in everything if not isinstance(piece, Broke))


def tidy_lines(text: str) -> str:
    """White space as single spaces; a paragraph's own line breaks stay."""
    return "\n".join(filter(None, (" ".join(line.split()) for line in tidy(text).split("\n"))))
