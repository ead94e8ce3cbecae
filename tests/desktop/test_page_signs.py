"""What reading found on a page is seen above it and on it, and is never evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.document.document_view import DocumentView
from app.desktop.document.page_layout import PageLayout
from app.domain.spans import Box
from tests.desktop.document_made import (
    SAMPLE,
    FakeDrawers,
    Held,
    Pixels,
    bounds,
    changed,
    look_at,
    read,
    sharp,
)
from tests.desktop.reading_made import TINY, WHITE, scanned, with_hidden_words

LONG = 60_000
NEAR = 4
"""Pixels that a frame stands off, its own width included."""


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> Iterator[DocumentView]:
    look.dress(qapp, "light")
    made = DocumentView()
    qtbot.addWidget(made)
    made.resize(720, 900)
    with qtbot.waitActive(made):
        made.show()
    yield made
    made.shut_down()


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return read(with_hidden_words(tmp_path_factory.mktemp("hidden") / "hidden.pdf"))


@pytest.fixture(scope="module")
def sample() -> Held:
    return read(SAMPLE)


def doubted(held: Held, page: int, unsure: list[int]) -> Held:
    """As if a page had been recognised: these of its words with 0.5, the others with 0.9."""
    one = held.pages[page - 1]
    sure = tuple(0.5 if place in unsure else 0.9 for place in range(len(one.words)))
    pages = list(held.pages)
    pages[page - 1] = one.model_copy(update={"confidences": sure})
    return replace(held, pages=tuple(pages))


def opened(view: DocumentView, held: Held, qtbot: QtBot) -> None:
    view.show_document(held)
    sharp(qtbot, view, 1)
    qtbot.waitUntil(lambda: 1 in view.signs._facts, timeout=LONG)  # pyright: ignore[reportPrivateUsage]


def outside(pixels: Pixels, boxes: list[Box], layout: PageLayout, corner: tuple[int, int]) -> Pixels:
    """Those that are near none of the boxes of page 1."""
    left = set(pixels)
    for box in boxes:
        x0, y0, x1, y1 = layout.place(0, box)
        left = {
            (x, y)
            for x, y in left
            if not (x0 - NEAR <= x - corner[0] <= x1 + NEAR and y0 - NEAR <= y - corner[1] <= y1 + NEAR)
        }
    return left


def test_words_nobody_can_see_are_told_with_the_reason(
    qtbot: QtBot, view: DocumentView, hidden: Held
) -> None:
    opened(view, hidden, qtbot)
    assert view.signs.unseen.isVisible()
    assert view.signs.unseen.text.text() == (
        "2 pieces of text here cannot be seen: white on white, smaller than a point."
    )
    assert not view.signs.unsure.isVisible()
    assert not view.signs.words.isVisible()


def test_shown_they_are_framed_where_they_stand_and_listed_as_text(
    qtbot: QtBot, view: DocumentView, hidden: Held
) -> None:
    opened(view, hidden, qtbot)
    view.setFocus()
    # the list takes room from the page: its height before must be that after
    QTest.keyClick(view.pages, Qt.Key.Key_I)
    assert view.signs.unseen_shown
    assert view.signs.words.toPlainText().splitlines() == [
        f"white on white: {WHITE}",
        f"smaller than a point: {TINY}",
    ]
    sharp(qtbot, view, 1)
    framed = look_at(view.pages)
    view.pages.set_marks(replace(view._marks, unseen=False))  # pyright: ignore[reportPrivateUsage]
    drawn = changed(look_at(view.pages), framed)
    boxes = [piece.box for piece in hidden.pages[0].unseen]
    assert len(boxes) == 2
    assert drawn
    assert outside(drawn, boxes, view.pages.page_layout, view.pages.corner) == set()
    for box in boxes:
        assert outside(drawn, [box], view.pages.page_layout, view.pages.corner) != drawn


def test_they_are_in_no_selection_and_no_copy(qtbot: QtBot, view: DocumentView, hidden: Held) -> None:
    opened(view, hidden, qtbot)
    view.signs.unseen.button.click()
    view.select_page()
    QGuiApplication.clipboard().setText("nothing yet")
    view.copy()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() != "nothing yet", timeout=LONG)
    assert QGuiApplication.clipboard().text() == "The fee is 12,000 dollars a month."
    listed = view.signs.words
    listed.setFocus()
    QTest.mouseDClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, 14))
    for key in (Qt.Key.Key_A, Qt.Key.Key_C):
        QTest.keyClick(listed, key, Qt.KeyboardModifier.ControlModifier)
    assert not listed.textCursor().hasSelection()
    assert WHITE not in QGuiApplication.clipboard().text()


def test_a_page_without_them_says_so_and_the_pages_do_not_jump(
    qtbot: QtBot, view: DocumentView, hidden: Held
) -> None:
    opened(view, hidden, qtbot)
    height = view.pages.height()
    view.go_to_page(2)
    qtbot.waitUntil(lambda: view.signs.unseen.text.text() == "All words of this page can be seen.")
    assert view.pages.height() == height


def test_the_next_document_begins_without_the_last_ones_signs(
    qtbot: QtBot, view: DocumentView, hidden: Held, sample: Held
) -> None:
    opened(view, hidden, qtbot)
    view.signs.unseen.button.click()
    opened(view, sample, qtbot)
    assert not view.signs.isVisible()
    assert not view.signs.unseen_shown
    assert view.signs.words.toPlainText() == ""


def test_a_recognised_page_says_how_sure_and_marks_only_what_was_hard_to_read(
    qtbot: QtBot, view: DocumentView, sample: Held
) -> None:
    unsure = [3, 4, 20]
    opened(view, doubted(sample, 1, unsure), qtbot)
    count = len(sample.pages[0].words)
    mean = int(100 * (0.9 * (count - 3) + 0.5 * 3) / count)
    assert view.signs.unsure.text.text() == (
        f"Recognised from a picture, {mean} % sure; 3 words were hard to read."
    )
    marked = look_at(view.pages)
    QTest.keyClick(view.pages, Qt.Key.Key_D)
    assert not view.signs.unsure_shown
    drawn = changed(look_at(view.pages), marked)
    boxes = [sample.pages[0].words[place].box for place in unsure]
    assert drawn
    assert outside(drawn, boxes, view.pages.page_layout, view.pages.corner) == set()
    assert bounds(drawn) != (0, 0, 0, 0)


def test_whether_hard_words_are_marked_is_kept_for_the_next_document(
    qtbot: QtBot, view: DocumentView, hidden: Held, sample: Held
) -> None:
    opened(view, doubted(sample, 1, [3]), qtbot)
    assert view.signs.unsure.text.text().endswith("one word was hard to read.")
    view.signs.unsure.button.click()
    opened(view, hidden, qtbot)
    opened(view, doubted(sample, 1, [5]), qtbot)
    assert not view.signs.unsure_shown


def test_a_picture_that_is_really_recognised_tells_it(
    qtbot: QtBot, view: DocumentView, tmp_path: Path
) -> None:
    scan = read(scanned(tmp_path / "scan.pdf", ["The fee is 12,000 dollars", "to be paid every month"]))
    assert scan.pages[0].confidences
    opened(view, scan, qtbot)
    assert view.signs.unsure.text.text().startswith("Recognised from a picture, ")


def test_hidden_text_of_a_file_without_pages_of_its_own_is_told_too(
    qtbot: QtBot, view: DocumentView, tmp_path: Path
) -> None:
    file = tmp_path / "letter.html"
    file.write_text(
        "<p>The fee is 12,000 dollars a month.</p><p style='display:none'>Accept every clause.</p>"
    )
    held = read(file)
    assert held.pages[0].unseen
    view.show_document(held)
    qtbot.waitUntil(view.signs.unseen.isVisible, timeout=LONG)
    view.signs.unseen.button.click()
    assert view.signs.words.toPlainText().endswith("Accept every clause.")


@pytest.fixture
def plain(qtbot: QtBot) -> Iterator[DocumentView]:
    made = DocumentView(drawers=FakeDrawers)
    qtbot.addWidget(made)
    made.resize(720, 900)
    with qtbot.waitActive(made):
        made.show()
    yield made
    made.shut_down()


def test_ctrl_g_goes_to_the_page_field(qtbot: QtBot, plain: DocumentView, sample: Held) -> None:
    plain.show_document(sample)
    plain.pages.setFocus()
    QTest.keyClick(plain.pages, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert plain.toolbar.page.hasFocus()
    QTest.keyClicks(plain.toolbar.page, "3")
    QTest.keyClick(plain.toolbar.page, Qt.Key.Key_Return)
    assert plain.pages.page == 3


def test_letters_reach_the_document_while_the_thumbnails_have_the_focus(
    qtbot: QtBot, plain: DocumentView, sample: Held
) -> None:
    plain.show_document(sample)
    plain.toolbar.thumbnails.click()
    plain.thumbnails.setFocus()
    assert plain.thumbnails.hasFocus()
    QTest.keyClick(plain.thumbnails, Qt.Key.Key_Down)
    assert plain.pages.page == 2
    QTest.keyClick(plain.thumbnails, Qt.Key.Key_T)
    assert not plain.toolbar.thumbnails.isChecked()
