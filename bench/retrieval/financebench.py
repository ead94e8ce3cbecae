"""Pages of company filings that answer questions nobody trained for: the product's search beside peers.

Usage: python -m bench.retrieval.financebench MATTER DATA_FOLDER [--cache FOLDER]

``DATA_FOLDER`` holds ``questions.jsonl`` and ``pdf`` in FinanceBench's form; pages count from 0 there.
``MATTER`` was made of these files and indexed: ``pincite add MATTER DATA_FOLDER/pdf`` and
``pincite search MATTER revenue``. Told is the share of questions with a gold page among the first
five hits, and among the first five different pages, in the question's own document and in all together.
The vectors of the dense peer, which take longest, are made once if a cache folder is named.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.domain.ports import MatterReader
from app.store.opening import read_matter
from bench.retrieval.rankings import Bm25, Dense, fixed_chunks
from models.onnx_embedder import OnnxEmbedder
from models.onnx_reranker import OnnxReranker
from retrieval.retriever import MatterRetriever
from retrieval.vector_index import ExactVectorIndex

FIRST, DEPTH = 5, 40
BM25_CHUNK, PEER_CHUNK = 500, 1000
Place = tuple[str, int]
Ranked = Callable[[str, str | None], Sequence[Place]]
"""(question, document or None for all) to the places of the best hits."""


def bm25(matter: MatterReader, documents: Sequence[str]) -> Ranked:
    chunks = _chunks(matter, documents, BM25_CHUNK)
    alone = {d: Bm25([words for place, words in chunks if place[0] == d]) for d in documents}
    together = Bm25([words for _, words in chunks])

    def ranked(question: str, document: str | None) -> Sequence[Place]:
        held = [place for place, _ in chunks if document in (None, place[0])]
        index = together if document is None else alone[document]
        return [held[row] for row in index.ranked(question, DEPTH)]

    return ranked


def dense(
    matter: MatterReader, documents: Sequence[str], embedder: OnnxEmbedder, cache: Path | None
) -> Ranked:
    chunks = _chunks(matter, documents, PEER_CHUNK)
    vectors = np.concatenate(
        [_vectors([words for place, words in chunks if place[0] == d], embedder, cache) for d in documents]
    )
    asked = Dense(embedder)

    def ranked(question: str, document: str | None) -> Sequence[Place]:
        rows = [row for row, (place, _) in enumerate(chunks) if document in (None, place[0])]
        return [chunks[rows[row]][0] for row in asked.ranked(vectors[rows], question)[:DEPTH]]

    return ranked


def _vectors(texts: Sequence[str], embedder: OnnxEmbedder, cache: Path | None) -> NDArray[np.float32]:
    key = hashlib.sha256("\0".join((embedder.identity, *texts)).encode(errors="replace")).hexdigest()[:24]
    kept = None if cache is None else cache / f"{key}.npy"
    if kept is not None and kept.exists():
        return np.load(kept)
    vectors = embedder.embed(texts)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, vectors)
    return vectors


def _chunks(matter: MatterReader, documents: Sequence[str], most: int) -> list[tuple[Place, str]]:
    """Of each page by itself, so that every chunk has one page."""
    return [
        ((document, page.number), page.text[start:end])
        for document in documents
        for page in matter.pages(document)
        for start, end in fixed_chunks(page.text, most)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("matter", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    questions = [json.loads(line) for line in (options.data / "questions.jsonl").open(encoding="utf-8")]
    matter = read_matter(options.matter)
    embedder = OnnxEmbedder()
    ids = {Path(document.name).stem: document.id for document in matter.documents()}
    documents = [ids[name] for name in dict.fromkeys(question["doc_name"] for question in questions)]

    def ours(reranker: OnnxReranker | None) -> Ranked:
        index = ExactVectorIndex(matter, embedder.identity)
        retriever = MatterRetriever(matter, embedder, lambda: index, reranker=reranker)

        def ranked(question: str, document: str | None) -> Sequence[Place]:
            return [(hit.document, hit.page) for hit in retriever.search(question, document, DEPTH, None)]

        return ranked

    sys.stdout.write(f"{len(questions)} questions, {len(documents)} filings\n\n")
    sys.stdout.write(f"Gold page among {FIRST} hits (among {FIRST} pages)\n\n")
    sys.stdout.write("| | own document | all documents |\n| --- | --- | --- |\n")
    for name, made in (
        ("search", lambda: ours(OnnxReranker())),
        ("without the reranker", lambda: ours(None)),
        (f"BM25, chunks of {BM25_CHUNK}", lambda: bm25(matter, documents)),
        (f"dense, chunks of {PEER_CHUNK}", lambda: dense(matter, documents, embedder, options.cache)),
    ):
        ranked = made()
        found: list[list[bool]] = []
        for question in questions:
            document = ids[question["doc_name"]]
            gold = {(document, piece["evidence_page_num"] + 1) for piece in question["evidence"]}
            hits = [ranked(question["question"], where) for where in (document, None)]
            pages = [list(dict.fromkeys(places)) for places in hits]
            found.append([not gold.isdisjoint(places[:FIRST]) for places in (*hits, *pages)])
        own, among, own_pages, among_pages = np.mean(found, axis=0)
        sys.stdout.write(f"| {name} | {own:.1%} ({own_pages:.1%}) | {among:.1%} ({among_pages:.1%}) |\n")
        sys.stdout.flush()
    matter.close()


if __name__ == "__main__":
    main()
