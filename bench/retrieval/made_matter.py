"""A large matter, made from real passages: for the bench of speed and scale.

Its passages are real and varied: each is a passage of a contract in ``DATA_FOLDER/cuad/txt`` with one
sentence of ``DATA_FOLDER/acord/corpus.jsonl`` or of another contract put behind it. Its vector is that of the
contract's passage plus a little noise, so all are distinct and lie as real ones do. A document has 200
passages, a page eight. Everything follows from seed 0.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.domain.kinds import DocumentState
from app.domain.ports import IndexedText
from app.domain.spans import Span
from app.domain.text import Document, Page, Passage, Sentence
from app.store.opening import open_matter
from models.onnx_embedder import OnnxEmbedder
from models.train.text_pages import pages_of
from retrieval.passages import split_passages
from retrieval.sentences import sentence_spans, split_sentences

Floats = NDArray[np.float32]

IN_DOCUMENT, _ON_PAGE = 200, 8
_OF_A_CONTRACT, _APART = 20, 3
"""Passages that are taken of each contract: embedding all of them would take longer than the bench."""

_TOLD_EVERY = 250
_NOISE = 0.25
"""Length of the noise beside a unit vector: a varied passage is as like its source as 0.97."""


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Sources:
    """Passages of contracts, their vectors, and sentences to vary them with."""

    def __init__(self, data: Path, cache: Path) -> None:
        self.embedder = OnnxEmbedder()
        self.texts = list(_passages_of_contracts(data))
        kept = cache / f"scale-{self.embedder.identity[:16]}-{len(self.texts)}.npy"
        if not kept.exists():
            cache.mkdir(parents=True, exist_ok=True)
            np.save(kept, self.embedder.embed(self.texts))
        self.vectors: Floats = np.load(kept)
        clauses = (data / "acord" / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
        more = [str(json.loads(line)["text"]) for line in clauses]
        self.sentences = [
            text[s.start : s.end]
            for text in [*self.texts[::5], *more]
            for s in sentence_spans(text)
            if s.end - s.start > 30
        ]


def contracts(data: Path) -> Iterator[str]:
    """Texts of the open contracts, in the order of their names."""
    for file in sorted((data / "cuad" / "txt").glob("*.txt")):
        with file.open(encoding="utf-8", newline="") as source:
            yield source.read()


def _passages_of_contracts(data: Path) -> Iterator[str]:
    for text in contracts(data):
        pages = pages_of(text[: 1000 * _APART * _OF_A_CONTRACT])
        passages = split_passages(pages, split_sentences(pages))
        for passage in passages[::_APART][:_OF_A_CONTRACT]:
            yield text[passage.span.start : passage.span.end]


def varied(number: int, first: int, rows: int, sources: Sources) -> tuple[list[str], Floats]:
    """``rows`` passages and their vectors, from those at ``first`` on; another ``number``, other ones."""
    random = np.random.default_rng([0, number])
    added = random.integers(len(sources.sentences), size=rows)
    places = [(first + row) % len(sources.texts) for row in range(rows)]
    made = [
        f"{sources.texts[place]} {sources.sentences[one][:300]}"
        for place, one in zip(places, added, strict=True)
    ]
    noise = random.standard_normal((rows, sources.vectors.shape[1])).astype(np.float32)
    moved = sources.vectors[places] + _NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return made, (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)


def made_document(number: int, rows: int, sources: Sources) -> tuple[Document, list[Page], IndexedText]:
    """The document with this number: as it is in every matter that is made."""
    made, held = varied(number, number * IN_DOCUMENT, rows, sources)
    key = f"{number:016x}"
    pages, passages = _laid_out(made)
    document = Document(
        id=key, name=f"{number}.txt", sha256=key * 4, pages=len(pages), state=DocumentState.READY
    )
    indexed = IndexedText(
        document=key,
        embedder=sources.embedder.identity,
        sentences=tuple(Sentence(ordinal=p.ordinal, page=p.page, span=p.span) for p in passages),
        passages=passages,
        sentence_vectors=held,
        passage_vectors=held,
    )
    return document, pages, indexed


def _laid_out(texts: Sequence[str]) -> tuple[list[Page], tuple[Passage, ...]]:
    pages: list[Page] = []
    passages: list[Passage] = []
    start = 0
    for first in range(0, len(texts), _ON_PAGE):
        part = texts[first : first + _ON_PAGE]
        begin = start
        for offset, text in enumerate(part):
            row = first + offset
            span = Span(begin, begin + len(text))
            passages.append(Passage(ordinal=row, page=len(pages) + 1, span=span, first=row, last=row))
            begin += len(text) + 1
        body = "\n".join(part)
        pages.append(Page(number=len(pages) + 1, start=start, text=body, width=612, height=792))
        start += len(body) + 1
    return pages, tuple(passages)


def grow(folder: Path, count: int, sources: Sources) -> None:
    """A matter of ``count`` passages, by the store's public calls; goes on where an earlier run ended."""
    begun, cpu = time.perf_counter(), time.process_time()
    matter = open_matter(folder, create=True)
    there = len(matter.indexed_documents(sources.embedder.identity))
    for number in range(there, -(-count // IN_DOCUMENT)):
        document, pages, indexed = made_document(number, IN_DOCUMENT, sources)
        matter.put_document(document, pages)
        matter.put_indexed(indexed)
        if number % _TOLD_EVERY == 0:
            tell(f"{number * IN_DOCUMENT:,} passages after {time.perf_counter() - begun:.0f} s")
    matter.close()
    if there * IN_DOCUMENT < count:
        wall, spent = time.perf_counter() - begun, time.process_time() - cpu
        grown = f"from {there * IN_DOCUMENT:,} to {count:,} passages"
        tell(f"matter grown {grown} in {wall:.0f} s ({spent:.0f} s of processor time)")
