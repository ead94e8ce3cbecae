"""What runs where, and the models: those that are here, and those that may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from app.desktop import figures, look
from app.desktop.buttons import ActionButton
from app.desktop.panels import Panel, TintedLabel, heading, note, plain, scrolled
from app.desktop.quiet_table import QuietTable, on_enter

if TYPE_CHECKING:
    from app.wiring import Fact

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_WIDTHS = (32, 14, 9, 13, 12, 16, 34)
_MOST_ROWS = 12
_SHORT = 12

RUNS = "runs"
"""The fact that says in one sentence what runs where."""


@dataclass(frozen=True)
class ModelRow:
    """A model of the catalog, or an imported one. ``sha256`` is empty where nobody had the file yet.

    Where it is not ``fetchable``, ``why_not`` says so in one sentence.
    """

    id: str
    title: str
    licence: str
    quantisation: str
    bytes: int
    sha256: str
    source: str
    installed: bool
    default: bool = False
    fetchable: bool = True
    why_not: str = ""


class ModelsModel(QAbstractTableModel):
    """One row a model."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[ModelRow, ...] = ()
        self._chosen = ""

    def show_models(self, rows: Sequence[ModelRow], chosen: str) -> None:
        """``chosen`` is the id of the one this matter is reviewed with."""
        self.beginResetModel()
        self._rows, self._chosen = tuple(rows), chosen
        self.endResetModel()

    def row(self, place: int) -> ModelRow | None:
        """None outside."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def place_of(self, model: str) -> int:
        """-1 if it is not there."""
        return next((n for n, row in enumerate(self._rows) if row.id == model), -1)

    def rowCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Models."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Title, state, size, quantisation, licence, digest, source."""
        return 0 if parent.isValid() else len(_WIDTHS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, sign, tip, alignment and font of a cell."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(row)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.sha256 if column == 5 else self._texts(row)[column]
        if role == Qt.ItemDataRole.DecorationRole and column == 1:
            return look.icon("circle-check", "good") if row.installed else look.icon("circle-dashed", "muted")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column == 2 else _LEFT
        if role == Qt.ItemDataRole.FontRole and column == 0:
            return look.font(bold=row.id == self._chosen)
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_WIDTHS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                self.tr("model"), self.tr("state"), self.tr("size"), self.tr("quantisation"),
                self.tr("licence"), "SHA-256", self.tr("source"),
            )[section]  # fmt: skip
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section == 2 else _LEFT
        return None

    def _texts(self, row: ModelRow) -> tuple[str, ...]:
        marks = [
            mark
            for mark, holds in (
                (self.tr("this matter"), row.id == self._chosen),
                (self.tr("default"), row.default),
            )
            if holds
        ]
        digest = f"{row.sha256[:_SHORT]}…" if row.sha256 else figures.NOTHING
        return (
            f"{row.title} · {', '.join(marks)}" if marks else row.title,
            self.tr("installed") if row.installed else self.tr("not here"),
            figures.size(row.bytes), row.quantisation, row.licence, digest, row.source,
        )  # fmt: skip


class ModelsView(QWidget):
    """Shows and asks; who fetches, imports and verifies is somebody else."""

    import_requested = Signal()
    fetch_requested = Signal(str)
    verify_requested = Signal()
    model_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Models and hardware"))
        self._chosen = ""
        self._model = ModelsModel()
        self.table = QuietTable()
        self.sentence = plain()
        self.sentence.setWordWrap(True)
        self.reason = note()
        self._facts = QGridLayout()
        self._problems = QVBoxLayout()
        self.choose = ActionButton(self.tr("&Use for this matter"), "check", primary=True)
        self.fetch = ActionButton(self.tr("&Fetch"), "download")
        self.take = ActionButton(self.tr("&Import a file…"), "file-plus")
        self.verify = ActionButton(self.tr("&Verify"), "refresh-cw")
        self.copy = ActionButton(self.tr("&Copy SHA-256"), "copy")
        self._name_buttons()
        self._connect()
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(*[3 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        rows.addWidget(heading(self.tr("Models and hardware"), 4))
        rows.addWidget(self._machine_panel())
        rows.addWidget(self._models_panel())
        rows.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(page))
        self._selected()

    def show_models(self, models: Sequence[ModelRow], chosen: str) -> None:
        """``chosen`` is the id of the one this matter is reviewed with."""
        held = self.selected
        self._chosen = chosen
        self._model.show_models(models, chosen)
        self.table.fit(_MOST_ROWS)
        place = self._model.place_of(held.id if held else chosen)
        self.table.setCurrentIndex(self._model.index(max(0, place), 0))
        self._selected()

    def show_machine(self, facts: Sequence[Fact], problems: Sequence[Fact]) -> None:
        """What the doctor saw. A fact named ``RUNS`` is the sentence above the others."""
        told = {fact.name: fact.text for fact in facts}
        self.sentence.setText(told.get(RUNS) or self._runs(told))
        _clear(self._facts)
        for place, fact in enumerate(fact for fact in facts if fact.name != RUNS):
            self._facts.addWidget(look.muted(QLabel(fact.name)), place, 0, Qt.AlignmentFlag.AlignTop)
            text = plain(fact.text)
            text.setWordWrap(True)
            self._facts.addWidget(text, place, 1)
        _clear(self._problems)
        for problem in problems:
            self._problems.addWidget(_Problem(problem.name, problem.text))

    @property
    def selected(self) -> ModelRow | None:
        """The row the cursor is in."""
        return self._model.row(self.table.currentIndex().row())

    def _runs(self, told: dict[str, str]) -> str:
        """From the fact on llama.cpp, "version, kind", where nobody gave the whole sentence."""
        version, _, kind = told.get("llama.cpp", "").partition(", ")
        if kind == "GPU":
            return self.tr("llama.cpp {} runs the model on this machine's GPU.").format(version)
        if kind:
            return self.tr(
                "llama.cpp {} runs the model on this machine's processor; "
                "no GPU is used because this build has no back end for one that answers."
            ).format(version)
        return self.tr("No model can run here: llama.cpp is missing.") if version else ""

    def _machine_panel(self) -> QWidget:
        panel = Panel(self.tr("What runs where"))
        self.sentence.setFont(look.font(1))
        self._facts.setHorizontalSpacing(3 * look.STEP)
        self._facts.setVerticalSpacing(look.STEP // 2)
        self._facts.setColumnStretch(1, 1)
        self._problems.setSpacing(look.STEP)
        panel.rows.addWidget(self.sentence)
        panel.rows.addLayout(self._problems)
        panel.rows.addLayout(self._facts)
        return panel

    def _models_panel(self) -> QWidget:
        panel = Panel(self.tr("Models"))
        panel.head.addStretch(1)
        panel.head.addWidget(self.take)
        panel.head.addWidget(self.verify)
        self.table.show_model(self._model, _WIDTHS, stretched=0)
        self.table.setAccessibleName(self.tr("Models"))
        self.table.selectionModel().currentRowChanged.connect(self._selected)
        self.table.fit(_MOST_ROWS)
        below = QHBoxLayout()
        below.setSpacing(look.STEP)
        for button in (self.choose, self.fetch, self.copy):
            below.addWidget(button)
        below.addSpacing(look.STEP)
        below.addWidget(self.reason, 1)
        panel.rows.addWidget(self.table)
        panel.rows.addLayout(below)
        panel.rows.addWidget(
            note(self.tr("Pincite loads a file only if its SHA-256 is the one that stands here."))
        )
        return panel

    def _name_buttons(self) -> None:
        look.named(self.choose, self.tr("Use for this matter"), key="Alt+U")
        look.named(self.fetch, self.tr("Fetch"), self.tr("Fetch the selected model"), "Alt+F")
        look.named(
            self.take, self.tr("Import a file"), self.tr("Take a model from a file or a share"), "Alt+I"
        )
        look.named(self.verify, self.tr("Verify"), self.tr("Hash every installed model again"), "Alt+V")
        look.named(self.copy, self.tr("Copy SHA-256"), self.tr("Copy the whole SHA-256"), "Ctrl+C")

    def _connect(self) -> None:
        self.take.clicked.connect(self.import_requested)
        self.verify.clicked.connect(self.verify_requested)
        self.fetch.clicked.connect(self._fetch)
        self.choose.clicked.connect(self._choose)
        self.copy.clicked.connect(self._copy)
        QShortcut(
            QKeySequence.StandardKey.Copy, self.table, self._copy, context=Qt.ShortcutContext.WidgetShortcut
        )
        on_enter(self.table, self.choose.click)

    def _fetch(self) -> None:
        if (row := self.selected) is not None:
            self.fetch_requested.emit(row.id)

    def _choose(self) -> None:
        if (row := self.selected) is not None:
            self.model_chosen.emit(row.id)

    def _copy(self) -> None:
        if (row := self.selected) is not None and row.sha256:
            QGuiApplication.clipboard().setText(row.sha256)

    def _selected(self) -> None:
        row = self.selected
        self.copy.setEnabled(row is not None and bool(row.sha256))
        self.choose.setEnabled(row is not None and row.installed and row.id != self._chosen)
        self.fetch.setEnabled(row is not None and not row.installed and row.fetchable)
        self.reason.setText(self._why(row) if row else "")

    def _why(self, row: ModelRow) -> str:
        if row.installed:
            return self.tr("This matter is reviewed with it.") if row.id == self._chosen else ""
        if not row.fetchable:
            return row.why_not or self.tr("It cannot be fetched here. Import it from a file.")
        return self.tr("{size}, {licence}. Fetching it is the only thing that uses the network.").format(
            size=figures.size(row.bytes), licence=row.licence
        )


class _Problem(QWidget):
    """What is wrong, and what to do."""

    def __init__(self, name: str, remedy: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.STEP)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        what = heading(name)
        what.setTextFormat(Qt.TextFormat.PlainText)
        what.setWordWrap(True)
        texts.addWidget(what)
        texts.addWidget(note(remedy))
        row.addWidget(TintedLabel("triangle-alert", "warning"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        self.setAccessibleName(f"{name} {remedy}")


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:  # pyright: ignore[reportUnnecessaryComparison]
        if (widget := item.widget()) is not None:  # pyright: ignore[reportUnnecessaryComparison]
            widget.hide()
            widget.deleteLater()
