"""Tasks, packs, evidence and indexed text for tests of the review."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.domain.finding import Evidence, EvidenceSentence, ModelRef, PackRef
from app.domain.ports import IndexedText
from app.domain.spans import Span
from app.domain.task import Mix, Pack, Prompts, Task
from app.domain.text import PAGE_BREAK, Passage, Sentence

MODEL = ModelRef(id="fake", sha256="f" * 64)
TASK = Task(
    id="governing-law",
    title="Governing law",
    description="Whose law governs.",
    question="Does it say whose law governs?",
    queries=("governed by the laws of",),
)
PROMPTS = Prompts(
    system="SYSTEM",
    select="-----\n{evidence}\n-----\nselect {title} | {description} | {question}",
    present="-----\n{evidence}\n-----\npresent {question}",
    value="-----\n{evidence}\n-----\nvalue {title} | {question}",
)


def pack(*tasks: Task, mix: Mix | None = None, prompts: Prompts = PROMPTS) -> Pack:
    return Pack(
        ref=PackRef(id="made", version="1.0.0", sha256="a" * 64),
        title="Made",
        description="for tests",
        licence="CC0-1.0",
        attribution="nobody",
        tasks=tasks or (TASK,),
        prompts=prompts,
        folder=Path(),
        mixes={} if mix is None else {MODEL.sha256: mix},
    )


def evidence(*texts: str, presence: float | None = None, scores: tuple[float, ...] = ()) -> Evidence:
    """Sentences of one page, one space apart; the first scores best unless ``scores`` says otherwise."""
    given = scores or tuple(-float(place) for place in range(len(texts)))
    held: list[EvidenceSentence] = []
    start = 0
    for place, (text, score) in enumerate(zip(texts, given, strict=True)):
        span = Span(start, start + len(text))
        held.append(EvidenceSentence(sentence=place, page=1, span=span, text=text, score=score))
        start += len(text) + 1
    return Evidence(
        document="d" * 16,
        task=TASK.id,
        sentences=tuple(held),
        presence=presence,
        learned=presence is not None,
    )


def sentences(*texts: str, embedder: str = "e" * 64) -> tuple[IndexedText, str]:
    """Each text a page, a sentence and a passage, with vectors at random; and the canonical text."""
    spans: list[Span] = []
    start = 0
    for text in texts:
        spans.append(Span(start, start + len(text)))
        start += len(text) + 1
    vectors = np.random.default_rng(len(texts)).standard_normal((len(texts), 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    places = list(enumerate(spans))
    indexed = IndexedText(
        document="d" * 16,
        embedder=embedder,
        sentences=tuple(Sentence(ordinal=i, page=i + 1, span=span) for i, span in places),
        passages=tuple(Passage(ordinal=i, page=i + 1, span=span, first=i, last=i) for i, span in places),
        sentence_vectors=vectors,
        passage_vectors=vectors.copy(),
    )
    return indexed, PAGE_BREAK.join(texts)
