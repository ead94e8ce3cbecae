"""Searching a large matter while its vector index is built again, and while documents come and go."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.domain.kinds import DocumentState
from app.domain.ports import MatterReader, PassageHit
from app.domain.text import Document
from app.store.opening import open_matter, read_matter
from bench.retrieval.laps import Laps
from bench.retrieval.made_matter import IN_DOCUMENT, Sources, made_document, tell
from models.onnx_embedder import OnnxEmbedder
from retrieval.exact_search import HeldVectors
from retrieval.vector_index import VectorIndex, open_vector_index

_ASKED, _DEPTH = 20, 50
_DOCUMENTS = 10
_BESIDE = 5

_QUOTES = re.compile(r'["“”„]')

Places = set[tuple[str, int]]


def rebuild(folder: Path, embedder: OnnxEmbedder, asked: Sequence[str], seconds: float = 120.0) -> None:
    """The index is deleted, and questions are asked while it is built again: with the same answers?

    Ends when the index is whole, or after ``seconds``. The right answers are those of an exact search.
    """
    asked = asked[:_ASKED]
    matter = read_matter(folder)
    vectors = embedder.embed(asked)
    exact = HeldVectors(matter, embedder.identity)
    with matter.at_one_moment():
        digests = matter.vector_digests(embedder.identity)
        meant = [_places(exact.nearest(digests, vector, _DEPTH)) for vector in vectors]
    exact.forget()
    worded = [matter.lexical(question, None, _DEPTH) for question in asked]
    shutil.rmtree(folder / "index", ignore_errors=True)
    laps = Laps()
    index = open_vector_index(matter, embedder.identity, own_reader=lambda: read_matter(folder))
    whole = _synced(index)
    alike: list[float] = []
    begun, same = time.perf_counter(), True
    while not alike or (not whole.is_set() and time.perf_counter() - begun < seconds):
        place = len(alike) % len(asked)
        with laps.timed("lexical while the index is built"):
            hits = matter.lexical(asked[place], None, _DEPTH)
        same = same and hits == worded[place]
        with laps.timed("dense while the index is built"):
            near = index.query(vectors[place], _DEPTH)
        alike.append(len(_places(near) & meant[place]) / _DEPTH)
    laps.tell("rebuild")
    tell(
        f"{len(alike)} searches in {time.perf_counter() - begun:.0f} s of building: "
        f"words found the same: {same}; share of the exact first {_DEPTH} by meaning: "
        f"mean {np.mean(alike):.3f}, least {min(alike):.3f}; "
        f"{'whole' if whole.is_set() else 'not whole yet'} at the end"
    )
    index.close()
    matter.close()


def writes(folder: Path, sources: Sources, asked: Sequence[str]) -> None:
    """Documents are added and removed by another connection, and looked for at once."""
    embedder = sources.embedder
    reader = read_matter(folder)
    index = open_vector_index(reader, embedder.identity, own_reader=lambda: read_matter(folder))
    index.sync()
    writer = open_matter(folder, create=False)
    laps = Laps()
    right: list[bool] = []
    for turn in range(_DOCUMENTS):
        document, pages, indexed = made_document(1_000_000_000 + turn, IN_DOCUMENT, sources)
        vector = indexed.passage_vectors[7]
        span = indexed.passages[7].span  # on the first page, which begins at 0
        words = (
            f'"{_QUOTES.sub(" ", pages[0].text[span.start : span.end])}"'  # all of it: parts stand elsewhere
        )
        with laps.timed("adding a document of 200 passages"):
            writer.put_document(document, pages)
            writer.put_indexed(indexed)
        found = _both(laps, "just added", reader, index, vector, words)
        right += [hits[0].document == document.id and hits[0].passage == 7 for hits in found]
        for question in asked[turn * _BESIDE : (turn + 1) * _BESIDE]:
            _both(laps, "after an addition", reader, index, embedder.embed([question])[0], question)
        with laps.timed("removing it"):
            writer.put_document(_removed(document), [])
        found = _both(laps, "just removed", reader, index, vector, words)
        right += [document.id not in {hit.document for hit in hits} for hits in found]
    laps.tell("writes")
    tell(f"right answers right after {len(right)} changes: {sum(right)}")
    writer.close()
    index.close()
    reader.close()


def _both(
    laps: Laps, when: str, reader: MatterReader, index: VectorIndex, vector: np.ndarray, words: str
) -> tuple[Sequence[PassageHit], Sequence[PassageHit]]:
    with laps.timed(f"dense, {when}"):
        near = index.query(vector, _DEPTH)
    with laps.timed(f"lexical, {when}"):
        worded = reader.lexical(words, None, _DEPTH)
    return near, worded


def _removed(document: Document) -> Document:
    return document.model_copy(update={"state": DocumentState.DAMAGED, "reason": "removed", "pages": 0})


def _places(hits: Sequence[PassageHit]) -> Places:
    return {(hit.document, hit.passage) for hit in hits}


def _synced(index: VectorIndex) -> threading.Event:
    """Set when the index is whole."""
    whole = threading.Event()

    def wait() -> None:
        index.sync()
        whole.set()

    threading.Thread(target=wait, daemon=True).start()
    return whole
