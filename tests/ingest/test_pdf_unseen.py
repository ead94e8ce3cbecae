from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pymupdf
import pytest

from app.ingest.limits import DEFAULT
from app.ingest.messages import Ended, PageRead
from app.ingest.pdf_text import read_pdf

MUPDF = cast(Any, pymupdf)
BLACK, WHITE, BLUE = (0, 0, 0), (1, 1, 1), (0, 0, 0.5)
BODY = "These words are for everybody to see and to read."


def put(page: Any, text: str, y: float = 200, **how: Any) -> None:
    page.insert_text((72, y), text, fontsize=how.pop("size", 11), **how)


def scan(noise: int = 7) -> Any:
    """A picture that is not one colour."""
    made = MUPDF.Pixmap(MUPDF.csRGB, MUPDF.IRect(0, 0, 60, 80), False)
    made.clear_with(255)
    for place in range(0, 4800, noise):
        made.set_pixel(place % 60, place // 60, (place % 256, 0, 0))
    return made


def read(document: Any) -> tuple[PageRead, Ended]:
    first, *_, last = read_pdf(memoryview(document.tobytes()), DEFAULT)
    assert isinstance(first, PageRead)
    assert isinstance(last, Ended)
    return first, last


def white(page: Any) -> None:
    put(page, "hidden", color=WHITE)


def white_across_a_line(page: Any) -> None:
    put(page, "hidden", color=WHITE)
    page.draw_line((60, 197), (300, 197), color=BLACK, width=0.5)


def blue_on_blue(page: Any) -> None:
    page.draw_rect((60, 180, 300, 220), fill=BLUE, color=None)
    put(page, "hidden", color=BLUE)


def tiny(page: Any) -> None:
    put(page, "hidden", size=0.5)


def outside(page: Any) -> None:
    put(page, "hidden", y=-30)


def beyond_the_crop(page: Any) -> None:
    put(page, "hidden", y=700)
    page.set_cropbox(MUPDF.Rect(0, 0, 595, 400))


def inkless(page: Any) -> None:
    put(page, "hidden", render_mode=3)


def clear(page: Any) -> None:
    put(page, "hidden", fill_opacity=0.0, stroke_opacity=0.0)


def redacted(page: Any) -> None:
    put(page, "hidden")
    page.draw_rect((60, 180, 300, 220), fill=BLACK, color=None)


def whited_out(page: Any) -> None:
    put(page, "hidden")
    page.draw_rect((60, 180, 300, 220), fill=WHITE, color=None)


def under_a_picture(page: Any) -> None:
    put(page, "hidden")
    page.insert_image((60, 180, 300, 220), pixmap=scan(), keep_proportion=False)


def switched_off(page: Any) -> None:
    layer = page.parent.add_ocg("notes", on=False)
    put(page, "hidden", oc=layer)


@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize(
    ("hide", "why"),
    [
        (white, "white on white"),
        (white_across_a_line, "white on white"),
        (blue_on_blue, "in the colour of what is behind them"),
        (tiny, "smaller than a point"),
        (outside, "outside the page"),
        (beyond_the_crop, "outside the page"),
        (inkless, "drawn without ink"),
        (clear, "transparent"),
        (redacted, "under a filled shape"),
        (whited_out, "under a filled shape"),
        (under_a_picture, "under a picture"),
        (switched_off, "in a layer that is switched off"),
    ],
)
def test_words_that_nobody_can_see_are_told_and_not_read(
    hide: Callable[[Any], None], why: str, turn: int
) -> None:
    document = MUPDF.open()
    page = document.new_page()
    put(page, BODY, y=100)
    hide(page)
    page.set_rotation(turn)
    made, end = read(document)
    assert made.text == BODY
    assert [(unseen.text, unseen.why) for unseen in made.unseen] == [("hidden", why)]
    assert end.flags == ("words nobody can see on page 1",)


def white_on_blue(page: Any) -> None:
    page.draw_rect((60, 180, 300, 220), fill=BLUE, color=None)
    put(page, "shown", color=WHITE)


def heavy_white_on_blue(page: Any) -> None:
    page.draw_rect((60, 150, 400, 260), fill=BLUE, color=None)
    put(page, "shown", color=WHITE, size=60, y=240, fontname="hebo")


def on_a_shade(page: Any) -> None:
    page.draw_rect((60, 180, 300, 220), fill=(0.9, 0.9, 0.9), color=None)
    put(page, "shown")


def marked(page: Any) -> None:
    put(page, "shown")
    page.add_highlight_annot((72, 185, 140, 205))


def grey(page: Any) -> None:
    put(page, "shown", color=(0.8, 0.8, 0.8))


def in_a_box(page: Any) -> None:
    put(page, "shown")
    page.draw_rect((60, 180, 300, 220), color=BLACK)


def under_a_signature(page: Any) -> None:
    put(page, "shown")
    stamp = MUPDF.Pixmap(scan(), 1)
    stamp.set_alpha(bytes(4800))
    page.insert_image((60, 180, 300, 220), pixmap=stamp, keep_proportion=False)


def over_a_picture(page: Any) -> None:
    page.insert_image((60, 180, 300, 220), pixmap=scan(), keep_proportion=False)
    put(page, "shown")


def switched_on(page: Any) -> None:
    put(page, "shown", oc=page.parent.add_ocg("notes", on=True))


@pytest.mark.parametrize(
    "show",
    [
        white_on_blue,
        heavy_white_on_blue,
        on_a_shade,
        marked,
        grey,
        in_a_box,
        under_a_signature,
        over_a_picture,
        switched_on,
    ],
)
def test_words_that_people_see_are_read(show: Callable[[Any], None]) -> None:
    document = MUPDF.open()
    page = document.new_page()
    put(page, BODY, y=100)
    show(page)
    made, end = read(document)
    assert made.text.split() == [*BODY.split(), "shown"]
    assert not made.unseen
    assert not end.flags


@pytest.mark.parametrize("behind", [False, True])
def test_what_ocr_wrote_over_or_under_a_scan_is_text(behind: bool) -> None:
    document = MUPDF.open()
    page = document.new_page()
    if behind:
        put(page, BODY)
    page.insert_image(page.rect, pixmap=scan(), keep_proportion=False)
    if not behind:
        put(page, BODY, render_mode=3)
    made, end = read(document)
    assert made.text == BODY
    assert not made.unseen
    assert not end.flags


def test_words_without_ink_beside_a_scan_are_not_text() -> None:
    document = MUPDF.open()
    page = document.new_page()
    page.insert_image((60, 400, 500, 800), pixmap=scan(), keep_proportion=False)
    put(page, "Read in it.", y=600, render_mode=3)
    put(page, BODY, y=100)
    put(page, "hidden", render_mode=3)
    made, _ = read(document)
    assert made.text.split() == [*BODY.split(), "Read", "in", "it."]
    assert [unseen.text for unseen in made.unseen] == ["hidden"]


def test_a_file_and_its_bytes_read_alike(tmp_path: Path) -> None:
    document = MUPDF.open()
    put(document.new_page(), BODY)
    path = tmp_path / "a.pdf"
    document.save(str(path))
    assert list(read_pdf(path, DEFAULT)) == list(read_pdf(memoryview(path.read_bytes()), DEFAULT))
