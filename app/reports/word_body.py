"""The body of a Word document: paragraphs, runs and tables, appended.

python-docx looks through all paragraphs before it adds one, so a long memo would take minutes; these are
put before the section's end at once. Texts are made printable here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from app.reports.wording import printable

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

RULE, SHADE = "D5D9E0", "F3F4F6"
TABLE_TEXT = "TableText"
_CELL_MARGINS = {"top": "30", "left": "60", "bottom": "30", "right": "60"}
_TWENTIETHS_AN_INCH = 1440  # twentieths of a point, in which Word measures


class Body:
    """What comes after what; styles go by their ids."""

    def __init__(self, document: WordDocument) -> None:
        self._end: Any = document.sections[0]._sectPr  # pyright: ignore[reportPrivateUsage]

    def paragraph(
        self, text: str = "", style: str = "Normal", ink: str | None = None, stays_with_next: bool = False
    ) -> Any:
        """The paragraph's element, for more runs."""
        made = new_paragraph(style, stays_with_next=stays_with_next)
        if text:
            add_run(made, text, ink=ink)
        self._end.addprevious(made)
        return made

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        figures_from: int | None = None,
        total: bool = False,
    ) -> None:
        """Widths in inches; from column ``figures_from`` on, to the right; the last row may be a total.

        The header comes again on every page, and no row is cut by the end of one.
        """
        made = element("w:tbl")
        made.append(_table_properties(widths))
        columns = add_child(made, "w:tblGrid")
        for width in widths:
            add_child(columns, "w:gridCol", w=_measure(width))
        if header:
            _add_row(made, header, widths, figures_from, bold=True, heads=True)
        for number, texts in enumerate(rows, start=1):
            _add_row(made, texts, widths, figures_from, bold=total and number == len(rows))
        self._end.addprevious(made)
        self.paragraph(style=TABLE_TEXT)


def number_pages(document: WordDocument, text: str) -> None:
    """At the foot of every page: ``text``, then the page of how many."""
    foot: Any = document.sections[0].footer.paragraphs[0]._p  # pyright: ignore[reportPrivateUsage]
    for words, field in ((f"{text} · page ", "PAGE"), (" of ", "NUMPAGES")):
        add_run(foot, words)
        add_run(add_child(foot, "w:fldSimple", instr=f" {field} "), "1")


def add_run(into: Any, text: str, bold: bool = False, ink: str | None = None) -> None:
    """More text at a paragraph's end. A line's end stays in the XML, where Word shows it as a space."""
    from docx.oxml.ns import qn

    made = add_child(into, "w:r")
    if bold or ink is not None:
        look = add_child(made, "w:rPr")
        if bold:
            add_child(look, "w:b")
        if ink is not None:
            add_child(look, "w:color", val=ink)
    words = add_child(made, "w:t")
    words.set(qn("xml:space"), "preserve")
    words.text = printable(text)


def new_paragraph(style: str, stays_with_next: bool = False, to_the_right: bool = False) -> Any:
    """An empty one, not put anywhere yet."""
    made = element("w:p")
    properties = add_child(made, "w:pPr")
    add_child(properties, "w:pStyle", val=style)
    if stays_with_next:
        add_child(properties, "w:keepNext")
    if to_the_right:
        add_child(properties, "w:jc", val="right")
    return made


def add_child(parent: Any, name: str, **attributes: str) -> Any:
    """A new last child."""
    made = element(name, **attributes)
    parent.append(made)
    return made


def element(name: str, **attributes: str) -> Any:
    """An element of Word's main namespace, attributes too."""
    from docx.oxml import ns, parser

    made = cast(Any, parser).OxmlElement(name)
    for key, value in attributes.items():
        made.set(ns.qn(f"w:{key}"), value)
    return made


def _table_properties(widths: Sequence[float]) -> Any:
    """Thin rules between rows, none between columns; children in the schema's order."""
    made = element("w:tblPr")
    add_child(made, "w:tblW", w=_measure(sum(widths)), type="dxa")
    borders = add_child(made, "w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        drawn = side in ("top", "bottom", "insideH")
        look = {"val": "single", "sz": "4", "space": "0", "color": RULE} if drawn else {"val": "nil"}
        add_child(borders, f"w:{side}", **look)
    add_child(made, "w:tblLayout", type="fixed")
    margins = add_child(made, "w:tblCellMar")
    for side, width in _CELL_MARGINS.items():
        add_child(margins, f"w:{side}", w=width, type="dxa")
    return made


def _add_row(
    table: Any,
    texts: Sequence[str],
    widths: Sequence[float],
    figures_from: int | None,
    bold: bool,
    heads: bool = False,
) -> None:
    row = add_child(table, "w:tr")
    properties = add_child(row, "w:trPr")
    add_child(properties, "w:cantSplit")
    if heads:
        add_child(properties, "w:tblHeader")
    for place, (text, width) in enumerate(zip(texts, widths, strict=True)):
        cell = add_child(row, "w:tc")
        look = add_child(cell, "w:tcPr")
        add_child(look, "w:tcW", w=_measure(width), type="dxa")
        if heads:
            add_child(look, "w:shd", val="clear", color="auto", fill=SHADE)
        right = figures_from is not None and place >= figures_from
        line = new_paragraph(TABLE_TEXT, to_the_right=right)
        add_run(line, text, bold=bold)
        cell.append(line)


def _measure(inches: float) -> str:
    return str(round(inches * _TWENTIETHS_AN_INCH))
