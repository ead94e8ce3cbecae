from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pymupdf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.kinds import DocumentState
from app.ingest.limits import DEFAULT, Limits
from app.ingest.messages import Ended, Inside, PageRead
from app.ingest.pdf.attached import cleaned_name
from app.ingest.pdf_text import read_pdf
from tests.conftest import SAMPLES

MUPDF = cast(Any, pymupdf)
ANYTHING = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=12)


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[..., PageRead]:
    """Reads the one page on which a function drew."""

    def make(draw: Callable[[Any], None], **page: Any) -> PageRead:
        document = MUPDF.open()
        draw(document.new_page(**page))
        path = tmp_path / "made.pdf"
        document.save(str(path))
        read = pages(path)
        assert len(read) == 1
        return read[0]

    return make


def everything(path: Path, password: str | None = None, limits: Limits = DEFAULT) -> list[Any]:
    return list(read_pdf(path, limits, password))


def pages(path: Path) -> list[PageRead]:
    return [message for message in everything(path) if isinstance(message, PageRead)]


def end(path: Path, password: str | None = None) -> Ended:
    last = everything(path, password)[-1]
    assert isinstance(last, Ended)
    return last


def words(page: PageRead) -> list[str]:
    return [page.text[word.start : word.end] for word in page.words]


def assert_exact(page: PageRead) -> None:
    """Spans are the words, in order, and hold all of the text; what was made is also valid."""
    assert PageRead.model_validate_json(page.model_dump_json()) == page
    at = 0
    for start, stop, _ in page.words:
        assert not page.text[at:start].strip(" \n")
        assert start < stop
        at = stop
    assert at == len(page.text)
    assert not any(ord(letter) < 32 and letter != "\n" for letter in page.text)


def column(page: Any, x: float, lines: list[str], top: float = 100, step: float = 14) -> None:
    for number, line in enumerate(lines):
        page.insert_text((x, top + step * number), line, fontsize=10)


LEFT = [f"left column holds line number {name} of it" for name in "abcdefgh"]
RIGHT = [f"right column has its line number {name} here" for name in "abcdefgh"]


@given(st.lists(ANYTHING, min_size=1, max_size=20), st.sampled_from([0, 90, 180, 270]))
@example(["agree-", "ment"], 0)
@example(["\u00ad", "x"], 90)
def test_words_spans_and_boxes_belong_together_whatever_is_written(texts: list[str], turn: int) -> None:
    document = MUPDF.open()
    page = document.new_page()
    for number, text in enumerate(texts):
        page.insert_text((72, 60 + 30 * number), text, fontname="china-s", fontsize=9)
    page.set_rotation(turn)
    document = MUPDF.open("pdf", document.tobytes())
    (read, *_) = read_pdf(memoryview(document.tobytes()), DEFAULT)
    assert isinstance(read, PageRead)
    assert_exact(read)
    for start, stop, box in read.words:
        assert box[0] <= box[2]
        assert box[1] <= box[3]
        clip = document[0].get_text("text", clip=MUPDF.Rect(box) * document[0].derotation_matrix)
        assert read.text[start:stop].strip("\u00ad")[:1] in clip


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.pdf")), ids=lambda path: path.stem[:12])
def test_real_contracts_keep_the_order_of_their_file(sample: Path) -> None:
    """All letters, one after the other; only a hyphen at a line's end may go."""
    read = pages(sample)
    with MUPDF.open(str(sample)) as document:
        for page, plain in zip(read, document, strict=True):
            assert_exact(page)
            wanted = "".join(word[4] for word in plain.get_text("words", flags=2))
            assert "".join(words(page)).replace("-", "") == wanted.replace("-", "")
    assert [page.number for page in read] == list(range(1, len(read) + 1))


def test_columns_are_read_one_after_the_other_under_a_heading_across_both(
    page_of: Callable[..., PageRead],
) -> None:
    def draw(page: Any) -> None:
        for left, right, y in zip(LEFT, RIGHT, range(100, 212, 14), strict=True):
            column(page, 60, [left], y)  # row by row, the order that nobody reads in
            column(page, 320, [right], y)
        page.insert_text((60, 70), "A heading that stands across both of the columns " * 2, fontsize=10)
        page.insert_text((60, 230), "A second one which also stands across both of them " * 2, fontsize=10)
        for left, right, y in zip(LEFT, RIGHT, range(260, 372, 14), strict=True):
            column(page, 60, ["lower " + left], y)
            column(page, 320, ["lower " + right], y)

    text = page_of(draw).text
    places = [text.index(part) for part in ("A heading", LEFT[0], LEFT[-1], RIGHT[0], RIGHT[-1], "A second")]
    assert places == sorted(places)
    assert text.index("A second") < text.index("lower " + LEFT[-1]) < text.index("lower " + RIGHT[0])


def test_a_row_of_a_table_is_one_line_even_when_its_file_goes_column_by_column(
    page_of: Callable[..., PageRead],
) -> None:
    def draw(page: Any) -> None:
        column(page, 60, ["Net revenues", "Cost of sales", "Gross margin", "Interest", "Net income"])
        column(page, 300, ["1,000", "(400)", "600", "(50)", "550"])
        column(page, 400, ["900", "(300)", "600", "(60)", "540"])

    assert page_of(draw).text.splitlines()[:2] == ["Net revenues 1,000 900", "Cost of sales (400) (300)"]


def test_text_that_stands_sideways_is_read_along_its_lines(page_of: Callable[..., PageRead]) -> None:
    def draw(page: Any) -> None:
        for number, line in enumerate(("first line of it", "second line", "third line")):
            page.insert_text((100 + 14 * number, 400), line, rotate=90)

    assert page_of(draw).text.splitlines() == ["first line of it", "second line", "third line"]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["under this agree-", "ment and its terms"], "under this agreement\nand its terms"),
        (["this is a non-", "exclusive licence"], "this is a non-exclusive\nlicence"),
        (["the years 2019-", "and later ones"], "the years 2019-\nand later ones"),
        (["held by Smith-", "Jones and others"], "held by Smith-\nJones and others"),
        (["credit-card or credit-", "card number"], "credit-card or credit-card\nnumber"),
        (["a list -", "of things"], "a list -\nof things"),
    ],
)
def test_a_word_broken_at_a_lines_end_is_whole_and_has_both_boxes(
    page_of: Callable[..., PageRead], lines: list[str], text: str
) -> None:
    page = page_of(lambda page: column(page, 60, lines))
    assert page.text == text
    assert_exact(page)
    assert len(page.words) == sum(len(line.split()) for line in lines)


def test_the_two_entries_of_a_broken_word_follow_each_other(page_of: Callable[..., PageRead]) -> None:
    page = page_of(lambda page: column(page, 60, ["this agree-", "ment"]))
    start = page.text.index("agreement")
    _, first, second = page.words
    assert (first[:2], second[:2]) == ((start, start + 5), (start + 5, start + 9))
    assert first.box.y0 < second.box.y0
    assert first.box.x0 > second.box.x0


def test_headings_come_from_the_outline_and_from_how_they_are_set(tmp_path: Path) -> None:
    document = MUPDF.open()
    page = document.new_page()
    page.insert_text((72, 60), "Master Supply Agreement", fontsize=20)
    page.insert_text((72, 120), "ARTICLE I", fontname="hebo", fontsize=10)
    column(page, 72, LEFT, 160)
    page.insert_text((72, 300), "2.1 Term", fontname="hebo", fontsize=10)
    column(page, 72, ["in the outline only", *RIGHT], 340)
    document.set_toc([[1, "Start", 1], [2, "In the  outline only", 1]])
    path = tmp_path / "headed.pdf"
    document.save(str(path))
    (read,) = pages(path)
    told = {read.text[start:stop]: level for level, start, stop in read.headings}
    assert told == {"Master Supply Agreement": 1, "ARTICLE I": 1, "2.1 Term": 2, "in the outline only": 2}


def test_small_lines_with_a_mark_at_the_foot_are_a_footnote(page_of: Callable[..., PageRead]) -> None:
    def draw(page: Any) -> None:
        column(page, 60, LEFT)
        page.insert_text((60, 700), "1 As set out in the first", fontsize=7)
        page.insert_text((60, 709), "schedule to it.", fontsize=7)

    page = page_of(draw)
    ((kind, start, stop),) = page.asides
    assert kind == "footnote"
    assert page.text[start:stop] == "1 As set out in the first\nschedule to it."


def locked(path: Path, owner_only: bool = False) -> Path:
    document = MUPDF.open()
    document.new_page().insert_text((72, 72), "secret words")
    user = "" if owner_only else "right"
    document.save(str(path), encryption=MUPDF.PDF_ENCRYPT_AES_256, user_pw=user, owner_pw="owner")
    return path


def test_a_password_opens_a_file_and_a_wrong_one_says_so(tmp_path: Path) -> None:
    path = locked(tmp_path / "locked.pdf")
    assert end(path).state is DocumentState.LOCKED
    assert end(path).reason == "The file needs a password."
    assert end(path, "wrong").reason == "The password does not open this file."
    assert end(path, "right").state is DocumentState.READY
    assert end(locked(tmp_path / "owner.pdf", owner_only=True)).state is DocumentState.READY


def test_files_that_lie_in_it_come_out_whole_and_under_plain_names(tmp_path: Path) -> None:
    document = MUPDF.open()
    page = document.new_page()
    page.insert_text((72, 72), "see the attached files")
    big = bytes(range(256)) * 8192
    document.embfile_add("a", big, filename="../../etc/big.bin")
    document.embfile_add("b", b"", filename="empty.txt")
    page.add_file_annot((100, 100), b"pinned", "C:\\x\\empty.txt")
    path = tmp_path / "holder.pdf"
    document.save(str(path))
    files: dict[str, bytes] = {}
    for message in everything(path):
        if isinstance(message, Inside):
            assert len(message.data) <= 1 << 20
            files[message.name] = files.get(message.name, b"") + base64.b64decode(message.data)
    assert files == {"empty.txt": b"pinned", "big.bin": big, "empty (2).txt": b""}
    assert "3 files lie in it" in end(path).flags
    small = DEFAULT.model_copy(update={"file_bytes": 1 << 20})
    assert "1 of the files that lie in it could not be taken out" in everything(path, None, small)[-1].flags


@given(st.text())
def test_a_cleaned_name_stays_in_its_folder(given_name: str) -> None:
    name = cleaned_name(given_name)
    assert not set(name) & set('/\\:\0\n\r\u202e"')
    assert name not in (".", "..")
    assert len(name) <= 151


def test_a_damaged_file_says_that_it_was_repaired(tmp_path: Path) -> None:
    data = next(SAMPLES.glob("*.pdf")).read_bytes()
    path = tmp_path / "cut.pdf"
    path.write_bytes(data[: data.rindex(b"xref")])
    assert "the file was damaged and repaired" in end(path).flags


def test_a_page_that_cannot_be_read_is_kept_empty_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.ingest.pdf import page as module

    def glyphs_of(page: Any) -> Any:
        if page.number == 1:
            raise RuntimeError("secret words")
        return plain(page)

    plain = module.glyphs_of
    document = MUPDF.open()
    for _ in range(3):
        document.new_page().insert_text((72, 72), "words")
    path = tmp_path / "three.pdf"
    document.save(str(path))
    monkeypatch.setattr(module, "glyphs_of", glyphs_of)
    assert [(page.text, page.broken) for page in pages(path)] == [
        ("words", False),
        ("", True),
        ("words", False),
    ]
    assert end(path).state is DocumentState.PARTIAL
    assert end(path).reason == "These pages could not be read: 2."


def test_letters_without_a_width_are_recognised_in_the_pages_picture(
    page_of: Callable[..., PageRead],
) -> None:
    def squeezed(page: Any) -> None:
        page.insert_text((72, 72), "wide", fontsize=11)
        document = page.parent
        (xref,) = page.get_contents()
        document.update_stream(xref, document.xref_stream(xref).replace(b"BT", b"BT 0 Tz"))

    page = page_of(squeezed)
    assert (page.text, page.wants_ocr) == ("", "its letters have no width")
    assert page_of(lambda page: None).wants_ocr is None
