"""A small document, finding and decision for tests of the store."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from app.domain.finding import Citation, Decision, Finding
from app.domain.kinds import DecisionKind, DocumentState, FindingStatus
from app.domain.ports import IndexedText
from app.domain.spans import Box, Span, Word
from app.domain.text import Document, Page, Passage, Sentence
from app.domain.words import Words

TEXT = "This Agreement is governed by the laws of Delaware."
DOCUMENT = Document(id="ab" * 8, name="one.pdf", sha256="ab" * 32, pages=1, state=DocumentState.READY)
PAGES = (
    Page(
        number=1,
        start=0,
        text=TEXT,
        width=612,
        height=792,
        words=Words.of([Word(0, 4, Box(72.1, 72.2, 90.35, 84))]),
    ),
)
FINDING = Finding(
    id="f" * 16,
    document=DOCUMENT.id,
    task="governing-law",
    status=FindingStatus.FOUND,
    value={"jurisdiction": "Delaware"},
    display="Delaware",
    confidence=0.9,
    citations=(Citation(page=1, start=0, end=len(TEXT), quote=TEXT, boxes=(Box(72.1, 72.2, 90.35, 84),)),),
)
DECISION = Decision(
    finding=FINDING.id,
    kind=DecisionKind.EDIT,
    value="State of Delaware",
    note="as we write it",
    at=datetime(2026, 11, 24, 12, tzinfo=UTC),
    analyst_seconds=7.5,
)


def indexed(document: str = DOCUMENT.id, embedder: str = "e" * 64) -> IndexedText:
    span = Span(0, len(TEXT))
    vector = np.zeros((1, 384), dtype=np.float32)
    vector[0, 3] = 1.0
    return IndexedText(
        document=document,
        embedder=embedder,
        sentences=(Sentence(ordinal=0, page=1, span=span),),
        passages=(Passage(ordinal=0, page=1, span=span, first=0, last=0),),
        sentence_vectors=vector,
        passage_vectors=vector.copy(),
    )
