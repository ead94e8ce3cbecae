"""Outlines of controls that can be seen in the dark: Fusion draws them in a darker tone of the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QRadioButton,
    QTreeView,
    QWidget,
)

from app.desktop import look

_KINDS = (QLineEdit, QComboBox, QAbstractSpinBox, QRadioButton, QCheckBox, QTreeView)


class Outlines(QObject):
    """Gives the controls inside ``owner`` a window's tone of their own, and again when the palette changes.

    Selected rows of trees become as quiet as those of tables.
    """

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        owner.installEventFilter(self)
        self._dress()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Looks on only."""
        if event.type() == QEvent.Type.PaletteChange and watched is self.parent():
            self._dress()
        return False

    def _dress(self) -> None:
        held = QPalette()
        if look.is_dark():
            held.setColor(QPalette.ColorRole.Window, look.colour("muted"))
        trees = QPalette(held)
        trees.setColor(QPalette.ColorRole.Highlight, look.colour("selected"))
        trees.setColor(QPalette.ColorRole.HighlightedText, look.colour("text"))
        owner = self.parent()
        for child in owner.findChildren(QWidget) if owner else ():
            if isinstance(child, _KINDS):
                child.setPalette(trees if isinstance(child, QTreeView) else held)
