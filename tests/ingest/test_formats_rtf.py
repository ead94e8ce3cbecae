from __future__ import annotations

from app.domain.kinds import DocumentState
from app.ingest.formats.rtf import read_rtf
from app.ingest.limits import Limits
from app.ingest.messages import Ended, PageRead

START = (
    r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset238 Arial CE;}}{\colortbl;\red0;}"
)


def read(body: str) -> tuple[list[PageRead], Ended]:
    *pages, ended = read_rtf((START + body + "}").encode("latin-1"), Limits())
    assert isinstance(ended, Ended)
    return [page for page in pages if isinstance(page, PageRead)], ended


def test_paragraphs_letters_and_rows_are_read() -> None:
    (page,), ended = read(
        r"\pard First \'a7 3 \u8212? caf\'e9.\par {\f1 \'b9}\par \u-10179?\u-8704?\par"
        r"\trowd Rent\cell 100\cell\row a|b\par"
    )
    assert page.text == "First \u00a7 3 \u2014 caf\u00e9.\n\n\u0105\n\n\U0001f600\n\nRent | 100\n\na|b"
    assert (ended.state, ended.flags) == (DocumentState.READY, ())


def test_page_breaks_begin_pages() -> None:
    pages, ended = read(r"One.\par\page Two.\par {\b \page}Three.")
    assert [(page.number, page.text) for page in pages] == [(1, "One."), (2, "Two."), (3, "Three.")]
    assert ended.flags == ()


def test_long_text_without_breaks_is_parted_and_says_so() -> None:
    pages, ended = read((r"words " * 100 + r"\par ") * 30)
    assert len(pages) > 4
    assert ended.flags == ("pages are counted by Pincite",)


def test_notes_headers_and_boxes_are_kept_beside_the_text() -> None:
    (page,), _ = read(
        r"{\header Lease\par}{\footer Page 1\par}{\footer Page 1\par}Rent is due{\super\chftn}"
        r"{\footnote {\super\chftn} Net of tax.} in May."
        r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt Boxed.\par}}}"
    )
    assert page.text == "Lease\n\nRent is due in May.\n\nBoxed.\n\nNet of tax.\n\nPage 1"
    assert [(kind, page.text[start:end]) for kind, start, end in page.asides] == [
        ("header", "Lease"), ("footnote", "Net of tax."), ("footer", "Page 1"),
    ]  # fmt: skip


def test_hidden_and_deleted_words_are_no_part_of_the_text() -> None:
    (page,), ended = read(
        r"{\stylesheet{\s1\v Hidden style;}}Seen "
        r"{\v ignore {\b all} \u8211? rules}\v0 and {\deleted gone }kept."
        r"{\*\atnid JD}{\*\annotation A comment.}"
    )
    assert page.text == "Seen and kept."
    assert [(one.text, one.why) for one in page.unseen] == [("ignore all \u2013 rules", "marked as hidden")]
    assert ended.flags == ("holds tracked changes", "holds comments", "holds words nobody can see")


def test_pictures_and_binary_data_are_passed_over() -> None:
    (page,), _ = read(r"A{\pict\pngblip " + "89504e47" * 50_000 + r"}B{\pict\bin5 }}}}}}C")
    assert page.text == "ABC"


def test_a_link_is_its_words() -> None:
    (page,), _ = read(r'See {\field{\*\fldinst{HYPERLINK "https://example.org"}}{\fldrslt{\ul our terms}}}.')
    assert page.text == "See our terms."


def test_damage_ends_in_words() -> None:
    for body in ("{" * 6000, r"\u99999999999 x", r"{\fonttbl{\f0\fcharset999 x;}}y"):
        *_, ended = read_rtf((START + body).encode("latin-1"), Limits())
        assert isinstance(ended, Ended)
        assert ended.state in (DocumentState.DAMAGED, DocumentState.READY, DocumentState.NO_TEXT)
    *_, ended = read_rtf(b"no rtf", Limits())
    assert isinstance(ended, Ended)
    assert ended.state is DocumentState.DAMAGED
