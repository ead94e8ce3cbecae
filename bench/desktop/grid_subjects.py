"""The grids that are timed: the product's, a naive one, and the product's model behind Qt's proxy."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil
from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QTableView

from app.desktop.grid_cells import cell_state, shown_text, sort_group, sort_key
from app.desktop.grid_filter import GridRows
from app.desktop.grid_look import state_shape
from app.desktop.grid_model import GridModel
from app.desktop.grid_search import GridFilter, RowSearch
from app.desktop.grid_view import GridView
from app.domain.finding import Citation, Finding, Outcome
from app.domain.kinds import DocumentState, FindingStatus
from app.domain.text import Document

SIZE = (1400, 900)
_CITATION = (Citation(page=1, start=0, end=5, quote="words"),)


@dataclass
class Figures:
    """Milliseconds of the window's thread, but ``beats`` by the clock on the wall; memory in MB."""

    fill: float = 0.0
    memory: float = 0.0
    frames: list[float] = field(default_factory=list[float])
    pages: list[float] = field(default_factory=list[float])
    beats: list[float] = field(default_factory=list[float])
    busy: list[float] = field(default_factory=list[float])
    updates: list[float] = field(default_factory=list[float])
    strokes: list[float] = field(default_factory=list[float])
    sorts: list[float] = field(default_factory=list[float])


class TimedGrid(GridView):
    spent: list[float] | None = None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        began = time.thread_time()
        super().paintEvent(event)
        if self.spent is not None:
            self.spent.append((time.thread_time() - began) * 1e3)


class TimedTable(QTableView):
    spent: list[float] | None = None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        began = time.thread_time()
        super().paintEvent(event)
        if self.spent is not None:
            self.spent.append((time.thread_time() - began) * 1e3)


class PrecomputedProxy(QSortFilterProxyModel):
    """What Qt's proxy can do at its best: every answer is looked up, none is worked out."""

    def __init__(self, source: GridModel) -> None:
        super().__init__()
        self.passes = bytearray(b"\1" * source.rowCount())
        self.ranks = list(range(source.rowCount()))
        self.setSourceModel(source)

    def filterAcceptsRow(  # noqa: N802
        self,
        source_row: int,
        source_parent: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        return self.passes[source_row] == 1

    def lessThan(  # noqa: N802
        self,
        source_left: QModelIndex | QPersistentModelIndex,
        source_right: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        return self.ranks[source_left.row()] < self.ranks[source_right.row()]


def made_documents(count: int) -> list[Document]:
    return [
        Document(
            id=f"{n:016x}",
            name=f"Agreement {n:05d}.pdf",
            sha256=f"{n:064x}",
            pages=9,
            state=DocumentState.READY,
        )
        for n in range(count)
    ]


def made_outcome(document: Document, task: str, chance: random.Random, turn: int = 0) -> Outcome:
    """Built without validation: half a million are."""
    status = chance.choices(list(FindingStatus), (60, 30, 8, 2))[0]
    shown = ""
    if status is FindingStatus.FOUND:
        place = chance.choice(("New York", "Delaware", "Ontario", "England and Wales"))
        shown = f"{place} {chance.randrange(100_000)}" if not turn else f"{place} again {turn}"
    finding = Finding.model_construct(
        id=f"{document.id[-8:]}{task[-3:]}",
        document=document.id,
        task=task,
        status=status,
        display=shown,
        confidence=chance.random(),
        citations=_CITATION,
        reason="because",
    )
    return Outcome.model_construct(finding=finding, decision=None)


class Subject:
    """One grid under test: its view, and how to change and ask it."""

    def __init__(
        self,
        name: str,
        view: TimedGrid | TimedTable,
        update: Callable[[Sequence[Outcome]], None],
        ask: Callable[[str], None],
        order: Callable[[int], None],
    ) -> None:
        self.name = name
        self.view = view
        self.update = update
        self.ask = ask
        self.order = order
        self.figures = Figures()


def our_grid(documents: list[Document], tasks: list[tuple[str, str]], outcomes: list[Outcome]) -> Subject:
    before, began = memory(), time.thread_time()
    model = GridModel()
    model.set_tasks(tasks)
    model.set_documents(documents)
    model.set_outcomes(outcomes)
    filled = (time.thread_time() - began) * 1e3
    rows = GridRows(model, model)
    view = TimedGrid(rows)
    model.setParent(view)
    subject = Subject(
        "grid",
        view,
        model.update_outcomes,
        lambda text: rows.set_filter(GridFilter(text)),
        lambda column: view.sort(column, False),
    )
    show(view)
    wait(2.0)  # the index of row texts is built while nothing else goes on
    subject.figures.fill = filled
    subject.figures.memory = memory() - before
    return subject


def naive_grid(documents: list[Document], tasks: list[tuple[str, str]], outcomes: list[Outcome]) -> Subject:
    before, began = memory(), time.thread_time()
    rows = {document.id: row for row, document in enumerate(documents)}
    columns = {task: column for column, (task, _) in enumerate(tasks, start=1)}
    model = QStandardItemModel(len(documents), len(tasks) + 1)
    model.setHorizontalHeaderLabels(["Document", *(title for _, title in tasks)])
    icons = {}

    def put(changed: Sequence[Outcome]) -> None:
        for outcome in changed:
            state = cell_state(outcome)
            row, column = rows[outcome.finding.document], columns[outcome.finding.task]
            if state not in icons:
                icons[state] = state_shape(state, "text", 1.0)
            item = model.itemFromIndex(model.index(row, column))
            item.setText(shown_text(outcome))
            item.setData(icons[state], Qt.ItemDataRole.DecorationRole)

    for row, document in enumerate(documents):
        model.setItem(row, 0, QStandardItem(document.name))
        for column in columns.values():
            model.setItem(row, column, QStandardItem())
    put(outcomes)
    filled = (time.thread_time() - began) * 1e3
    proxy = QSortFilterProxyModel()
    proxy.setFilterKeyColumn(-1)
    proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    proxy.setSourceModel(model)
    view = TimedTable()
    model.setParent(view)
    proxy.setParent(view)
    view.setModel(proxy)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.verticalHeader().setDefaultSectionSize(36)
    subject = Subject("naive", view, put, proxy.setFilterFixedString, lambda column: proxy.sort(column + 1))
    show(view)
    wait(0.5)
    subject.figures.fill = filled
    subject.figures.memory = memory() - before
    return subject


def proxied_grid(model: GridModel) -> Subject:
    """The grid's model behind Qt's proxy; only filtering and sorting are timed."""
    proxy = PrecomputedProxy(model)
    search = RowSearch(model)
    while not search.warm(1.0):
        pass
    view = TimedTable()
    proxy.setParent(view)
    view.setModel(proxy)

    def ask(text: str) -> None:
        passing = search.passing(range(model.rowCount()), GridFilter(text), range(len(model.tasks)), None)
        proxy.passes = bytearray(model.rowCount())
        for row in passing:
            proxy.passes[row] = 1
        proxy.invalidate()

    def order(column: int) -> None:
        keys = [
            (sort_group(model.states[row][column]), *sort_key(model.outcome_at(row, column)))
            for row in range(model.rowCount())
        ]
        for rank, row in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
            proxy.ranks[row] = rank
        proxy.sort(column)

    show(view)
    return Subject("Qt's proxy", view, model.update_outcomes, ask, order)


def memory() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


def show(view: QTableView) -> None:
    view.resize(*SIZE)
    view.show()
    QCoreApplication.processEvents()


def wait(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        QCoreApplication.processEvents()
        time.sleep(0.002)
