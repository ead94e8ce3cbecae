from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pydantic import TypeAdapter, ValidationError

from app.domain.base import Frozen
from app.domain.cost import Energy, FindingCost, Usage
from app.domain.finding import Citation, Evidence, EvidenceSentence, Finding
from app.domain.kinds import FindingStatus, ValueKind
from app.domain.ports import IndexedText, SearchHit
from app.domain.spans import Box, Span
from app.domain.task import Task
from app.domain.text import Passage, Sentence
from app.engine.protocol import (
    EVENT,
    REQUEST,
    Begun,
    CancelJob,
    Ended,
    EvidenceJob,
    Given,
    Hits,
    Indexed,
    IndexJob,
    Made,
    Matrix,
    ReviewJob,
    SearchJob,
    indexed_event,
    indexed_text,
    packed,
    unpacked,
)
from app.review.review_matter import WorkItem

ANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
words = st.text(max_size=30)
some_words = st.text(min_size=1, max_size=30)
counts = st.integers(min_value=0, max_value=1 << 40)
finite = st.floats(allow_nan=False, allow_infinity=False)
amounts = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
shares = st.floats(min_value=0, max_value=1)
spans = st.builds(lambda start, length: Span(start, start + length), counts, st.integers(1, 500))
pages = st.integers(min_value=1, max_value=20_000)
several = st.lists(words, max_size=4).map(tuple)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53), 1 << 53) | finite | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
tasks = st.builds(
    Task,
    id=st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True),
    title=words,
    description=words,
    question=words,
    queries=st.lists(words, min_size=1, max_size=3).map(tuple),
    value=st.sampled_from([kind for kind in ValueKind if kind is not ValueKind.BOOLEAN]),
)
items = st.builds(WorkItem, finding=words, document=words, task=words)
usages = st.builds(Usage, seconds=amounts, energy=st.builds(Energy, kwh=amounts, measured=st.booleans()))
boxes = st.builds(Box, finite, finite, finite, finite)
citations = st.builds(
    lambda page, start, quote, boxes: Citation(
        page=page, start=start, end=start + len(quote), quote=quote, boxes=tuple(boxes)
    ),
    pages,
    counts,
    some_words,
    st.lists(boxes, max_size=3),
)
findings = st.builds(
    Finding,
    id=words,
    document=words,
    task=words,
    status=st.sampled_from(FindingStatus),
    value=json_values,
    display=words,
    confidence=shares,
    citations=st.lists(citations, min_size=1, max_size=3).map(tuple),
    reason=some_words,
    cost=st.builds(FindingCost, machine=amounts, analyst=amounts, quoted=st.none() | finite),
)
hits = st.builds(SearchHit, document=words, page=pages, start=counts, end=counts, text=words, score=finite)
evidence = st.builds(
    Evidence,
    document=words,
    task=words,
    sentences=st.lists(
        st.builds(EvidenceSentence, sentence=counts, page=pages, span=spans, text=words, score=finite),
        max_size=3,
    ).map(tuple),
    presence=st.none() | shares,
)
requests = st.one_of(
    st.builds(IndexJob, documents=several),
    st.builds(
        ReviewJob,
        items=st.lists(items, max_size=4).map(tuple),
        tasks=st.lists(tasks, max_size=2).map(tuple),
    ),
    st.builds(SearchJob, query=words, document=st.none() | words, limit=counts, budget=st.none() | counts),
    st.builds(EvidenceJob, documents=several, task=words, budget=counts),
    st.just(CancelJob()),
)
events = st.one_of(
    st.builds(Begun, item=items),
    st.builds(Made, finding=findings, usage=usages),
    st.builds(Hits, hits=st.lists(hits, max_size=3).map(tuple)),
    st.builds(Given, evidence=evidence),
    st.builds(
        Ended,
        ending=st.sampled_from(["done", "cancelled", "failed"]),
        code=words,
        message=words,
        hint=words,
    ),
)
matrices = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=6),
    elements=st.floats(width=32, allow_nan=True, allow_infinity=True, allow_subnormal=True),
)


def one_line(message: Frozen) -> bytes:
    line = message.model_dump_json().encode()
    assert line.splitlines() == [line]
    return line


def over_the_pipe(adapter: TypeAdapter[Frozen], message: Frozen) -> Frozen:
    return adapter.validate_json(one_line(message))


@ANY
@given(requests)
def test_every_request_arrives_as_it_was_sent_in_one_line(request_: Frozen) -> None:
    assert over_the_pipe(REQUEST, request_) == request_


@ANY
@given(events)
def test_every_event_arrives_as_it_was_sent_in_one_line(event: Frozen) -> None:
    assert over_the_pipe(EVENT, event) == event


@ANY
@given(matrices)
def test_a_matrix_arrives_bit_for_bit(matrix: np.ndarray) -> None:
    got = unpacked(Matrix.model_validate_json(one_line(packed(matrix))))
    assert got.dtype == np.float32
    assert got.shape == matrix.shape
    assert got.tobytes() == matrix.tobytes()


def test_a_matrix_arrives_whatever_its_layout_in_memory() -> None:
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4)
    for same in (np.asfortranarray(matrix), matrix.astype(">f4"), np.repeat(matrix, 2, axis=0)[::2]):
        assert np.array_equal(unpacked(packed(same)), matrix)
    assert unpacked(packed(matrix.T)).tolist() == matrix.T.tolist()


def test_a_received_matrix_can_be_written_to() -> None:
    got = unpacked(packed(np.zeros((2, 2), dtype=np.float32)))
    got[0, 0] = 1.0
    assert got[0, 0] == 1.0


@ANY
@given(matrices, matrices, usages)
def test_an_index_arrives_as_it_was_made(sentences: np.ndarray, passages: np.ndarray, usage: Usage) -> None:
    made = IndexedText(
        document="d" * 16,
        embedder="e" * 64,
        sentences=(
            Sentence(ordinal=0, page=1, span=Span(0, 4)),
            Sentence(ordinal=1, page=2, span=Span(5, 9)),
        ),
        passages=(Passage(ordinal=0, page=1, span=Span(0, 4), first=0, last=0, heading=Span(0, 2)),),
        sentence_vectors=sentences,
        passage_vectors=passages,
    )
    event = over_the_pipe(EVENT, indexed_event(made, usage))
    assert isinstance(event, Indexed)
    assert event.usage == usage
    got = indexed_text(event)
    assert (got.document, got.embedder) == (made.document, made.embedder)
    assert (got.sentences, got.passages) == (made.sentences, made.passages)
    assert got.sentence_vectors.tobytes() == sentences.tobytes()
    assert got.passage_vectors.tobytes() == passages.tobytes()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"not JSON",
        b'{"kind": "unheard-of"}',
        b'{"kind": "cancel", "more": 1}',
        b'{"kind": "search"}',
        b'{"documents": []}',
        b'{"kind": "ended", "ending": "exploded"}',
        b'{"kind": "made", "finding": {}, "usage": {}}',
    ],
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    for adapter in (REQUEST, EVENT):
        with pytest.raises(ValidationError):
            adapter.validate_json(line)
