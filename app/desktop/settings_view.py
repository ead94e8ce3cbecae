"""Settings: what is chosen holds at once; prices are saved together. What policy locks is shown as locked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.desktop import look
from app.desktop.buttons import ActionButton
from app.desktop.outlines import Outlines
from app.desktop.panels import Locked, Panel, note, scrolled
from app.desktop.price_editor import PriceEditor
from app.domain.cost import RateCard

_WIDTH, _HEIGHT = 100 * look.STEP, 80 * look.STEP
_LEAST_IDLE, _MOST_IDLE = 5, 3600
_FIELD_WIDTH = 26 * look.STEP


@dataclass(frozen=True)
class Settings:
    """What a person can set.

    ``theme`` is system, light or dark; ``export_format`` xlsx, docx, pdf, csv or json; after
    ``idle_seconds`` without a sign of life the analyst counts as away.
    """

    theme: str = "system"
    idle_seconds: float = 60.0
    export_format: str = "xlsx"
    card: RateCard = field(default_factory=RateCard)


class SettingsView(QDialog):
    """Shows settings it is given and says when they change; it reads and writes no file."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = Settings()
        self._locks: dict[str, Locked] = {}
        self._warned = False
        self.theme = _choices(
            (("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark")))
        )
        self.idle = QSpinBox()
        self.idle.setRange(_LEAST_IDLE, _MOST_IDLE)
        self.idle.setSuffix(self.tr(" s"))
        self.idle.setKeyboardTracking(False)
        self.export = _choices(
            (
                ("xlsx", self.tr("Workbook (XLSX)")),
                ("docx", self.tr("Memo (DOCX)")),
                ("pdf", self.tr("Annotated PDF")),
                ("csv", self.tr("Table (CSV)")),
                ("json", self.tr("Data (JSON)")),
            )
        )
        self.prices = PriceEditor()
        self.unsaved = note(self.tr("The prices are not saved yet. Esc again closes without them."))
        self.unsaved.hide()
        self._connect()
        self._lay_out()
        Outlines(self)
        self.resize(_WIDTH, _HEIGHT)

    def reject(self) -> None:
        """Esc: closes, but not before it was said that prices wait to be saved."""
        if self.prices.dirty and not self._warned:
            self._warned = True
            self.unsaved.show()
            return
        super().reject()

    def show_settings(self, settings: Settings, locked: Collection[str] = ()) -> None:
        """``locked`` names fields of ``Settings`` or ``RateCard`` that policy fixes; "rates": all prices."""
        self._settings = settings
        for box, value in ((self.theme, settings.theme), (self.export, settings.export_format)):
            box.setCurrentIndex(box.findData(value))
        self.idle.blockSignals(True)  # shown, not set by a person
        self.idle.setValue(round(settings.idle_seconds))
        self.idle.blockSignals(False)
        fields = {"theme": self.theme, "idle_seconds": self.idle, "export_format": self.export}
        for name, widget in fields.items():
            widget.setEnabled(name not in locked)
            self._locks[name].setVisible(name in locked)
        prices = RateCard.model_fields if "rates" in locked else locked
        self.prices.show_card(settings.card, frozenset(prices))

    def focus_prices(self) -> None:
        """Put the cursor into the first price that can be edited."""
        for row in self.prices.rows:
            if row.figure.isEnabled():
                row.figure.setFocus()
                row.figure.selectAll()
                return

    def _connect(self) -> None:
        look.named(self.theme, self.tr("Theme"), key="Alt+T")
        look.named(self.idle, self.tr("Idle limit in seconds"), key="Alt+I")
        look.named(self.export, self.tr("Format of exports"), key="Alt+F")
        self.theme.activated.connect(self._set_choices)
        self.export.activated.connect(self._set_choices)
        self.idle.valueChanged.connect(self._set_choices)
        self.prices.saved.connect(self._set_rates)

    def _set_choices(self) -> None:
        self._set(
            replace(
                self._settings,
                theme=self.theme.currentData(),
                export_format=self.export.currentData(),
                idle_seconds=float(self.idle.value()),
            )
        )

    def _set(self, settings: Settings) -> None:
        before, self._settings = self._settings, settings
        if settings != before:
            self.changed.emit(settings)

    def _lay_out(self) -> None:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(*[2 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        rows.addWidget(self._appearance())
        rows.addWidget(self._work())
        rows.addWidget(self._price_panel())
        rows.addStretch(1)
        close = ActionButton(self.tr("&Close"))
        look.named(close, self.tr("Close"), key="Esc")
        close.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.setContentsMargins(2 * look.STEP, 0, 2 * look.STEP, 2 * look.STEP)
        below.addWidget(self.unsaved, 1)
        below.addStretch(0)
        below.addWidget(close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(page), 1)
        outer.addLayout(below)

    def _set_rates(self, card: RateCard) -> None:
        self._set(replace(self._settings, card=card))
        self.prices.show_card(card, self.prices.locked)
        self._warned = False
        self.unsaved.hide()

    def _appearance(self) -> QWidget:
        panel = Panel(self.tr("Appearance"))
        grid = _grid()
        self._add(grid, 0, self.tr("&Theme"), self.theme, "theme")
        panel.rows.addLayout(grid)
        panel.rows.addWidget(
            note(
                self.tr(
                    "The interface is as large as your system's scale and font make it. "
                    "Start Pincite with QT_SCALE_FACTOR=1.25 to enlarge it alone."
                )
            )
        )
        return panel

    def _work(self) -> QWidget:
        panel = Panel(self.tr("Work"))
        grid = _grid()
        self._add(grid, 0, self.tr("&Idle limit"), self.idle, "idle_seconds")
        grid.addWidget(
            note(self.tr("After so long without a key, click or scroll, your time is not counted.")), 1, 1
        )
        self._add(grid, 2, self.tr("Export &format"), self.export, "export_format")
        panel.rows.addLayout(grid)
        return panel

    def _price_panel(self) -> QWidget:
        panel = Panel(self.tr("Prices"))
        panel.rows.addWidget(
            note(self.tr("Every price names its source. What was spent before keeps the price it had then."))
        )
        panel.rows.addWidget(self.prices)
        return panel

    def _add(self, grid: QGridLayout, place: int, text: str, widget: QWidget, name: str) -> None:
        label = QLabel(text)
        label.setBuddy(widget)
        widget.setFixedWidth(_FIELD_WIDTH)
        lock = self._locks[name] = Locked()
        row = QHBoxLayout()
        row.setSpacing(look.STEP)
        row.addWidget(widget)
        row.addWidget(lock)
        row.addStretch(1)
        grid.addWidget(label, place, 0)
        grid.addLayout(row, place, 1)


def _choices(items: tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    for key, text in items:
        box.addItem(text, key)
    return box


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * look.STEP)
    grid.setVerticalSpacing(look.STEP)
    grid.setColumnMinimumWidth(0, 12 * look.STEP)
    grid.setColumnStretch(1, 1)
    return grid
