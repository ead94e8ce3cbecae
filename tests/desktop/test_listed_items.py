"""A list's items stand on the card, each a way to its place in the document."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.desktop.bulk_model import BulkLine
from app.desktop.finding_card import FindingCard
from app.desktop.grid_cells import shown_text, sort_key
from app.desktop.listed_items import ITEM, PAGE, WORDS
from app.domain.finding import Citation, Finding, Outcome
from app.domain.kinds import FindingStatus
from app.domain.listing import ListedItem, list_value
from tests.desktop.grid_made import document, outcome

FIRST, SECOND = (Citation(page=page, start=0, end=11, quote="Pay $5, $7.") for page in (3, 12))
ITEMS = (
    ListedItem(display="USD 5", words="Pay $5, $7.", value={"amount": 5.0, "currency": "USD"}, citation=0),
    ListedItem(display="USD 7", words="Pay $5, $7.", value={"amount": 7.0, "currency": "USD"}, citation=0),
    ListedItem(display="USD 9", words="Then $9.", value={"amount": 9.0, "currency": "USD"}, citation=1),
)


def amounts(reason: str | None = None, items: tuple[ListedItem, ...] = ITEMS) -> Outcome:
    finding = Finding(
        id="listed",
        document=document(1).id,
        task="amounts",
        status=FindingStatus.FOUND,
        value=list_value(items),
        display="3 items: USD 5; USD 7; USD 9",
        confidence=1.0,
        citations=(FIRST, SECOND),
        reason=reason,
    )
    return Outcome(finding=finding)


@pytest.fixture
def card(qtbot: QtBot) -> FindingCard:
    made = FindingCard()
    qtbot.addWidget(made)
    made.resize(520, 420)
    made.show()
    made.show_outcome(amounts(), "Amounts of money")
    return made


def row(card: FindingCard, number: int) -> list[str]:
    model = card.items.model()
    return [str(model.index(number, column).data()) for column in (PAGE, ITEM, WORDS)]


def test_every_item_is_a_row_with_its_page_and_the_words_around_it(card: FindingCard) -> None:
    assert card.items.isVisible()
    assert card.items.model().rowCount() == 3
    assert row(card, 0) == ["p. 3", "USD 5", "Pay $5, $7."]
    assert row(card, 2) == ["p. 12", "USD 9", "Then $9."]


def test_the_card_is_headed_with_how_many_there_are(card: FindingCard) -> None:
    shown = [label.text() for label in card.findChildren(QLabel) if label.isVisible()]
    assert "3 items" in shown


def test_going_to_an_item_shows_its_citation_and_a_list_that_appears_shows_none(
    card: FindingCard, qtbot: QtBot
) -> None:
    chosen: list[int] = []
    card.cited.connect(chosen.append)
    card.show_outcome(amounts(), "Amounts of money")
    assert chosen == []
    card.items.setFocus()
    qtbot.keyClick(card.items, Qt.Key.Key_Down)
    qtbot.keyClick(card.items, Qt.Key.Key_Down)
    assert chosen == [0, 1]
    qtbot.keyClick(card.items, Qt.Key.Key_Return)
    assert chosen == [0, 1, 1]


def test_the_cursor_follows_the_citation_that_the_document_shows(card: FindingCard) -> None:
    chosen: list[int] = []
    card.cited.connect(chosen.append)
    card.items.follow(1)
    assert card.items.currentIndex().row() == 2
    card.items.follow(0)
    assert card.items.currentIndex().row() == 0
    assert chosen == []


def test_what_a_list_leaves_out_stands_below_it(card: FindingCard) -> None:
    card.show_outcome(amounts("2 more sentences were not read."), "Amounts of money")
    shown = [label.text() for label in card.findChildren(QLabel) if label.isVisible()]
    assert "2 more sentences were not read." in shown


def test_a_finding_that_is_no_list_shows_its_quote_again(card: FindingCard) -> None:
    card.show_outcome(outcome(document(2), "law"), "Governing law")
    assert not card.items.isVisible()
    card.show_outcome(None, "")
    assert not card.items.isVisible()


def test_an_edit_begins_with_all_items_and_not_with_their_number(card: FindingCard) -> None:
    card.begin_edit()
    fields = [field.text() for field in card.findChildren(QLineEdit)]
    assert "USD 5; USD 7; USD 9" in fields


def test_a_clause_takes_the_room_of_words_that_it_does_not_need(card: FindingCard) -> None:
    clauses = (ListedItem(display="A must mow.", citation=0), ListedItem(display="B must sow.", citation=1))
    card.show_outcome(amounts(items=clauses), "Obligations")
    assert card.items.isColumnHidden(WORDS)
    card.show_outcome(amounts(), "Amounts of money")
    assert not card.items.isColumnHidden(WORDS)


def test_the_grid_shows_the_first_items_and_sorts_lists_by_length() -> None:
    assert shown_text(amounts()) == "3 items: USD 5; USD 7; USD 9"
    assert sort_key(amounts(items=ITEMS[:2])) < sort_key(amounts())


def test_a_bulk_decision_shows_every_item_with_its_page() -> None:
    quote = BulkLine(amounts().finding, "MSA.pdf", "Amounts of money", True).quote
    assert quote == "p. 3 USD 5: Pay $5, $7. · p. 3 USD 7: Pay $5, $7. · p. 12 USD 9: Then $9."
