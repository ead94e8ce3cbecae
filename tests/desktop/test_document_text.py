from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.document.document_view import DocumentView
from app.domain.spans import Box, Span
from app.domain.text import Page, canonical_text
from app.review.ground import cite
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

LEFT = Qt.MouseButton.LeftButton
Made = Callable[..., DocumentView]


@pytest.fixture(scope="module")
def sample() -> Held:
    return read(SAMPLE)


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[Made]:
    views: list[DocumentView] = []

    def make(width: int = 800, height: int = 900) -> DocumentView:
        view = DocumentView(drawers=FakeDrawers)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.show()
        qtbot.waitExposed(view)
        views.append(view)
        return view

    yield make
    for view in views:
        view.shut_down()


def text_file(tmp_path: Path, text: str, name: str = "a.txt") -> Held:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return read(path)


def opened_as_text(qtbot: QtBot, view: DocumentView, held: Held) -> None:
    view.show_document(held)
    qtbot.waitUntil(view.text.isVisible)
    qtbot.waitUntil(lambda: view.text.verticalScrollBar().pageStep() > 100)


def copied(qtbot: QtBot, view: DocumentView, pane: QWidget) -> str:
    QGuiApplication.clipboard().setText("before")
    qtbot.keyClick(pane, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() != "before")
    return QGuiApplication.clipboard().text()


def middle(view: DocumentView, page: int, box: Box) -> QPoint:
    left, top, right, bottom = view.pages.page_layout.place(page - 1, box)
    x, y = view.pages.corner
    return QPoint(round((left + right) / 2 + x), round((top + bottom) / 2 + y))


def ready(qtbot: QtBot, view: DocumentView, held: Held, page: int) -> None:
    """Drawn, and its words are there."""
    sharp(qtbot, view, page)
    point = view.pages.viewport().rect().center()
    qtbot.waitUntil(lambda: view.pages.page_point(point.toPointF())[0] is not None)


def drag(view: DocumentView, start: QPoint, end: QPoint) -> None:
    port = view.pages.viewport()
    QTest.mousePress(port, LEFT, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(port, (start + end) / 2)
    QTest.mouseMove(port, end)
    QTest.mouseRelease(port, LEFT, Qt.KeyboardModifier.NoModifier, end)


@pytest.mark.parametrize("turns", [0, 1])
def test_a_drag_selects_words_in_reading_order_and_copies_the_canonical_text(
    qtbot: QtBot, made: Made, sample: Held, turns: int
) -> None:
    view = made()
    view.show_document(sample)
    for _ in range(turns):
        view.pages.rotate()
    view.show_citations([sample.cite(3, 40, 41)])
    ready(qtbot, view, sample, 3)
    before = look_at(view.pages)
    words = sample.pages[2].words
    drag(view, middle(view, 3, words[60].box), middle(view, 3, words[40].box))  # backwards
    expected = sample.text()[words[40].start : words[60].end]
    assert "\n" in expected
    assert copied(qtbot, view, view.pages) == expected
    marked = changed(before, look_at(view.pages))
    for word in words[42:60]:
        spot = middle(view, 3, word.box)
        assert (spot.x(), spot.y()) in marked
    for word in (words[38], words[62]):
        spot = middle(view, 3, word.box)
        assert (spot.x(), spot.y()) not in marked


def test_a_double_click_selects_a_word_and_a_click_nothing(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made()
    view.show_document(sample)
    ready(qtbot, view, sample, 1)
    word = sample.pages[0].words[5]
    QTest.mouseDClick(view.pages.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, middle(view, 1, word.box))
    assert copied(qtbot, view, view.pages) == sample.text()[word.start : word.end]
    QTest.mouseClick(view.pages.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, QPoint(3, 3))
    before = look_at(view.pages)
    view.copy()
    assert not changed(before, look_at(view.pages))


def test_a_selection_over_two_pages_holds_the_page_break(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made(500, 1_000)
    view.show_document(sample)
    view.pages.set_zoom(0.5)
    ready(qtbot, view, sample, 2)
    first, last = sample.pages[0].words[-3], sample.pages[1].words[2]
    drag(view, middle(view, 1, first.box), middle(view, 2, last.box))
    got = copied(qtbot, view, view.pages)
    assert got == sample.text()[first.start : last.end]
    assert "\f" in got


def test_ctrl_a_takes_the_whole_page(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made()
    view.show_document(sample)
    view.go_to_page(2)
    ready(qtbot, view, sample, 2)
    qtbot.keyClick(view.pages, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert copied(qtbot, view, view.pages) == sample.pages[1].text


def test_a_search_finds_every_hit_and_walks_through_them(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made()
    view.show_document(sample)
    ready(qtbot, view, sample, 1)
    count = sample.text().lower().count("agreement")
    qtbot.keyClick(view.pages, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = view.search_bar.field
    assert field.hasFocus()
    qtbot.keyClicks(field, "AGREEment")
    said = view.search_bar._count  # pyright: ignore[reportPrivateUsage]
    qtbot.waitUntil(lambda: said.text() == f"1 of {count}")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said.text() == f"2 of {count}"
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert said.text() == f"{count} of {count}"
    last = sample.text().lower().rindex("agreement")
    page = next(p for p in sample.pages if p.start <= last < p.end)
    qtbot.waitUntil(lambda: view.pages.page == page.number)
    word = next(w for w in page.words if w.start <= last < w.end)
    ready(qtbot, view, sample, page.number)
    marked = look_at(view.pages)
    field.setText("no such words anywhere")
    qtbot.waitUntil(lambda: said.text() == "not found")
    spot = middle(view, page.number, word.box)
    assert (spot.x(), spot.y()) in changed(look_at(view.pages), marked)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not view.search_bar.isVisible()
    assert view.pages.hasFocus()


def test_words_of_a_search_that_was_overtaken_are_never_shown(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made()
    view.show_document(sample)
    view.open_search()
    for query in ("a", "ag", "agree", "zzz"):
        view.search_bar.field.setText(query)
        view.search_bar.query_changed.emit(query)
    said = view.search_bar._count  # pyright: ignore[reportPrivateUsage]
    qtbot.waitUntil(lambda: said.text() == "not found")
    qtbot.wait(100)
    assert said.text() == "not found"


def test_a_search_goes_on_from_the_page_that_is_looked_at(qtbot: QtBot, made: Made, sample: Held) -> None:
    view = made()
    view.show_document(sample)
    view.go_to_page(4)
    view.open_search()
    view.search_bar.field.setText("the")
    qtbot.waitUntil(lambda: view.search_bar._count.text() != "")  # pyright: ignore[reportPrivateUsage]
    assert view.pages.page == 4


CONTRACT = (
    "MASTER AGREEMENT 𝔘\r\n\r\n1. Term. This Agreement runs for 𝔘𝔘 three years from the date above. "
    + "It may be renewed in writing by both parties. " * 12
    + "\n2. Law. The law of Delaware governs.\n\f"
    + "".join(f"{n}. Clause number {n} says nothing of interest at all.\n" for n in range(3, 120))
    + "120. Cap. Liability is limited to the fees paid."
)


def test_a_text_shows_itself_and_copies_exactly(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    held = text_file(tmp_path, CONTRACT)
    view = made()
    opened_as_text(qtbot, view, held)
    assert held.text() == CONTRACT
    assert not view.toolbar.thumbnails.isVisible()
    assert not view.toolbar.rotate.isVisible()
    assert view.toolbar.page.text() == "1 of 2"
    view.text.setFocus()
    qtbot.keyClick(view.text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert copied(qtbot, view, view.text) == held.pages[0].text


def test_the_mouse_selects_characters_of_a_text_exactly(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    held = text_file(tmp_path, CONTRACT)
    view = made()
    opened_as_text(qtbot, view, held)
    first, last = CONTRACT.index("𝔘𝔘 three"), CONTRACT.index("years from") + 5

    def at(offset: int) -> QPoint:
        x, y = view.text.place_of(offset)
        return QPoint(round(x), round(y) + 4)

    port = view.text.viewport()
    QTest.mousePress(port, LEFT, Qt.KeyboardModifier.NoModifier, at(first))
    QTest.mouseMove(port, at(last))
    QTest.mouseRelease(port, LEFT, Qt.KeyboardModifier.NoModifier, at(last))
    assert copied(qtbot, view, view.text) == CONTRACT[first:last]
    QTest.mouseDClick(
        port, LEFT, Qt.KeyboardModifier.NoModifier, at(CONTRACT.index("Delaware") + 2) + QPoint(2, 0)
    )
    assert copied(qtbot, view, view.text) == "Delaware"


def test_cited_words_of_a_text_are_marked_where_they_stand(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    held = text_file(tmp_path, CONTRACT)
    view = made()
    view.show_document(held)
    start = CONTRACT.index("Liability is")
    near = CONTRACT.index("Delaware")
    citations = [cite(Span(start, start + 20), held.pages), cite(Span(near, near + 8), held.pages)]
    view.show_citations([c for c in citations if c is not None])  # before the text is there
    qtbot.waitUntil(view.text.isVisible)
    qtbot.waitUntil(lambda: view.text.page == 2)
    qtbot.wait(50)
    after = look_at(view.text)
    x, y = view.text.place_of(start)
    end_x, _ = view.text.place_of(start + 20)
    view.text.set_marks(type(view.text._marks)())  # pyright: ignore[reportPrivateUsage]
    left, top, right, bottom = bounds(changed(look_at(view.text), after))
    assert (left, right) == pytest.approx((x, end_x), abs=2)
    assert top == pytest.approx(y, abs=2)
    assert bottom - top < 40
    view.next_citation()
    qtbot.waitUntil(lambda: view.text.page == 1)
    _, y = view.text.place_of(near)
    assert 0 <= y < view.text.viewport().height()


def test_letters_on_a_mark_are_dark_in_the_dark_theme_too(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    application = QGuiApplication.instance()
    held = text_file(tmp_path, CONTRACT)
    view = made()
    try:
        look.dress(application, "dark")  # type: ignore[arg-type]
        opened_as_text(qtbot, view, held)
        near = CONTRACT.index("Delaware")
        citation = cite(Span(near, near + 8), held.pages)
        assert citation is not None
        view.show_citations([citation])
        x, y = view.text.place_of(near)
        end, _ = view.text.place_of(near + 8)
        image = look_at(view.text)
        tones = [
            image.pixelColor(px, py)
            for px in range(round(x), round(end))
            for py in range(round(y), round(y) + 12)
        ]
        assert any(tone.lightness() < 60 for tone in tones)
        light = QColor(look.DARK.text).lightness()
        assert not any(tone.lightness() >= light and tone.saturation() < 40 for tone in tones)
    finally:
        look.dress(application, "light")  # type: ignore[arg-type]


def test_a_search_in_a_text_goes_to_its_hits(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    held = text_file(tmp_path, CONTRACT)
    view = made()
    opened_as_text(qtbot, view, held)
    view.open_search()
    view.search_bar.field.setText("fees paid")
    qtbot.waitUntil(lambda: view.text.page == 2)
    _, y = view.text.place_of(CONTRACT.index("fees paid"))
    assert 0 <= y < view.text.viewport().height()


def test_a_pdf_is_a_pdf_whatever_its_name_says(qtbot: QtBot, made: Made) -> None:
    view = made()
    view.show_document(read(SAMPLE, name="agreement"))
    qtbot.waitUntil(view.pages.isVisible)


def test_a_long_text_lays_out_only_what_shows(
    qtbot: QtBot, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.desktop.document import text_view

    laid_out: list[str] = []
    real = text_view.PieceText

    def counted(text: str, *rest: Any) -> Any:
        laid_out.append(text)
        return real(text, *rest)

    monkeypatch.setattr(text_view, "PieceText", counted)
    line = "A line of a very long text file that goes on and on, wider than the window is by far. " * 3
    held = text_file(tmp_path, "\n".join(f"{n} {line}" for n in range(20_000)))
    view = made()
    opened_as_text(qtbot, view, held)
    qtbot.wait(100)
    assert 5 < len(laid_out) < 200
    end = held.pages[0].end - 10
    citation = cite(Span(end, end + 5), held.pages)
    assert citation is not None
    view.show_citations([citation])
    _, y = view.text.place_of(end)
    assert 0 <= y < view.text.viewport().height()
    assert len(laid_out) < 600
    bar = view.text.verticalScrollBar()
    top = bar.value()
    for _ in range(40):  # back up over what was only guessed: no line may be skipped
        index = text_first(view)
        bar.setValue(bar.value() - 15)
        assert text_first(view) in (index, index - 1)
    assert bar.value() < top


def text_first(view: DocumentView) -> int:
    heights = view.text._heights  # pyright: ignore[reportPrivateUsage]
    return heights.at(view.text.verticalScrollBar().value())


def test_a_source_that_goes_away_is_a_sentence(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    class Gone(Held):
        def page(self, number: int) -> Page:
            raise RuntimeError("the matter was closed")

        def text(self) -> str:
            raise RuntimeError("the matter was closed")

    held = text_file(tmp_path, CONTRACT)
    view = made()
    view.show_document(Gone(held.document, held.shapes, held.file, held.pages))
    qtbot.waitUntil(lambda: "cannot be read" in view.notice.sentence.text())
    pages = invented(3)
    view.show_document(Gone(pages.document, pages.shapes, pages.file, pages.pages))
    sharp(qtbot, view, 1)  # pages are drawn all the same


def test_canonical_text_is_what_the_samples_hold(sample: Held) -> None:
    assert sample.text() == canonical_text(sample.pages)
