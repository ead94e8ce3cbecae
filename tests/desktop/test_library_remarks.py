"""What stands below a document's name in the library, in its tooltip, and in full under the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from app.desktop.library_list import ROW_HEIGHT, TALL_ROW_HEIGHT
from app.desktop.library_model import LibraryModel, LibraryRole
from app.desktop.library_panel import LibraryPanel
from app.desktop.library_remarks import RepeatWords, repeat_words
from app.domain.kinds import DocumentState
from app.domain.text import Document
from app.review.repeats_by_document import DocumentRepeats
from tests.desktop.document_made import read
from tests.desktop.grid_made import document, documents, watched
from tests.desktop.reading_made import with_hidden_words, written

pytestmark = pytest.mark.usefixtures("qapp")
COPY = RepeatWords("Copy of contract-a.pdf", "2 blank pages")


def flagged(number: int, *flags: str, state: DocumentState = DocumentState.READY) -> Document:
    return document(number, state=state).model_copy(update={"flags": flags})


def model_of(*held: Document) -> LibraryModel:
    model = LibraryModel()
    watched(model)
    model.set_documents(held)
    return model


def test_a_copy_says_of_what_and_how_many_pages_need_not_be_read() -> None:
    same = DocumentRepeats("a", same=True, share=1.0, blank=(3, 4))
    assert repeat_words(same, "contract-a.pdf") == COPY
    near = DocumentRepeats("a", same=False, share=0.9999, repeated=(7,))
    assert repeat_words(near, "contract-a.pdf") == ("99 % the same as contract-a.pdf", "1 repeated page")


def test_a_row_says_what_repeats_and_says_it_no_more_when_nothing_does() -> None:
    model = model_of(*documents(3))
    changed: list[tuple[int, int]] = []

    def hear(first: QModelIndex, last: QModelIndex) -> None:
        changed.append((first.row(), last.row()))

    model.dataChanged.connect(hear)
    model.set_repeats({document(1).id: COPY, document(99).id: COPY})
    remark = model.index(1).data(LibraryRole.REMARK)
    assert (remark.text, remark.tint, remark.icon) == (
        "Copy of contract-a.pdf · 2 blank pages", "muted", "copy",
    )  # fmt: skip
    assert "Copy of contract-a.pdf" in model.index(1).data(Qt.ItemDataRole.ToolTipRole)
    assert "Copy of contract-a.pdf" in model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert model.remark_at(0).text == ""
    model.set_repeats({})
    assert model.remark_at(1).text == ""
    assert changed == [(1, 1), (1, 1)]


def test_missing_bates_numbers_stand_first_and_are_a_warning(tmp_path: Path) -> None:
    """As reading words them: from a real file."""
    numbers = [f"ACME{number:06}" for number in (1, 2, 3, 7, 8, 9)]
    bodies = ["The fee", "Delivery of goods", "Term", "Liability", "Notices", "Governing law"]
    file = written(
        tmp_path / "letters.pdf", [[body, f"{body} is as agreed by the parties."] for body in bodies], numbers
    )
    model = model_of(read(file).document)
    remark = model.remark_at(0)
    assert remark.text.startswith("Bates numbers are missing between ACME000003 and ACME000007")
    assert (remark.tint, remark.icon) == ("warning", "triangle-alert")


def test_words_nobody_can_see_are_a_warning_in_the_library(tmp_path: Path) -> None:
    remark = model_of(read(with_hidden_words(tmp_path / "hidden.pdf")).document).remark_at(0)
    assert remark.text.startswith("Words nobody can see")
    assert remark.tint == "warning"


def test_what_only_tells_how_a_file_was_read_is_no_warning() -> None:
    model = model_of(flagged(0, "2 pages recognised from pictures", "Bates numbers A1 to A9"))
    assert model.remark_at(0) == ("2 pages recognised from pictures · Bates numbers A1 to A9", "muted", "")


def test_a_document_read_in_part_says_what_is_missing_before_anything_else() -> None:
    part = flagged(0, "hard to read, look at the picture: page 3", state=DocumentState.PARTIAL)
    model = model_of(part.model_copy(update={"reason": "Some pages could not be read: page 2."}))
    model.set_repeats({part.id: COPY})
    remark = model.remark_at(0)
    assert remark.text.startswith("Some pages could not be read: page 2 · Hard to read")
    assert remark.tint == "warning"


def test_an_archive_has_nothing_wrong_with_it() -> None:
    archive = document(0, "a.zip", DocumentState.UNSUPPORTED, "Its files are documents of their own.")
    inside = document(1).model_copy(update={"parent": archive.id})
    assert model_of(archive, inside).remark_at(0).text == ""


def test_rows_grow_together_once_there_is_anything_to_say(qtbot: QtBot) -> None:
    panel = LibraryPanel()
    qtbot.addWidget(panel)
    panel.set_documents(documents(3))
    panel.show()
    heights = {panel.list.visualRect(panel.model.index(row)).height() for row in range(3)}
    assert heights == {ROW_HEIGHT}
    panel.set_repeats({document(2).id: COPY})
    qtbot.waitUntil(lambda: panel.list.visualRect(panel.model.index(0)).height() == TALL_ROW_HEIGHT)
    panel.set_repeats({})
    qtbot.waitUntil(lambda: panel.list.visualRect(panel.model.index(0)).height() == ROW_HEIGHT)


def test_everything_is_said_in_full_under_the_list_for_the_document_one_is_at(qtbot: QtBot) -> None:
    panel = LibraryPanel()
    qtbot.addWidget(panel)
    gap = "Bates numbers are missing between ACME000003 and ACME000007"
    panel.set_documents([document(0), flagged(1, gap)])
    panel.show()
    panel.select(document(0).id)
    assert not panel.details.isVisible()
    panel.select(document(1).id)
    assert panel.details.isVisible()
    panel.set_repeats({document(1).id: COPY})
    assert panel.details.text.text().splitlines() == [
        f"{gap}.",
        "Copy of contract-a.pdf.",
        "2 blank pages.",
    ]
    panel.field.setText("no such name")
    assert not panel.details.isVisible()


def test_what_is_said_of_a_document_never_becomes_markup() -> None:
    model = model_of(document(0))
    model.set_repeats({document(0).id: RepeatWords("Copy of <b>x</b>.pdf", "")})
    assert "<b>" not in model.index(0).data(Qt.ItemDataRole.ToolTipRole)
