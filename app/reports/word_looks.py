"""How a Word report looks: our styles over those of python-docx's template."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from app.reports.word_body import RULE, element
from app.reports.wording import printable

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

INK, MUTED = "1F2937", "5B6472"
_OWN_STYLES = ("Finding Facts", "Table Text")
_FONT = "Calibri"
_MARGIN_INCHES = 1.0


def blank(title: str, at: datetime) -> WordDocument:
    """An empty document with our styles, and nothing of python-docx's own in its properties."""
    from docx import Document
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.shared import Inches

    document = Document()
    rels = cast(Any, document.part.package).rels
    for key in [key for key, rel in rels.items() if rel.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del rels[key]
    properties = document.core_properties
    properties.title, properties.author, properties.comments = printable(title)[:255], "Pincite", ""
    properties.created = properties.modified = at.replace(tzinfo=None)
    properties.last_modified_by = "Pincite"
    section = document.sections[0]
    section.left_margin = section.right_margin = Inches(_MARGIN_INCHES)
    section.top_margin = section.bottom_margin = Inches(_MARGIN_INCHES)
    _modern(document)
    _set_styles(document)
    return document


def _set_styles(document: WordDocument) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    styles = document.styles
    for name in _OWN_STYLES:  # their ids are the names without the space
        cast(Any, styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)).base_style = styles["Normal"]
    for name, size, before, after, ink, bold in (
        ("Normal", 10.5, 0, 6, INK, False),
        ("Title", 24, 0, 2, INK, True),
        ("Subtitle", 13, 0, 14, MUTED, False),
        ("Heading 1", 15, 22, 6, INK, True),
        ("Heading 2", 11.5, 14, 2, INK, True),
        ("Quote", 10, 0, 4, INK, False),
        ("Footer", 8.5, 0, 0, MUTED, False),
        ("Finding Facts", 9.5, 0, 4, MUTED, False),
        ("Table Text", 9, 0, 0, INK, False),
    ):
        style: Any = styles[name]
        _plain_font(style, size, ink, bold)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.line_spacing = 1.12
    _without_rule(styles["Title"].element)
    quote: Any = styles["Quote"]
    quote.paragraph_format.left_indent = Pt(10)
    _rule_left(quote.element)


def _plain_font(style: Any, size: float, ink: str, bold: bool) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    font = style.font
    font.name, font.size, font.bold, font.italic = _FONT, Pt(size), bold, False
    font.color.rgb = RGBColor.from_string(ink)
    fonts = style.element.rPr.rFonts
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # they would outrank the name
        fonts.attrib.pop(qn(f"w:{key}"), None)
    for spaced in style.element.rPr.findall(qn("w:spacing")):
        style.element.rPr.remove(spaced)


def _modern(document: WordDocument) -> None:
    """python-docx's template is of 2010, which Word would call compatibility mode."""
    from docx.oxml.ns import qn

    for setting in cast(Any, document.settings.element).iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")


def _without_rule(style: Any) -> None:
    from docx.oxml.ns import qn

    for borders in style.pPr.findall(qn("w:pBdr")):
        style.pPr.remove(borders)


def _rule_left(style: Any) -> None:
    borders = element("w:pBdr")
    borders.append(element("w:left", val="single", sz="12", space="8", color=RULE))
    style.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )
