"""The finding's card warns of cited words that were hard to read, of the finding that is shown only."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.desktop.finding_card import FindingCard
from tests.desktop.grid_made import document, outcome

FIRST, SECOND = (outcome(document(number), "law") for number in range(2))


@pytest.fixture
def card(qtbot: QtBot) -> FindingCard:
    made = FindingCard()
    qtbot.addWidget(made)
    made.show()
    made.show_outcome(FIRST, "Governing law")
    return made


def seen(card: FindingCard) -> list[str]:
    texts = [label.text() for label in card.findChildren(QLabel) if label.isVisible()]
    return [text for text in texts if "hard to read" in text]


def test_it_says_how_many_and_what_to_do(card: FindingCard) -> None:
    assert seen(card) == []
    card.show_hard_words(FIRST.finding.id, 2)
    assert seen(card) == ["2 of these words were hard to read: check the picture."]
    card.show_hard_words(FIRST.finding.id, 1)
    assert seen(card) == ["One of these words was hard to read: check the picture."]


def test_the_next_finding_does_not_begin_with_the_last_ones_warning(card: FindingCard) -> None:
    card.show_hard_words(FIRST.finding.id, 2)
    card.show_outcome(SECOND, "Governing law")
    assert seen(card) == []
    card.show_hard_words(FIRST.finding.id, 2)
    assert seen(card) == []


def test_the_warning_stays_when_the_finding_is_decided_and_goes_with_it(card: FindingCard) -> None:
    card.show_hard_words(FIRST.finding.id, 2)
    card.show_outcome(FIRST, "Governing law")
    assert len(seen(card)) == 1
    card.show_outcome(None, "")
    assert seen(card) == []
