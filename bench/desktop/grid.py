"""Times the review grid beside a naive one: QStandardItemModel, QSortFilterProxyModel, default delegate.

Usage: python -m bench.desktop.grid [--documents 10000] [--tasks 50] [--seconds 4] [--platform offscreen]

Both show the same outcomes in a window of the same size, scroll through them while a batch of 20 changed
outcomes comes in every 100 ms, then answer the same keystrokes of a filter. A third column has the grid's
own model behind a QSortFilterProxyModel with a precomputed filter and sort, which is what an index of row
numbers was chosen over.

Times are of the processor, so that a busy machine does not count, except how late the event loop is.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import (
    QCoreApplication,
    QElapsedTimer,
    Qt,
    QTimer,
)
from PySide6.QtWidgets import QApplication

from app.desktop import look
from app.desktop.grid_filter import GridRows
from app.domain.finding import Outcome
from bench.desktop.grid_subjects import (
    Figures,
    Subject,
    made_documents,
    made_outcome,
    memory,
    naive_grid,
    our_grid,
    proxied_grid,
)

BATCH = 20
BATCH_MILLISECONDS = 100
BEAT_MILLISECONDS = 2
KEYSTROKES = ("y", "yo", "yor", "york", "york 7", "york", "", "d", "de", "del", "1", "12", "")


def scroll(subject: Subject, changes: list[list[Outcome]], seconds: float) -> None:
    """Scrolls by 90 pixels a frame, by a page every half second, while batches come in."""
    view, figures = subject.view, subject.figures
    bar, across = view.verticalScrollBar(), view.horizontalScrollBar()
    bar.setValue(0)
    waiting = iter(changes)
    turn = 0

    def step() -> None:
        nonlocal turn
        turn += 1
        if turn % 30 == 0:
            view.spent = figures.pages
            bar.setValue(bar.value() + 5 * view.viewport().height())
            view.viewport().repaint()
        else:
            view.spent = figures.frames
            bar.setValue(bar.value() + 90)
            across.setValue(across.value() + (9 if turn % 600 < 300 else -9))

    def change() -> None:
        for batch in islice(waiting, 1):
            began = time.thread_time()
            subject.update(batch)
            figures.updates.append((time.thread_time() - began) * 1e3)

    late, busy = QElapsedTimer(), time.thread_time()

    def heard() -> None:
        nonlocal busy
        figures.beats.append(late.nsecsElapsed() / 1e6 - BEAT_MILLISECONDS)
        figures.busy.append((time.thread_time() - busy) * 1e3)
        late.restart()
        busy = time.thread_time()

    timers: list[QTimer] = []
    for milliseconds, called in ((16, step), (BATCH_MILLISECONDS, change), (BEAT_MILLISECONDS, heard)):
        timer = QTimer(interval=milliseconds, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(called)
        timers.append(timer)
    late.start()
    for timer in timers:
        timer.start()
    loop_for(seconds)
    for timer in timers:
        timer.stop()
    view.spent = None


def loop_for(seconds: float) -> None:
    application = QCoreApplication.instance()
    assert application is not None
    QTimer.singleShot(round(seconds * 1000), application.quit)
    application.exec()


def ask(subject: Subject, columns: int) -> None:
    """Keystrokes and sorts, each until the window shows the answer."""
    view, figures = subject.view, subject.figures
    view.verticalScrollBar().setValue(0)
    for text in KEYSTROKES:
        figures.strokes.append(timed(lambda text=text: subject.ask(text)))
    for column in (0, columns // 2, columns - 1):
        figures.sorts.append(timed(lambda column=column: subject.order(column)))


def timed(work: Callable[[], None]) -> float:
    began = time.thread_time()
    work()
    QCoreApplication.processEvents()
    return (time.thread_time() - began) * 1e3


def high(values: Sequence[float]) -> float:
    """The 99th percentile."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))] if values else float("nan")


def middle(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


ROWS: tuple[tuple[str, Callable[[Figures], float]], ...] = (
    ("fill, ms", lambda f: f.fill),
    ("memory beyond the outcomes, MB", lambda f: f.memory),
    ("paint of a scrolled frame, median ms", lambda f: middle(f.frames)),
    ("paint of a scrolled frame, p99 ms", lambda f: high(f.frames)),
    ("paint of a whole page, median ms", lambda f: middle(f.pages)),
    ("paint of a whole page, p99 ms", lambda f: high(f.pages)),
    ("work between two beats, p99 ms", lambda f: high(f.busy)),
    ("work between two beats, longest ms", lambda f: max(f.busy, default=float("nan"))),
    ("event loop late, p99 ms", lambda f: high(f.beats)),
    ("event loop late, longest ms", lambda f: max(f.beats, default=float("nan"))),
    ("update of 20 cells, median ms", lambda f: middle(f.updates)),
    ("update of 20 cells, p99 ms", lambda f: high(f.updates)),
    ("keystroke to answer shown, median ms", lambda f: middle(f.strokes)),
    ("keystroke to answer shown, longest ms", lambda f: max(f.strokes, default=float("nan"))),
    ("sort by a column, median ms", lambda f: middle(f.sorts)),
)


def report(subjects: Sequence[Subject]) -> None:
    sys.stdout.write(f"{'':40}" + "".join(f"{s.name:>12}" for s in subjects) + f"{'naive : grid':>15}\n")
    for title, figure in ROWS:
        values = [figure(subject.figures) for subject in subjects]
        shown = "".join(f"{v:12.2f}" if v == v and v else f"{'':>12}" for v in values)
        ratio = values[1] / values[0] if values[0] else float("nan")
        sys.stdout.write(f"{title:40}{shown}{ratio:14.2f}×\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--platform", default="offscreen")
    asked = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = asked.platform
    application = QApplication([])
    look.dress(application, "light")
    chance = random.Random(7)
    documents = made_documents(asked.documents)
    tasks = [(f"task-{n:03d}", f"Task {n:03d}") for n in range(asked.tasks)]
    outcomes = [made_outcome(document, task, chance) for document in documents for task, _ in tasks]
    batches = [
        [made_outcome(chance.choice(documents), chance.choice(tasks)[0], chance, turn) for _ in range(BATCH)]
        for turn in range(1, round(asked.seconds * 1000 / BATCH_MILLISECONDS) + 1)
    ]
    gc.collect()
    gc.freeze()
    sys.stdout.write(
        f"{asked.documents:,} documents × {asked.tasks} tasks, {asked.seconds:g} s, PySide {pyside_version}, "
        f"Python {platform.python_version()}, {asked.platform}; outcomes alone {memory():,.0f} MB\n"
    )
    ours = our_grid(documents, tasks, outcomes)
    scroll(ours, batches, asked.seconds)
    ask(ours, asked.tasks)
    ours.view.hide()
    model = ours.view.model()
    assert isinstance(model, GridRows)
    proxied = proxied_grid(model.source)
    ask(proxied, asked.tasks)
    proxied.view.close()
    naive = naive_grid(documents, tasks, outcomes)
    scroll(naive, batches, asked.seconds)
    ask(naive, asked.tasks)
    report((ours, naive, proxied))


if __name__ == "__main__":
    main()
