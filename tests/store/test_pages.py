"""Pages one at a time, and their shapes without their words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import DocumentNotFound, PageNotFound
from app.domain.spans import Box, Word
from app.domain.text import PageShape
from app.domain.words import Words
from app.store.opening import open_matter, read_matter
from app.store.reader import SqliteMatterReader
from app.store.writer import SqliteMatter
from tests.conftest import paged
from tests.store.made import DOCUMENT, PAGES

ANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = ("Erste Seite: naïve café, 契約 🤝.", "", "Third.\n\nWith two blocks.")
words_of_a_page = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "m", create=True)
    yield held
    held.close()


def test_shapes_are_the_pages_without_their_words(matter: SqliteMatter) -> None:
    pages = paged(*TEXTS)
    matter.put_document(DOCUMENT, pages)
    assert matter.shapes(DOCUMENT.id) == tuple(
        PageShape(number=p.number, start=p.start, end=p.end, width=p.width, height=p.height) for p in pages
    )


@ANY
@given(st.lists(words_of_a_page, min_size=1, max_size=4))
def test_a_shape_counts_code_points_as_spans_do(matter: SqliteMatter, texts: list[str]) -> None:
    matter.put_document(DOCUMENT, paged(*texts))
    text = matter.text(DOCUMENT.id)
    assert [text[shape.start : shape.end] for shape in matter.shapes(DOCUMENT.id)] == texts


def test_one_page_comes_with_its_words_and_boxes(matter: SqliteMatter) -> None:
    pages = list(paged(*TEXTS))
    pages[2] = pages[2].model_copy(
        update={"words": Words.of([Word(pages[2].start, pages[2].start + 6, Box(1, 2, 3, 4))])}
    )
    matter.put_document(DOCUMENT, pages)
    assert [matter.page(DOCUMENT.id, number) for number in (3, 1, 2)] == [pages[2], pages[0], pages[1]]


def test_shapes_are_had_without_unpacking_words(
    matter: SqliteMatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter.put_document(DOCUMENT, PAGES)

    def never(*_: object) -> Words:
        raise AssertionError("words were read")

    monkeypatch.setattr("app.store.rows.unpack_words", never)
    assert len(matter.shapes(DOCUMENT.id)) == 1
    with pytest.raises(AssertionError):
        matter.page(DOCUMENT.id, 1)


def test_a_document_without_pages_has_no_shapes(matter: SqliteMatter) -> None:
    matter.put_document(DOCUMENT, ())
    assert matter.shapes(DOCUMENT.id) == ()


@pytest.mark.parametrize("number", [-1, 0, 2, 1 << 40])
def test_a_page_that_is_not_there_says_so(matter: SqliteMatter, number: int) -> None:
    matter.put_document(DOCUMENT, PAGES)
    with pytest.raises(PageNotFound) as caught:
        matter.page(DOCUMENT.id, number)
    assert caught.value.code == "page.not-found"


def test_a_document_that_is_not_there_says_so(matter: SqliteMatter) -> None:
    reader: SqliteMatterReader = read_matter(matter.folder)
    with pytest.raises(DocumentNotFound):
        reader.shapes("nowhere")
    with pytest.raises(DocumentNotFound):
        reader.page("nowhere", 1)
    reader.close()
