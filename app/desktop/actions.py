"""Every action of the window with its key, in one table that the menus and the list of keys are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Row:
    """``typed`` actions are single letters: off while somebody writes."""

    name: str
    group: str
    text: str
    keys: tuple[str, ...]
    typed: bool = False


def _tr(text: str) -> str:
    return QCoreApplication.translate("actions", text)


def rows() -> tuple[Row, ...]:
    """In the order of the menus."""
    matter, look_at, decide = _tr("Matter"), _tr("Look"), _tr("Decide")
    view, help_ = _tr("View"), _tr("Help")
    return (
        Row("new", matter, _tr("New matter…"), ("Ctrl+N",)),
        Row("open", matter, _tr("Open matter…"), ("Ctrl+Shift+O",)),
        Row("samples", matter, _tr("Open the sample contracts"), ()),
        Row("add", matter, _tr("Add files…"), ("Ctrl+O",)),
        Row("add-folder", matter, _tr("Add a folder…"), ()),
        Row("review", matter, _tr("Review"), ("Ctrl+Return", "Ctrl+Enter")),
        Row("choose-review", matter, _tr("Review, with choices…"), ("Ctrl+Shift+Return",)),
        Row("pause", matter, _tr("Pause"), ("Ctrl+.",)),
        Row("ask", matter, _tr("Ask a question…"), ("Ctrl+K",)),
        Row("export", matter, _tr("Export…"), ("Ctrl+E",)),
        Row("quit", matter, _tr("Quit"), ("Ctrl+Q",)),
        Row("next", look_at, _tr("Next finding"), ("J",), typed=True),
        Row("previous", look_at, _tr("Previous finding"), ("K",), typed=True),
        Row("left", look_at, _tr("One cell left"), ("H",), typed=True),
        Row("right", look_at, _tr("One cell right"), ("L",), typed=True),
        Row("next-citation", look_at, _tr("Next citation"), ("N",), typed=True),
        Row("previous-citation", look_at, _tr("Previous citation"), ("P",), typed=True),
        Row("filter", look_at, _tr("Filter the grid"), ("/",), typed=True),
        Row("find", look_at, _tr("Search in the document"), ("Ctrl+F",)),
        Row("search", look_at, _tr("Search in all documents"), ("Ctrl+Shift+F",)),
        Row("accept", decide, _tr("Accept"), ("A",), typed=True),
        Row("edit", decide, _tr("Edit"), ("E",), typed=True),
        Row("reject", decide, _tr("Reject"), ("R",), typed=True),
        Row("undo", decide, _tr("Undo the decision"), ("U", "Ctrl+Z"), typed=True),
        Row("note", decide, _tr("Write a note"), ("M",), typed=True),
        Row("accept-row", decide, _tr("Accept all of this document…"), ("Shift+A",), typed=True),
        Row("accept-column", decide, _tr("Accept all of this column…"), ("Ctrl+Shift+A",), typed=True),
        Row("carry", decide, _tr("Carry decisions to copies…"), ("Shift+C",), typed=True),
        Row("view-review", view, _tr("Review"), ("Ctrl+1",)),
        Row("view-costs", view, _tr("Outcome costs"), ("Ctrl+2",)),
        Row("view-problems", view, _tr("Problems"), ("Ctrl+3",)),
        Row("view-models", view, _tr("Models and hardware"), ("Ctrl+4",)),
        Row("view-packs", view, _tr("Packs"), ("Ctrl+5",)),
        Row("settings", view, _tr("Settings…"), ("Ctrl+,",)),
        Row("keys", help_, _tr("List of keys"), ("?",), typed=True),
        Row("about", help_, _tr("About Pincite"), ()),
    )


def make(parent: QWidget) -> dict[str, QAction]:
    """By name; each is added to ``parent``, so its key works whatever part of the window has the focus."""
    made: dict[str, QAction] = {}
    for row in rows():
        action = QAction(row.text, parent)
        action.setShortcuts([QKeySequence(keys) for keys in row.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        keys = f" ({row.keys[0]})" if row.keys else ""
        action.setToolTip(f"{row.text.rstrip('…')}{keys}")
        parent.addAction(action)
        made[row.name] = action
    return made


def typed_names() -> frozenset[str]:
    """Actions that have a letter for a key."""
    return frozenset(row.name for row in rows() if row.typed)


def key_rows() -> tuple[tuple[str, str, str], ...]:
    """Group, action, keys; for the list of keys: those of the window, then those of its views."""
    from app.desktop.view_keys import view_rows

    of_window = tuple(
        (row.group, row.text.rstrip("…"), "  ".join(shown(key) for key in row.keys))
        for row in rows()
        if row.keys
    )
    return (*of_window, *((row.group, row.text, row.told) for row in view_rows()))


def shown(keys: str) -> str:
    """As this system writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
