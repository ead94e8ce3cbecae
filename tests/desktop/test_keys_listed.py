"""The list of keys is whole: every shortcut of the window, and every key that one of its views takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.desktop import actions
from app.desktop.bulk_dialog import BulkDialog
from app.desktop.bulk_model import BulkLine
from app.desktop.costs_view import CostsView
from app.desktop.document.document_view import DocumentView
from app.desktop.export_dialog import ExportDialog
from app.desktop.failures_view import FailuresView
from app.desktop.keys_dialog import KeysDialog
from app.desktop.library_panel import LibraryPanel
from app.desktop.models_view import ModelsView
from app.desktop.packs_view import PacksView
from app.desktop.review_dialog import ReviewDialog
from app.desktop.search_view import SearchView
from app.desktop.settings_view import SettingsView
from app.desktop.view_keys import view_rows
from app.desktop.window import MainWindow, window_settings
from tests.desktop.document_made import SAMPLE, read
from tests.desktop.grid_made import document, filled, outcome, shown_panel

KEY, HELD = Qt.Key, Qt.KeyboardModifier
NAMED = {
    **{getattr(KEY, f"Key_{letter}"): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{getattr(KEY, f"Key_{digit}"): digit for digit in "0123456789"},
    **{getattr(KEY, f"Key_F{number}"): "" for number in range(1, 13)},
    **dict.fromkeys((KEY.Key_Left, KEY.Key_Right, KEY.Key_Up, KEY.Key_Down), ""),
    **dict.fromkeys((KEY.Key_Home, KEY.Key_End, KEY.Key_PageUp, KEY.Key_PageDown, KEY.Key_Insert), ""),
    KEY.Key_Space: " ",
    KEY.Key_Return: "\r",
    KEY.Key_Enter: "\r",
    KEY.Key_Escape: "\x1b",
    KEY.Key_Backspace: "\b",
    KEY.Key_Delete: "\x7f",
}
SIGNS = {
    KEY.Key_Slash: "/",
    KEY.Key_Plus: "+",
    KEY.Key_Minus: "-",
    KEY.Key_Equal: "=",
    KEY.Key_Period: ".",
    KEY.Key_Comma: ",",
}
WITHOUT_EFFECT = {"Ctrl+A", "Ctrl+Space", "Ctrl+Shift+Space"}
"""Qt takes them also where no more than one row can be selected."""
MODIFIERS = (
    HELD.NoModifier,
    HELD.ShiftModifier,
    HELD.ControlModifier,
    HELD.ControlModifier | HELD.ShiftModifier,
)


def portable(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.PortableText)


def listed(where: str = "") -> set[str]:
    """Keys of the window and of the views, or of the one of them whose group has ``where`` in its name."""
    window = (keys for row in actions.rows() for keys in row.keys)
    views = (keys for row in view_rows() if where in row.group for keys in row.keys)
    return {portable(QKeySequence(keys)) for keys in (*window, *views)}


def unlisted(used: set[str], where: str) -> set[str]:
    """Where Shift makes no difference it is not in the list."""
    held = listed(where)
    return {keys for keys in used - held if keys.replace("Shift+", "") not in held & used}


def shortcuts_in(owner: QWidget) -> set[str]:
    """All but the underlined letters, which stand on their buttons."""
    found = {portable(keys) for action in owner.findChildren(QAction) for keys in action.shortcuts()}
    for shortcut in owner.findChildren(QShortcut):
        found |= {portable(keys) for keys in QShortcut.keys(shortcut)}
    for button in owner.findChildren(QAbstractButton):
        if button.shortcut() != QKeySequence.mnemonic(button.text()):
            found.add(portable(button.shortcut()))
    return found - {""}


def bulk() -> BulkDialog:
    return BulkDialog(
        [BulkLine(outcome(document(n), "law").finding, "a.pdf", "Law", False) for n in range(5)], ""
    )


def taken(view: QWidget, again: Callable[[], object], signs: bool = True) -> set[str]:
    """Every key that the view, or what holds it, takes; ``again`` puts it back to where it was."""
    found: set[str] = set()
    for held in MODIFIERS:
        shifted = bool(held & HELD.ShiftModifier)
        for key, text in (NAMED | SIGNS if signs and not shifted else NAMED).items():
            again()
            written = "" if held & HELD.ControlModifier else text.upper() if shifted else text
            event = QKeyEvent(QEvent.Type.KeyPress, key, held, written)
            QApplication.sendEvent(view, event)
            if event.isAccepted():
                found.add(portable(QKeySequence(event.keyCombination())))
    return found


def test_every_shortcut_of_the_window_its_places_and_dialogs_is_listed(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(window_settings(tmp_path))
    qtbot.addWidget(window)
    window.furnish()
    views: list[QWidget] = [window]
    makers = (CostsView, FailuresView, ModelsView, PacksView, SearchView, SettingsView)
    for make in (*makers, ReviewDialog, ExportDialog, bulk, lambda: KeysDialog(actions.key_rows())):
        views.append(make())
        qtbot.addWidget(views[-1])
    used = set[str]().union(*(shortcuts_in(view) for view in views))
    assert {"Ctrl+Shift+A", "Ctrl+U", "Ctrl+C"} <= used
    assert used - listed() == set()


def test_every_key_of_the_grid_is_listed(qtbot: QtBot) -> None:
    panel = shown_panel(qtbot)
    filled(panel)

    def again() -> None:
        panel.toolbar.clear()
        panel.view.go(1, 1, quiet=True)
        panel.view.setFocus()

    used = taken(panel.view, again)
    assert {"Shift+Left", "Ctrl+Space", "Shift+Space", "Ctrl+A", "Return"} <= used
    assert unlisted(used, "grid") == set()


def test_every_key_of_the_library_is_listed(qtbot: QtBot) -> None:
    panel = LibraryPanel()
    qtbot.addWidget(panel)
    panel.set_documents([document(number) for number in range(5)])
    panel.show()
    used = taken(panel.list, lambda: panel.list.go(2))
    assert {"Up", "Shift+Up", "Return"} <= used
    assert unlisted(used, "library") == set()


@pytest.fixture
def viewer(qtbot: QtBot) -> Iterator[DocumentView]:
    view = DocumentView()
    qtbot.addWidget(view)
    view.resize(700, 800)
    view.show_document(read(SAMPLE))
    view.show()
    yield view
    view.shut_down()


def test_every_key_of_the_document_is_listed(qtbot: QtBot, viewer: DocumentView) -> None:
    for pane in (viewer.pages, viewer.text):
        used = taken(pane, viewer.search_bar.hide)
        assert {"W", "Ctrl+R", "F3"} <= used
        assert unlisted(used, "document") == set()


def test_every_key_of_the_list_of_a_bulk_decision_is_listed(qtbot: QtBot) -> None:
    dialog = bulk()
    qtbot.addWidget(dialog)
    dialog.show()
    used = taken(dialog.table, lambda: (dialog.show(), dialog.table.selectRow(2)))
    assert "Space" in used
    assert "A" not in used
    assert unlisted(used, "tables") == WITHOUT_EFFECT


def test_the_list_of_keys_is_searched_for_keys_of_views_too(qtbot: QtBot) -> None:
    dialog = KeysDialog(actions.key_rows())
    qtbot.addWidget(dialog)
    dialog.search.setText("shift+arrows")
    assert "Select cells; A then accepts them" in dialog.shown


def test_all_keys_are_seen_without_scrolling_sideways(qtbot: QtBot) -> None:
    dialog = KeysDialog(actions.key_rows())
    qtbot.addWidget(dialog)
    dialog.show()
    (area,) = dialog.findChildren(QScrollArea)
    page = area.widget()
    assert page is not None
    assert page.width() <= area.viewport().width()
    assert dialog.width() <= 1066


def test_no_key_means_two_things_in_one_place() -> None:
    """A view's own key would never be reached where the window has it; those meant to be shared are few."""
    of_window = [portable(QKeySequence(keys)) for row in actions.rows() for keys in row.keys]
    assert len(set(of_window)) == len(of_window)
    of_views = {portable(QKeySequence(keys)) for row in view_rows() for keys in row.keys}
    assert set(of_window) & of_views == {"Ctrl+Return", "Ctrl+Enter"}
