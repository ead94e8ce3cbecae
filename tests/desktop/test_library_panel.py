from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.library_panel import LibraryPanel
from app.domain.kinds import DocumentState
from tests.desktop.grid_made import document, documents

KEY = Qt.Key
_LEFT, _PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def panel(qtbot: QtBot) -> LibraryPanel:
    made = LibraryPanel()
    qtbot.addWidget(made)
    made.resize(240, 500)
    with qtbot.waitActive(made):
        made.show()
    return made


def dragged(*paths: str, web: str = "") -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths] + ([QUrl(web)] if web else []))
    return data


def enter(over: QWidget, data: QMimeData) -> bool:
    event = QDragEnterEvent(QPoint(20, 20), Qt.DropAction.CopyAction, data, _LEFT, _PLAIN)
    event.ignore()
    QApplication.sendEvent(over, event)
    return event.isAccepted()


def drop(panel: LibraryPanel, data: QMimeData) -> None:
    event = QDropEvent(QPointF(20, 20), Qt.DropAction.CopyAction, data, _LEFT, _PLAIN)
    QApplication.sendEvent(panel, event)


def test_files_and_folders_can_be_dropped_anywhere_on_it(qtbot: QtBot, panel: LibraryPanel) -> None:
    data = dragged("/tmp/a.pdf", "/tmp/folder")
    assert enter(panel, data)
    with qtbot.waitSignal(panel.files_dropped) as heard:
        drop(panel, data)
    assert heard.args == [[Path("/tmp/a.pdf"), Path("/tmp/folder")]]


def test_what_is_not_a_file_of_this_computer_is_not_taken(qtbot: QtBot, panel: LibraryPanel) -> None:
    data = dragged(web="https://example.org/a.pdf")
    assert not enter(panel, data)
    with qtbot.assertNotEmitted(panel.files_dropped):
        drop(panel, data)


def test_it_lights_up_while_files_are_dragged_over_it(panel: LibraryPanel) -> None:
    panel.set_documents(documents(1))
    before = panel.drop.grab().toImage()
    data = dragged("/tmp/a.pdf")
    enter(panel, data)
    assert panel.drop.grab().toImage() != before
    QApplication.sendEvent(panel, QDragLeaveEvent())
    assert panel.drop.grab().toImage() == before


def test_files_dragged_over_list_or_field_are_the_panels(panel: LibraryPanel) -> None:
    panel.set_documents(documents(1))
    before = panel.drop.grab().toImage()
    for over in (panel.list.viewport(), panel.field):
        assert enter(over, dragged("/tmp/a.pdf"))
        assert panel.drop.grab().toImage() != before
        QApplication.sendEvent(panel, QDragLeaveEvent())


def test_an_empty_library_offers_to_add_and_the_samples(qtbot: QtBot, panel: LibraryPanel) -> None:
    assert panel.empty.isVisible()
    assert not panel.field.isVisible()
    with qtbot.waitSignal(panel.samples_requested):
        qtbot.mouseClick(panel.empty.samples, _LEFT)
    with qtbot.waitSignal(panel.add_requested):
        qtbot.keyClick(panel.empty.add, KEY.Key_Space)
    panel.set_queued(["a.pdf"])
    assert panel.list.isVisible()
    assert panel.drop.isVisible()


def test_the_heading_counts_the_documents(panel: LibraryPanel) -> None:
    panel.set_documents(documents(1200))
    assert panel.title.text() == "LIBRARY · 1,200"


def test_moving_in_the_list_chooses_a_document_and_selecting_from_code_does_not(
    qtbot: QtBot, panel: LibraryPanel
) -> None:
    panel.set_documents(documents(3))
    with qtbot.assertNotEmitted(panel.document_chosen):
        panel.select(document(1).id)
    panel.list.setFocus()
    with qtbot.waitSignal(panel.document_chosen) as heard:
        qtbot.keyClick(panel.list, KEY.Key_Down)
    assert heard.args == [document(2).id]
    with qtbot.waitSignal(panel.document_chosen) as heard:
        qtbot.keyClick(panel.list, KEY.Key_Return)
    assert heard.args == [document(2).id]


def test_the_document_that_is_looked_at_stays_marked_when_names_are_narrowed_and_widened(
    qtbot: QtBot, panel: LibraryPanel
) -> None:
    panel.set_documents(documents(3))
    panel.select(document(2).id)
    with qtbot.assertNotEmitted(panel.document_chosen):
        qtbot.keyClicks(panel.field, "nt 1")
        assert panel.model.rowCount() == 1
        qtbot.keyClick(panel.field, KEY.Key_Escape)
        panel.set_documents(list(reversed(documents(3))))
    assert [held.id for held in panel.selected_documents()] == [document(2).id]


def test_enter_in_the_field_searches_the_words_of_all_documents(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.set_documents(documents(1))
    panel.focus_search()
    assert panel.field.hasFocus()
    qtbot.keyClicks(panel.field, "indemnity")
    assert not panel.list.isVisible()
    with qtbot.waitSignal(panel.search_requested) as heard:
        qtbot.keyClick(panel.field, KEY.Key_Return)
    assert heard.args == ["indemnity"]
    panel.field.clear()
    with qtbot.assertNotEmitted(panel.search_requested):
        qtbot.keyClick(panel.field, KEY.Key_Return)
    qtbot.keyClick(panel.field, KEY.Key_Down)
    assert panel.list.hasFocus()


def test_only_what_can_be_read_is_sent_to_review(qtbot: QtBot, panel: LibraryPanel) -> None:
    locked = document(1, state=DocumentState.LOCKED)
    menu = panel.menu_for([document(0), locked])
    review = next(action for action in menu.actions() if action.text() == "Review only these 2")
    with qtbot.waitSignal(panel.review_requested) as heard:
        review.trigger()
    assert heard.args == [[document(0).id]]
    assert not panel.menu_for([locked]).actions()[1].isEnabled()


def test_a_name_can_be_copied_and_a_document_opened_from_the_menu(qtbot: QtBot, panel: LibraryPanel) -> None:
    menu = panel.menu_for([document(4)])
    with qtbot.waitSignal(panel.document_chosen):
        menu.actions()[0].trigger()
    menu.actions()[3].trigger()
    assert QGuiApplication.clipboard().text() == "Agreement 4.pdf"


def test_letters_go_past_the_list(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.set_documents([document(0, "a.pdf"), document(1, "b.pdf")])
    panel.select(document(0).id)
    panel.list.setFocus()
    with qtbot.assertNotEmitted(panel.document_chosen):
        qtbot.keyClick(panel.list, KEY.Key_B)


def test_every_control_has_a_name_and_its_key(panel: LibraryPanel) -> None:
    panel.set_documents(documents(1))
    for control in (panel.field, panel.list, panel.drop.add, panel.empty.add, panel.empty.samples):
        assert control.accessibleName()
    assert "Ctrl+O" in panel.drop.add.toolTip()
