"""A summary's sentences stand on the card, each whole, each a way to its place in the document."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.desktop.bulk_model import BulkLine
from app.desktop.finding_card import FindingCard
from app.desktop.grid_cells import shown_text, sort_key
from app.desktop.listed_items import ITEM, PAGE, WORDS
from app.desktop.quiet_table import ROW_HEIGHT
from app.domain.finding import Citation, Finding, Outcome
from app.domain.kinds import FindingStatus
from app.domain.summary import SummarySentence, summary_value
from tests.desktop.grid_made import document, outcome
from tests.desktop.test_listed_items import amounts

SHORT = "Bolt pays Acme $5 a month."
LONG = (
    "Acme sells Bolt its goods, lends it a van, and repairs both as often as they need it, in " * 2 + "May."
)
CITED = tuple(Citation(page=page, start=0, end=11, quote="Pay $5, $7.") for page in (3, 12))


def summed_up(*texts: str, reason: str | None = None) -> Outcome:
    sentences = [SummarySentence(text, (place,)) for place, text in enumerate(texts)]
    finding = Finding(
        id="summed-up",
        document=document(1).id,
        task="in-short",
        status=FindingStatus.FOUND,
        value=summary_value(sentences),
        display=texts[0],
        confidence=0.8,
        citations=CITED,
        reason=reason,
    )
    return Outcome(finding=finding)


@pytest.fixture
def card(qtbot: QtBot) -> FindingCard:
    made = FindingCard()
    qtbot.addWidget(made)
    made.resize(520, 420)
    made.show()
    made.show_outcome(summed_up(SHORT, LONG), "In short")
    return made


def test_every_sentence_is_a_row_with_its_page(card: FindingCard) -> None:
    model = card.items.model()
    assert card.items.isVisible()
    assert [model.index(0, column).data() for column in (PAGE, ITEM)] == ["p. 3", SHORT]
    assert [model.index(1, column).data() for column in (PAGE, ITEM)] == ["p. 12", LONG]
    assert card.items.isColumnHidden(WORDS)
    assert card.items.accessibleName() == "Sentences of the summary"


def test_a_long_sentence_takes_as_many_lines_as_it_needs_and_a_list_stays_as_it_was(
    card: FindingCard,
) -> None:
    assert card.items.rowHeight(0) == ROW_HEIGHT
    narrow = card.items.rowHeight(1)
    assert narrow > 2 * card.items.fontMetrics().lineSpacing()
    card.resize(1400, 420)
    assert card.items.rowHeight(1) < narrow
    card.show_outcome(amounts(), "Amounts of money")
    assert {card.items.rowHeight(row) for row in range(3)} == {ROW_HEIGHT}
    assert card.items.accessibleName() == "Items of the list"


def test_the_card_is_headed_with_how_many_there_are_and_says_what_is_left_out(card: FindingCard) -> None:
    card.show_outcome(summed_up(SHORT, LONG, reason="1 sentence was left out."), "In short")
    shown = [label.text() for label in card.findChildren(QLabel) if label.isVisible()]
    assert "2 sentences" in shown
    assert "1 sentence was left out." in shown


def test_going_to_a_sentence_by_keys_shows_its_citation(card: FindingCard, qtbot: QtBot) -> None:
    chosen: list[int] = []
    card.cited.connect(chosen.append)
    card.items.setFocus()
    qtbot.keyClick(card.items, Qt.Key.Key_Down)
    qtbot.keyClick(card.items, Qt.Key.Key_Return)
    assert chosen == [1, 1]
    card.items.follow(0)
    assert card.items.currentIndex().row() == 0


def test_an_edit_begins_with_all_that_the_summary_says(card: FindingCard) -> None:
    card.begin_edit()
    assert f"{SHORT} {LONG}" in [field.text() for field in card.findChildren(QLineEdit)]


def test_a_finding_that_is_no_summary_shows_its_quote_again(card: FindingCard) -> None:
    card.show_outcome(outcome(document(2), "law"), "Governing law")
    assert not card.items.isVisible()


def test_the_grid_shows_the_first_sentence_and_sorts_by_their_number() -> None:
    assert shown_text(summed_up(SHORT, LONG)) == SHORT
    assert sort_key(summed_up(SHORT)) < sort_key(summed_up(SHORT, LONG))


def test_a_bulk_decision_shows_every_sentence_with_its_page() -> None:
    quote = BulkLine(summed_up(SHORT, "It ends in May.").finding, "MSA.pdf", "In short", True).quote
    assert quote == f"p. 3 {SHORT} · p. 12 It ends in May."
