"""What a question of the analyst's own is answered from, over a real contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.cancel import CancelToken
from app.domain.finding import Evidence
from app.domain.kinds import DocumentState, TaskKind
from app.domain.task import Task
from app.domain.text import Document
from app.ingest.reader import ChildReader
from app.platform.files import sha256_of
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from models.onnx_embedder import OnnxEmbedder
from retrieval.indexing import index_document
from retrieval.layout import is_heading
from retrieval.retriever import MatterRetriever
from retrieval.vector_index import VectorIndex
from tests.conftest import SAMPLES, paged

BLANK = Document(id="d" * 16, name="blank", sha256="d" * 64, pages=1, state=DocumentState.READY)
BUDGET = 1200


def question(text: str) -> Task:
    return Task(id="ask-1", kind=TaskKind.ASK, title="", description=text, question=text, queries=(text,))


class Asked:
    def __init__(self, folder: Path) -> None:
        self.matter: SqliteMatter = open_matter(folder, create=True)
        self.embedder = OnnxEmbedder()
        path = next(SAMPLES.glob("LinkPlus*.pdf"))
        contract = ChildReader().read(path, path.name, sha256_of(path), CancelToken())
        self.contract = contract.document.id
        for document, pages in ((contract.document, contract.pages), (BLANK, paged(""))):
            self.matter.put_document(document, pages)
            self.matter.put_indexed(index_document(document.id, pages, self.embedder, CancelToken()))
        self._retriever = MatterRetriever(self.matter, self.embedder, self._never)

    def __call__(self, text: str, document: str | None = None) -> Evidence:
        return self._retriever.evidence(document or self.contract, question(text), BUDGET)

    def _never(self) -> VectorIndex:
        raise AssertionError("one document needs no vector index")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    held = Asked(tmp_path_factory.mktemp("asked") / "m")
    yield held
    held.matter.close()


def best(evidence: Evidence) -> str:
    return " ".join(max(evidence.sentences, key=lambda s: s.score).text.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Can the agreement be assigned?", "may not be assigned in whole or in part"),
        ("How much interest is charged on late payments?", "twelve percent (12.0%) per annum"),
        ("Which law governs the agreement?", "governed in accordance with the laws"),
    ],
)
def test_a_plain_question_finds_the_sentence_that_answers_it(asked: Asked, text: str, words: str) -> None:
    evidence = asked(text)
    assert words in best(evidence)
    assert evidence.characters <= BUDGET


def test_a_question_that_is_answered_is_likelier_so_than_one_that_is_not(asked: Asked) -> None:
    answered = [
        asked(text).presence
        for text in ("Can the agreement be assigned?", "Which law governs the agreement?")
    ]
    strange = [asked(text).presence for text in ("How deep is the river?", "Who pays for the funeral?")]
    assert min(p for p in answered if p is not None) > 0.5 > 0.25 > max(p for p in strange if p is not None)


def test_a_heading_is_not_taken_for_an_answer(asked: Asked) -> None:
    assert not is_heading(best(asked("What are the additional provisions?")))
    assert not is_heading(best(asked("Notices?")))


def test_a_document_without_words_gives_nothing_and_says_so(asked: Asked) -> None:
    evidence = asked("Can the agreement be assigned?", BLANK.id)
    assert evidence.sentences == ()
    assert evidence.presence is None
