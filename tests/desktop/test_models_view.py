from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.desktop.models_view import RUNS, ModelRow, ModelsModel, ModelsView
from app.wiring.doctor import Fact

SHA = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
HERE = ModelRow("big", "Big 1.5B", "Apache-2.0", "Q4_K_M", 1_117_320_768, SHA, "hub/big", True, True)
AWAY = ModelRow("small", "Small 0.5B", "MIT", "Q8_0", 491_400_064, "ab" * 32, "hub/small", False)
LOCKED = ModelRow(
    "other", "Other", "MIT", "Q8_0", 1, "ef" * 32, "hub/other", False,
    fetchable=False, why_not="Fetching is turned off by your organisation.",
)  # fmt: skip
SPARE = ModelRow("spare", "Spare", "MIT", "Q8_0", 1, "01" * 32, "hub/spare", True)


@pytest.fixture
def view(qtbot: QtBot) -> ModelsView:
    made = ModelsView()
    qtbot.addWidget(made)
    made.show_models([HERE, AWAY, LOCKED, SPARE], "big")
    return made


def stand_in_front(view: ModelsView, qtbot: QtBot) -> None:
    with qtbot.waitActive(view):
        view.show()
        view.activateWindow()
    view.table.setFocus()


def select(view: ModelsView, model: str) -> None:
    place = [HERE.id, AWAY.id, LOCKED.id, SPARE.id].index(model)
    view.table.setCurrentIndex(view.table.model().index(place, 0))


def cells(model: ModelsModel, place: int) -> list[str]:
    return [str(model.index(place, column).data()) for column in range(model.columnCount())]


def test_the_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    model = ModelsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_models([HERE, AWAY], "big")
    model.show_models([], "")
    assert model.rowCount() == 0


def test_a_row_says_all_there_is_to_know_of_a_model(qtbot: QtBot) -> None:
    model = ModelsModel()
    model.show_models([HERE, AWAY], "big")
    assert cells(model, 0) == [
        "Big 1.5B · this matter, default", "installed", "1.1 GB", "Q4_K_M", "Apache-2.0", "cc324af070c2…",
        "hub/big",
    ]  # fmt: skip
    assert cells(model, 1)[:3] == ["Small 0.5B", "not here", "491 MB"]
    assert model.index(0, 5).data(Qt.ItemDataRole.ToolTipRole) == SHA


def test_whether_it_is_here_is_told_by_a_sign_too(qtbot: QtBot) -> None:
    model = ModelsModel()
    model.show_models([HERE, AWAY], "big")
    signs = [model.index(place, 1).data(Qt.ItemDataRole.DecorationRole) for place in (0, 1)]
    assert signs[0].cacheKey() != signs[1].cacheKey()


def test_a_model_that_is_here_can_be_chosen_and_one_in_use_cannot(view: ModelsView, qtbot: QtBot) -> None:
    assert not view.choose.isEnabled()
    select(view, "spare")
    with qtbot.waitSignal(view.model_chosen) as chosen:
        view.choose.click()
    assert chosen.args == ["spare"]
    select(view, "small")
    assert not view.choose.isEnabled()


def test_a_model_that_is_not_here_can_be_fetched(view: ModelsView, qtbot: QtBot) -> None:
    assert not view.fetch.isEnabled()
    select(view, "small")
    with qtbot.waitSignal(view.fetch_requested) as wanted:
        view.fetch.click()
    assert wanted.args == ["small"]
    assert "491 MB, MIT" in view.reason.text()


def test_where_fetching_is_not_allowed_the_reason_stands_beside_it(view: ModelsView) -> None:
    select(view, "other")
    assert not view.fetch.isEnabled()
    assert view.reason.text() == "Fetching is turned off by your organisation."


def test_the_whole_digest_is_copied_by_button_and_by_key(view: ModelsView, qtbot: QtBot) -> None:
    clipboard = QApplication.clipboard()
    clipboard.clear()
    view.copy.click()
    assert clipboard.text() == SHA
    stand_in_front(view, qtbot)
    select(view, "spare")
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == SPARE.sha256


def test_enter_in_the_table_chooses(view: ModelsView, qtbot: QtBot) -> None:
    stand_in_front(view, qtbot)
    select(view, "spare")
    with qtbot.waitSignal(view.model_chosen):
        QTest.keyClick(view.table, Qt.Key.Key_Return)


def test_import_and_verify_are_asked_for(view: ModelsView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.import_requested):
        view.take.click()
    with qtbot.waitSignal(view.verify_requested):
        view.verify.click()


def test_new_rows_keep_the_cursor_where_it_was(view: ModelsView) -> None:
    select(view, "small")
    view.show_models([HERE, AWAY, LOCKED, SPARE], "spare")
    assert view.selected == AWAY


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ([Fact(name="llama.cpp", text="0.3.36, processor")],
         "llama.cpp 0.3.36 runs the model on this machine's processor; "
         "no GPU is used because this build has no back end for one that answers."),
        ([Fact(name="llama.cpp", text="0.3.36, GPU")],
         "llama.cpp 0.3.36 runs the model on this machine's GPU."),
        ([Fact(name="llama.cpp", text="missing")], "No model can run here: llama.cpp is missing."),
        ([Fact(name=RUNS, text="All of it runs on a toaster."), Fact(name="llama.cpp", text="1, GPU")],
         "All of it runs on a toaster."),
        ([], ""),
    ],
)  # fmt: skip
def test_one_sentence_says_what_runs_where(view: ModelsView, facts: list[Fact], sentence: str) -> None:
    view.show_machine(facts, [])
    assert view.sentence.text() == sentence


def test_problems_are_shown_with_what_to_do_and_go_when_they_are_gone(view: ModelsView) -> None:
    def said() -> str:
        return " ".join(label.text() for label in view.findChildren(QLabel) if not label.isHidden())

    problem = Fact(name="Less than 2 GB are free on the disk.", text="Make room before a review.")
    view.show_machine([Fact(name="machine", text="Linux")], [problem])
    assert problem.name in said()
    assert problem.text in said()
    view.show_machine([Fact(name="machine", text="Windows")], [])
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete
    assert problem.name not in said()
    assert "Linux" not in said()
    assert "Windows" in said()
