"""Beside what it replaces: what the same work costs elsewhere, as a quiet table under the plot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt

from app.desktop import figures, look
from app.desktop.buttons import ActionButton
from app.desktop.panels import Panel, note
from app.desktop.quiet_table import QuietTable

if TYPE_CHECKING:
    from app.domain.cost import Reference
    from app.wiring import Beside, Bounds, Compared

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_WIDTHS = (48, 18, 19, 9, 20, 11, 16, 24)
_TEXTS = (0, 1, 7)
_SOURCE = 7
_MOST_ROWS = 12


def _tr(text: str) -> str:
    return QCoreApplication.translate("CostsBeside", text)


@dataclass(frozen=True)
class _Column:
    title: str
    tip: str
    text: Callable[[Compared, Beside], str]


def _columns() -> tuple[_Column, ...]:
    money = figures.money
    return (
        _Column("", _tr("What the same work can be bought as"), lambda row, _: name_of(row)),
        _Column(_tr("for one"), _tr("What the price is for"), _unit),
        _Column(_tr("theirs"), _tr("Their price, as read in its source"), _price),
        _Column(_tr("ours"), _tr("Machine and analyst"), _ours_each),
        _Column(
            _tr("theirs, this matter"),
            _tr("For all of it; your analyst's time is added where the price pays for nobody's judgement"),
            _theirs,
        ),
        _Column(
            _tr("ours, so far"),
            _tr("Machine and analyst, all that this matter took"),
            lambda _, held: money(held.total.actual, held.currency),
        ),
        _Column(
            _tr("theirs ÷ ours"), _tr("How many times ours theirs is; below 1 theirs is cheaper"), _times
        ),
        _Column(_tr("source"), _tr("Where their price was read"), lambda row, _: row.reference.source),
    )


def name_of(row: Compared) -> str:
    """Its title; where our analyst's price or time is in it, that is said."""
    reference = row.reference
    if reference.unit == "minute":
        return _tr("{}, at your analyst's hour").format(reference.title)
    return reference.title if reference.judged else _tr("{} + your analyst").format(reference.title)


def _unit(row: Compared, _: Beside) -> str:
    return _tr("accepted finding") if row.reference.unit == "accepted" else _tr("document")


def _price(row: Compared, _: Beside) -> str:
    reference, priced = row.reference, row.priced
    if priced is not None:
        return _amount(priced.each, priced.currency)
    if reference.unit in ("document", "accepted"):
        return _amount(reference, reference.currency)
    return figures.NOTHING


def _ours_each(row: Compared, held: Beside) -> str:
    return figures.NOTHING if row.priced is None else figures.money(row.priced.ours_each, held.currency)


def _amount(bounds: Bounds | Reference, currency: str) -> str:
    return _range(figures.money(bounds.low, currency), figures.money(bounds.high, currency))


def _range(low: str, high: str) -> str:
    return low if low == high else _tr("{low} to {high}").format(low=low, high=high)


def _theirs(row: Compared, _: Beside) -> str:
    if row.priced is None:
        return figures.NOTHING
    return _amount(row.priced.checked or row.priced.whole, row.priced.currency)


def _times(row: Compared, _: Beside) -> str:
    if row.priced is None or row.priced.times is None:
        return figures.NOTHING
    times = row.priced.times
    return f"{_range(_ratio(times.low), _ratio(times.high))}\N{NO-BREAK SPACE}×"


def _ratio(value: float) -> str:
    """Two digits that count; whole from ten up."""
    if value >= 9.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 0.995 else f"{value:.2g}"


class BesideModel(QAbstractTableModel):
    """One reference a row, in the order of the file."""

    def __init__(self) -> None:
        super().__init__()
        self._columns = _columns()
        self._held: Beside | None = None

    def show_beside(self, held: Beside) -> None:
        """In place of what was there."""
        self.beginResetModel()
        self._held = held
        self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """References."""
        return 0 if parent.isValid() or self._held is None else len(self._held.rows)

    def columnCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Name, prices, ratio, source."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, tip and alignment of a cell."""
        if not index.isValid() or self._held is None:
            return None
        row, column = self._held.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if column in _TEXTS else _RIGHT
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[column].text(row, self._held)
        if role == Qt.ItemDataRole.ToolTipRole:
            return told(row, self._held)
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles of the columns, each with what it says."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section in _TEXTS else _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._columns[section].tip
        return self._columns[section].title if role == Qt.ItemDataRole.DisplayRole else None


def told(row: Compared, held: Beside) -> str:
    """A row in sentences: the reckoning behind it, why there is no ratio, the source."""
    parts = [_reckoned(row, held), _withheld(row, held)]
    parts.append(_tr("Source: {}.").format(row.reference.source.rstrip(".")))
    return " ".join(part for part in parts if part)


def _reckoned(row: Compared, held: Beside) -> str:
    reference, priced = row.reference, row.priced
    if priced is None:
        return ""
    said: list[str] = []
    if reference.unit == "minute":
        minutes = _range(f"{reference.low:.3g}", f"{reference.high:.3g}")
        said.append(_tr("{} minutes a document, at the price of your analyst's.").format(minutes))
    if reference.unit == "million-characters":
        each_million = _tr("{price} for a million characters; here {n}, each document read once.")
        price = _amount(reference, reference.currency)
        said.append(each_million.format(price=price, n=figures.count(held.reviewed.characters)))
    if not reference.judged and priced.checked is not None:
        added = _tr("{theirs}, and {analyst} for your analyst.")
        analyst = figures.money(held.total.analyst, held.currency)
        said.append(added.format(theirs=_amount(priced.whole, priced.currency), analyst=analyst))
    return " ".join(said)


def _withheld(row: Compared, held: Beside) -> str:
    """Why a ratio is not there."""
    if row.priced is None:
        return _tr("There is nothing to price yet: accept a finding.")
    if row.priced.times is not None:
        return ""
    if row.priced.checked is None:
        return _tr("It is in {theirs} and yours in {ours}; set one of them to the other.").format(
            theirs=row.priced.currency, ours=held.currency
        )
    return _tr("Compared once every finding is decided: what deciding takes belongs to ours.")


class BesidePanel(Panel):
    """The table, and under it what it is and is not."""

    def __init__(self) -> None:
        super().__init__(self.tr("Beside what it replaces"))
        self.edit = ActionButton(self.tr("Edit fi&gures…"), "pencil")
        look.named(self.edit, self.tr("Edit reference figures"), self.tr("Change what others ask"), "Alt+G")
        self.head.addStretch(1)
        self.head.addWidget(self.edit)
        self.table = QuietTable()
        self._model = BesideModel()
        self.table.show_model(self._model, _WIDTHS, stretched=_SOURCE)
        look.named(self.table, self.tr("Beside what it replaces"))
        self.table.setToolTip("")
        self.line = note()
        self.caveat = note()
        self.rows.addWidget(self.line)
        self.rows.addWidget(self.table)
        self.rows.addWidget(self.caveat)

    def show_beside(self, held: Beside) -> None:
        """Ours in a line, then theirs."""
        self.line.setText(self._ours(held))
        self._model.show_beside(held)
        self.table.fit(_MOST_ROWS)
        self.caveat.setText(self._said(held))

    def _ours(self, held: Beside) -> str:
        money, total = figures.money, held.total
        n = held.reviewed.documents
        documents = figures.counted(n, self.tr("1 document"), self.tr("{} documents"))
        said = self.tr(
            "This matter took {whole} so far: machine {machine}, analyst {analyst}, on {documents}."
        )
        return said.format(
            whole=money(total.actual, held.currency),
            machine=money(total.machine, held.currency),
            analyst=money(total.analyst, held.currency),
            documents=documents,
        )

    def _said(self, held: Beside) -> str:
        said = self.tr(
            "Their figures are as read in the sources named, not measured here, and yours to edit."
        )
        if not held.undecided:
            return said
        waiting = figures.counted(
            held.undecided,
            self.tr("1 finding is not decided yet; what that will take is not in ours."),
            self.tr("{} findings are not decided yet; what that will take is not in ours."),
        )
        return f"{waiting} {said}"
