"""What one accepted finding cost, by task, as bars. Imports pyqtgraph: import it only where it is shown."""

# pyqtgraph has no types of its own, so most that it gives is of unknown type
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingSuperCall=false
# pyright: reportUntypedBaseClass=false, reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.desktop import figures, look

if TYPE_CHECKING:
    from app.desktop.costs_model import Bar

BAR_HEIGHT = 27
_THICKNESS = 0.56
_WIDEST_TITLE = 190
_ROOM_FOR_FIGURES = 1.16


class CostsPlot(pg.PlotWidget):
    """One stacked bar a task: machine, analyst, what went into rejects, then the figure. A tip tells more.

    It cannot be zoomed or dragged: it is read at a glance, and the table has the figures.
    """

    _made = False
    """pyqtgraph changes its palette while it is being made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item: Any = self.getPlotItem()
        self._bars: tuple[Bar, ...] = ()
        self._currency = ""
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.hideAxis("bottom")
        self._item.setContentsMargins(0, 0, 0, 0)
        self._item.layout.setContentsMargins(0, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Cost of one accepted finding, by task"))
        self._made = True

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is shown, from the top."""
        return self._bars

    def show_bars(self, bars: Sequence[Bar], currency: str) -> None:
        """The first one at the top."""
        self._bars, self._currency = tuple(bars), currency
        self.setFixedHeight(BAR_HEIGHT * max(1, len(self._bars)))
        self.setAccessibleDescription(". ".join(map(self.told, self._bars)))
        self._draw()

    def told(self, bar: Bar) -> str:
        """A bar in words."""
        money = figures.money
        return self.tr(
            "{title}: {whole}, of it machine {machine}, analyst {analyst}, spent on rejects {rejects}; "
            "{n} accepted"
        ).format(
            title=bar.title,
            whole=money(bar.whole, self._currency),
            machine=money(bar.machine, self._currency),
            analyst=money(bar.analyst, self._currency),
            rejects=money(bar.rejects, self._currency),
            n=figures.count(bar.accepted),
        )

    def bar_at(self, place: QPoint) -> Bar | None:
        """The one whose row a point of the widget lies in."""
        row = place.y() * len(self._bars) // max(1, self.height())
        return self._bars[row] if 0 <= row < len(self._bars) else None

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The tip of the row under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            bar = self.bar_at(event.pos())
            QToolTip.showText(event.globalPos(), self.told(bar) if bar else "", self)
            return True
        return super().viewportEvent(event)

    def wheelEvent(self, ev: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Scrolls the page it stands on."""
        ev.ignore()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw again in the new palette's colours."""
        super().changeEvent(event)
        if self._made and event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self.clear()
        self.setBackground(look.colour("surface"))
        rows = list(range(len(self._bars)))
        self._add(rows, [0.0] * len(rows), [bar.machine for bar in self._bars], "found")
        self._add(rows, [bar.machine for bar in self._bars], [bar.analyst for bar in self._bars], "analyst")
        paid = [bar.machine + bar.analyst for bar in self._bars]
        self._add(rows, paid, [bar.rejects for bar in self._bars], "muted")
        widest = max((bar.whole for bar in self._bars), default=0.0) or 1.0
        for row, bar in enumerate(self._bars):
            label = pg.TextItem(
                figures.money(bar.whole, self._currency), color=look.colour("text"), anchor=(0, 0.5)
            )
            label.setFont(look.font(-0.5))
            label.setPos(bar.whole + widest * 0.006, row)
            self._item.addItem(label, ignoreBounds=True)
        view = self._item.getViewBox()
        view.invertY(True)
        view.setRange(
            xRange=(0, widest * _ROOM_FOR_FIGURES), yRange=(-0.5, len(rows) - 0.5), padding=0
        )  # fmt: skip
        self._draw_titles()

    def _add(self, rows: list[int], starts: list[float], widths: list[float], tint: str) -> None:
        self.addItem(
            pg.BarGraphItem(
                x0=starts, y=rows, width=widths, height=_THICKNESS, brush=look.colour(tint),
                pen=QPen(Qt.PenStyle.NoPen),
            )
        )  # fmt: skip

    def _draw_titles(self) -> None:
        axis = self.getAxis("left")
        font = look.font(-0.5)
        metrics = QFontMetrics(font)
        elided = [
            metrics.elidedText(bar.title, Qt.TextElideMode.ElideRight, _WIDEST_TITLE) for bar in self._bars
        ]
        axis.setPen(QPen(Qt.PenStyle.NoPen))
        axis.setTextPen(look.colour("text"))
        axis.setStyle(tickLength=0, tickAlpha=0, tickTextOffset=8, tickFont=font, autoExpandTextSpace=False)
        axis.setTicks([list(enumerate(elided))])
        axis.setWidth(max((metrics.horizontalAdvance(text) for text in elided), default=0) + 12)
