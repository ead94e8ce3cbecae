"""The keys that views take themselves while they have the focus; for the list of keys."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

_ARROWS = ("Left", "Right", "Up", "Down")
_ALONG = ("Up", "Down", "Home", "End", "PgUp", "PgDown")
_MOVES = ("Left", "Right", *_ALONG)
_STANDARD = QKeySequence.StandardKey


@dataclass(frozen=True)
class ViewRow:
    """``keys`` in Qt's portable names; ``summary`` is shown in place of keys too many to be read."""

    group: str
    text: str
    keys: tuple[str, ...]
    summary: str = ""

    @property
    def told(self) -> str:
        """The keys as this system writes them, two spaces between."""
        if self.summary:
            return self.summary
        native = QKeySequence.SequenceFormat.NativeText
        return "  ".join(QKeySequence(key).toString(native) for key in self.keys)


def view_rows() -> tuple[ViewRow, ...]:
    """By view, as one meets them. Keys of the standard ones differ from system to system."""
    return (*_grid(), *_document(), *_library(), *_tables())


def _grid() -> tuple[ViewRow, ...]:
    group = _tr("In the grid")
    select = (*_with("Shift", _MOVES), *_with("Ctrl+Shift", _MOVES))
    return (
        ViewRow(group, _tr("Move from cell to cell"), _MOVES, _tr("Arrows")),
        ViewRow(group, _tr("Select cells; A then accepts them"), select, _tr("Shift+Arrows")),
        ViewRow(group, _tr("Move and keep the selection"), _with("Ctrl", _MOVES), _tr("Ctrl+Arrows")),
        ViewRow(group, _tr("Add the cell or leave it out"), ("Ctrl+Shift+Space",)),
        ViewRow(group, _tr("Select the document's row"), ("Shift+Space",)),
        ViewRow(group, _tr("Select the task's column"), ("Ctrl+Space",)),
        _standard(group, _tr("Select all cells"), _STANDARD.SelectAll),
        _standard(group, _tr("Copy the values"), _STANDARD.Copy),
        ViewRow(group, _tr("Go into the document"), ("Return", "Enter")),
        ViewRow(group, _tr("Undecided only"), ("Ctrl+U",)),
        ViewRow(group, _tr("Clear the filter"), ("Esc",)),
    )


def _document() -> tuple[ViewRow, ...]:
    group = _tr("In the document")
    scroll = (*_ARROWS, "PgUp", "PgDown")
    return (
        ViewRow(group, _tr("Scroll"), (*scroll, *_with("Ctrl", scroll)), _tr("Arrows")),
        ViewRow(group, _tr("First page"), ("Home", "Ctrl+Home")),
        ViewRow(group, _tr("End of the document"), ("End", "Ctrl+End")),
        ViewRow(group, _tr("Larger"), ("+", "=", "Ctrl++", "Ctrl+="), "+"),
        ViewRow(group, _tr("Smaller"), ("-", "Ctrl+-"), "-"),
        ViewRow(group, _tr("Real size"), ("0", "Ctrl+0"), "0"),
        ViewRow(group, _tr("Fit the width"), ("W",)),
        ViewRow(group, _tr("Fit the page"), ("F",)),
        ViewRow(group, _tr("Small pages at the side"), ("T",)),
        ViewRow(group, _tr("Turn the pages"), ("Ctrl+R",)),
        ViewRow(group, _tr("Go to a page"), ("Ctrl+G",)),
        ViewRow(group, _tr("Words nobody can see"), ("I",)),
        ViewRow(group, _tr("Words that were hard to read"), ("D",)),
        ViewRow(group, _tr("Next hit"), ("F3",)),
        ViewRow(group, _tr("Previous hit"), ("Shift+F3",)),
        _standard(group, _tr("Select the page's words"), _STANDARD.SelectAll),
        ViewRow(group, _tr("Select nothing"), ("Esc",)),
        _standard(group, _tr("Copy the selected words"), _STANDARD.Copy),
    )


def _library() -> tuple[ViewRow, ...]:
    group = _tr("In the library")
    select = (*_with("Shift", _ALONG), *_with("Ctrl+Shift", _ALONG))
    add = ("Ctrl+Space", "Ctrl+Shift+Space")
    return (
        ViewRow(group, _tr("Move from document to document"), _ALONG, _tr("Arrows")),
        ViewRow(group, _tr("Select documents"), select, _tr("Shift+Arrows")),
        ViewRow(group, _tr("Move and keep the selection"), _with("Ctrl", _ALONG), _tr("Ctrl+Arrows")),
        ViewRow(group, _tr("Add the document or leave it out"), add, add[0]),
        _standard(group, _tr("Select all documents"), _STANDARD.SelectAll),
        ViewRow(group, _tr("Show the document"), ("Return", "Enter")),
    )


def _tables() -> tuple[ViewRow, ...]:
    group = _tr("In tables and dialogs")
    moves = (*_MOVES, *_with("Ctrl", _MOVES))
    return (
        ViewRow(group, _tr("Move"), moves, _tr("Arrows")),
        ViewRow(group, _tr("Sort by the column"), ("Alt+Up", "Alt+Down")),
        ViewRow(group, _tr("Open or choose the row"), ("Return", "Enter")),
        _standard(group, _tr("Copy the SHA-256, in the models"), _STANDARD.Copy),
        ViewRow(group, _tr("Untick or tick the row"), ("Space",)),
        ViewRow(group, _tr("Leave a dialog or a field"), ("Esc",)),
        ViewRow(group, _tr("Start, in the review's choices"), ("Ctrl+Return", "Ctrl+Enter")),
    )


def _with(modifier: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{modifier}+{key}" for key in keys)


def _standard(group: str, text: str, standard: QKeySequence.StandardKey) -> ViewRow:
    """All keys that this system has for it; the first, which every keyboard has, is shown."""
    bound = QKeySequence.keyBindings(standard)
    formats = QKeySequence.SequenceFormat
    keys = tuple(held.toString(formats.PortableText) for held in bound)
    return ViewRow(group, text, keys, bound[0].toString(formats.NativeText) if bound else "")


def _tr(text: str) -> str:
    return QCoreApplication.translate("actions", text)
