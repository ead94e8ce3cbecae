from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
import pymupdf
import pytest

from app.ingest.messages import PageRead
from app.ingest.ocr.cleaning import noise, without_grain
from app.ingest.ocr.page import page_of
from app.ingest.ocr.pictured import MOST_PIXELS, Pictured, pdf_page, scanned_at
from app.ingest.ocr.port import Picture, RecognisedLine, RecognisedWord
from app.ingest.ocr.rapid import RapidRecogniser
from app.ingest.pdf.composed import Lexicon

MUPDF = cast(Any, pymupdf)
LINES = (
    "This Agreement is governed by the laws of Delaware.",
    "Either party may end it on thirty days' notice.",
    "All fees are due within 45 days of the invoice.",
    "Neither party is liable for indirect damages.",
)


@pytest.fixture(scope="module")
def recogniser() -> RapidRecogniser:
    return RapidRecogniser()


def sheet(*lines: str, left: float = 60, top: float = 80, document: Any = None) -> Any:
    made = document or MUPDF.open()
    page = made[0] if len(made) else made.new_page(width=420, height=300)
    for number, line in enumerate(lines):
        page.insert_text((left, top + 14 * number), line, fontsize=11, fontname="tiro")
    return made


def read(recogniser: RapidRecogniser, made: Pictured) -> PageRead:
    lines = recogniser.recognise(made.pixels, made.dots_per_inch)
    return page_of(lines, 1, made.scale, made.size, Lexicon())


def of_pixels(pixels: Picture, dpi: float = 200.0) -> Pictured:
    height, width = pixels.shape
    scale = 72 / dpi
    return Pictured(pixels, dpi, (scale, scale), (width * scale, height * scale))


def words(page: PageRead) -> list[str]:
    return [page.text[word.start : word.end] for word in page.words]


def test_every_word_is_read_and_its_box_is_that_of_its_ink(recogniser: RapidRecogniser) -> None:
    document = sheet(*LINES)
    page = read(recogniser, pdf_page(document, 1))
    assert page.text == "\n".join(LINES)
    assert words(page) == " ".join(LINES).split()
    assert len(page.confidences) == len(page.words)
    assert min(page.confidences) > 0.8
    assert (page.width, page.height) == (420, 300)
    for told, (_, _, (x0, y0, x1, y1)) in zip(document[0].get_text("words"), page.words, strict=True):
        # MuPDF's box has the font's ascent and descent, and the advance of the last letter
        assert (x0, x1) == pytest.approx((told[0], told[2]), abs=1.8)
        assert told[1] - 1 <= y0 < y1 <= told[3] + 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_scanned_turned_is_read_all_the_same(recogniser: RapidRecogniser, quarters: int) -> None:
    upright = pdf_page(sheet(*LINES), 1)
    pixels = np.rot90(upright.pixels, -quarters).copy()  # clockwise
    page = read(recogniser, of_pixels(pixels, upright.dots_per_inch))
    assert page.text == "\n".join(LINES)
    x0, y0, x1, y1 = page.words[0].box
    assert x1 - x0 < y1 - y0 if quarters != 2 else x1 - x0 > y1 - y0
    first = {1: (page.width - 80, 60.0), 2: (page.width - 60, page.height - 80), 3: (80.0, page.height - 60)}
    assert abs((x0 + x1) / 2 - first[quarters][0]) < 25
    assert abs((y0 + y1) / 2 - first[quarters][1]) < 25


@pytest.mark.parametrize("degrees", [-3.0, 2.0])
def test_a_page_laid_askew_keeps_its_rows(recogniser: RapidRecogniser, degrees: float) -> None:
    document = sheet(*LINES)
    sheet(*(f"({number}.)" for number in range(4)), left=350, document=document)
    upright = pdf_page(document, 1)
    height, width = upright.pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    askew = cv2.warpAffine(upright.pixels, turn, (width, height), borderValue=(255,))
    page = read(recogniser, of_pixels(np.asarray(askew, np.uint8)))
    assert page.text.split("\n") == [f"{line} ({number}.)" for number, line in enumerate(LINES)]


def test_columns_are_read_one_after_the_other(recogniser: RapidRecogniser) -> None:
    left = ["The seller delivers the", "goods within ten days of", "the order to the place that"]
    left += [
        "the buyer has named, and",
        "insures them against loss",
        "and damage on the way",
        "until they are there.",
    ]
    right = ["The buyer pays for them", "within thirty days of the", "invoice, and bears the"]
    right += [
        "cost of any delay that is",
        "caused by an order which",
        "was changed later than a",
        "week before that day.",
    ]
    document = sheet(*left, left=40)
    sheet(*right, left=225, document=document)
    page = read(recogniser, pdf_page(document, 1))
    assert page.text.split() == " ".join(left + right).split()


def test_a_wide_step_down_begins_a_paragraph(recogniser: RapidRecogniser) -> None:
    document = sheet(*LINES[:2])
    sheet(*LINES[2:], top=150, document=document)
    assert read(recogniser, pdf_page(document, 1)).text == "\n".join(LINES[:2]) + "\n\n" + "\n".join(
        LINES[2:]
    )


def test_grain_is_smoothed_and_clean_paper_left_alone(recogniser: RapidRecogniser) -> None:
    made = pdf_page(sheet(*LINES), 1)
    assert noise(made.pixels) == 0.0
    assert without_grain(made.pixels) is made.pixels
    grain = np.random.default_rng(7).normal(0.0, 20.0, made.pixels.shape)
    grainy = np.clip(made.pixels + grain, 0, 255).astype(np.uint8)
    assert noise(without_grain(grainy)) < noise(grainy)
    assert read(recogniser, of_pixels(grainy)).text.split() == " ".join(LINES).split()


def test_a_blank_page_has_no_words(recogniser: RapidRecogniser) -> None:
    assert recogniser.recognise(np.full((600, 400), 255, np.uint8), 100.0) == ()
    page = read(recogniser, of_pixels(np.full((600, 400), 255, np.uint8)))
    assert (page.text, len(page.words), page.confidences) == ("", 0, ())


def test_colour_and_light_letters_on_dark_are_read(recogniser: RapidRecogniser) -> None:
    plain = pdf_page(sheet(*LINES), 1).pixels
    dark = np.stack([255 - plain, 200 - plain // 2, np.full_like(plain, 40)], axis=2)
    lines = recogniser.recognise(dark, 200.0)
    assert [line.text for line in lines] == list(LINES)


def test_words_of_a_line_have_no_control_letters_and_boxes_that_json_can_say() -> None:
    word = RecognisedWord("a\x00b\fc\ud800", (float("nan"), 0.0, 1e12, 5.0), 1.5)
    page = page_of([RecognisedLine("", 1.0, (word,), height=5.0)], 1, (1.0, 1.0), (100.0, 100.0), Lexicon())
    assert page.text == "abc\ufffd"
    assert page.confidences == (1.0,)
    assert PageRead.model_validate_json(page.model_dump_json()) == page


def test_a_word_broken_at_a_lines_end_is_one_with_two_boxes_and_confidences() -> None:
    lines = [
        RecognisedLine("of the agree-", 1.0, tuple(
            RecognisedWord(text, (10.0 + 40 * place, 10.0, 45.0 + 40 * place, 20.0), confidence)
            for place, (text, confidence) in enumerate((("of", 0.9), ("the", 0.8), ("agree-", 0.7)))
        ), height=10.0),
        RecognisedLine("ment", 1.0, (RecognisedWord("ment", (10.0, 24.0, 45.0, 34.0), 0.6),), height=10.0),
    ]  # fmt: skip
    page = page_of(lines, 1, (1.0, 1.0), (200.0, 100.0), Lexicon())
    assert page.text == "of the agreement"
    assert words(page) == ["of", "the", "agree", "ment"]
    assert page.confidences == (0.9, 0.8, 0.7, 0.6)


def test_pages_are_drawn_as_finely_as_they_were_scanned_and_never_too_large() -> None:
    document = MUPDF.open()
    page = document.new_page(width=612, height=792)
    picture = MUPDF.Pixmap(MUPDF.csGRAY, (0, 0, 1275, 1650))
    picture.clear_with(255)
    page.insert_image(page.rect, pixmap=picture)
    assert scanned_at(page) == pytest.approx(150, abs=1)
    poster = document.new_page(width=14_400, height=14_400)
    assert poster.number == 1
    made = pdf_page(document, 2)
    assert made.pixels.size <= MOST_PIXELS * 1.01
    assert made.size == (14_400, 14_400)
    assert made.scale[0] * made.pixels.shape[1] == pytest.approx(14_400)
