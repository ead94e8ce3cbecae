"""Outcome costs: what findings took in money, together and by document, task, pack and month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.desktop import figures, look
from app.desktop.aside import Aside
from app.desktop.buttons import ActionButton, Segment
from app.desktop.costs_beside import BesidePanel
from app.desktop.costs_cards import CostCards
from app.desktop.costs_model import Bar, CostsModel, bars_of, outcomes
from app.desktop.panels import Notice, Panel, heading, note, plain, scrolled
from app.desktop.quiet_table import QuietTable

if TYPE_CHECKING:
    from app.desktop.costs_plot import CostsPlot
    from app.domain.cost import RateCard
    from app.wiring import Beside, CostTable

_MOST_BARS = 15
_NARROW = 112 * look.STEP
_MOST_ROWS = 14
_WIDTHS = (26, 10, 11, 11, 11, 11, 11, 12, 14)


class CostsView(QWidget):
    """Shows tables it is given. Nothing heavy is loaded before the first bar is drawn."""

    rates_edit_requested = Signal()
    references_edit_requested = Signal()
    export_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tables: Mapping[str, CostTable] = {}
        self._titles: Mapping[str, str] = {}
        self._model = CostsModel()
        self._matter = look.muted(QLabel())
        self.export = ActionButton(self.tr("E&xport…"), "download")
        look.named(
            self.export, self.tr("Export the cost table"), self.tr("Save the table shown as CSV"), "Alt+X"
        )
        self.export.clicked.connect(self.export_requested)
        self.cards = CostCards()
        self.bars = BarsPanel()
        self.prices = PricesPanel()
        self.prices.edit.clicked.connect(self.rates_edit_requested)
        self.beside = BesidePanel()
        self.beside.edit.clicked.connect(self.references_edit_requested)
        self.table = QuietTable()
        self._switch = QButtonGroup(self)
        self._middle = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._empty = Notice(
            "coins",
            self.tr("Nothing reviewed yet"),
            self.tr("Review documents, and what each accepted finding cost is shown here."),
        )
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(scrolled(self._page()))
        self.setAccessibleName(self.tr("Outcome costs"))

    @property
    def shown_table(self) -> CostTable | None:
        """The one that is switched to: what an export writes."""
        button = self._switch.checkedButton()
        return self._tables.get(button.property("by")) if button else None

    def show_costs(
        self,
        tables: Mapping[str, CostTable],
        card: RateCard,
        matter: str,
        titles: Mapping[str, str] | None = None,
        beside: Beside | None = None,
    ) -> None:
        """Tables by what they are grouped by; ``titles`` names tasks and packs by their ids.

        ``beside`` is what the same work costs elsewhere; without it that part is not shown.
        """
        self._tables, self._titles = tables, titles or {}
        self._matter.setText(matter)
        self.prices.show_card(card)
        first = next(iter(tables.values()), None)
        if first is None or not (outcomes(first.total) or first.total.actual):
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        self.cards.show_costs(tables)
        self.beside.setVisible(beside is not None)
        if beside is not None:
            self.beside.show_beside(beside)
        if "task" in tables:
            self.bars.show_bars(bars_of(tables["task"], self._titles), first.currency)
        for button in self._switch.buttons():
            button.setVisible(button.property("by") in tables)
        if self.shown_table is None:
            next(b for b in self._switch.buttons() if b.property("by") in tables).setChecked(True)
        self._show_table()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Bars above prices where there is no room for both beside each other."""
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW
        self._middle.setDirection(
            QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        )

    def _page(self) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(*[3 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        head = QHBoxLayout()
        head.addWidget(heading(self.tr("Outcome costs"), 4))
        head.addSpacing(look.STEP // 2)
        head.addWidget(self._matter, 1)
        head.addWidget(self.export)
        self._middle.setSpacing(2 * look.STEP)
        self._middle.addWidget(self.bars, 5)
        self._middle.addWidget(self.prices, 4)
        rows.addLayout(head)
        rows.addWidget(self.cards)
        rows.addLayout(self._middle)
        rows.addWidget(self.beside)
        rows.addWidget(self._table_panel())
        rows.addStretch(1)
        return page

    def _table_panel(self) -> QWidget:
        panel = Panel()
        switch = QHBoxLayout()
        switch.setSpacing(look.STEP // 2)
        for by, text, key in (
            ("document", self.tr("By &document"), "Alt+D"),
            ("task", self.tr("By &task"), "Alt+T"),
            ("pack", self.tr("By &pack"), "Alt+P"),
            ("month", self.tr("By &month"), "Alt+M"),
        ):
            button = Segment(text)
            button.setProperty("by", by)
            look.named(button, text.replace("&", ""), key=key)
            self._switch.addButton(button)
            switch.addWidget(button)
        switch.addStretch(1)
        self._switch.buttonClicked.connect(self._show_table)
        panel.rows.addLayout(switch)
        self.table.show_model(self._model, _WIDTHS, stretched=0)
        self.table.make_sortable()
        look.named(self.table, self.tr("Costs"), self.tr("Costs"), "Alt+Up, Alt+Down")
        self.table.setToolTip("")
        panel.rows.addWidget(self.table)
        return panel

    def _show_table(self) -> None:
        table = self.shown_table
        if table is not None:
            self._model.show_table(table, self._titles)
            self.table.fit(_MOST_ROWS)


class BarsPanel(Panel):
    """The bars and what their colours mean. Loads pyqtgraph in a thread when there is something to draw."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Cost of one accepted finding, by task"))
        self._bars: tuple[Bar, ...] = ()
        self._currency = ""
        self._plot: CostsPlot | None = None
        self._loading: Aside | None = None
        self.rows.addWidget(_Legend())
        self._place = QVBoxLayout()
        self._note = note()
        self.rows.addLayout(self._place)
        self.rows.addWidget(self._note)
        self.rows.addStretch(1)

    @property
    def plot(self) -> CostsPlot | None:
        """None until it was loaded."""
        return self._plot

    def show_bars(self, bars: Sequence[Bar], currency: str) -> None:
        """The costliest, the cheapest of them first; the table has them all."""
        self._bars, self._currency = tuple(bars)[-_MOST_BARS:], currency
        self._note.setText(self._said(len(bars)))
        if self._plot is not None:
            self._draw(self._plot)
        elif self._bars and self._loading is None:
            self._loading = Aside()
            self._loading.done.connect(self._loaded)
            self._loading.failed.connect(self._not_loaded)
            self._loading.start(_load_pyqtgraph)

    def _said(self, n: int) -> str:
        if not n:
            return self.tr("Accept findings, and what one costs by task is shown here.")
        paid = self.tr(
            "What went into rejected, unsure and failed findings is paid for by the accepted ones."
        )
        if n <= _MOST_BARS:
            return paid
        return f"{self.tr('The {n} costliest of {all} tasks.').format(n=_MOST_BARS, all=n)} {paid}"

    def _loaded(self, _: object) -> None:
        from app.desktop.costs_plot import CostsPlot

        self._plot = CostsPlot()
        self._place.addWidget(self._plot)
        self._draw(self._plot)

    def _not_loaded(self) -> None:
        self._note.setText(self.tr("The bars cannot be drawn here; the table has the figures."))

    def _draw(self, plot: CostsPlot) -> None:
        plot.setVisible(bool(self._bars))
        plot.show_bars(self._bars, self._currency)


def _load_pyqtgraph() -> None:
    import pyqtgraph  # noqa: F401  # pyright: ignore[reportUnusedImport]


class _Legend(QWidget):
    """The panel's title, then a square and a word for each colour."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.STEP // 2 + 2)
        row.addWidget(heading(self.tr("Cost of one accepted finding, by task")))
        row.addSpacing(look.STEP // 2)
        for tint, word in (
            ("found", self.tr("machine")),
            ("analyst", self.tr("analyst")),
            ("muted", self.tr("spent on rejects")),
        ):
            row.addWidget(_Square(tint))
            row.addWidget(look.muted(QLabel(word)))
        row.addStretch(1)


class _Square(QWidget):
    def __init__(self, tint: str) -> None:
        super().__init__()
        self._tint = tint
        self.setFixedSize(9, 9)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Filled with the palette's colour."""
        del event
        QPainter(self).fillRect(self.rect(), look.colour(self._tint))


class PricesPanel(Panel):
    """The rate card: every price with the source it was taken from."""

    def __init__(self) -> None:
        super().__init__(self.tr("Prices"))
        self.edit = ActionButton(self.tr("&Edit prices…"), "pencil")
        look.named(self.edit, self.tr("Edit prices"), self.tr("Change the rate card"), "Alt+E")
        self.head.addStretch(1)
        self.head.addWidget(self.edit)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(2 * look.STEP)
        self._grid.setVerticalSpacing(look.STEP)
        self._grid.setColumnStretch(2, 1)
        self._figures: list[QLabel] = []
        self._sources: list[QLabel] = []
        for place, name in enumerate(
            (
                self.tr("machine, an hour"),
                self.tr("energy, a kWh"),
                self.tr("analyst, an hour"),
                self.tr("power"),
            )
        ):
            figure, source = plain(), note()
            self._figures.append(figure)
            self._sources.append(source)
            self._grid.addWidget(QLabel(name), place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(figure, place, 1, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(source, place, 2, Qt.AlignmentFlag.AlignTop)
        self.rows.addLayout(self._grid)
        self.rows.addStretch(1)
        self.rows.addWidget(
            note(self.tr("Prices are yours to set. Power counts only where energy is not measured."))
        )

    def show_card(self, card: RateCard) -> None:
        """Figures and sources."""
        for figure, text in zip(
            self._figures,
            (
                figures.money(card.machine_hour, card.currency),
                figures.money(card.kwh, card.currency),
                figures.money(card.analyst_hour, card.currency),
                f"{card.watts:g} W",
            ),
            strict=True,
        ):
            figure.setText(text)
        sources = (card.machine_source, card.kwh_source, card.analyst_source, card.watts_source)
        for label, source in zip(self._sources, sources, strict=True):
            label.setText(source)
