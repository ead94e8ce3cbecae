"""The six figures above the cost table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.desktop import figures, look
from app.desktop.costs_model import accepted, decided, outcomes, row_title
from app.desktop.panels import Panel, note, plain
from app.domain.kinds import OutcomeState

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from app.wiring import CostRow, CostTable

_NARROWEST = 170


class Card(Panel):
    """A name, a large figure, and a line on what is behind it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.figure = plain(figures.NOTHING)
        self.figure.setFont(look.font(9, bold=True))
        self.line = note()
        self.rows.setSpacing(2)
        self.rows.addWidget(look.muted(QLabel(name)))
        self.rows.addWidget(self.figure)
        self.rows.addWidget(self.line)
        self.rows.addStretch(1)

    def show_figure(self, figure: str, line: str, tip: str = "") -> None:
        """Both are read out as one."""
        self.figure.setText(figure)
        self.line.setText(line)
        self.setToolTip(tip)
        self.setAccessibleName(f"{self._name}: {figure}. {line}")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """The figure grows with the interface's font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self.figure.setFont(look.font(9, bold=True))


class CostCards(QWidget):
    """In one row where there is room, else in as many as it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.per_accepted = Card(self.tr("per accepted finding"))
        self.accepted = Card(self.tr("accepted"))
        self.machine = Card(self.tr("machine"))
        self.analyst = Card(self.tr("analyst"))
        self.rejects = Card(self.tr("spent on rejects"))
        self.quoted = Card(self.tr("quoted → actual"))
        self._cards = (
            self.per_accepted, self.accepted, self.machine, self.analyst, self.rejects, self.quoted,
        )  # fmt: skip
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2 * look.STEP)
        self._across = 0
        self._arrange(len(self._cards))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fewer in a row where they would be too narrow."""
        super().resizeEvent(event)
        room = (event.size().width() + 2 * look.STEP) // (_NARROWEST + 2 * look.STEP)
        self._arrange(6 if room >= 6 else 3 if room >= 3 else 2)

    def show_costs(self, tables: Mapping[str, CostTable]) -> None:
        """From any one table's total; months, where there are some, say what it was before."""
        table = next(iter(tables.values()))
        total, currency = table.total, table.currency
        per = total.per_accepted
        self.per_accepted.show_figure(
            figures.NOTHING if per is None else figures.money(per, currency),
            self.tr("nothing accepted yet") if per is None else self._earlier(tables),
            self.tr("Machine and analyst, rejects and all, divided by the accepted findings"),
        )
        self.accepted.show_figure(figures.count(accepted(total)), self._states(total))
        self.machine.show_figure(figures.money(total.machine, currency), self._machine(total))
        self.analyst.show_figure(figures.money(total.analyst, currency), self._analyst(total))
        self._show_rejects(total, currency)
        self._show_quoted(total, currency)

    def _earlier(self, tables: Mapping[str, CostTable]) -> str:
        months = tables.get("month")
        priced = [row for row in months.rows if row.per_accepted is not None] if months else []
        if months is None or len(priced) < 2 or priced[-2].per_accepted is None:
            return self.tr("machine and analyst together")
        return self.tr("{money} in {month}").format(
            money=figures.money(priced[-2].per_accepted, months.currency),
            month=row_title(months, priced[-2], {}),
        )

    def _states(self, total: CostRow) -> str:
        said = [self.tr("of {}").format(figures.findings(outcomes(total)))]
        for state, words in (
            (OutcomeState.EDITED, self.tr("{} edited")),
            (OutcomeState.REJECTED, self.tr("{} rejected")),
            (OutcomeState.ABSTAINED, self.tr("{} not sure")),
            (OutcomeState.UNDECIDED, self.tr("{} undecided")),
            (OutcomeState.FAILED, self.tr("{} failed")),
        ):
            if total.outcomes[state]:
                said.append(words.format(figures.count(total.outcomes[state])))
        return _joined(*said)

    def _machine(self, total: CostRow) -> str:
        source = {
            "measured": self.tr("measured"),
            "estimated": self.tr("estimated"),
            "mixed": self.tr("partly measured"),
        }.get(total.energy)
        time = figures.duration(total.machine_seconds)
        return time if source is None else _joined(time, f"{figures.energy(total.kwh)} {source}")

    def _analyst(self, total: CostRow) -> str:
        active = self.tr("{} active").format(figures.duration(total.analyst_seconds))
        n = decided(total)
        if not n:
            return active
        return _joined(active, self.tr("{} a finding").format(figures.duration(total.analyst_seconds / n)))

    def _show_rejects(self, total: CostRow, currency: str) -> None:
        lost = total.rejects
        apart = _joined(
            self.tr("{} machine").format(figures.money(lost.machine, currency)),
            self.tr("{} analyst").format(figures.money(lost.analyst, currency)),
        )
        said = self.tr("{} of all").format(_share(lost.actual, total.actual)) if lost.actual else ""
        tip = self.tr("What went into findings that were rejected, that were not sure, or that failed: {}")
        self.rejects.show_figure(
            figures.money(lost.actual, currency),
            _joined(said, apart) if said else self.tr("nothing"),
            tip.format(apart),
        )

    def _show_quoted(self, total: CostRow, currency: str) -> None:
        if not total.quoted:
            self.quoted.show_figure(figures.NOTHING, self.tr("no quote before the runs"))
            return
        self.quoted.show_figure(
            figures.percent(total.machine / total.quoted - 1),
            _joined(
                self.tr("{} quoted").format(figures.money(total.quoted, currency)),
                self.tr("{} machine").format(figures.money(total.machine, currency)),
            ),
            self.tr("What the machine took beside what the quotes said it would take"),
        )

    def _arrange(self, across: int) -> None:
        if across == self._across:
            return
        self._across = across
        for place, card in enumerate(self._cards):
            self._grid.removeWidget(card)
            self._grid.addWidget(card, place // across, place % across)
        for column in range(len(self._cards)):
            self._grid.setColumnStretch(column, 1 if column < across else 0)


def _share(part: float, whole: float) -> str:
    """ "12 %"; "under 1 %" where there is some."""
    if 0 < part < whole / 100:
        return QCoreApplication.translate("CostCards", "under 1 %")
    return f"{round(100 * part / whole)} %"


def _joined(*parts: str) -> str:
    """Lines break between the parts only."""
    return " · ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)
