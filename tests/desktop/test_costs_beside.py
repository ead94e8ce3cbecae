from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.desktop.costs_beside import BesideModel
from app.desktop.costs_references import ReferencesDialog
from app.desktop.costs_view import CostsView
from app.domain.cost import RateCard, Reference
from app.ledger.costs import CostRow
from app.ledger.references import Beside, Reviewed, beside, load_references
from tests.desktop.made_costs import TABLES, row

CARD = RateCard(analyst_hour=60.0)
DEFAULTS = load_references(Path("nowhere") / "references.toml")
TOTAL = TABLES["document"].total
TIP = Qt.ItemDataRole.ToolTipRole
NAME, UNIT, THEIRS, OURS, WHOLE, SO_FAR, TIMES, SOURCE = range(8)


def held(total: CostRow = TOTAL, references: Sequence[Reference] = DEFAULTS, card: RateCard = CARD) -> Beside:
    return beside(references, total, Reviewed(documents=3, characters=300_000), card)


def cells(made: Beside) -> dict[str, list[str]]:
    model = BesideModel()
    model.show_beside(made)
    rows = [
        [str(model.index(at, n).data()) for n in range(model.columnCount())] for at in range(model.rowCount())
    ]
    return {one.reference.id: texts for one, texts in zip(made.rows, rows, strict=True)}


def tip(made: Beside, key: str) -> str:
    model = BesideModel()
    model.show_beside(made)
    place = next(at for at, one in enumerate(made.rows) if one.reference.id == key)
    return str(model.index(place, TIMES).data(TIP))


@pytest.fixture
def dialog(qtbot: QtBot) -> ReferencesDialog:
    made = ReferencesDialog(DEFAULTS)
    qtbot.addWidget(made)
    return made


def test_the_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    model = BesideModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_beside(held())
    model.show_beside(held(references=()))
    assert model.rowCount() == 0


def test_each_reference_stands_beside_ours_with_its_ratio_and_source(qapp: object) -> None:
    shown = cells(held())
    people = shown["human-first-pass"]
    assert people[:TIMES] == [
        "First-pass review by people", "document", "$0.50 to $3.00", "$1.05", "$1.50 to $9.00", "$3.15",
    ]  # fmt: skip
    assert people[TIMES] == "0.48 to 2.9\xa0×"
    assert people[SOURCE] == DEFAULTS[0].source
    agent = shown["resolution-priced-agent"]
    assert agent[UNIT:TIMES] == ["accepted finding", "$0.99", "$0.23", "$13.86", "$3.15"]
    assert agent[TIMES] == "4.4\xa0×"


def test_where_nobody_judges_the_analyst_is_named_and_told_apart(qapp: object) -> None:
    whole = cells(held())["long-context-service"]
    assert whole[NAME].endswith("+ your analyst")
    assert whole[THEIRS] == "$0.25"
    assert whole[WHOLE] == "$3.45"
    said = tip(held(), "long-context-service")
    assert "$2.50 for a million characters; here 300,000, each document read once." in said
    assert "$0.75, and $2.70 for your analyst." in said


def test_a_lawyers_minutes_are_priced_at_the_analysts_hour_and_it_says_so(qapp: object) -> None:
    lawyers = cells(held())["lawyers-nda"]
    assert lawyers[NAME].endswith("at your analyst's hour")
    assert lawyers[THEIRS] == "$10.20 to $31.20"
    assert "10.2 to 31.2 minutes a document" in tip(held(), "lawyers-nda")


def test_a_ratio_that_would_mislead_is_not_there_and_the_tip_says_why(qapp: object) -> None:
    waiting = held(row("t", states={"accepted": 1, "undecided": 9}, machine=0.1, analyst=0.5))
    assert cells(waiting)["human-first-pass"][TIMES] == "–"
    assert "every finding is decided" in tip(waiting, "human-first-pass")
    nothing = held(row("t", states={"undecided": 9}, machine=0.1))
    assert cells(nothing)["resolution-priced-agent"][TIMES] == "–"
    assert "accept a finding" in tip(nothing, "resolution-priced-agent")
    euros = held(card=RateCard(currency="EUR"))
    assert cells(euros)["human-first-pass"][WHOLE] == "$1.50 to $9.00"
    assert cells(euros)["human-first-pass"][TIMES] == "–"
    assert "in USD and yours in EUR" in tip(euros, "human-first-pass")


def test_the_view_says_what_ours_is_and_that_theirs_was_not_measured(qtbot: QtBot) -> None:
    view = CostsView()
    qtbot.addWidget(view)
    view.show_costs(TABLES, CARD, "Acme")
    assert not view.beside.isVisibleTo(view)
    undecided = row("t", states={"accepted": 1, "undecided": 9}, machine=0.1, analyst=0.5)
    view.show_costs(TABLES, CARD, "Acme", beside=held(undecided))
    assert view.beside.isVisibleTo(view)
    said = " ".join(label.text() for label in view.beside.findChildren(QLabel))
    assert "machine $0.10, analyst $0.50, on 3 documents" in said
    assert "not measured here" in said
    assert "9 findings are not decided yet" in said
    with qtbot.waitSignal(view.references_edit_requested):
        view.beside.edit.click()


def test_no_figure_of_theirs_is_counted_in_tokens(qapp: object) -> None:
    made = held()
    everything = [*chain(*cells(made).values()), *(tip(made, one.id) for one in DEFAULTS)]
    model = BesideModel()
    for n in range(model.columnCount()):
        for role in (Qt.ItemDataRole.DisplayRole, TIP):
            everything.append(str(model.headerData(n, Qt.Orientation.Horizontal, role)))
    assert "token" not in " ".join(everything).casefold()


def test_a_figure_is_saved_with_a_source_of_its_own_and_the_others_stay(
    dialog: ReferencesDialog, qtbot: QtBot
) -> None:
    people = dialog.references[0]
    assert not dialog.save.isEnabled()
    people.high.selectAll()
    qtbot.keyClicks(people.high, "4,5")
    assert not dialog.save.isEnabled(), "the old source is not the new figure's"
    people.source.selectAll()
    qtbot.keyClicks(people.source, "our invoice")
    assert dialog.save.isEnabled()
    with qtbot.waitSignal(dialog.saved) as saved:
        dialog.save.click()
    changed = DEFAULTS[0].model_copy(update={"high": 4.5, "source": "our invoice"})
    assert saved.args == [(changed, *DEFAULTS[1:])]


@pytest.mark.parametrize(
    ("low", "high", "source", "said"),
    [
        ("x", "3", "s", "Write two numbers"),
        ("", "3", "s", "Write two numbers"),
        ("nan", "3", "s", "Write two numbers"),
        ("-1", "3", "s", "negative"),
        ("4", "3", "s", "swap"),
        ("1", "3", " ", "where this figure is from"),
        ("1", "3", DEFAULTS[0].source, "where this one is from"),
        ("1", "3", "survey", ""),
    ],
)
def test_what_is_wrong_is_one_sentence(
    dialog: ReferencesDialog, low: str, high: str, source: str, said: str
) -> None:
    people = dialog.references[0]
    people.low.setText(low)
    people.high.setText(high)
    people.source.setText(source)
    people.source.textEdited.emit(source)
    assert said in people.error
    assert bool(people.error) == bool(said)
    assert dialog.save.isEnabled() == (not said)
    assert people.low.accessibleDescription() == people.error


def test_esc_says_once_that_figures_wait_to_be_saved(dialog: ReferencesDialog, qtbot: QtBot) -> None:
    dialog.show()
    qtbot.keyClicks(dialog.references[1].source, "!")
    dialog.reject()
    assert dialog.isVisible()
    assert dialog.unsaved.isVisible()
    dialog.undo.click()
    assert not dialog.save_waits
    dialog.reject()
    assert not dialog.isVisible()


def test_every_field_has_a_name(dialog: ReferencesDialog) -> None:
    for one in dialog.references:
        for field in (one.low, one.high, one.source):
            assert one.reference.title in field.accessibleName()
