from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.about_dialog import About, AboutDialog, Licence, LicencesModel, read_about
from app.desktop.export_dialog import ExportDialog
from app.desktop.failures_view import FailuresModel, FailuresView, failures_of
from app.desktop.first_run import FirstRun
from app.desktop.keys_dialog import KeysDialog
from app.desktop.models_view import ModelRow
from app.desktop.review_dialog import ReviewChoice, ReviewDialog
from app.domain.cost import Interval, Quote
from app.domain.finding import Finding, Outcome
from app.domain.kinds import DocumentState, FindingStatus, TaskKind
from app.domain.task import Task
from app.domain.text import Document

MODEL = ModelRow("big", "Big 1.5B", "Apache-2.0", "Q4", 1_117_320_768, "ab" * 32, "hub/big", False)
TASKS = tuple(
    Task(
        id=f"t{n}", kind=kind, title=f"Task {n}", description=f"About {n}.", question="Is it?", queries=("q",)
    )
    for n, kind in enumerate((TaskKind.EXTRACT, TaskKind.EXTRACT, TaskKind.LIST))
)


def document(number: int, state: DocumentState = DocumentState.READY, reason: str | None = None) -> Document:
    return Document(
        id=f"d{number}", name=f"{number}.pdf", sha256=f"{number:064x}", state=state, reason=reason
    )


def quote(findings: int = 84) -> Quote:
    return Quote(
        findings=findings, currency="USD", cost=Interval(expected=0.42, low=0.34, high=0.5),
        seconds=Interval(expected=360, low=300, high=480), kwh=Interval(expected=0.03, low=0.02, high=0.04),
    )  # fmt: skip


def stand_in_front(widget: QWidget, qtbot: QtBot) -> None:
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()


def about() -> About:
    return About("1.2.3", (Licence("babel", "2.18", "BSD-3-Clause"),), ("Contracts: CUAD",))


# keys


ROWS = [("Matter", "Add files", "Ctrl+O"), ("Decide", "Accept", "A"), ("Decide", "Undo", "U  Ctrl+Z")]


def test_the_list_of_keys_is_searched_by_action_and_by_key(qtbot: QtBot) -> None:
    dialog = KeysDialog(ROWS)
    qtbot.addWidget(dialog)
    assert set(dialog.shown) == {"Add files", "Accept", "Undo"}
    QTest.keyClicks(dialog.search, "ctrl")
    assert set(dialog.shown) == {"Add files", "Undo"}
    dialog.search.setText("accept")
    assert dialog.shown == ("Accept",)
    dialog.search.setText("fly")
    assert dialog.shown == ()


# all dialogs


@pytest.mark.parametrize(
    "make", [ReviewDialog, ExportDialog, lambda: KeysDialog(ROWS), lambda: AboutDialog(read=about)]
)
def test_escape_closes(make: type[QDialog], qtbot: QtBot) -> None:
    dialog = make()
    qtbot.addWidget(dialog)
    stand_in_front(dialog, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert dialog.result() == QDialog.DialogCode.Rejected


@pytest.mark.parametrize(
    "make", [ReviewDialog, ExportDialog, lambda: KeysDialog(ROWS), lambda: AboutDialog(read=about)]
)
def test_a_dialog_fits_a_laptop_at_150_per_cent(make: type[QDialog], qtbot: QtBot) -> None:
    dialog = make()
    qtbot.addWidget(dialog)
    assert dialog.width() <= 1066
    assert dialog.height() <= 680
    assert dialog.minimumSizeHint().height() <= 680


# about


def test_the_licences_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    model = LicencesModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_licences(about().licences)
    assert model.rowCount() == len(about().licences) > 0


def test_licences_are_read_in_another_thread_while_the_dialog_stands(qtbot: QtBot) -> None:
    may_go, threads = threading.Event(), list[int]()

    def read() -> About:
        threads.append(threading.get_ident())
        may_go.wait(10)
        return about()

    dialog = AboutDialog(read=read)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.table.model().rowCount() == 0
    may_go.set()
    qtbot.waitUntil(lambda: dialog.table.model().rowCount() == 1)
    assert dialog.version.text() == "Version 1.2.3"
    assert dialog.attributions.text() == "Contracts: CUAD"
    assert threads != [threading.get_ident()]


def test_licences_that_cannot_be_read_are_not_waited_for(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def read() -> About:
        raise OSError

    dialog = AboutDialog(read=read)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: "could not be read" in dialog.count.text())


def test_closing_the_dialog_before_they_are_read_harms_nobody(qtbot: QtBot) -> None:
    may_go = threading.Event()

    def read() -> About:
        may_go.wait(10)
        return about()

    dialog = AboutDialog(read=read)
    dialog.show()
    dialog.close()
    del dialog
    may_go.set()
    qtbot.wait(100)


def test_the_licences_are_those_of_what_is_installed() -> None:
    held = read_about()
    licences = {licence.package.casefold(): licence.licence for licence in held.licences}
    assert licences["pydantic"] == "MIT"
    assert "pincite" not in licences
    assert any("CUAD" in line for line in held.attributions)


# first run


def test_everything_a_first_run_needs_is_one_click(qtbot: QtBot) -> None:
    view = FirstRun()
    qtbot.addWidget(view)
    view.show_model(MODEL)
    for button, signal in (
        (view.open, view.open_requested),
        (view.new, view.new_requested),
        (view.samples, view.samples_requested),
        (view.model.take, view.import_requested),
    ):
        with qtbot.waitSignal(signal):
            button.click()
    with qtbot.waitSignal(view.fetch_requested) as wanted:
        view.model.fetch.click()
    assert wanted.args == ["big"]


def test_the_model_that_is_proposed_says_its_licence_and_size(qtbot: QtBot) -> None:
    view = FirstRun()
    qtbot.addWidget(view)
    view.show_model(MODEL)
    assert "Big 1.5B" in view.model.title.text()
    assert "1.1 GB, licence Apache-2.0" in view.model.line.text()
    view.show_model(ModelRow(**{**vars(MODEL), "fetchable": False, "why_not": "No network here."}))
    assert not view.model.fetch.isEnabled()
    assert "No network here." in view.model.line.text()
    view.show_model(ModelRow(**{**vars(MODEL), "installed": True}))
    assert "is installed" in view.model.title.text()
    assert not view.model.fetch.isVisibleTo(view)


def test_a_recent_matter_opens_by_click_and_by_enter(qtbot: QtBot) -> None:
    view = FirstRun()
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show_recent(["/m/Acme", "/m/Bolt"])
    stand_in_front(view, qtbot)
    view.recent.setFocus()
    with qtbot.waitSignal(view.recent_chosen) as chosen:
        place = view.recent.visualItemRect(view.recent.item(1)).center()
        qtbot.mouseClick(view.recent.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["/m/Bolt"]
    with qtbot.waitSignal(view.recent_chosen) as chosen:
        QTest.keyClick(view.recent, Qt.Key.Key_Return)
    assert chosen.args == ["/m/Bolt"]


def test_files_that_are_dropped_are_told_as_paths_and_links_to_the_web_are_not(qtbot: QtBot) -> None:
    view = FirstRun()
    qtbot.addWidget(view)
    data = QMimeData()
    data.setUrls(
        [QUrl.fromLocalFile("/a/b.pdf"), QUrl("https://example.org/c.pdf"), QUrl.fromLocalFile("/a/d")]
    )
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(view.files_dropped) as dropped:
        view.drop.dropEvent(event)
    assert dropped.args == [[Path("/a/b.pdf"), Path("/a/d")]]


# review


@pytest.fixture
def review(qtbot: QtBot) -> ReviewDialog:
    dialog = ReviewDialog()
    qtbot.addWidget(dialog)
    documents = [
        document(0),
        document(1),
        document(2, DocumentState.DAMAGED),
        document(3, DocumentState.PARTIAL),
    ]
    with qtbot.waitSignal(dialog.quote_wanted):
        dialog.set_choices(
            TASKS, documents, [("big", "Big"), ("small", "Small")], "small", selected={"d1", "d2"}
        )
    return dialog


def test_all_tasks_and_ready_documents_are_chosen_at_first(review: ReviewDialog) -> None:
    assert review.choice == ReviewChoice(("t0", "t1", "t2"), ("d0", "d1", "d3"), "small", None)


def test_nothing_starts_before_its_price_was_said(review: ReviewDialog, qtbot: QtBot) -> None:
    assert review.quote.text() == "…"
    assert not review.start.isEnabled()
    stand_in_front(review, qtbot)
    with qtbot.assertNotEmitted(review.start_requested):
        QTest.keyClick(review, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    review.show_quote(quote())
    assert review.quote.text() == (
        "84 findings · $0.42, between $0.34 and $0.50 · about 6 min (5 to 8) · 0.03 kWh estimated"
    )
    with qtbot.waitSignal(review.start_requested) as started:
        QTest.keyClick(review, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert started.args == [ReviewChoice(("t0", "t1", "t2"), ("d0", "d1", "d3"), "small", None)]
    assert not review.isVisible()


def test_enter_starts_too(review: ReviewDialog, qtbot: QtBot) -> None:
    stand_in_front(review, qtbot)
    review.show_quote(quote())
    review.tasks.tree.setFocus()
    with qtbot.waitSignal(review.start_requested):
        QTest.keyClick(review.tasks.tree, Qt.Key.Key_Return)


def test_another_choice_wants_another_quote_and_only_one(review: ReviewDialog, qtbot: QtBot) -> None:
    review.show_quote(quote())
    wanted: list[ReviewChoice] = []
    review.quote_wanted.connect(wanted.append)
    review.tasks.none.click()
    assert review.quote.text() == "Choose at least one task."
    assert not review.start.isEnabled()
    group = review.tasks.tree.topLevelItem(0)
    assert group is not None
    group.child(1).setCheckState(0, Qt.CheckState.Checked)
    review.selected_documents.setChecked(True)
    review.model.setCurrentIndex(0)
    assert review.quote.text() == "…"
    qtbot.waitUntil(lambda: bool(wanted))
    qtbot.wait(300)
    assert wanted == [ReviewChoice(("t1",), ("d1",), "big", None)]


def test_a_quote_for_a_choice_that_has_changed_is_not_shown(review: ReviewDialog) -> None:
    old = review.choice
    review.tasks.none.click()
    review.tasks.every.click()
    review.show_quote(quote())
    assert review.quote.text() == "…", "the clicking has not stopped yet"
    review.model.setCurrentIndex(0)
    review.show_quote(quote(), old)
    assert not review.start.isEnabled()


def test_a_group_ticks_all_of_its_tasks(review: ReviewDialog) -> None:
    group = review.tasks.tree.topLevelItem(0)
    assert group is not None
    group.setCheckState(0, Qt.CheckState.Unchecked)
    assert review.tasks.chosen == ("t2",)
    group.setCheckState(0, Qt.CheckState.Checked)
    assert review.tasks.chosen == ("t0", "t1", "t2")


def test_a_limit_that_may_bite_is_said(review: ReviewDialog) -> None:
    review.show_quote(quote())
    assert "four times out of five" in review.quote_line.text()
    review.limited.setChecked(True)
    review.limit.setValue(0.45)
    assert review.choice.most == 0.45
    assert "may stop at $0.45" in review.quote_line.text()
    review.limit.setValue(0.6)
    assert "may stop" not in review.quote_line.text()
    assert review.start.isEnabled(), "a limit changes no price"


def test_where_nothing_is_left_to_do_nothing_starts(review: ReviewDialog) -> None:
    review.show_quote(quote(0))
    assert review.quote.text().startswith("Nothing is left to do")
    assert not review.start.isEnabled()


def test_why_there_is_no_quote_is_said(review: ReviewDialog) -> None:
    review.show_trouble("The model is not here.", "Import it from a file.")
    assert (review.quote.text(), review.quote_line.text()) == (
        "The model is not here.",
        "Import it from a file.",
    )
    assert not review.start.isEnabled()


def test_without_a_document_that_is_ready_it_says_so(qtbot: QtBot) -> None:
    dialog = ReviewDialog()
    qtbot.addWidget(dialog)
    dialog.set_choices(TASKS, [document(0, DocumentState.LOCKED)], [("big", "Big")], "big")
    assert dialog.quote.text() == "No document is ready. Add documents first."


# export


@pytest.fixture
def export(qtbot: QtBot, tmp_path: Path) -> ExportDialog:
    dialog = ExportDialog()
    qtbot.addWidget(dialog)
    dialog.set_choices(tmp_path, "Acme: renewal", "docx", "lease.pdf")
    return dialog


def test_a_file_is_proposed_and_follows_the_format(export: ExportDialog, tmp_path: Path) -> None:
    assert Path(export.path.text()) == tmp_path / "Acme  renewal.docx"
    export.forms["csv"].click()
    assert Path(export.path.text()) == tmp_path / "Acme  renewal.csv"
    export.forms["pdf"].click()
    assert Path(export.path.text()) == tmp_path / "lease annotated.pdf"


def test_a_name_that_was_typed_keeps_all_but_its_ending(export: ExportDialog, tmp_path: Path) -> None:
    export.path.selectAll()
    QTest.keyClicks(export.path, str(tmp_path / "mine.docx"))
    export.forms["json"].click()
    assert Path(export.path.text()) == tmp_path / "mine.json"


def test_what_is_wanted_is_told(export: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    export.forms["csv"].click()
    export.decided.setChecked(True)
    stand_in_front(export, qtbot)
    with qtbot.waitSignal(export.export_requested) as wanted:
        QTest.keyClick(export, Qt.Key.Key_Return)
    assert wanted.args == ["csv", str(tmp_path / "Acme  renewal.csv"), True]
    assert not export.isVisible()


def test_a_file_that_is_there_is_replaced_only_when_asked_twice(
    export: ExportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "Acme  renewal.docx").touch()
    with qtbot.assertNotEmitted(export.export_requested):
        export.export.click()
        qtbot.waitUntil(lambda: "replace" in export.said.text())
    with qtbot.waitSignal(export.export_requested):
        export.export.click()


def test_agreeing_to_replace_one_file_is_no_word_on_another(
    export: ExportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    for form in ("docx", "csv"):
        (tmp_path / f"Acme  renewal.{form}").touch()
    export.export.click()
    qtbot.waitUntil(lambda: "replace" in export.said.text())
    export.forms["csv"].click()
    with qtbot.assertNotEmitted(export.export_requested):
        export.export.click()
        qtbot.waitUntil(lambda: "replace" in export.said.text())


@pytest.mark.parametrize(("name", "said"), [("no/where.csv", "no such folder"), ("", "is a folder")])
def test_a_place_that_cannot_be_is_said_at_once(
    export: ExportDialog, qtbot: QtBot, tmp_path: Path, name: str, said: str
) -> None:
    export.path.setText(str(tmp_path / name))
    export.export.click()
    qtbot.waitUntil(lambda: said in export.said.text())
    assert export.export.isEnabled()


def test_without_an_open_document_there_is_no_annotated_pdf(export: ExportDialog, tmp_path: Path) -> None:
    export.set_choices(tmp_path, "Acme", "pdf", "")
    assert not export.forms["pdf"].isEnabled()
    assert export.form == "xlsx"


# failures


FAILED = Outcome(
    finding=Finding(
        id="f1", document="d0", task="law", status=FindingStatus.FAILED, reason="The engine stopped."
    )
)
ABSENT = Outcome(finding=Finding(id="f2", document="d0", task="law", status=FindingStatus.ABSENT))


def test_every_state_in_which_reading_can_end_badly_has_something_to_do() -> None:
    documents = [document(n, state, "Why.") for n, state in enumerate(DocumentState)]
    failures = failures_of(documents, [], {})
    assert len(failures) == len(DocumentState) - 1
    assert all(failure.remedy and failure.reason for failure in failures)
    assert not any(failure.retryable for failure in failures)


def test_the_failures_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    model = FailuresModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_failures(failures_of([document(0, DocumentState.LOCKED)], [FAILED], {}))
    model.show_failures(())
    assert model.rowCount() == 0


def test_what_failed_is_listed_with_its_reason_and_only_that(qtbot: QtBot) -> None:
    view = FailuresView()
    qtbot.addWidget(view)
    locked = document(1, DocumentState.LOCKED, "It needs a password.")
    view.show_failures([document(0), locked], [FAILED, ABSENT], {"law": "Governing law"})
    cells = [
        [view.model.index(row, column).data() for column in range(3)] for row in range(view.model.rowCount())
    ]
    assert cells == [
        ["1.pdf", "not read", "It needs a password."],
        ["0.pdf", "Governing law", "The engine stopped."],
    ]
    assert view.reason.text() == "1.pdf: It needs a password."
    assert view.remedy.text() == "Choose it in the library and press Enter to type its password."


def test_findings_are_tried_again_and_documents_are_not(qtbot: QtBot) -> None:
    view = FailuresView()
    qtbot.addWidget(view)
    again = FAILED.model_copy(update={"finding": FAILED.finding.model_copy(update={"id": "f3"})})
    view.show_failures([document(0), document(1, DocumentState.LOCKED)], [FAILED, again], {})
    assert not view.retry.isEnabled()
    view.table.selectRow(2)
    with qtbot.waitSignal(view.retry_requested) as wanted:
        view.retry.click()
    assert wanted.args == [["f3"]]
    with qtbot.waitSignal(view.retry_requested) as wanted:
        view.retry_all.click()
    assert wanted.args == [["f1", "f3"]]


def test_where_nothing_failed_it_says_so(qtbot: QtBot) -> None:
    view = FailuresView()
    qtbot.addWidget(view)
    view.show_failures([document(0)], [ABSENT], {})
    assert not view.table.isVisibleTo(view)
