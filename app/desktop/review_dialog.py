"""A review with choices: which tasks, documents and models, and at what cost it must stop."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop import figures, look
from app.desktop.buttons import ActionButton
from app.desktop.outlines import Outlines
from app.desktop.panels import Panel, note, plain
from app.desktop.task_checklist import TaskChecklist

if TYPE_CHECKING:
    from app.domain.cost import Quote
    from app.domain.task import Task
    from app.domain.text import Document

_WIDTH, _HEIGHT = 92 * look.STEP, 76 * look.STEP
_QUOTE_WAITS_MILLISECONDS = 200
_MOST_MONEY = 1_000_000.0


@dataclass(frozen=True)
class ReviewChoice:
    """Ids, all of them named; ``most`` is money at which to stop, None without a limit.

    ``second`` is the model to give a second opinion, empty for none.
    """

    tasks: tuple[str, ...]
    documents: tuple[str, ...]
    model: str
    most: float | None
    second: str = ""


@dataclass(frozen=True)
class SecondChoices:
    """By a model's id the larger ones that are here, with their titles; ``preferred`` is the one set."""

    larger: Mapping[str, Sequence[tuple[str, str]]] = field(
        default_factory=dict[str, Sequence[tuple[str, str]]]
    )
    preferred: str = ""


class ReviewDialog(QDialog):
    """Asks for a quote whenever a choice changes, and starts only what was quoted."""

    quote_wanted = Signal(object)
    start_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Review, with choices"))
        self.resize(_WIDTH, _HEIGHT)
        self._ready: tuple[str, ...] = ()
        self._selected: tuple[str, ...] = ()
        self._quote: Quote | None = None
        self._currency = "USD"
        self.tasks = TaskChecklist()
        self.all_documents = QRadioButton()
        self.selected_documents = QRadioButton()
        self.model = QComboBox()
        self.second = QComboBox()
        self._second_label = QLabel(self.tr("Sec&ond opinion"))
        self._seconds = SecondChoices()
        self.limited = QCheckBox(self.tr("&Stop at"))
        self.limit = QDoubleSpinBox()
        self.quote = plain("…")
        self.quote.setWordWrap(True)
        self.quote_line = note()
        self.start = ActionButton(self.tr("Start &review"), "play", primary=True)
        self.cancel = ActionButton(self.tr("Cancel"))
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_QUOTE_WAITS_MILLISECONDS)
        self._soon.timeout.connect(self._want_quote)
        self._name()
        self._lay_out()
        self._connect()
        Outlines(self)
        self._follow_start()

    def set_choices(
        self,
        tasks: Sequence[Task],
        documents: Sequence[Document],
        models: Sequence[tuple[str, str]],
        model: str,
        selected: Collection[str] = (),
        currency: str = "USD",
        seconds: SecondChoices | None = None,
    ) -> None:
        """Models are ids with their titles; ``selected`` names documents that are selected elsewhere."""
        self._seconds = seconds or SecondChoices()
        self._ready = tuple(document.id for document in documents if document.state.readable)
        self._selected = tuple(key for key in self._ready if key in selected)
        self._currency = currency
        self.tasks.show_tasks(tasks)
        n, chosen = len(self._ready), len(self._selected)
        self.all_documents.setText(
            figures.counted(n, self.tr("&All: 1 ready document"), self.tr("&All: {} ready documents"))
        )
        self.selected_documents.setText(
            figures.counted(chosen, self.tr("Selecte&d: 1 document"), self.tr("Selecte&d: {} documents"))
        )
        self.all_documents.setChecked(True)
        self.selected_documents.setEnabled(bool(self._selected))
        self.model.clear()
        for key, title in models:
            self.model.addItem(title, key)
        self.model.setCurrentIndex(max(0, self.model.findData(model)))
        self._offer_seconds()
        self.limit.setPrefix(figures.sign(currency))
        self._changed()

    @property
    def choice(self) -> ReviewChoice:
        """As it stands."""
        return ReviewChoice(
            tasks=self.tasks.chosen,
            documents=self._ready if self.all_documents.isChecked() else self._selected,
            model=str(self.model.currentData() or ""),
            most=self.limit.value() if self.limited.isChecked() else None,
            second=str(self.second.currentData() or ""),
        )

    def show_quote(self, quote: Quote | None, choice: ReviewChoice | None = None) -> None:
        """None while there is none. With the choice it was for, one that is out of date is left out."""
        if choice is not None and choice != self.choice:
            return
        if self._soon.isActive():  # it answers a choice that has changed since
            quote = None
        self._quote = quote
        self.quote.setText(self._told(quote))
        self._show_line()
        self._follow_start()

    def show_trouble(self, message: str, hint: str) -> None:
        """Why there is no quote, and what to do."""
        self.show_quote(None)
        self.quote.setText(message)
        self.quote_line.setText(hint)

    def _told(self, quote: Quote | None) -> str:
        if quote is None:
            return "…"
        if quote.nothing_to_do:
            return self.tr("Nothing is left to do: every finding of this choice is there.")
        parts = (
            figures.findings(quote.findings),
            figures.interval(quote.cost, quote.currency),
            figures.about(quote.seconds),
            self.tr("{} estimated").format(figures.energy(quote.kwh.expected)),
        )
        again = quote.second_opinion
        if again is None:
            return " · ".join(parts)
        asked = self.tr("about {} asked again").format(f"{again.findings.expected:,.0f}")
        return " · ".join((parts[0], asked, *parts[1:]))

    def _show_line(self) -> None:
        quote, most = self._quote, self.choice.most
        if quote is not None and not quote.nothing_to_do and most is not None and most < quote.cost.high:
            self.quote_line.setText(
                self.tr("It may stop at {} before it is done; what is finished is kept.").format(
                    figures.money(most, quote.currency)
                )
            )
        else:
            self.quote_line.setText(self.tr("Machine and energy; bounds hold four times out of five."))

    def _offer_seconds(self) -> None:
        """Models larger than the one chosen; without any the row is away."""
        larger = self._seconds.larger.get(str(self.model.currentData() or ""), ())
        chosen = str(self.second.currentData() or self._seconds.preferred)
        with QSignalBlocker(self.second):
            self.second.clear()
            self.second.addItem(self.tr("None"), "")
            for key, title in larger:
                self.second.addItem(self.tr("{}, of what is not sure").format(title), key)
            self.second.setCurrentIndex(max(0, self.second.findData(chosen)))
        for widget in (self.second, self._second_label):
            widget.setVisible(bool(larger))

    def _model_changed(self) -> None:
        self._offer_seconds()
        self._changed()

    def _changed(self) -> None:
        """Another choice, so another quote, once the clicking has stopped for a moment."""
        self._soon.start()
        self.show_quote(None)
        if not self.choice.tasks:
            self._soon.stop()
            self.quote.setText(self.tr("Choose at least one task."))
        elif not self.choice.documents:
            self._soon.stop()
            self.quote.setText(self.tr("No document is ready. Add documents first."))

    def _limit_changed(self) -> None:
        self.limit.setEnabled(self.limited.isChecked())
        self._show_line()

    def _want_quote(self) -> None:
        self.quote_wanted.emit(self.choice)

    def _follow_start(self) -> None:
        self.start.setEnabled(self._quote is not None and not self._quote.nothing_to_do)

    def _start(self) -> None:
        if self.start.isEnabled():
            self.start_requested.emit(self.choice)
            self.accept()

    def _name(self) -> None:
        look.named(self.start, self.tr("Start review"), key="Ctrl+Enter")
        look.named(self.cancel, self.tr("Cancel"), key="Esc")
        look.named(self.model, self.tr("Model"), key="Alt+M")
        look.named(
            self.second,
            self.tr("Second opinion"),
            self.tr("A larger model that is asked what the first one was not sure of"),
            "Alt+O",
        )
        look.named(self.limited, self.tr("Stop at a cost"), key="Alt+S")
        look.named(self.limit, self.tr("Cost at which to stop"))
        look.named(
            self.all_documents, self.tr("All ready documents"), self.tr("All that could be read"), "Alt+A"
        )
        look.named(self.selected_documents, self.tr("Selected documents"), key="Alt+D")
        self.quote.setAccessibleName(self.tr("Quote"))
        self.limit.setRange(0.01, _MOST_MONEY)
        self.limit.setDecimals(2)
        self.limit.setValue(1.0)
        self.limit.setEnabled(False)

    def _connect(self) -> None:
        self.tasks.changed.connect(self._changed)
        self.all_documents.toggled.connect(self._changed)
        self.model.currentIndexChanged.connect(self._model_changed)
        self.second.currentIndexChanged.connect(self._changed)
        self.limited.toggled.connect(self._limit_changed)
        self.limit.valueChanged.connect(self._limit_changed)
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.reject)
        self.start.setDefault(True)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self._start)

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(*[2 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        rows.addWidget(self.tasks, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * look.STEP)
        grid.setVerticalSpacing(look.STEP)
        grid.setColumnStretch(1, 1)
        label = QLabel(self.tr("&Model"))
        label.setBuddy(self.model)
        self._second_label.setBuddy(self.second)
        for place, (name, widgets) in enumerate(
            (
                (QLabel(self.tr("Documents")), (self.all_documents, self.selected_documents)),
                (label, (self.model,)),
                (self._second_label, (self.second,)),
                (QLabel(self.tr("Limit")), (self.limited, self.limit)),
            )
        ):
            row = QHBoxLayout()
            row.setSpacing(look.STEP)
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
            grid.addWidget(name, place, 0)
            grid.addLayout(row, place, 1)
        rows.addLayout(grid)
        told = Panel()
        self.quote.setFont(look.font(1, bold=True))
        told.rows.setSpacing(2)
        told.rows.addWidget(self.quote)
        told.rows.addWidget(self.quote_line)
        rows.addWidget(told)
        below = QHBoxLayout()
        below.setSpacing(look.STEP)
        below.addStretch(1)
        below.addWidget(self.cancel)
        below.addWidget(self.start)
        rows.addLayout(below)
