"""Over a real contract, read, split and embedded as in a review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.cancel import CancelToken
from app.domain.errors import DocumentNotReadable
from app.domain.finding import Evidence
from app.domain.kinds import DocumentState, TaskKind, ValueKind
from app.domain.ports import Retriever, SearchHit
from app.domain.task import Pack, Task
from app.domain.text import Document
from app.ingest.reader import ChildReader
from app.platform.files import sha256_of
from app.review.values import holds_value
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from models.onnx_embedder import OnnxEmbedder
from retrieval.gate import FIT_GATE, PROBE_GATE
from retrieval.indexing import index_document
from retrieval.retriever import MatterRetriever
from retrieval.task_probes import TaskProbes
from retrieval.vector_index import ExactVectorIndex, VectorIndex
from tests.conftest import SAMPLES, paged
from verticals.loader import bundled_packs, load_pack

LETTER = "c" * 16
BLANK = "d" * 16
UNTRAINED = Task(
    id="office-space",
    title="Office space",
    description="Whether one party may use rooms of the other.",
    question="May one party use rooms of the other?",
    queries=("license to use office space",),
    cues=("office",),
)


@dataclass(frozen=True)
class Indexed:
    matter: SqliteMatter
    embedder: OnnxEmbedder
    probes: TaskProbes
    pack: Pack
    contract: str

    def retriever(self, probes: TaskProbes | None = None) -> MatterRetriever:
        return MatterRetriever(self.matter, self.embedder, never_opened, probes)

    def over_all(self) -> MatterRetriever:
        def exact() -> VectorIndex:
            return ExactVectorIndex(self.matter, self.embedder.identity)

        return MatterRetriever(self.matter, self.embedder, exact)

    def task(self, name: str) -> Task:
        return next(task for task in self.pack.tasks if task.id == name)


def never_opened() -> VectorIndex:
    raise AssertionError("a single document needs no vector index")


def made(document: str, name: str, pages: int) -> Document:
    return Document(id=document, name=name, sha256=document * 4, pages=pages, state=DocumentState.READY)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexed]:
    """A contract of several pages, a letter of two, and a document that holds no words."""
    pack = load_pack(bundled_packs()["contracts"])
    assert pack.probes is not None
    embedder = OnnxEmbedder()
    path = next(SAMPLES.glob("LinkPlus*.pdf"))
    contract = ChildReader().read(path, path.name, sha256_of(path), CancelToken())
    letter = paged("Dear Sir.\n\nThe parcel of oranges arrived.", "It was governed by rain. Yours, Ada.")
    matter = open_matter(tmp_path_factory.mktemp("retriever") / "m", create=True)
    for document, pages in (
        (contract.document, contract.pages),
        (made(LETTER, "letter.txt", 2), letter),
        (made(BLANK, "blank.pdf", 1), paged(" \n")),
    ):
        matter.put_document(document, pages)
        matter.put_indexed(index_document(document.id, pages, embedder, CancelToken()))
    yield Indexed(matter, embedder, TaskProbes.load(pack.probes), pack, contract.document.id)
    matter.close()


def assert_sound(evidence: Evidence, held: Indexed, budget: int) -> None:
    text = held.matter.text(evidence.document)
    pages = held.matter.pages(evidence.document)
    assert evidence.sentences
    assert evidence.characters <= budget or len(evidence.sentences) == 1
    places = [sentence.sentence for sentence in evidence.sentences]
    assert places == sorted(set(places))
    for sentence in evidence.sentences:
        start, end = sentence.span
        assert sentence.text == text[start:end]
        page = pages[sentence.page - 1]
        assert page.start <= start < end <= page.end


def words(evidence: Evidence) -> str:
    return " ".join(" ".join(sentence.text for sentence in evidence.sentences).split())


def best(evidence: Evidence) -> str:
    return " ".join(max(evidence.sentences, key=lambda sentence: sentence.score).text.split())


@pytest.mark.parametrize("budget", [60, 600, 2000])
@pytest.mark.parametrize("trained", [True, False])
def test_evidence_is_whole_sentences_in_document_order_within_the_budget(
    held: Indexed, budget: int, trained: bool
) -> None:
    retriever = held.retriever(held.probes if trained else None)
    for task in held.pack.tasks:
        evidence = retriever.evidence(held.contract, task, budget)
        assert_sound(evidence, held, budget)
        assert (evidence.document, evidence.task) == (held.contract, task.id)
        assert evidence.presence is not None
        assert evidence.learned == (trained and task.kind is not TaskKind.LIST)


@pytest.mark.parametrize(
    ("task", "passage"),
    [
        ("governing-law", "governed in accordance with the laws of the State of Maryland"),
        ("anti-assignment", "may not be assigned in whole or in part"),
        ("parties", "by and between Link Plus Corporation and Axiometric, LLC"),
        ("effective-date", "July 15, 2005"),
        ("exclusivity", "shall have the exclusive right to market"),
    ],
)
def test_the_sentence_that_answers_comes_first_and_is_likely_there(
    held: Indexed, task: str, passage: str
) -> None:
    evidence = held.retriever(held.probes).evidence(held.contract, held.task(task), 600)
    assert passage in best(evidence)
    assert evidence.presence is not None
    assert evidence.presence > 0.8


@pytest.mark.parametrize("task", ["insurance", "renewal-term", "uncapped-liability"])
def test_what_a_contract_does_not_speak_of_is_likely_absent(held: Indexed, task: str) -> None:
    evidence = held.retriever(held.probes).evidence(held.contract, held.task(task), 600)
    assert evidence.presence is not None
    assert evidence.presence < 0.1


def test_a_larger_budget_keeps_the_best_and_adds_to_them(held: Indexed) -> None:
    retriever = held.retriever(held.probes)
    small, large = (
        retriever.evidence(held.contract, held.task("audit-rights"), budget) for budget in (600, 6000)
    )
    first = sorted(small.sentences, key=lambda sentence: -sentence.score)[:3]
    assert {s.sentence for s in first} < {s.sentence for s in large.sentences}
    assert large.characters > small.characters


def test_a_budget_too_small_for_the_best_sentence_still_gives_that_one(held: Indexed) -> None:
    evidence = held.retriever(held.probes).evidence(held.contract, held.task("governing-law"), 1)
    assert len(evidence.sentences) == 1
    assert "Maryland" in words(evidence)


def test_an_untrained_task_works_from_its_text_alone(held: Indexed) -> None:
    evidence = held.retriever(held.probes).evidence(held.contract, UNTRAINED, 600)
    assert_sound(evidence, held, 600)
    assert evidence.presence is not None
    assert not evidence.learned
    assert "office space" in best(evidence)


LIST = UNTRAINED.model_copy(update={"kind": TaskKind.LIST})


def test_a_list_of_values_gets_every_sentence_of_every_page_that_holds_one(held: Indexed) -> None:
    holds = holds_value(ValueKind.TIME)
    assert holds is not None
    evidence = held.retriever(held.probes).sweep(held.contract, LIST, holds)
    text = held.matter.text(held.contract)
    indexed = held.matter.indexed(held.contract, held.embedder.identity)
    assert indexed is not None
    passing = {s.ordinal for s in indexed.sentences if holds(text[s.span.start : s.span.end])}
    leads = {sentence.lead for sentence in evidence.sentences}
    assert passing <= {sentence.sentence for sentence in evidence.sentences} <= passing | leads
    assert {sentence.page for sentence in evidence.sentences} >= {1, 4, 6}
    assert_sound(evidence, held, 1 << 20)
    assert (evidence.presence, evidence.recall) == (None, None)


def test_a_list_of_clauses_without_a_probe_gets_what_fits_its_text_and_says_how_much_that_finds(
    held: Indexed,
) -> None:
    evidence = held.retriever().sweep(held.contract, LIST, None)
    assert "office space" in words(evidence)
    assert evidence.recall == FIT_GATE.recall
    shorter = held.retriever().sweep(held.contract, LIST, None, budget=400)
    assert_sound(shorter, held, 400)
    assert set(shorter.sentences) < set(evidence.sentences)


def test_a_list_with_a_probe_goes_by_the_gate_that_was_trained_with_it(held: Indexed, tmp_path: Path) -> None:
    assert held.pack.probes is not None
    with np.load(held.pack.probes) as kept:
        arrays = {name: kept[name] for name in kept.files}
    arrays["gates"] = np.array([[-2.0, 0.9]] * len(arrays["tasks"]), dtype=np.float32)
    np.savez(tmp_path / "probes.npz", allow_pickle=True, **arrays)
    task = held.task("audit-rights").model_copy(update={"kind": TaskKind.LIST})
    evidence = held.retriever(TaskProbes.load(tmp_path / "probes.npz")).sweep(held.contract, task, None)
    assert evidence.recall == pytest.approx(0.9)
    leads = {sentence.lead for sentence in evidence.sentences}
    assert all(s.score >= -2.0 or s.sentence in leads for s in evidence.sentences)
    assert "audit" in words(evidence)


def test_a_probe_without_a_gate_of_its_own_gets_the_one_that_was_measured_for_all(held: Indexed) -> None:
    task = held.task("audit-rights").model_copy(update={"kind": TaskKind.LIST})
    evidence = held.retriever(held.probes).sweep(held.contract, task, None)
    assert evidence.recall == PROBE_GATE.recall
    assert "audit" in words(evidence)


def test_a_document_without_words_lets_nothing_pass(held: Indexed) -> None:
    for holds in (None, holds_value(ValueKind.MONEY)):
        assert held.retriever(held.probes).sweep(BLANK, LIST, holds).sentences == ()


def test_an_untrained_task_needs_no_word_in_common_with_the_document(held: Indexed) -> None:
    task = UNTRAINED.model_copy(update={"queries": ("zzyzx",), "cues": ("qwrtp",), "description": "xyzzy"})
    assert_sound(held.retriever().evidence(held.contract, task, 600), held, 600)


def test_the_same_question_gives_the_same_evidence(held: Indexed) -> None:
    task = held.task("audit-rights")
    first = held.retriever(held.probes).evidence(held.contract, task, 600)
    retriever = held.retriever(held.probes)
    retriever.evidence(LETTER, task, 600)
    assert retriever.evidence(held.contract, task, 600) == first


def test_a_document_without_words_gives_no_evidence_and_no_hits(held: Indexed) -> None:
    for retriever in (held.retriever(held.probes), held.retriever()):
        evidence = retriever.evidence(BLANK, held.task("governing-law"), 600)
        assert evidence.sentences == ()
        assert evidence.presence is None
        assert retriever.search("anything", BLANK, 5, None) == ()


def test_a_document_that_is_not_indexed_says_so(held: Indexed) -> None:
    with pytest.raises(DocumentNotReadable):
        held.retriever().evidence("0" * 16, UNTRAINED, 600)
    with pytest.raises(DocumentNotReadable):
        held.retriever().search("office", "0" * 16, 5, None)


def assert_verbatim(hits: tuple[SearchHit, ...], held: Indexed) -> None:
    for hit in hits:
        assert hit.text == held.matter.text(hit.document)[hit.start : hit.end] != ""
        page = held.matter.pages(hit.document)[hit.page - 1]
        assert page.start <= hit.start < hit.end <= page.end
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len({(hit.document, hit.start) for hit in hits}) == len(hits)


def test_a_search_in_one_document_finds_its_words_best_first(held: Indexed) -> None:
    hits = held.retriever().search("laws of the State of Maryland", held.contract, 5, None)
    assert_verbatim(hits, held)
    assert len(hits) == 5
    assert {hit.document for hit in hits} == {held.contract}
    assert "Maryland" in hits[0].text


def test_a_search_by_meaning_needs_no_word_in_common(held: Indexed) -> None:
    query = "citrus fruit"
    assert held.matter.lexical(query, None, 5) == ()
    hits = held.over_all().search(query, None, 1, None)
    assert [hit.document for hit in hits] == [LETTER]
    assert "oranges" in hits[0].text


def test_a_search_of_the_whole_matter_goes_over_all_documents(held: Indexed) -> None:
    hits = held.over_all().search("governed by", None, 10, None)
    assert_verbatim(hits, held)
    assert {hit.document for hit in hits} == {held.contract, LETTER}


@pytest.mark.parametrize("budget", [0, 40, 500, 1500])
def test_the_texts_of_a_search_together_stay_within_the_budget(held: Indexed, budget: int) -> None:
    for retriever, document in ((held.retriever(), held.contract), (held.over_all(), None)):
        hits = retriever.search("termination of this Agreement", document, 50, budget)
        assert_verbatim(hits, held)
        assert sum(len(hit.text) for hit in hits) <= budget
        assert bool(hits) == (budget >= 500) or budget == 40


def test_a_passage_that_does_not_fit_is_passed_over_for_one_that_does(held: Indexed) -> None:
    everything = held.retriever().search("termination of this Agreement", held.contract, 50, None)
    shortest = min(everything, key=lambda hit: len(hit.text))
    assert everything[0] != shortest
    (hit,) = held.retriever().search("termination of this Agreement", held.contract, 50, len(shortest.text))
    assert len(hit.text) == len(shortest.text)


def test_a_search_gives_no_more_than_it_is_asked_for(held: Indexed) -> None:
    for limit in (0, 1, 7):
        assert len(held.over_all().search("agreement", None, limit, None)) == limit


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=30) | st.sampled_from(['"', "AND (", "a* NEAR b", "text:", "-", "' OR 1=1"]))
def test_any_words_can_be_searched_for(held: Indexed, query: str) -> None:
    assert_verbatim(held.retriever().search(query, held.contract, 3, 400), held)


def test_it_is_a_retriever(held: Indexed, tmp_path: Path) -> None:
    port: Retriever = held.retriever()
    assert port.evidence(LETTER, UNTRAINED, 100).document == LETTER
