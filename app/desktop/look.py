"""How Pincite looks: one palette in light and dark through Fusion, one accent, one set of icons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QLabel, QWidget

STEP = 8
"""Pixels; margins, gaps and heights are multiples of it or of its half."""

_ICONS = Path(__file__).with_name("icons")


@dataclass(frozen=True)
class Colours:
    """Contrast of every text on its ground is at least 4.5:1 (WCAG AA); ``tests/desktop`` measures it."""

    window: str
    surface: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selected: str
    good: str
    warning: str
    bad: str
    good_ground: str
    warning_ground: str
    bad_ground: str
    cited: str
    cited_other: str
    canvas: str
    found: str
    analyst: str


LIGHT = Colours(
    window="#f7f9fc", surface="#ffffff", raised="#ffffff", border="#e1e6ee", text="#1a202c", muted="#5b6778",
    accent="#1f5fd0", on_accent="#ffffff", selected="#e3ecfb", good="#137a4c", warning="#9a5206",
    bad="#b3261e", good_ground="#e3f5ec", warning_ground="#fdf0dc", bad_ground="#fbe5e3", cited="#ffcf40",
    cited_other="#ffe9a0", canvas="#e8eaef", found="#1f5fd0", analyst="#c99a3f",
)  # fmt: skip
DARK = Colours(
    window="#16181d", surface="#1b1e24", raised="#20242c", border="#30353f", text="#e8eaed", muted="#a3acba",
    accent="#3a6fd8", on_accent="#ffffff", selected="#26344f", good="#58c48f", warning="#e7a54c",
    bad="#f0857d", good_ground="#17352a", warning_ground="#3a2c15", bad_ground="#3d2120", cited="#ffcf40",
    cited_other="#ffe9a0", canvas="#101216", found="#7ba4f5", analyst="#d1a654",
)  # fmt: skip


def is_dark() -> bool:
    """Whether the palette in force is the dark one."""
    return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def colours() -> Colours:
    """Those in force."""
    return DARK if is_dark() else LIGHT


def colour(name: str) -> QColor:
    """By the name of a field of ``Colours``, as in force."""
    return QColor(getattr(colours(), name))


def palette(held: Colours) -> QPalette:
    """The whole of Qt's palette from ours, the disabled group too."""
    made = QPalette()
    roles = QPalette.ColorRole
    for role, name in (
        (roles.Window, held.window), (roles.WindowText, held.text), (roles.Base, held.surface),
        (roles.AlternateBase, held.window), (roles.Text, held.text), (roles.Button, held.raised),
        (roles.ButtonText, held.text), (roles.BrightText, held.bad), (roles.Highlight, held.accent),
        (roles.HighlightedText, held.on_accent), (roles.ToolTipBase, held.raised),
        (roles.ToolTipText, held.text), (roles.PlaceholderText, held.muted), (roles.Link, held.accent),
        (roles.Mid, held.border), (roles.Dark, held.border), (roles.Light, held.raised),
        (roles.Midlight, held.border), (roles.Shadow, held.border), (roles.Accent, held.accent),
    ):  # fmt: skip
        made.setColor(role, QColor(name))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(held.muted))
    made.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, QColor(held.border))
    return made


def dress(application: QApplication, theme: str = "system") -> None:
    """Fusion in ``theme``: "light", "dark" or "system"; called again whenever that changes."""
    application.setStyle("Fusion")
    scheme = application.styleHints().colorScheme()
    dark = theme == "dark" or (theme == "system" and scheme is Qt.ColorScheme.Dark)
    application.setPalette(palette(DARK if dark else LIGHT))
    _drawn.cache_clear()


def icon(name: str, tint: str = "text") -> QIcon:
    """An SVG of the set in the colour named (a field of ``Colours``), sharp at every scale."""
    return _drawn(name, getattr(colours(), tint))


@lru_cache(maxsize=256)
def _drawn(name: str, tint: str) -> QIcon:
    source = (_ICONS / f"{name}.svg").read_bytes().replace(b"currentColor", tint.encode())
    renderer = QSvgRenderer(QByteArray(source))
    made = QIcon()
    for edge in (16, 20, 24, 32, 48):
        pixmap = QPixmap(QSize(edge, edge))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        made.addPixmap(pixmap)
    return made


def font(points: float = 0.0, bold: bool = False) -> QFont:
    """The system's font, ``points`` larger (or smaller)."""
    made = QFont(QGuiApplication.font())
    made.setPointSizeF(max(6.0, made.pointSizeF() + points))
    made.setBold(bold)
    return made


def muted(label: QLabel) -> QLabel:
    """Text of second rank; follows a change of palette."""
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def named(widget: QWidget, name: str, tip: str = "", key: str = "") -> None:
    """What a screen reader says, and a tooltip with the key that does the same."""
    widget.setAccessibleName(name)
    widget.setToolTip(f"{tip or name} ({key})" if key else tip or name)
