from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.desktop.packs_view import PacksView, TasksModel
from app.domain.finding import PackRef
from app.domain.kinds import TaskKind
from app.domain.task import Label, Pack, Prompts, Task

LABELS = tuple(Label(id=key, title=key, statement=f"It is {key}.") for key in ("one", "other"))


def pack(key: str, *kinds: TaskKind) -> Pack:
    tasks = tuple(
        Task(
            id=f"t{n}",
            kind=kind,
            title=f"Task {n}",
            description=f"About {n}.",
            question="Is it?",
            queries=("q",),
            labels=LABELS if kind is TaskKind.CHOOSE else (),
        )
        for n, kind in enumerate(kinds)
    )
    return Pack(
        ref=PackRef(id=key, version="1.2.0", sha256="ab" * 32), title=key.title(),
        description="What it asks.", licence="CC-BY-4.0", attribution="The makers", tasks=tasks,
        folder=Path(), prompts=Prompts(system="", select="", present="", value=""),
    )  # fmt: skip


CONTRACTS = pack("contracts", TaskKind.EXTRACT, TaskKind.LIST)
MEDICAL = pack("medical", TaskKind.CHOOSE)


@pytest.fixture
def view(qtbot: QtBot) -> PacksView:
    made = PacksView()
    qtbot.addWidget(made)
    return made


def said(view: PacksView) -> str:
    return "\n".join(label.text() for label in view.findChildren(QLabel) if label.isVisibleTo(view))


def test_the_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    model = TasksModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_tasks(CONTRACTS.tasks)
    model.show_tasks(())
    assert model.rowCount() == 0


def test_a_pack_says_what_it_is_whose_it_is_and_that_nobody_signed_it(view: PacksView) -> None:
    view.show_packs([CONTRACTS, MEDICAL], "contracts")
    for part in ("Contracts 1.2.0", "What it asks.", "CC-BY-4.0", "The makers", "unsigned, bundled",
                 "not locked", "ab" * 32, "2 tasks"):  # fmt: skip
        assert part in said(view)


def test_its_tasks_have_title_kind_and_description(view: PacksView) -> None:
    view.show_packs([CONTRACTS], "contracts")
    model = view.table.model()
    assert [model.index(1, column).data() for column in range(3)] == ["Task 1", "list", "About 1."]


def test_another_pack_can_be_chosen_for_the_matter(view: PacksView, qtbot: QtBot) -> None:
    view.show_packs([CONTRACTS, MEDICAL], "contracts")
    assert view.selected == CONTRACTS
    assert not view.choose.isEnabled()
    view.list.setCurrentRow(1)
    assert "1 task" in said(view)
    with qtbot.waitSignal(view.pack_chosen) as chosen:
        view.choose.click()
    assert chosen.args == ["medical"]


def test_enter_on_a_pack_chooses_it(view: PacksView, qtbot: QtBot) -> None:
    view.show_packs([CONTRACTS, MEDICAL], "contracts")
    with qtbot.waitActive(view):
        view.show()
        view.activateWindow()
    view.list.setFocus()
    view.list.setCurrentRow(1)
    with qtbot.waitSignal(view.pack_chosen):
        QTest.keyClick(view.list, Qt.Key.Key_Return)


def test_a_locked_pack_says_who_locked_it(view: PacksView) -> None:
    view.show_packs([CONTRACTS], "contracts", locked={"contracts"})
    assert "managed by your organisation" in said(view)
    assert view.lock.isVisibleTo(view)


def test_without_packs_it_says_what_to_do(view: PacksView) -> None:
    view.show_packs([], "")
    assert "Install it again" in said(view)
