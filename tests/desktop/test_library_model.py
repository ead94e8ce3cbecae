from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from app.desktop.library_model import LibraryModel, LibraryRole
from app.domain.kinds import DocumentState
from tests.desktop.grid_made import document, documents, watched

pytestmark = pytest.mark.usefixtures("qapp")
NAMES = st.lists(st.sampled_from(["a.pdf", "b.pdf", "Agreement.pdf", "c.txt"]), max_size=5)


def made(count: int = 3) -> LibraryModel:
    model = LibraryModel()
    watched(model)
    model.set_documents(documents(count))
    return model


def names(model: LibraryModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


def words(model: LibraryModel) -> list[str]:
    return [model.sign_at(row).word for row in range(model.rowCount())]


def test_files_that_wait_stand_behind_the_documents_and_the_first_is_being_read() -> None:
    model = made(1)
    model.set_queued(["b.pdf", "c.pdf"])
    assert names(model) == ["Agreement 0.pdf", "b.pdf", "c.pdf"]
    assert words(model) == ["9 p", "reading…", "queued"]
    model.set_queued(["c.pdf"])
    assert words(model) == ["9 p", "reading…"]


def test_a_file_that_waits_cannot_be_chosen() -> None:
    model = made(1)
    model.set_queued(["b.pdf"])
    assert not model.index(1).flags() & Qt.ItemFlag.ItemIsSelectable
    assert model.index(0).flags() & Qt.ItemFlag.ItemIsSelectable
    assert model.document_at(1) is None


@pytest.mark.parametrize(
    ("state", "word", "tint"),
    [
        (DocumentState.READY, "9 p", "muted"),
        (DocumentState.PARTIAL, "in part", "warning"),
        (DocumentState.LOCKED, "password", "warning"),
        (DocumentState.NO_TEXT, "no text", "warning"),
        (DocumentState.DAMAGED, "damaged", "bad"),
        (DocumentState.TOO_LARGE, "too large", "bad"),
        (DocumentState.UNSUPPORTED, "not supported", "bad"),
        (DocumentState.REFUSED, "refused", "bad"),
    ],
)
def test_a_state_is_a_word_a_shape_and_a_colour(state: DocumentState, word: str, tint: str) -> None:
    model = LibraryModel()
    model.set_documents([document(0, state=state)])
    sign = model.sign_at(0)
    assert (sign.word, sign.tint) == (word, tint)
    assert model.index(0).data(LibraryRole.SIGN) == sign


def test_no_two_states_share_a_shape_and_a_word() -> None:
    model = LibraryModel()
    model.set_documents([document(n, state=state) for n, state in enumerate(DocumentState)])
    assert len({model.sign_at(row)[:2] for row in range(model.rowCount())}) == len(DocumentState)


def test_the_reason_is_in_tooltip_and_accessible_text() -> None:
    model = LibraryModel()
    model.set_documents([document(0, "x.pdf", DocumentState.DAMAGED, "It ends on page 1.")])
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "x.pdf, damaged, It ends on page 1."
    assert "It ends on page 1." in model.index(0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_name_never_becomes_markup() -> None:
    model = LibraryModel()
    model.set_documents([document(0, "<b>x</b>.pdf")])
    assert "<b>" not in model.index(0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_reviewed_document_is_marked_and_said_to_be() -> None:
    model = made()
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    model.set_reviewed({document(1).id, document(99).id})
    model.set_reviewed({document(1).id})
    assert changed == [(1, 1)]
    assert [model.reviewed_at(row) for row in range(3)] == [False, True, False]
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "Agreement 1.pdf, 9 pages, reviewed"


def test_documents_that_come_in_are_added_in_place() -> None:
    model = made(2)
    model.set_queued(["x.pdf"])
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    model.set_documents(documents(4))
    assert names(model)[2:] == ["Agreement 2.pdf", "Agreement 3.pdf", "x.pdf"]
    assert resets == []


def test_a_document_that_was_read_again_shows_its_new_state() -> None:
    model = made(2)
    model.set_documents([document(0, state=DocumentState.DAMAGED), document(1)])
    assert words(model) == ["damaged", "9 p"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), NAMES, st.sampled_from(["", "A", "b.", "zzz"])), max_size=6))
def test_whatever_comes_names_that_match_are_shown_documents_first(
    steps: list[tuple[int, list[str], str]],
) -> None:
    model = LibraryModel()
    watched(model)
    for count, queued, text in steps:
        model.set_documents(documents(count))
        model.set_queued(queued)
        model.set_filter(text)
        every = [held.name for held in documents(count)] + queued
        assert names(model) == [name for name in every if text.casefold() in name.casefold()]
        for row in range(model.rowCount()):
            held = model.document_at(row)
            assert held is None or model.row_of(held.id) == row
