"""From start to a usable window, beside a bare PySide6 window of the same size, in turn.

Usage: QT_QPA_PLATFORM=offscreen python -m bench.desktop.start [--runs N]

Each run is a process of its own, timed from before it is started until its window has painted its first frame
(Pincite's start page can be used from then on), until every other view and key is in place and the event loop
is idle, and until packs and models are known.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

BARE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, app.quit)
app = QApplication([])
window = Window()
window.resize(1600, 1000)
window.show()
app.exec()
"""
PINCITE = """
import gc
gc.disable()  # as app.__main__ does
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.desktop import look
from app.desktop.application import Desktop
from app.desktop.window import window_settings
from app.platform.paths import data_folder
app = QApplication([])
look.dress(app, "light")
desktop = Desktop(window_settings(data_folder()))
def end():
    print(flush=True)
    app.quit()
def painted():
    if sys.argv[1] == "painted":
        end()
        return
    desktop.furnish()
    if sys.argv[1] == "usable":
        QTimer.singleShot(0, end)
    else:
        look_again()
def look_again():
    if desktop.runs.pack and desktop.runs.models:
        end()
    else:
        QTimer.singleShot(2, look_again)
desktop.window.painted.connect(painted)
desktop.window.show()
app.exec()
desktop.close()
"""
WINDOWS = {
    "painted": "Pincite, its start page painted and usable",
    "usable": "Pincite, every view and key in place",
    "known": "Pincite, packs and models known",
}


def seconds(code: str, *words: str) -> float:
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert child.stdout is not None
    child.stdout.readline()  # the bare one ends without a word
    took = time.perf_counter() - began
    child.stdout.close()
    child.wait()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    rows: dict[str, list[float]] = {"bare": [], **{name: [] for name in WINDOWS}}
    with tempfile.TemporaryDirectory() as home:
        os.environ["PINCITE_HOME"] = home
        for _ in range(options.runs + 1):
            rows["bare"].append(seconds(BARE))
            for name in WINDOWS:
                rows[name].append(seconds(PINCITE, name))
    bare = statistics.median(rows["bare"][1:])
    sys.stdout.write("| window | median s | least s | to the bare one |\n| --- | --- | --- | --- |\n")
    for name, title in {"bare": "bare PySide6, painted", **WINDOWS}.items():
        held = rows[name][1:]
        middle = statistics.median(held)
        sys.stdout.write(f"| {title} | {middle:.3f} | {min(held):.3f} | {middle / bare:.2f} |\n")


if __name__ == "__main__":
    main()
