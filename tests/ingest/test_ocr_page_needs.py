from __future__ import annotations

import pytest

from app.ingest.page_needs import wants_ocr

PROSE = "This Agreement is governed by the laws of the State of Delaware, and is made in two counterparts."
COUNT = len(PROSE.split())


def test_a_page_of_text_is_read_as_it_is() -> None:
    assert wants_ocr(PROSE, 0.0, COUNT, COUNT) is None
    assert wants_ocr(PROSE, 0.9, COUNT, COUNT) is None  # a picture behind it
    assert wants_ocr("Page 1", 0.0, 2, 2) is None


def test_an_empty_page_has_nothing_to_recognise_and_a_scan_has() -> None:
    assert wants_ocr("", 0.0, 0, 0) is None
    assert wants_ocr("", 1.0, 0, 0) == "it has no text"


def test_an_ocr_layer_over_its_scan_will_do_and_one_over_nothing_will_not() -> None:
    assert wants_ocr(PROSE, 1.0, COUNT, 0) is None
    assert wants_ocr(PROSE, 0.0, COUNT, 0) == "its text cannot be seen"


@pytest.mark.parametrize("sign", ["\ufffd", "\ue001", "\U000f0001", "\x07", "\x90"])
def test_glyphs_without_a_meaning_are_looked_at(sign: str) -> None:
    assert wants_ocr(PROSE.replace("e", sign).replace("a", sign), 0.0, COUNT, COUNT) == "its text is garbled"


def test_words_in_pieces_or_run_together_are_looked_at() -> None:
    lone = " ".join(PROSE.replace(" ", "").replace(",", "").replace(".", ""))
    assert wants_ocr(lone, 0.0, len(lone.split()), len(lone.split())) == "its text is in pieces"
    stuck = "ThisAgreementisgovernedbythelawsofthe StateofDelawareandismadeintwocounterparts"
    assert wants_ocr(stuck, 0.0, 2, 2) == "its text is in pieces"


def test_a_stamp_on_a_scan_does_not_stand_for_its_text() -> None:
    assert wants_ocr("ABC000123", 1.0, 1, 1) == "nearly all of it is a picture"
    assert wants_ocr(f"{PROSE} ABC000123", 1.0, COUNT + 1, 1) is None  # there is an OCR layer beside it


def test_a_table_of_figures_and_one_long_address_are_no_pieces() -> None:
    figures = " ".join(str(number % 10) for number in range(80))
    assert wants_ocr(figures, 0.0, 80, 80) is None
    address = f"{PROSE} https://www.example.com/a/very/long/address/that/goes/on/and/on.html"
    assert wants_ocr(address, 0.0, COUNT + 1, COUNT + 1) is None
