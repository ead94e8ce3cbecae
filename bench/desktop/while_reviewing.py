"""How long the event loop stalls while a review runs on all cores and a 10,000 × 50 grid is scrolled.

Usage: QT_QPA_PLATFORM=offscreen python -m bench.desktop.while_reviewing [--model ID] [--documents 500]

Also prints the memory of the window's process with that many documents in the matter.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.desktop import look
from app.desktop.application import Desktop
from app.desktop.window import window_settings
from app.domain.finding import Finding, Outcome
from app.domain.kinds import DocumentState, FindingStatus
from app.domain.text import Document
from app.wiring.matters import SAMPLES

ROWS, COLUMNS = 10_000, 50
BEAT_MILLISECONDS = 5


def grid_of(desktop: Desktop) -> None:
    """Absent cells everywhere: what counts is how many there are."""
    documents = [
        Document(
            id=f"{row:016x}", name=f"{row:05}.pdf", sha256=f"{row:064x}", pages=9, state=DocumentState.READY
        )
        for row in range(ROWS)
    ]
    tasks = [(f"t{column}", f"Task {column}") for column in range(COLUMNS)]
    outcomes = [
        Outcome(
            finding=Finding(
                id=f"{document.id}{task}", document=document.id, task=task, status=FindingStatus.ABSENT
            )
        )
        for document in documents
        for task, _ in tasks
    ]
    desktop.window.grid.set_documents(documents)
    desktop.window.grid.set_tasks(tasks)
    desktop.window.grid.set_outcomes(outcomes)


def copies(folder: Path, count: int) -> list[Path]:
    """Small text documents, each of its own words."""
    made: list[Path] = []
    for number in range(count):
        file = folder / f"agreement {number:03}.txt"
        file.write_text(
            f"Agreement {number} of May {number % 28 + 1}, 2020 between Acme {number}, Inc. and Bolt LLC.\n\n"
            "This Agreement is governed by the laws of Delaware. Either party may assign it with consent.\n",
            encoding="utf-8",
        )
        made.append(file)
    return made


def until(application: QApplication, true: object) -> None:
    while not true():  # type: ignore[operator]
        application.processEvents()
        time.sleep(0.001)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="qwen2.5-coder-1.5b")
    parser.add_argument("--documents", type=int, default=500)
    options = parser.parse_args()
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as scratch:
        application = QApplication([])
        look.dress(application, "light")
        desktop = Desktop(window_settings(Path(scratch)))
        desktop.window.resize(1600, 1000)
        desktop.window.show()
        desktop.furnish()
        until(application, lambda: bool(desktop.runs.pack))
        desktop.runs.choose_model(options.model)
        desktop.matters.open(Path(scratch) / "many", create=True)
        until(application, lambda: desktop.matters.folder is not None)
        desktop.matters.add(copies(Path(scratch), options.documents))
        until(application, lambda: desktop.bridge.job == "")
        sys.stdout.write(
            f"{len(desktop.matters.documents)} documents in the matter: "
            f"{process.memory_info().rss / 2**20:.0f} MB in the window's process\n"
        )
        desktop.matters.open(Path(scratch) / "samples", create=True)
        until(application, lambda: desktop.matters.folder == Path(scratch) / "samples")
        desktop.matters.add(sorted(SAMPLES.glob("*.pdf")))
        until(application, lambda: desktop.bridge.job == "")
        grid_of(desktop)
        desktop.runs.show_columns = lambda: None  # type: ignore[method-assign]
        beats: list[float] = []
        last = time.perf_counter()

        def beat() -> None:
            nonlocal last
            now = time.perf_counter()
            beats.append(now - last - BEAT_MILLISECONDS / 1000)
            last = now
            bar = desktop.window.grid.view.verticalScrollBar()
            bar.setValue((bar.value() + 7) % max(bar.maximum(), 1))

        timer = QTimer()
        timer.setInterval(BEAT_MILLISECONDS)
        timer.timeout.connect(beat)
        timer.start()
        desktop.runs.review()
        began = last = time.perf_counter()
        beats.clear()
        while desktop.bridge.job:
            application.processEvents()
            time.sleep(0.0005)
        timer.stop()
        late = sorted(max(0.0, beat) * 1000 for beat in beats)
        half, most = late[len(late) // 2], late[int(len(late) * 0.99)]
        sys.stdout.write(
            f"reviewing {len(desktop.decisions.outcomes)} findings took {time.perf_counter() - began:.0f} s; "
            f"event loop late: median {half:.1f} ms, p99 {most:.1f} ms, longest {late[-1]:.0f} ms, "
            f"of {len(late)} beats\n"
        )
        desktop.window.close()


if __name__ == "__main__":
    main()
