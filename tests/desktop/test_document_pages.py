from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import psutil
import pymupdf
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.document.document_view import DocumentView
from app.desktop.document.thumbnails import ThumbnailModel
from app.desktop.document.zoom import Fit
from app.domain.kinds import DocumentState
from app.domain.text import Document
from tests.desktop.document_made import (
    SAMPLE,
    FakeDrawers,
    Held,
    bounds,
    changed,
    invented,
    look_at,
    read,
    sharp,
)

MUPDF = cast(Any, pymupdf)
Made = Callable[..., DocumentView]


@pytest.fixture(scope="module")
def sample() -> Held:
    return read(SAMPLE)


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[Made]:
    """Makes views that are shut down at the end; then no thread and no process may be left."""
    before = {thread.ident for thread in threading.enumerate()}
    views: list[DocumentView] = []

    def make(width: int = 720, height: int = 900, drawers: FakeDrawers | None = None) -> DocumentView:
        view = DocumentView(drawers=lambda: drawers) if drawers is not None else DocumentView()
        qtbot.addWidget(view)
        view.resize(width, height)
        view.show()
        qtbot.waitExposed(view)
        views.append(view)
        return view

    yield make
    for view in views:
        view.shut_down()
    assert not [t.name for t in threading.enumerate() if t.ident not in before and "pincite" in t.name]
    assert not psutil.Process().children()


def wheel(view: DocumentView, at: QPointF, turns: int, modifiers: Qt.KeyboardModifier) -> None:
    port = view.pages.viewport()
    QApplication.sendEvent(
        port,
        QWheelEvent(
            at, QPointF(port.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120 * turns),
            Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("zoom", "turns"), [(1.0, 0), (1.5, 0), (1.0, 1), (1.5, 1), (1.0, 3)])
def test_exactly_the_cited_words_are_highlighted(
    qtbot: QtBot, made: Made, sample: Held, zoom: float, turns: int
) -> None:
    view = made(1400, 1100)
    view.show_document(sample)
    view.pages.set_zoom(zoom)
    for _ in range(turns):
        view.pages.rotate()
    citation = sample.cite(3, 30, 33)
    assert len(citation.boxes) == 1, "one line, for a plain comparison"
    view.show_citations([citation])
    sharp(qtbot, view, 3)
    after = look_at(view.pages)
    view.show_citations([])
    before = look_at(view.pages)

    with MUPDF.open(str(SAMPLE)) as document:  # where the words are, asked of MuPDF itself
        page = document[2]
        (found,) = [r for r in page.search_for(citation.quote) if abs(r.y0 - citation.boxes[0].y0) < 5]
        scale = zoom * 96 / 72
        turned = found * MUPDF.Matrix(scale, scale) * MUPDF.Matrix(90 * turns)
        whole = page.rect * MUPDF.Matrix(scale, scale) * MUPDF.Matrix(90 * turns)
    corner, rect = view.pages.corner, view.pages.page_layout.rect(2)
    left, top = corner[0] + rect.x - whole.x0, corner[1] + rect.y - whole.y0
    expected = (turned.x0 + left, turned.y0 + top, turned.x1 + left, turned.y1 + top)
    marked = changed(before, after)
    assert bounds(marked) == pytest.approx(expected, abs=2)
    x0, y0, x1, y1 = bounds(marked)
    white = QColor(Qt.GlobalColor.white).rgb()
    inside = {(x, y) for x in range(x0, x1) for y in range(y0, y1) if before.pixel(x, y) == white}
    assert inside, "there is paper between the letters"
    assert inside <= marked, "no paper inside the words is left unmarked"
    ink = {(x, y) for x in range(x0, x1) for y in range(y0, y1) if before.pixelColor(x, y).lightness() < 140}
    assert len(ink) > 100, "the letters are where the mark is"
    assert all(after.pixelColor(x, y).lightness() < 140 for x, y in ink), "and stay readable"


def test_the_current_citation_is_strong_and_underlined_and_others_are_pale(
    qtbot: QtBot, made: Made, sample: Held
) -> None:
    view = made()
    view.show_document(sample)
    view.show_citations([sample.cite(3, 30, 33), sample.cite(3, 60, 63)], 0)
    sharp(qtbot, view, 3)

    def tones(index: int) -> set[str]:
        image = look_at(view.pages)
        citation = (sample.cite(3, 30, 33), sample.cite(3, 60, 63))[index]
        left, top, right, bottom = view.pages.page_layout.place(2, citation.boxes[0])
        x, y = view.pages.corner
        return {
            image.pixelColor(px, py).name()
            for px in range(round(left + x) + 1, round(right + x) - 1)
            for py in range(round(top + y), round(bottom + y))
        }

    underline = look.colour("cited").darker(160).name()
    assert look.colour("cited").name() in tones(0)
    assert look.colour("cited_other").name() in tones(1)
    assert look.colour("cited").name() not in tones(1)
    dark = {QColor(name).lightness() for name in tones(0)}
    assert min(dark) < QColor(underline).lightness()
    view.next_citation()
    assert look.colour("cited").name() in tones(1)
    assert look.colour("cited_other").name() in tones(0)


def test_a_citation_comes_to_a_third_of_the_height(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made()
    view.show_document(sample)
    citation = sample.cite(4, 100, 120)
    with qtbot.waitSignal(view.page_changed) as heard:
        view.show_citations([citation])
    assert heard.args == [4]
    top = view.pages.page_layout.place(3, citation.boxes[0])[1] + view.pages.corner[1]
    assert top == pytest.approx(view.pages.viewport().height() / 3, abs=1)
    view.resize(500, 700)
    top = view.pages.page_layout.place(3, citation.boxes[0])[1] + view.pages.corner[1]
    assert top == pytest.approx(view.pages.viewport().height() / 3, abs=1), "also in another size"


def test_citations_follow_one_another_in_a_ring(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made()
    view.show_document(sample)
    view.show_citations([sample.cite(2, 0, 3), sample.cite(5, 0, 3)], 0)
    heard: list[int] = []
    view.citation_changed.connect(heard.append)
    view.next_citation()
    view.next_citation()
    view.previous_citation()
    assert heard == [1, 0, 1]
    assert view.toolbar.citation.text() == "2 / 2"
    assert view.pages.page == 5
    view.show_citations([])
    view.next_citation()
    assert heard == [1, 0, 1]
    assert view.toolbar.citation.isHidden()


def test_a_drawing_process_that_dies_comes_back(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made()
    view.show_document(sample)
    sharp(qtbot, view, 1)
    qtbot.wait(50)
    for child in psutil.Process().children():
        child.kill()
    view.pages.set_zoom(1.3)
    sharp(qtbot, view, 1)
    image = look_at(view.pages)
    assert any(image.pixelColor(x, 300).lightness() < 100 for x in range(image.width())), "there are letters"


def test_ten_thousand_pages_open_without_drawing_them(qtbot: QtBot, made: Made) -> None:
    drawers = FakeDrawers()
    view = made(drawers=drawers)
    view.show_document(invented(10_000))
    sharp(qtbot, view, 1)
    assert view.toolbar.page.text() == "1 of 10,000"
    qtbot.wait(200)
    assert len(drawers.asked) < 20
    drawers.asked.clear()
    view.go_to_page(9_000)
    sharp(qtbot, view, 9_000)
    qtbot.wait(200)
    assert drawers.pages <= set(range(8_995, 9_006))
    drawers.asked.clear()
    view.toolbar.thumbnails.click()
    qtbot.waitUntil(lambda: len(drawers.pages) > 4)
    qtbot.wait(200)
    assert len(drawers.pages) < 20


def test_what_was_scrolled_past_is_never_drawn(qtbot: QtBot, made: Made) -> None:
    drawers = FakeDrawers()
    view = made(drawers=drawers)
    drawers.gate.clear()
    view.show_document(invented(1_000))
    qtbot.waitUntil(lambda: bool(drawers.asked))
    for number in range(10, 400, 10):
        view.go_to_page(number)
        view.pages.viewport().repaint()
    view.go_to_page(700)
    view.pages.viewport().repaint()
    drawers.gate.set()
    sharp(qtbot, view, 700)
    assert drawers.pages <= {1, 2, 699, 700, 701, 702}
    assert [number for number, _ in drawers.asked][1] == 700, "what is looked at comes first"


def test_a_slow_page_nobody_wants_any_more_is_given_up(qtbot: QtBot, made: Made) -> None:
    drawers = FakeDrawers()
    view = made(drawers=drawers)
    drawers.gate.clear()
    view.show_document(invented(100))
    qtbot.waitUntil(lambda: bool(drawers.asked))
    view.go_to_page(50)
    qtbot.waitUntil(lambda: 50 in drawers.pages, timeout=5_000)
    view.go_to_page(1)
    view.pages.viewport().repaint()
    drawers.gate.set()
    sharp(qtbot, view, 1)


def test_a_page_comes_coarse_first_and_then_sharp(qtbot: QtBot, made: Made) -> None:
    drawers = FakeDrawers()
    view = made(drawers=drawers)
    view.show_document(invented(3))
    sharp(qtbot, view, 1)
    first, second = drawers.asked[:2]
    assert first[0] == second[0] == 1
    assert first[1] < 0.5 < second[1]


def test_pictures_stay_within_their_bound(qtbot: QtBot, made: Made) -> None:
    drawers = FakeDrawers()
    view = made(1400, 1000, drawers=drawers)
    view.cache.most_bytes = 24 << 20
    view.show_document(invented(200))
    for number in range(1, 60, 3):
        view.go_to_page(number)
        sharp(qtbot, view, number)
    assert 8 << 20 < view.cache.bytes <= 24 << 20
    qtbot.wait(300)
    asked = len(drawers.asked)
    qtbot.wait(300)
    assert len(drawers.asked) == asked, "nothing is drawn over and over"


def test_a_page_without_a_picture_says_why_and_others_have_theirs(qtbot: QtBot, made: Made) -> None:
    view = made(500, 900, drawers=FakeDrawers(bad=frozenset({1})))
    view.show_document(invented(3))
    sharp(qtbot, view, 2)
    image = look_at(view.pages)
    rect = view.pages.page_layout.rect(0)
    assert image.pixelColor(rect.x + 3, rect.y + 3).name() == "#e6e6e6"
    written = [
        x for x in range(image.width()) if image.pixelColor(x, rect.y + rect.height // 2).lightness() < 100
    ]
    assert written, "a sentence stands on it"


def test_a_huge_page_opens_and_only_what_shows_is_drawn(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    document = MUPDF.open()
    page = document.new_page(width=14_400, height=14_400)
    page.insert_text((7_000, 7_000), "CORNER stone", fontsize=200)
    document.save(str(tmp_path / "huge.pdf"))
    document.close()
    held = read(tmp_path / "huge.pdf")
    view = made()
    view.show_document(held)
    view.pages.set_zoom(4.0)
    view.show_citations([held.cite(1, 0, 0)])
    sharp(qtbot, view, 1)
    assert view.cache.bytes < 40 << 20
    image = look_at(view.pages)
    assert any(image.pixelColor(x, 750).lightness() < 60 for x in range(0, image.width(), 3))


@pytest.mark.parametrize("kind", ["locked", "broken", "gone"])
def test_a_file_that_went_bad_later_is_a_sentence_on_its_pages(
    qtbot: QtBot, made: Made, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "a.pdf"
    document = MUPDF.open()
    document.new_page()
    if kind == "locked":
        document.save(str(path), encryption=MUPDF.PDF_ENCRYPT_AES_256, user_pw="p", owner_pw="o")
    elif kind == "broken":
        path.write_bytes(b"%PDF-1.7 nothing")
    document.close()
    held = invented(2)
    view = made()
    view.show_document(Held(held.document, held.shapes, path, held.pages))
    qtbot.waitUntil(lambda: look_at(view.pages).pixelColor(100, 100).name() == "#e6e6e6", timeout=20_000)


def test_ctrl_and_the_wheel_zoom_at_the_cursor(qtbot: QtBot, made: Made) -> None:
    view = made(drawers=FakeDrawers())
    view.show_document(invented(50))
    view.go_to_page(20)
    at = QPointF(300, 400)
    view.pages.set_zoom(1.2)
    _, x, y = view.pages.page_point(at)
    page = view.pages.page
    for _ in range(3):
        wheel(view, at, 1, Qt.KeyboardModifier.ControlModifier)
    assert view.pages.zoom == pytest.approx(1.2 * 1.1**3)
    _, new_x, new_y = view.pages.page_point(at)
    assert (new_x, new_y) == pytest.approx((x, y), abs=1.5)
    assert abs(view.pages.page - page) <= 1


def test_the_wheel_scrolls_and_the_keys_go_everywhere(qtbot: QtBot, made: Made) -> None:
    view = made(drawers=FakeDrawers())
    view.show_document(invented(50))
    bar = view.pages.verticalScrollBar()
    wheel(view, QPointF(300, 400), -1, Qt.KeyboardModifier.NoModifier)
    assert bar.value() == 120
    view.pages.setFocus()
    for key, check in (
        (Qt.Key.Key_End, lambda: bar.value() == bar.maximum()),
        (Qt.Key.Key_Home, lambda: bar.value() == 0 or view.pages.page == 1),
        (Qt.Key.Key_PageDown, lambda: bar.value() > 400),
        (Qt.Key.Key_Down, lambda: bar.value() > 400),
        (Qt.Key.Key_0, lambda: view.pages.zoom == pytest.approx(1.0)),
        (Qt.Key.Key_Plus, lambda: view.pages.zoom == pytest.approx(1.1)),
        (Qt.Key.Key_Minus, lambda: view.pages.zoom == pytest.approx(1.0)),
        (Qt.Key.Key_W, lambda: view.pages.fit is Fit.WIDTH),
        (Qt.Key.Key_F, lambda: view.pages.fit is Fit.PAGE),
        (Qt.Key.Key_T, lambda: view.thumbnails.isVisible()),
    ):
        qtbot.keyClick(view.pages, key)
        assert check(), key
    qtbot.keyClick(view.pages, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert view.pages.rotation == 90
    view.toolbar.page.setValue(33)
    assert view.pages.page == 33
    assert view.thumbnails.currentIndex().row() == 32


def test_fitting_the_width_follows_the_window_and_odd_pages_do_not_spoil_it(qtbot: QtBot, made: Made) -> None:
    held = invented(20)
    wide = held.shapes[3].model_copy(update={"width": 5_000.0})
    odd = Held(held.document, (*held.shapes[:3], wide, *held.shapes[4:]), held.file, held.pages)
    view = made(drawers=FakeDrawers())
    view.show_document(odd)
    for width in (700, 1_000, 420):
        view.resize(width, 800)
        assert view.pages.page_layout.rect(0).width == view.pages.viewport().width() - 4 * look.STEP


def test_turning_the_page_stays_where_one_was(qtbot: QtBot, made: Made) -> None:
    view = made(drawers=FakeDrawers())
    view.show_document(invented(50))
    view.go_to_page(20)
    for _ in range(4):
        view.pages.rotate()
        assert view.pages.page == 20
    assert view.pages.rotation == 0


def test_the_same_document_again_is_not_opened_anew(qtbot: QtBot, made: Made) -> None:
    drawers = FakeDrawers()
    view = made(drawers=drawers)
    held = invented(50)
    view.show_document(held)
    view.go_to_page(20)
    sharp(qtbot, view, 20)
    view.show_document(Held(held.document, held.shapes, held.file, held.pages))
    assert view.pages.page == 20


def test_going_back_to_a_document_needs_no_new_pictures(qtbot: QtBot, made: Made) -> None:
    drawers = FakeDrawers()
    view = made(drawers=drawers)
    first, second = invented(3, name="a.pdf"), invented(4, name="b.pdf")
    for held in (first, second):
        view.show_document(held)
        sharp(qtbot, view, 1)
        qtbot.wait(100)
    drawers.asked.clear()
    view.show_document(first)
    sharp(qtbot, view, 1)
    assert 1 not in drawers.pages


def test_closing_stops_every_thread_and_process_and_forgets_the_pages(
    qtbot: QtBot, made: Made, sample: Held
) -> None:
    view = made()
    view.show_document(sample)
    sharp(qtbot, view, 1)
    began = time.monotonic()
    view.close_document()
    assert time.monotonic() - began < 0.3, "the window does not wait"
    assert view.cache.bytes == 0
    qtbot.waitUntil(
        lambda: not any(t.name.startswith("pincite-") for t in threading.enumerate()), timeout=10_000
    )
    qtbot.waitUntil(lambda: not psutil.Process().children(), timeout=10_000)
    assert view.notice.sentence.text() == "Choose a document"


def test_closing_in_the_middle_of_a_slow_page_does_not_wait_for_it(qtbot: QtBot, made: Made) -> None:
    drawers = FakeDrawers()
    view = made(drawers=drawers)
    drawers.gate.clear()
    view.show_document(invented(3))
    qtbot.waitUntil(lambda: bool(drawers.asked))
    view.close_document()
    qtbot.waitUntil(lambda: drawers.open_now == 0, timeout=3_000)


def test_opening_and_closing_quickly_leaves_nothing(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made()
    for number in range(6):
        view.show_document(sample if number % 2 else invented(3))
        qtbot.wait(30)
        if number % 3 == 2:
            view.close_document()
    view.shut_down()
    assert not psutil.Process().children()
    del view
    gc.collect()


@pytest.mark.parametrize(
    ("state", "reason", "hint"),
    [
        (DocumentState.LOCKED, "The file needs a password.", "type its password"),
        (DocumentState.DAMAGED, "The file is damaged and could not be opened.", "again"),
        (DocumentState.NO_TEXT, "The pages are images without a text layer.", "better scan"),
        (DocumentState.UNSUPPORTED, "This kind of file is not supported.", "PDF"),
        (DocumentState.TOO_LARGE, "The file has 30000 pages.", "Split"),
    ],
)
def test_a_document_that_cannot_be_shown_says_why_and_what_to_do(
    made: Made, state: DocumentState, reason: str, hint: str
) -> None:
    view = made(drawers=FakeDrawers())
    view.show_state(Document(id="a" * 16, name="x.pdf", sha256="a" * 64, state=state, reason=reason))
    assert view.notice.isVisible()
    assert view.notice.sentence.text() == reason
    assert hint in view.notice.hint.text()
    assert view.toolbar.name.text() == "x.pdf"
    assert not view.toolbar.page.isVisible()


def test_everything_has_a_name_and_a_tooltip(made: Made) -> None:
    view = made(drawers=FakeDrawers())
    view.show_document(invented(3))
    view.show_citations([])
    view.open_search()
    for button in view.findChildren(QToolButton):
        if button.parent() is view.search_bar.field:
            continue
        assert button.accessibleName(), button
        assert button.toolTip(), button.accessibleName()
    for widget in (view.pages, view.text, view.thumbnails, view.search_bar.field, view.toolbar.page):
        assert widget.accessibleName()


def test_a_change_of_palette_is_followed_at_once(qtbot: QtBot, made: Made) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    view = made(drawers=FakeDrawers())
    view.show_document(invented(3))
    sharp(qtbot, view, 1)
    try:
        for theme in ("dark", "light"):
            look.dress(application, theme)
            image = look_at(view.pages)
            assert image.pixelColor(2, 2).name() == look.colour("canvas").name()
            assert image.pixelColor(100, 100).name() == "#808080", "the page stays as it is"
    finally:
        look.dress(application, "light")


def test_thumbnails_are_a_sound_model(qtbot: QtBot) -> None:
    model = ThumbnailModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.reset(10_000)
    model.set_cited(frozenset({7}))
    assert model.rowCount() == 10_000
    assert model.index(6).data(Qt.ItemDataRole.AccessibleTextRole) == "Page 7, cited"
    model.reset(0)
    tester.deleteLater()
