"""Searching an open matter beside what else runs in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, DocumentNotFound
from app.wiring.desk import Desk
from tests.conftest import SAMPLES


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Iterator[Desk]:
    held = Desk(tmp_path / "m", create=True)
    held.add(sorted(SAMPLES.glob("*.pdf")), lambda _: None, lambda _: None, CancelToken())
    yield held
    held.close()


def test_indexing_gives_way_to_whoever_writes_documents_and_then_goes_on(desk: Desk) -> None:
    ended: list[str] = []

    def index() -> None:
        try:
            desk.finder.index(CancelToken())
            ended.append("done")
        except Cancelled:
            ended.append("gave way")

    assert len(desk.finder.unsearchable()) == 3
    behind = threading.Thread(target=index)
    behind.start()
    with desk.finder.undisturbed():
        left = len(desk.finder.unsearchable())
        desk.finder.index(CancelToken())  # does nothing meanwhile
        assert len(desk.finder.unsearchable()) == left
        behind.join()
    assert ended in (["gave way"], ["done"])
    assert left == 0 or ended == ["gave way"]
    desk.finder.index(CancelToken())
    assert desk.finder.unsearchable() == ()


def test_a_search_is_answered_while_documents_are_indexed(desk: Desk) -> None:
    stop = CancelToken()
    errors: list[BaseException] = []

    def index() -> None:
        try:
            desk.finder.index(stop)
        except Cancelled as error:
            errors.append(error)

    behind = threading.Thread(target=index)
    behind.start()
    desk.finder.by_meaning("governing law", 5, CancelToken())  # of an engine of its own: it waits for nothing
    behind.join()
    assert errors == []
    found = desk.finder.by_meaning("rules of which state decide a dispute", 5, CancelToken())
    assert any("law" in hit.text for hit in found)


def test_a_part_of_a_name_means_every_document_with_it(desk: Desk) -> None:
    desk.finder.index(CancelToken())
    names = {document.id: document.name for document in desk.documents()}
    part = "linkplus"
    found = {names[hit.document] for hit in desk.finder.by_words(f"agreement document:{part}", 50)}
    assert found == {name for name in names.values() if part in name.casefold()}
    with pytest.raises(DocumentNotFound):
        desk.finder.by_words("agreement document:nowhere", 50)


def test_what_has_no_words_and_no_meaning_here_finds_nothing(desk: Desk) -> None:
    desk.finder.index(CancelToken())
    assert desk.finder.by_meaning("banana smoothie recipe", 100, CancelToken()) == ()
    assert len(desk.finder.by_meaning("who may end the contract early", 100, CancelToken())) > 3
