from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.failures_view import failures_of
from app.desktop.finding_card import FindingCard
from app.desktop.review_dialog import ReviewDialog, SecondChoices
from app.domain.cost import AskedAgain, Interval
from app.domain.finding import Citation, Finding, ModelRef, Outcome, Reading
from app.domain.kinds import FindingStatus
from tests.desktop.test_dialogs import TASKS, document, quote

MODELS = [("small", "Small"), ("big", "Big"), ("huge", "Huge")]
LARGER = {"small": [("big", "Big"), ("huge", "Huge")], "big": [("huge", "Huge")], "huge": []}


def a_dialog(qtbot: QtBot, model: str = "small", preferred: str = "") -> ReviewDialog:
    dialog = ReviewDialog()
    qtbot.addWidget(dialog)
    seconds = SecondChoices(LARGER, preferred)
    dialog.set_choices(TASKS, [document(0)], MODELS, model, seconds=seconds)
    return dialog


def offered(dialog: ReviewDialog) -> list[str]:
    return [str(dialog.second.itemData(place)) for place in range(dialog.second.count())]


def test_only_larger_models_are_offered_and_none_is_chosen_unless_one_is_set(qtbot: QtBot) -> None:
    dialog = a_dialog(qtbot)
    assert (offered(dialog), dialog.choice.second) == (["", "big", "huge"], "")
    assert a_dialog(qtbot, preferred="huge").choice.second == "huge"
    assert a_dialog(qtbot, preferred="gone").choice.second == ""


def test_where_no_larger_model_is_here_nothing_is_offered(qtbot: QtBot) -> None:
    dialog = a_dialog(qtbot, "huge", preferred="huge")
    assert (dialog.second.isHidden(), dialog.choice.second) == (True, "")
    dialog.model.setCurrentIndex(0)
    assert not dialog.second.isHidden()


def test_another_first_model_keeps_the_second_one_where_it_is_still_larger(qtbot: QtBot) -> None:
    dialog = a_dialog(qtbot, preferred="huge")
    dialog.model.setCurrentIndex(1)
    assert (offered(dialog), dialog.choice.second) == (["", "huge"], "huge")


def test_a_second_opinion_changes_the_quote_and_can_be_all_that_is_left(qtbot: QtBot) -> None:
    dialog = a_dialog(qtbot)
    with qtbot.waitSignal(dialog.quote_wanted):
        dialog.second.setCurrentIndex(1)
    each = Interval(expected=0.1, low=0.1, high=0.1)
    again = AskedAgain(model="big", findings=Interval(expected=7, low=7, high=7), cost=each)
    dialog.show_quote(quote().model_copy(update={"second_opinion": again}))
    assert dialog.quote.text().startswith("84 findings · about 7 asked again · $0.42")
    dialog.show_quote(quote(0).model_copy(update={"second_opinion": again}))
    assert dialog.start.isEnabled()
    nothing = again.model_copy(update={"findings": Interval(expected=0, low=0, high=0)})
    dialog.show_quote(quote(0).model_copy(update={"second_opinion": nothing}))
    assert not dialog.start.isEnabled()


def read(*readings: tuple[str, FindingStatus]) -> Finding:
    last = readings[-1][1]
    found = last is FindingStatus.FOUND
    return Finding(
        id="f",
        document="d0",
        task="t0",
        status=FindingStatus.FOUND if found else FindingStatus.ABSTAINED,
        display="Ohio",
        citations=(Citation(page=1, start=0, end=4, quote="Ohio"),) if found else (),
        reason=None if found else "why",
        readings=tuple(
            Reading(model=ModelRef(id=model, sha256="a" * 64), status=status, confidence=0.5)
            for model, status in readings
        ),
    )


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (read(("small", FindingStatus.FOUND)), "Rent · p. 1"),
        (
            read(("small", FindingStatus.ABSTAINED), ("big", FindingStatus.FOUND)),
            "Rent · p. 1 · second opinion of big",
        ),
        (read(("small", FindingStatus.ABSTAINED), ("big", FindingStatus.ABSTAINED)), "Rent"),
    ],
)
def test_the_card_says_whose_second_opinion_an_answer_is(qtbot: QtBot, finding: Finding, said: str) -> None:
    card = FindingCard()
    qtbot.addWidget(card)
    card.show_outcome(Outcome(finding=finding), "Rent")
    assert card._task.text() == said  # pyright: ignore[reportPrivateUsage]


def test_a_second_opinion_that_broke_is_among_the_problems(qtbot: QtBot) -> None:
    broken = Outcome(finding=read(("small", FindingStatus.ABSTAINED), ("big", FindingStatus.FAILED)))
    (failure,) = failures_of([document(0)], [broken], {})
    assert (failure.key, failure.reason) == ("f", "why")
