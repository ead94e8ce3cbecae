"""What a search found, in the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desktop.search_view import SearchView, line_of
from app.domain.ports import SearchHit
from app.domain.spans import Span


def made(text: str, matches: tuple[Span, ...] = (), section: str = "") -> SearchHit:
    return SearchHit(
        document="d",
        page=3,
        start=100,
        end=100 + len(text),
        text=text,
        score=1.0,
        matches=tuple(Span(100 + start, 100 + end) for start, end in matches),
        section=section,
    )


def test_a_row_says_document_page_and_section_and_its_words_in_one_line(qtbot: QtBot) -> None:
    view = SearchView()
    qtbot.addWidget(view)
    view.resize(700, 300)
    view.show_hits(
        "cap", (made("The  <b>cap</b>\nis low.", (Span(8, 11),), "9. Limits › 9.1 Cap"),), {"d": "MSA.pdf"}
    )
    said = view.model.data(view.model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "MSA.pdf  ·  p. 3  ·  9. Limits › 9.1 Cap: The <b>cap</b> is low."
    view.show()
    assert not view.list.grab().isNull()


def test_matches_stay_on_their_words_when_blanks_are_folded() -> None:
    line, bold = line_of(made("  A\n\n cap \t of  ten", (Span(6, 9), Span(16, 19))))
    assert [line[start:end] for start, end in bold] == ["cap", "ten"]


def test_a_match_far_into_a_passage_is_seen() -> None:
    text = "word " * 80 + "cap of ten"
    line, bold = line_of(made(text, (Span(400, 403),)))
    assert line.startswith("… ")
    ((start, end),) = bold
    assert line[start:end] == "cap"
    assert start < 80


def test_a_long_passage_ends_after_a_whole_word_and_says_that_there_is_more() -> None:
    line, _ = line_of(made("consideration " * 60))
    assert line.endswith("consideration …")
    assert line_of(made("x" * 900))[0] == "x" * 400 + " …"
    assert not line_of(made("short"))[0].endswith("…")


@given(st.text(max_size=700), st.data())
def test_bold_places_are_inside_the_line(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    line, bold = line_of(made(text, (Span(start, end),)))
    assert all(0 <= a <= b <= len(line) for a, b in bold)
