"""Takes pictures of every view and state of the real window; on a virtual screen if there is no other.

Usage: xvfb-run -a -s "-screen 0 2600x1700x24" python -m bench.desktop.screenshots FOLDER [--scale 1.5]

Makes a matter of the sample contracts and of files that cannot be read, reviews it with a real model, and
writes one PNG a state. The 10,000 rows are copies of real findings.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from PySide6.QtWidgets import QApplication, QWidget

from app.desktop import look
from app.desktop.application import Desktop
from app.desktop.window import window_settings
from app.domain.finding import Outcome
from app.domain.kinds import OutcomeState
from app.domain.listing import items_of
from app.domain.text import Document
from app.wiring.matters import SAMPLES

SIZE = (1600, 1000)
PATIENCE_SECONDS = 900.0


class Photographer:
    """Drives the window and keeps what it looks like."""

    def __init__(self, application: QApplication, folder: Path, desktop: Desktop, suffix: str) -> None:
        self.application = application
        self.folder = folder
        self.desktop = desktop
        self.suffix = suffix

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not true():
            if time.monotonic() > end:
                sys.exit("The window did not come to the state that was waited for.")
            self.application.processEvents()
            time.sleep(0.005)

    def rest(self, seconds: float = 1.5) -> None:
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end)

    def take(self, name: str, widget: QWidget | None = None) -> None:
        self.rest()
        file = self.folder / f"{name}{self.suffix}.png"
        (widget or self.desktop.window).grab().save(str(file))
        sys.stdout.write(f"{file.name}\n")
        sys.stdout.flush()

    def dialog(self, action: str, name: str) -> None:
        window = self.desktop.window
        window.actions_by_name[action].trigger()
        self.until(lambda: QApplication.activeModalWidget() is not None)
        shown = QApplication.activeModalWidget()
        assert shown is not None
        self.take(name, shown)
        shown.close()
        self.rest(0.3)


def bad_files(folder: Path) -> list[Path]:
    """One of each kind that cannot be read."""
    import pymupdf

    library = cast(Any, pymupdf)
    made = [folder / "fax from 2003.pdf", folder / "Exhibit B (locked).pdf", folder / "broken.pdf"]
    for file, options in ((made[0], {}), (made[1], {"encryption": 5, "user_pw": "secret"})):
        document = library.open()
        document.new_page()
        document.save(str(file), **options)
        document.close()
    made[2].write_bytes(b"%PDF-1.7 cut off by a mail gateway")
    made.append(folder / "ledger.xls")
    made[3].write_bytes(b"\xd0\xcf\x11\xe0")
    return made


def photograph(camera: Photographer, scratch: Path, model: str) -> None:
    desktop = camera.desktop
    camera.until(lambda: bool(desktop.runs.pack))
    camera.take("first-run")
    desktop.runs.choose_model(model)
    desktop.matters.open(scratch / "Acme renewal 2026", create=True)
    camera.until(lambda: desktop.matters.folder is not None)
    camera.take("empty-matter")
    desktop.matters.add([*sorted(SAMPLES.glob("*.pdf")), *bad_files(scratch)])
    camera.until(lambda: desktop.bridge.job == "")
    camera.take("not-reviewed-yet")
    desktop.runs.review()
    camera.until(lambda: len(desktop.decisions.outcomes) >= 20 or not desktop.bridge.job)
    camera.take("reviewing")
    camera.until(lambda: desktop.bridge.job == "")
    decide(camera)
    places(camera)
    many(camera)


def decide(camera: Photographer) -> None:
    desktop, window = camera.desktop, camera.desktop.window
    window.grid.setFocus()
    window.grid.go_next(True)
    camera.rest()
    for number in range(9):
        camera.rest(0.4)
        if number == 4:
            desktop.decisions.edit("New York")
        else:
            desktop.decisions.reject() if number == 6 else desktop.decisions.accept()
    found = [key for key, o in desktop.decisions.outcomes.items() if o.state is OutcomeState.UNDECIDED]
    desktop.decisions.go_to(*next((key for key in found if key[1] == "anti-assignment"), found[0]))
    camera.take("review")
    lists = {key: len(items_of(o.finding.value)) for key, o in desktop.decisions.outcomes.items()}
    desktop.decisions.go_to(*max(lists, key=lists.__getitem__))
    window.document.next_citation()
    camera.take("list")
    desktop.decisions.go_to(
        *next(key for key, o in desktop.decisions.outcomes.items() if o.state is OutcomeState.ABSENT)
    )
    camera.take("absent")
    locked = next(d for d in desktop.matters.documents.values() if d.state.value == "locked")
    desktop.decisions.open_document(locked.id)
    camera.take("locked")


def places(camera: Photographer) -> None:
    desktop, window = camera.desktop, camera.desktop.window
    for place in ("view-costs", "view-problems", "view-models", "view-packs"):
        window.go_to(place)
        camera.rest(2.0)
        camera.take(place.removeprefix("view-"))
    desktop.searches.search("governed by the laws")
    camera.rest()
    camera.take("search")
    window.go_to("view-review")
    for action, name in (
        ("choose-review", "choose-review"),
        ("settings", "settings"),
        ("export", "export"),
        ("keys", "keys"),
        ("about", "about"),
    ):
        camera.dialog(action, name)


def many(camera: Photographer) -> None:
    """Ten thousand documents: rows of real findings under other names."""
    desktop, window = camera.desktop, camera.desktop.window
    held = [d for d in desktop.matters.documents.values() if d.state.readable]
    documents: list[Document] = []
    outcomes: list[Outcome] = []
    for number in range(10_000):
        source = held[number % len(held)]
        key = f"{number:016x}"
        documents.append(source.model_copy(update={"id": key, "name": f"{number + 1:05} {source.name}"}))
        for (document, _), outcome in desktop.decisions.outcomes.items():
            if document == source.id:
                finding = outcome.finding.model_copy(
                    update={"document": key, "id": f"{key}{outcome.finding.id}"}
                )
                outcomes.append(outcome.model_copy(update={"finding": finding}))
    window.grid.set_documents(documents)
    window.grid.set_outcomes(outcomes)
    window.library.set_documents(documents)
    camera.take("ten-thousand-rows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="qwen2.5-coder-1.5b")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--scale", default="1")
    options = parser.parse_args()
    os.environ["QT_SCALE_FACTOR"] = options.scale
    options.folder.mkdir(parents=True, exist_ok=True)
    suffix = ("-dark" if options.theme == "dark" else "") + (
        f"-{options.scale}" if options.scale != "1" else ""
    )
    with tempfile.TemporaryDirectory() as scratch:
        application = QApplication(sys.argv[:1])
        look.dress(application, options.theme)
        settings = window_settings(Path(scratch))
        settings.setValue("theme", options.theme)
        desktop = Desktop(settings)
        desktop.window.resize(*SIZE)
        desktop.window.show()
        desktop.furnish()
        photograph(Photographer(application, options.folder, desktop, suffix), Path(scratch), options.model)
        desktop.window.close()
        shutil.rmtree(Path(scratch) / "Acme renewal 2026", ignore_errors=True)


if __name__ == "__main__":
    main()
