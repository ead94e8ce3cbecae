"""A search that asks in words of its field finds what documents write in their place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.domain.cancel import CancelToken
from app.domain.kinds import DocumentState
from app.domain.search import Within
from app.domain.text import Document
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from models.onnx_embedder import OnnxEmbedder
from retrieval.glossary import Entry, Glossary
from retrieval.indexing import index_document
from retrieval.search import PassageSearch
from retrieval.vector_index import ExactVectorIndex
from tests.conftest import paged

ACME, BOLT = "a" * 16, "b" * 16
PAGES = (
    "Our people. We employ painters, joiners and a cook.",
    "Purchases of plant and equipment were 12 in the year and 9 in the year before.",
    "The cook buys bread from a bakery. Spending on bread was modest.",
)
GLOSSARY = Glossary([Entry(asked=("capex",), written=("purchases of plant and equipment",))])


@pytest.fixture(scope="module")
def matter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path_factory.mktemp("words") / "m", create=True)
    for document, name in ((ACME, "ACME_2022.txt"), (BOLT, "BOLT_2022.txt")):
        pages = paged(*PAGES)
        of_it = Document(
            id=document, name=name, sha256=document * 4, pages=len(pages), state=DocumentState.READY
        )
        held.put_document(of_it, pages)
        held.put_indexed(index_document(document, pages, OnnxEmbedder(), CancelToken()))
    yield held
    held.close()


def found(matter: SqliteMatter, query: str, glossary: Glossary, within: Within) -> list[tuple[str, int]]:
    embedder = OnnxEmbedder()
    index = ExactVectorIndex(matter, embedder.identity)
    hits = PassageSearch(matter, embedder, lambda: index, glossary).hits(query, within, 6, None)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    return [(hit.document, hit.page) for hit in hits]


def test_what_is_written_in_a_words_place_comes_further_up(matter: SqliteMatter) -> None:
    within = Within(documents=(ACME,))
    assert matter.lexical("capex", None, 5) == ()
    query = "capex of the bakery for the cook"
    without, widened = (found(matter, query, glossary, within) for glossary in (Glossary([]), GLOSSARY))
    assert widened.index((ACME, 2)) < without.index((ACME, 2))


def test_the_document_that_is_named_comes_first_also_in_other_words(matter: SqliteMatter) -> None:
    assert found(matter, "capex of Bolt", GLOSSARY, Within())[0] == (BOLT, 2)
    assert found(matter, "capex of Acme", GLOSSARY, Within())[0] == (ACME, 2)


def test_a_quoted_phrase_still_comes_before_everything(matter: SqliteMatter) -> None:
    (first, second, *_) = found(matter, 'capex "a bakery"', GLOSSARY, Within())
    assert {first, second} == {(ACME, 3), (BOLT, 3)}
