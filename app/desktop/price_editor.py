"""The rate card as it is edited: every price with its source, checked while it is typed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.desktop import figures, look
from app.desktop.buttons import ActionButton
from app.desktop.panels import Locked, TintedLabel
from app.domain.cost import RateCard

_FIGURE_WIDTH = 12 * look.STEP
_MOST = 1e9


@dataclass(frozen=True)
class PriceName:
    """A price's fields in ``RateCard``, and what it is called."""

    figure: str
    source: str
    title: str
    unit: str


def _tr(text: str) -> str:
    return QCoreApplication.translate("PriceEditor", text)


def price_names() -> tuple[PriceName, ...]:
    """All prices of a rate card."""
    return (
        PriceName("machine_hour", "machine_source", _tr("Machine"), _tr("an hour")),
        PriceName("kwh", "kwh_source", _tr("Energy"), _tr("a kWh")),
        PriceName("analyst_hour", "analyst_source", _tr("Analyst"), _tr("an hour")),
        PriceName("watts", "watts_source", _tr("Power"), _tr("watts")),
    )


def figure_of(text: str) -> float | None:
    """A number as people type it, with a point or a comma; None if it is none."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < _MOST else None


class PriceRow(QWidget):
    """Figure, unit, source; under them what is wrong with them."""

    edited = Signal()

    def __init__(self, name: PriceName) -> None:
        super().__init__()
        self.name = name
        self._shown_figure, self._shown_source = 0.0, ""
        self.figure = QLineEdit()
        self.figure.setFixedWidth(_FIGURE_WIDTH)
        self.figure.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.source = QLineEdit()
        self.source.setMaxLength(300)
        self.source.setPlaceholderText(self.tr("where this price is from"))
        self.lock = Locked()
        self._sign = TintedLabel("circle-alert", "bad")
        self._error = QLabel()
        look.named(self.figure, f"{name.title} {name.unit}")
        look.named(self.source, self.tr("Source: {}").format(name.title))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.STEP)
        grid.setVerticalSpacing(2)
        unit = look.muted(QLabel(name.unit))
        unit.setFixedWidth(7 * look.STEP)
        grid.addWidget(self.figure, 0, 0)
        grid.addWidget(unit, 0, 1)
        beside = QHBoxLayout()
        beside.setSpacing(look.STEP)
        beside.addWidget(self.source, 1)
        beside.addWidget(self.lock)
        grid.addLayout(beside, 0, 2)
        said = QHBoxLayout()
        said.setSpacing(look.STEP // 2)
        said.addWidget(self._sign)
        said.addWidget(self._error, 1)
        grid.addLayout(said, 1, 0, 1, 3)
        grid.setColumnStretch(2, 1)
        for field in (self.figure, self.source):
            field.textEdited.connect(self._edited)
        self._show_error()

    def show_price(self, card: RateCard, locked: bool) -> None:
        """As the card has it."""
        self._shown_figure = float(getattr(card, self.name.figure))
        self._shown_source = str(getattr(card, self.name.source))
        self.figure.setText(f"{self._shown_figure:g}")
        self.source.setText(self._shown_source)
        self.source.setCursorPosition(0)
        self.lock.setVisible(locked)
        for field in (self.figure, self.source):
            field.setReadOnly(locked)
            field.setEnabled(not locked)
        self._show_error()

    @property
    def changed(self) -> bool:
        """Whether it is not what was shown."""
        return (
            figure_of(self.figure.text()) != self._shown_figure
            or self.source.text().strip() != self._shown_source.strip()
        )

    @property
    def error(self) -> str:
        """One sentence; empty if all is well."""
        value = figure_of(self.figure.text())
        if value is None or value != value:
            return self.tr("Write a number, as 0.30.")
        if value < 0:
            return self.tr("A price cannot be negative.")
        if self.name.figure == "watts" and value == 0:
            return self.tr("Power must be more than 0 watts.")
        source = self.source.text().strip()
        if not source:
            return self.tr("Say where this price is from.")
        if value != self._shown_figure and source == self._shown_source.strip():
            return self.tr("That was the source of the earlier price; say where this one is from.")
        return ""

    def written(self) -> dict[str, float | str]:
        """Both fields of the rate card; only without an error."""
        value = figure_of(self.figure.text())
        return {
            self.name.figure: 0.0 if value is None else value,
            self.name.source: self.source.text().strip(),
        }

    def _edited(self) -> None:
        self._show_error()
        self.edited.emit()

    def _show_error(self) -> None:
        error = self.error
        self._sign.setVisible(bool(error))
        self._error.setVisible(bool(error))
        self._error.setText(error)
        self.figure.setAccessibleDescription(error)
        self.source.setAccessibleDescription(error)


class PriceEditor(QWidget):
    """Saved all at once, and only when every price is in order."""

    saved = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._card = RateCard()
        self.locked: Collection[str] = ()
        self.rows = tuple(PriceRow(name) for name in price_names())
        self.currency = QComboBox()
        self.currency.addItems(figures.CURRENCIES)
        look.named(self.currency, self.tr("Currency"))
        self.currency.activated.connect(self._follow)
        self._currency_lock = Locked()
        self.save = ActionButton(self.tr("&Save prices"), "check", primary=True)
        look.named(self.save, self.tr("Save prices"), key="Alt+S")
        self.save.clicked.connect(self._save)
        self.revert = ActionButton(self.tr("&Undo changes"), "undo-2")
        look.named(self.revert, self.tr("Back to the prices in force"), key="Alt+U")
        self.revert.clicked.connect(self._revert)
        self._lay_out()
        self._follow()

    def show_card(self, card: RateCard, locked: Collection[str]) -> None:
        """``locked`` names fields of ``RateCard`` that policy fixes."""
        self._card, self.locked = card, locked
        for row in self.rows:
            row.show_price(card, row.name.figure in locked)
        if self.currency.findText(card.currency) < 0:
            self.currency.addItem(card.currency)
        self.currency.setCurrentText(card.currency)
        self.currency.setEnabled("currency" not in locked)
        self._currency_lock.setVisible("currency" in locked)
        self._follow()

    @property
    def dirty(self) -> bool:
        """Whether something waits to be saved."""
        return any(row.changed for row in self.rows) or self.currency.currentText() != self._card.currency

    def _follow(self) -> None:
        self.save.setEnabled(self.dirty and not any(row.error for row in self.rows))
        self.revert.setEnabled(self.dirty)

    def _revert(self) -> None:
        self.show_card(self._card, self.locked)

    def _save(self) -> None:
        held = self._card.model_dump()
        for row in self.rows:
            held |= row.written()
        held["currency"] = self.currency.currentText()
        self.saved.emit(RateCard.model_validate(held))

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(look.STEP)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * look.STEP)
        grid.setVerticalSpacing(look.STEP)
        grid.setColumnMinimumWidth(0, 12 * look.STEP)
        grid.setColumnStretch(1, 1)
        chosen = QHBoxLayout()
        chosen.setSpacing(look.STEP)
        chosen.addWidget(self.currency)
        chosen.addWidget(self._currency_lock)
        chosen.addStretch(1)
        label = QLabel(self.tr("Currency"))
        label.setBuddy(self.currency)
        grid.addWidget(label, 0, 0)
        grid.addLayout(chosen, 0, 1)
        for place, row in enumerate(self.rows, start=1):
            title = QLabel(row.name.title)
            title.setBuddy(row.figure)
            title.setMinimumHeight(row.figure.sizeHint().height())
            grid.addWidget(title, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(row, place, 1)
            row.edited.connect(self._follow)
            for field in (row.figure, row.source):
                field.returnPressed.connect(self.save.click)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.revert)
        buttons.addWidget(self.save)
        rows.addLayout(grid)
        rows.addLayout(buttons)
