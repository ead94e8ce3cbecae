from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

import docx
import pytest
from docx.enum.text import WD_BREAK

from app.domain.kinds import DocumentState
from app.ingest.formats.archive import read_zip
from app.ingest.formats.docx import read_docx
from app.ingest.formats.docx_numbering import in_form
from app.ingest.limits import Limits
from app.ingest.messages import Ended, PageRead

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
NOTES = (
    f'<w:footnotes {NAMES}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2">'
    "<w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space='preserve'> Net of tax.</w:t></w:r></w:p>"
    "</w:footnote>"
    "</w:footnotes>"
)


def written(document: Any) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def raw(body: str, **parts: str) -> bytes:
    """A package of Word's own XML; other parts by their names with "_" for "."."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", f"<w:document {NAMES}><w:body>{body}</w:body></w:document>")
        for name, xml in parts.items():
            package.writestr(f"word/{name.replace('_', '.')}", xml)
    return file.getvalue()


def para(text: str, properties: str = "") -> str:
    return f"<w:p>{properties and f'<w:pPr>{properties}</w:pPr>'}{run(text)}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f"<w:r>{properties and f'<w:rPr>{properties}</w:rPr>'}<w:t xml:space='preserve'>{text}</w:t></w:r>"


def read(data: bytes, **limits: Any) -> tuple[list[PageRead], Ended]:
    *pages, ended = read_docx(data, Limits(**limits))
    assert isinstance(ended, Ended)
    return [page for page in pages if isinstance(page, PageRead)], ended


def test_a_document_is_read_in_its_order_with_headings_and_rows() -> None:
    document = docx.Document()
    document.add_heading("Lease", 0)
    document.add_heading("1 Term", 1)
    document.add_paragraph("The term ends\tin May.")
    table = document.add_table(2, 3)
    for cell, text in zip(table._cells, ["Rent", "Due", "", "100", "", "net"], strict=True):
        cell.text = text
    document.add_paragraph("After the table.")
    (page,), ended = read(written(document))
    assert (
        page.text
        == "Lease\n\n1 Term\n\nThe term ends in May.\n\nRent | Due |\n\n100 | | net\n\nAfter the table."
    )
    assert [(level, page.text[start:end]) for level, start, end in page.headings] == [
        (1, "Lease"),
        (1, "1 Term"),
    ]
    assert (page.number, len(page.words), ended.state, ended.flags) == (1, 0, DocumentState.READY, ())


def test_pages_are_those_that_its_reader_saw() -> None:
    rendered = "<w:r><w:lastRenderedPageBreak/></w:r>"
    body = (
        para("One")
        + f"<w:p>{run('two begins ')}{rendered}{run('and ends')}</w:p>"
        + "<w:p><w:r><w:br w:type='page'/></w:r></w:p>"
        + f"<w:p>{rendered}{run('Three')}</w:p>"
        + f"<w:tbl><w:tr><w:tc><w:p>{rendered}{run('a')}</w:p></w:tc><w:tc>{para('b')}</w:tc></w:tr></w:tbl>"
    )
    pages, ended = read(raw(body))
    assert [page.text for page in pages] == ["One\n\ntwo begins", "and ends", "Three", "a | b"]
    assert ended.flags == ()


def test_page_breaks_of_every_kind_begin_a_page() -> None:
    document = docx.Document()
    document.add_paragraph("One").add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph("Two")
    document.add_section()
    document.add_paragraph("Three")
    document.add_paragraph("Four").paragraph_format.page_break_before = True
    pages, _ = read(written(document))
    assert [page.text for page in pages] == ["One", "Two", "Three", "Four"]


def test_where_there_are_no_pages_they_are_counted_and_that_is_said() -> None:
    document = docx.Document()
    for _ in range(30):
        document.add_paragraph("words " * 100)
    pages, ended = read(written(document))
    assert len(pages) > 4
    assert all(page.text.endswith("words") for page in pages)
    assert ended.flags == ("pages are counted by Pincite",)
    assert read(written(document), pages=2)[1].state is DocumentState.TOO_LARGE


def test_deleted_words_are_left_out_and_inserted_ones_kept() -> None:
    gone = "<w:del w:id='1'><w:r><w:delText>thirty</w:delText></w:r></w:del>"
    body = (
        f"<w:p>{run('Within ')}{gone}<w:ins w:id='2'>{run('sixty')}</w:ins>{run(' days')}</w:p>"
        "<w:p><w:pPr><w:rPr><w:del w:id='3'/></w:rPr></w:pPr>" + run("Joined ") + "</w:p>" + para("up.")
        + f"<w:moveFrom w:id='4'>{run('moved')}</w:moveFrom>"
        + "<w:tbl><w:tr><w:trPr><w:del w:id='5'/></w:trPr><w:tc>" + para("row") + "</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    (page,), ended = read(raw(body))
    assert page.text == "Within sixty days\n\nJoined up."
    assert ended.flags == ("holds tracked changes",)


def test_hidden_words_are_unseen_also_those_hidden_by_a_style() -> None:
    styles = (
        f"<w:styles {NAMES}><w:style w:type='character' w:styleId='Base'><w:rPr><w:vanish/></w:rPr></w:style>"
        "<w:style w:type='character' w:styleId='H'><w:basedOn w:val='Base'/></w:style></w:styles>"
    )
    body = (
        f"<w:p>{run('Seen ')}{run('ignore ', '<w:vanish/>')}"
        + run("all", "<w:rStyle w:val='H'/>")
        + run("shown", "<w:rStyle w:val='H'/><w:vanish w:val='0'/>")
        + "</w:p>"
    )
    (page,), ended = read(raw(body, styles_xml=styles))
    assert page.text == "Seen shown"
    assert [(one.text, one.why) for one in page.unseen] == [("ignore all", "marked as hidden")]
    assert ended.flags == ("holds words nobody can see",)


def test_notes_stand_at_the_end_of_their_page_and_headers_once() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Confidential"
    document.sections[0].footer.paragraphs[0].text = "Page"
    document.add_paragraph("Body")
    (page,), _ = read(written(document))
    assert page.text == "Confidential\n\nBody\n\nPage"
    assert [kind for kind, _, _ in page.asides] == ["header", "footer"]
    reference = "<w:r><w:footnoteReference w:id='2'/></w:r>"
    page_break = "<w:p><w:r><w:br w:type='page'/></w:r></w:p>"
    body = f"<w:p>{run('Rent')}{reference}{run(' is due.')}</w:p>{page_break}{para('Two')}"
    first, second = read(raw(body, footnotes_xml=NOTES))[0]
    assert first.text == "Rent is due.\n\n1 Net of tax."
    assert [(kind, first.text[a:b]) for kind, a, b in first.asides] == [("footnote", "1 Net of tax.")]
    assert second.text == "Two"


def test_a_text_box_is_read_once_and_links_fields_and_ticks_as_they_show() -> None:
    box = f"<w:txbxContent>{para('Boxed')}</w:txbxContent>"
    shape = (
        f"<mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>"
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )

    def mark(kind: str, inner: str = "") -> str:
        return f"<w:r><w:fldChar w:fldCharType='{kind}'>{inner}</w:fldChar></w:r>"

    ticked = "<w:ffData><w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox></w:ffData>"
    field = mark("begin") + "<w:r><w:instrText>PAGE</w:instrText></w:r>" + run("no ") + mark("separate")
    body = (
        f"<w:p>{run('Before ')}<w:r>{shape}</w:r>{run('after')}</w:p>"
        f"<w:p><w:hyperlink r:id='x'>{run('our terms')}</w:hyperlink>{field}{run(' 12')}{mark('end')}</w:p>"
        f"<w:p>{mark('begin', ticked)}{mark('end')}{run(' yes ')}<w:r>"
        "<w:sym w:font='Wingdings' w:char='F0A8'/></w:r></w:p>"
        f"<w:p>{mark('begin')}{run('instruction')}</w:p>{para('not swallowed')}"
    )
    (page,), _ = read(raw(body))
    assert page.text == "Boxed\n\nBefore after\n\nour terms 12\n\n\u2612 yes \u2610\n\nnot swallowed"


def test_numbers_that_word_counts_are_written_out() -> None:
    def level(at: int, form: str, text: str) -> str:
        how = f"<w:start w:val='1'/><w:numFmt w:val='{form}'/><w:lvlText w:val='{text}'/>"
        return f"<w:lvl w:ilvl='{at}'>{how}</w:lvl>"

    numbering = (
        f"<w:numbering {NAMES}><w:abstractNum w:abstractNumId='0'>{level(0, 'decimal', '%1.')}"
        f"{level(1, 'decimal', '%1.%2')}{level(2, 'lowerLetter', '(%3)')}</w:abstractNum>"
        f"<w:abstractNum w:abstractNumId='1'>{level(0, 'bullet', 'o')}</w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>"
        "<w:num w:numId='2'><w:abstractNumId w:val='0'/><w:lvlOverride w:ilvl='0'>"
        "<w:startOverride w:val='1'/></w:lvlOverride></w:num>"
        "<w:num w:numId='3'><w:abstractNumId w:val='1'/></w:num></w:numbering>"
    )

    def item(text: str, level: int, number: int = 1) -> str:
        return para(text, f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{number}'/></w:numPr>")

    body = (
        item("Term", 0) + item("Start", 1) + item("May", 2) + item("June", 2) + item("End", 1)
        + item("Rent", 0) + item("Due", 1) + item("May", 2) + item("Annex", 0, 2)
        + item("point", 0, 3) + item("plain", 0, 0)
    )  # fmt: skip
    (page,), _ = read(raw(body, numbering_xml=numbering))
    assert page.text.split("\n\n") == [
        "1. Term", "1.1 Start", "(a) May", "(b) June", "1.2 End", "2. Rent", "2.1 Due", "(a) May", "1. Annex",
        "\u2022 point", "plain",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [(4, "upperRoman", "IV"), (1999, "lowerRoman", "mcmxcix"),
     (28, "lowerLetter", "bb"), (7, "decimalZero", "07"),
     (12, "ordinal", "12th"), (22, "ordinal", "22nd"), (0, "upperRoman", "0"), (5, "chicago", "5")],
)  # fmt: skip
def test_numbers_are_written_in_their_form(number: int, form: str, shown: str) -> None:
    assert in_form(number, form) == shown


def test_comments_are_left_out_and_flagged() -> None:
    (page,), ended = read(
        raw(para("Words"), comments_xml=f"<w:comments {NAMES}>{para('secret')}</w:comments>")
    )
    assert page.text == "Words"
    assert ended.flags == ("holds comments",)


def test_the_strict_variant_of_the_format_is_read() -> None:
    file = BytesIO()
    body = re.sub(
        "schemas.openxmlformats.org/wordprocessingml/2006", "purl.oclc.org/ooxml/wordprocessingml", NAMES
    )
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(
            "word/document.xml", f"<w:document {body}><w:body>{para('Words')}</w:body></w:document>"
        )
    assert [page.text for page in read(file.getvalue())[0]] == ["Words"]


DOCTYPE = '<!DOCTYPE w:document [<!ENTITY a "lol"><!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("make", "state"),
    [
        (lambda: raw("<w:p><w:r>"), DocumentState.DAMAGED),
        (lambda: raw(para("x"))[:200], DocumentState.DAMAGED),
        (lambda: b"no zip", DocumentState.DAMAGED),
        (lambda: raw("<w:p/>" + "<w:sdt>" * 5000 + "</w:sdt>" * 5000), DocumentState.DAMAGED),
        (lambda: raw(""), DocumentState.NO_TEXT),
        (lambda: with_document(f"{DOCTYPE}<w:document {NAMES}><w:body>{para('&a;')}</w:body></w:document>"),
         DocumentState.REFUSED),
        (lambda: with_document(f"<w:document {NAMES}><w:body>{' ' * (97 << 20)}</w:body></w:document>"),
         DocumentState.REFUSED),
    ],
)  # fmt: skip
def test_hostile_and_damaged_documents_end_in_words(make: Callable[[], bytes], state: DocumentState) -> None:
    data = make()
    pages, ended = read(data)
    assert ended.state is state
    assert ended.reason
    assert not any(page.text for page in pages)


def with_document(xml: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", xml)
    return file.getvalue()


def test_a_damaged_part_beside_the_text_costs_only_itself() -> None:
    (page,), ended = read(raw(para("Words"), numbering_xml="<broken", styles_xml=""))
    assert page.text == "Words"
    assert ended.flags == ("parts of it are damaged and were left out",)


def test_a_zip_that_is_a_word_document_is_read_as_one_whatever_its_beginning() -> None:
    *pages, ended = read_zip(raw(para("Words")), Limits())
    assert [cast(PageRead, page).text for page in pages] == ["Words"]
    assert cast(Ended, ended).state is DocumentState.READY
