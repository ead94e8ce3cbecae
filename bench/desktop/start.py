"""From start to a usable window, beside a bare PySide6 window of the same size, in turn.

Usage: QT_QPA_PLATFORM=offscreen python -m bench.desktop.start [--runs N]

Each run is a process of its own, timed from before it is started until its window has painted and its event
loop is idle; Pincite's also until its packs and models are known.
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
app = QApplication([])
window = QMainWindow()
window.resize(1600, 1000)
window.show()
QTimer.singleShot(0, app.quit)
app.exec()
"""
PINCITE = """
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
desktop.window.show()
desktop.furnish()
if sys.argv[1] == "shown":
    QTimer.singleShot(0, lambda: (print(flush=True), app.quit()))
else:
    def look_again():
        if desktop.runs.pack and desktop.runs.models:
            print(flush=True)
            app.quit()
    timer = QTimer()
    timer.timeout.connect(look_again)
    timer.start(2)
app.exec()
desktop.close()
"""


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
    rows: dict[str, list[float]] = {"bare": [], "shown": [], "usable": []}
    with tempfile.TemporaryDirectory() as home:
        os.environ["PINCITE_HOME"] = home
        for _ in range(options.runs + 1):
            rows["bare"].append(seconds(BARE))
            rows["shown"].append(seconds(PINCITE, "shown"))
            rows["usable"].append(seconds(PINCITE, "usable"))
    bare = statistics.median(rows["bare"][1:])
    sys.stdout.write("| window | median s | least s | to the bare one |\n| --- | --- | --- | --- |\n")
    for name, title in (
        ("bare", "bare PySide6"),
        ("shown", "Pincite, shown"),
        ("usable", "Pincite, packs and models known"),
    ):
        held = rows[name][1:]
        middle = statistics.median(held)
        sys.stdout.write(f"| {title} | {middle:.3f} | {min(held):.3f} | {middle / bare:.2f} |\n")


if __name__ == "__main__":
    main()
