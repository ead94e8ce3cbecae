"""Which key of the document means what."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


class Command(Enum):
    """What a key asks for."""

    COPY = auto()
    SELECT_PAGE = auto()
    SELECT_NOTHING = auto()
    SEARCH = auto()
    NEXT_HIT = auto()
    PREVIOUS_HIT = auto()
    FIRST_PAGE = auto()
    END = auto()
    LARGER = auto()
    SMALLER = auto()
    REAL_SIZE = auto()
    FIT_WIDTH = auto()
    FIT_PAGE = auto()
    ROTATE = auto()
    PAGE_FIELD = auto()
    THUMBNAILS = auto()
    UNSEEN = auto()
    UNSURE = auto()


_STANDARD = (
    (QKeySequence.StandardKey.Copy, Command.COPY),
    (QKeySequence.StandardKey.SelectAll, Command.SELECT_PAGE),
    (QKeySequence.StandardKey.Find, Command.SEARCH),
)
_ZOOM: dict[int, Command] = {
    Qt.Key.Key_Plus: Command.LARGER,
    Qt.Key.Key_Equal: Command.LARGER,
    Qt.Key.Key_Minus: Command.SMALLER,
    Qt.Key.Key_0: Command.REAL_SIZE,
}
_PLAIN: dict[int, Command] = _ZOOM | {
    Qt.Key.Key_Home: Command.FIRST_PAGE,
    Qt.Key.Key_End: Command.END,
    Qt.Key.Key_W: Command.FIT_WIDTH,
    Qt.Key.Key_F: Command.FIT_PAGE,
    Qt.Key.Key_T: Command.THUMBNAILS,
    Qt.Key.Key_I: Command.UNSEEN,
    Qt.Key.Key_D: Command.UNSURE,
    Qt.Key.Key_Escape: Command.SELECT_NOTHING,
}
_WITH_CONTROL: dict[int, Command] = _ZOOM | {
    Qt.Key.Key_R: Command.ROTATE,
    Qt.Key.Key_G: Command.PAGE_FIELD,
    Qt.Key.Key_Home: Command.FIRST_PAGE,
    Qt.Key.Key_End: Command.END,
}


def command_of(event: QKeyEvent) -> Command | None:
    """None for a key that means nothing here. Shift is part of how some keyboards write "+".

    F3 finds on, and no standard key is asked for it: on some desktops that would be Ctrl+G, the page's.
    """
    for standard, command in _STANDARD:
        if event.matches(standard):
            return command
    keys = Qt.KeyboardModifier
    modifiers = event.modifiers() & ~(keys.KeypadModifier | keys.ShiftModifier)
    if modifiers == keys.NoModifier and event.key() == Qt.Key.Key_F3:
        back = event.modifiers() & keys.ShiftModifier
        return Command.PREVIOUS_HIT if back else Command.NEXT_HIT
    if modifiers == keys.NoModifier:
        return _PLAIN.get(event.key())
    return _WITH_CONTROL.get(event.key()) if modifiers == keys.ControlModifier else None
