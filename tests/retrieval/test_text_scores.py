"""A task's own words find its sentence, with no label of that task."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain.cancel import CancelToken
from app.domain.ports import IndexedText
from app.domain.task import Task
from models.onnx_embedder import OnnxEmbedder
from retrieval.indexing import index_document
from retrieval.text_scores import EXAMPLE_FEATURES, FEATURES, WEIGHTS, TextScorer, TextWeights, asked_of
from tests.conftest import paged

PAGES = (
    "1. Term. This Agreement begins on the first of May and lasts for three years.",
    "2. Escrow. Licensor shall deposit the source code with an escrow agent within thirty days.",
    "3. Notices. Notices go by registered post to the addresses above.",
    "4. Law. The laws of Ohio govern this Agreement.",
)
ESCROW = Task(
    id="source-code",
    title="Source code escrow",
    description="Source code that is left with a third party.",
    question="Must source code be put into escrow?",
    queries=("deposit the source code with an escrow agent",),
    cues=("escrow",),
)


@pytest.fixture(scope="module")
def embedder() -> OnnxEmbedder:
    return OnnxEmbedder()


@pytest.fixture(scope="module")
def document(embedder: OnnxEmbedder) -> tuple[IndexedText, str]:
    pages = paged(*PAGES)
    return index_document("d" * 16, pages, embedder, CancelToken()), "\f".join(PAGES)


@pytest.fixture
def scorer(embedder: OnnxEmbedder) -> TextScorer:
    return TextScorer(embedder, TextWeights.load())


def test_the_sentence_that_fits_a_tasks_words_is_first(
    scorer: TextScorer, document: tuple[IndexedText, str]
) -> None:
    indexed, text = document
    for task, words in (
        (ESCROW, "deposit the source code"),
        (
            Task(
                id="law",
                title="",
                description="Whose laws govern the agreement.",
                question="?",
                queries=("the laws of the state govern this agreement",),
            ),
            "laws of Ohio",
        ),
    ):
        logits = scorer.logits(task, indexed, text)
        assert logits.shape == (len(indexed.sentences),)
        span = indexed.sentences[int(np.argmax(logits))].span
        assert words in text[span.start : span.end]


def test_a_document_without_sentences_has_no_scores(scorer: TextScorer, embedder: OnnxEmbedder) -> None:
    empty = index_document("e" * 16, paged(""), embedder, CancelToken())
    assert scorer.logits(ESCROW, empty, "").shape == (0,)


def test_another_document_is_looked_at_anew(
    scorer: TextScorer, embedder: OnnxEmbedder, document: tuple[IndexedText, str]
) -> None:
    indexed, text = document
    before = scorer.logits(ESCROW, indexed, text)
    other = "Rain fell on the source."
    scorer.logits(ESCROW, index_document("f" * 16, paged(other), embedder, CancelToken()), other)
    assert np.array_equal(scorer.logits(ESCROW, indexed, text), before)


def test_a_word_that_stands_everywhere_tells_nothing(scorer: TextScorer, embedder: OnnxEmbedder) -> None:
    text = " ".join(f"The escrow agent number {place} is paid in full." for place in range(40))
    indexed = index_document("g" * 16, paged(text), embedder, CancelToken())
    shared = scorer.features(ESCROW, indexed, text)[:, 4:7]
    assert not shared.any()


def test_cues_weigh_more_than_other_words() -> None:
    asked = asked_of(ESCROW)
    assert asked["escrow"] > asked["source"] == asked["deposi"]


def test_the_bundled_weights_are_of_the_bundled_embedder(embedder: OnnxEmbedder) -> None:
    weights = TextWeights.load()
    assert weights.embedder == embedder.identity
    assert weights.plain.sentences.shape == (FEATURES,)
    assert weights.shown.sentences.shape == (FEATURES + EXAMPLE_FEATURES,)


@pytest.mark.parametrize("kind", ["plain", "shown"])
def test_weights_of_another_shape_are_refused(tmp_path: Path, kind: str) -> None:
    held = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    held[kind]["slopes"] = held[kind]["slopes"][1:]
    (tmp_path / "weights.json").write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(ValueError, match="slopes"):
        TextWeights.load(tmp_path / "weights.json")


def test_a_document_that_answers_is_likelier_to_than_one_that_does_not(
    scorer: TextScorer, document: tuple[IndexedText, str], embedder: OnnxEmbedder
) -> None:
    bare = paged(PAGES[0], PAGES[2], PAGES[3])
    without = index_document("e" * 16, bare, embedder, CancelToken())
    there = scorer.fit(ESCROW, *document).presence
    gone = scorer.fit(ESCROW, without, "\f".join((PAGES[0], PAGES[2], PAGES[3]))).presence
    assert there is not None
    assert gone is not None
    assert there > 0.5 > gone


def test_nothing_is_said_of_presence_without_sentences_or_for_vectors_of_another_embedder(
    scorer: TextScorer, document: tuple[IndexedText, str], embedder: OnnxEmbedder
) -> None:
    nothing = index_document("f" * 16, paged(""), embedder, CancelToken())
    assert scorer.fit(ESCROW, nothing, "").presence is None
    indexed, text = document
    assert scorer.fit(ESCROW, replace(indexed, embedder="f" * 64), text).presence is None


VAGUE = Task(
    id="duty",
    title="Duty of care",
    description="What somebody has to do with what is valuable.",
    question="Is there a duty of care?",
    queries=("takes care of it",),
)
SHOWN = VAGUE.model_copy(
    update={
        "examples": (
            "Supplier shall place the source code of the Software in escrow with an independent agent.",
            "Within ten days the source code is deposited with the Escrow Agent.",
            "Vendor agrees to maintain a source code escrow account for the Customer.",
        )
    }
)


def test_examples_show_what_a_vague_description_leaves_open(
    scorer: TextScorer, document: tuple[IndexedText, str]
) -> None:
    indexed, text = document
    before, after = scorer.fit(VAGUE, indexed, text), scorer.fit(SHOWN, indexed, text)
    span = indexed.sentences[int(np.argmax(after.logits))].span
    assert "deposit the source code" in text[span.start : span.end]
    assert before.presence is not None
    assert after.presence is not None
    assert after.presence > before.presence


def test_the_order_of_examples_changes_nothing(scorer: TextScorer, document: tuple[IndexedText, str]) -> None:
    indexed, text = document
    turned = SHOWN.model_copy(update={"examples": SHOWN.examples[::-1]})
    assert np.allclose(scorer.logits(SHOWN, indexed, text), scorer.logits(turned, indexed, text), atol=1e-4)


def test_a_document_without_sentences_has_no_scores_by_examples_either(
    scorer: TextScorer, embedder: OnnxEmbedder
) -> None:
    empty = index_document("e" * 16, paged(""), embedder, CancelToken())
    assert scorer.logits(SHOWN, empty, "").shape == (0,)
