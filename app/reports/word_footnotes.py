"""Word's own footnotes, which python-docx does not write: their part, styles and references."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.reports.word_body import add_child, add_run, element, new_paragraph

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_SEPARATORS = ((-1, "separator"), (0, "continuationSeparator"))
_TEXT_STYLE, _MARK_STYLE = "FootnoteText", "FootnoteReference"
_AFTER_IN_SETTINGS = ("w:endnotePr", "w:compat", "w:docVars", "w:rsids")


class Footnotes:
    """The footnotes of one document, numbered from 1. ``attach`` puts them in, once, at the end."""

    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._root = element("w:footnotes")
        self._count = 0
        for number, kind in _SEPARATORS:
            note = add_child(self._root, "w:footnote", type=kind, id=str(number))
            paragraph = add_child(note, "w:p")
            add_child(add_child(paragraph, "w:pPr"), "w:spacing", after="0", line="240", lineRule="auto")
            add_child(add_child(paragraph, "w:r"), f"w:{kind}")
        _add_styles(document)

    def add(self, paragraph: Any, texts: Sequence[str]) -> None:
        """A reference at the paragraph's end to a footnote of these texts, a paragraph each."""
        self._count += 1
        number = str(self._count)
        note = add_child(self._root, "w:footnote", id=number)
        for place, text in enumerate(texts):
            line = new_paragraph(_TEXT_STYLE)
            if place == 0:
                add_child(_marked_run(line), "w:footnoteRef")
            add_run(line, f" {text}" if place == 0 else text)
            note.append(line)
        add_child(_marked_run(paragraph), "w:footnoteReference", id=number)

    def attach(self) -> None:
        """Make the part, relate it to the document and name the separators in its settings."""
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.opc.part import XmlPart

        part: Any = self._document.part
        notes = XmlPart(PackURI("/word/footnotes.xml"), _CONTENT_TYPE, self._root, part.package)
        part.relate_to(notes, RELATIONSHIP_TYPE.FOOTNOTES)
        _name_separators(self._document.settings.element)


def _name_separators(settings: Any) -> None:
    """In the place the schema gives it."""
    from docx.oxml.ns import qn

    properties = element("w:footnotePr")
    for number, _ in _SEPARATORS:
        add_child(properties, "w:footnote", id=str(number))
    later = {qn(name) for name in _AFTER_IN_SETTINGS}
    place = next((i for i, child in enumerate(settings) if child.tag in later), len(settings))
    settings.insert(place, properties)


def _add_styles(document: WordDocument) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    text: Any = document.styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    text.base_style = document.styles["Normal"]
    text.font.size = Pt(8.5)
    text.paragraph_format.space_after = Pt(2)
    text.paragraph_format.line_spacing = 1.0
    mark: Any = document.styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
    mark.font.superscript = True
    for style, key in ((text, _TEXT_STYLE), (mark, _MARK_STYLE)):
        style.element.styleId = key


def _marked_run(paragraph: Any) -> Any:
    run = add_child(paragraph, "w:r")
    add_child(add_child(run, "w:rPr"), "w:rStyle", val=_MARK_STYLE)
    return run
