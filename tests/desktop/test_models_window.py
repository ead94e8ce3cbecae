"""The models' place in the real window: what it says follows the model that is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.application import Desktop
from app.desktop.models_view import ModelsView
from app.desktop.window import window_settings
from app.domain.cancel import CancelToken
from app.wiring.models import import_model
from tests.conftest import MODEL
from tests.desktop.dangling import nothing_dangles
from tests.models.gguf_made import tiny_llama

__all__ = ["nothing_dangles"]
LONG = 60_000


@pytest.fixture
def desktop(
    home: Path, tmp_path: Path, qtbot: QtBot, qapp: QApplication, nothing_dangles: None
) -> Iterator[Desktop]:
    """Two models are here."""
    import_model(tiny_llama().write(tmp_path / "tiny.gguf"), "tiny", None, lambda _: None, CancelToken())
    look.dress(qapp, "light")
    held = Desktop(window_settings(home))
    held.window.show()
    held.furnish()
    qtbot.waitUntil(lambda: bool(held.runs.pack), timeout=LONG)
    yield held
    held.window.close()
    held.window.deleteLater()


def test_the_sentence_and_the_mark_are_of_the_model_that_is_chosen(desktop: Desktop, qtbot: QtBot) -> None:
    desktop.window.actions_by_name["view-models"].trigger()
    view = desktop.window.findChild(ModelsView)
    assert view is not None

    def says(model: str) -> bool:
        return view.sentence.text().startswith(f"{model} runs on the processor")

    desktop.window.top.model.chosen.emit(MODEL)
    qtbot.waitUntil(lambda: says(MODEL), timeout=LONG)
    desktop.window.top.model.chosen.emit("tiny")
    qtbot.waitUntil(lambda: says("tiny"), timeout=LONG)
    view.model_chosen.emit(MODEL)
    qtbot.waitUntil(lambda: says(MODEL), timeout=LONG)
    assert desktop.runs.model == MODEL
