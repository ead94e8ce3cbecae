"""The first stage over a large matter: how long each stage takes, beside a plain Chroma and a plain FTS5.

Usage: python -m bench.retrieval.scale DATA_FOLDER --cache FOLDER --passages N
    [--matter FOLDER] [--only exact,index,peers]

The matter is made through the store's public calls, from seed 0. Its passages are real and varied: each is a
passage of a contract in ``DATA_FOLDER/cuad/txt`` with one sentence of ``DATA_FOLDER/acord/corpus.jsonl`` or
of another contract put behind it. Its vector is that of the contract's passage in the cache folder plus a
little noise, so all are distinct and lie as real ones do. A document has 200 passages, a page eight.
Questions are those of ACORD, and the pack's tasks. ``--matter`` keeps the matter for the next run.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.kinds import DocumentState
from app.domain.ports import IndexedText
from app.domain.spans import Span
from app.domain.text import Document, Page, Passage, Sentence
from app.store.opening import open_matter, read_matter
from bench.retrieval.rankings import Bm25
from models.onnx_embedder import OnnxEmbedder
from models.train.split import is_held_out, is_training
from models.train.task_probes import load
from retrieval.retriever import MatterRetriever
from retrieval.sentences import sentence_spans
from retrieval.vector_index import ExactVectorIndex, VectorIndex, open_vector_index
from verticals.loader import find_pack, load_pack

_QUERIES, _WARM = 200, 10
_IN_DOCUMENT, _ON_PAGE = 200, 8
_NOISE = 0.25
"""Length of the noise beside a unit vector: a varied passage is as like its source as 0.97."""

_DEPTH = 50
_BATCH = 1000

Floats = np.ndarray


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def questions(data: Path) -> list[str]:
    """Real ones, the same in every run."""
    lines = (data / "acord" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [str(json.loads(line)["text"]) for line in lines]
    for task in load_pack(find_pack("contracts")).tasks:
        asked += [task.question, *task.queries]
    found = list(dict.fromkeys(asked))
    return [found[place] for place in np.random.default_rng(1).permutation(len(found))[:_QUERIES]]


def sources(data: Path, cache: Path) -> tuple[list[str], Floats, list[str]]:
    """Passages of contracts, their vectors, and sentences to vary them with."""
    texts: list[str] = []
    vectors: list[Floats] = []
    for wanted in (is_training, is_held_out):
        for contract in load(data / "cuad" / "txt", data / "cuad" / "gold.json", cache, wanted):
            for passage, vector in zip(
                contract.indexed.passages, contract.indexed.passage_vectors, strict=True
            ):
                texts.append(contract.text[passage.span.start : passage.span.end])
                vectors.append(vector)
    clauses = (data / "acord" / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    more = [str(json.loads(line)["text"]) for line in clauses]
    sentences = [
        text[s.start : s.end]
        for text in [*texts[::5], *more]
        for s in sentence_spans(text)
        if s.end - s.start > 30
    ]
    return texts, np.array(vectors), sentences


def varied(
    number: int, first: int, rows: int, texts: Sequence[str], vectors: Floats, sentences: Sequence[str]
) -> tuple[list[str], Floats]:
    """``rows`` passages and their vectors, from those at ``first`` on."""
    random = np.random.default_rng([0, number])
    added = random.integers(len(sentences), size=rows)
    places = [(first + row) % len(texts) for row in range(rows)]
    made = [f"{texts[place]} {sentences[one][:300]}" for place, one in zip(places, added, strict=True)]
    noise = random.standard_normal((rows, vectors.shape[1])).astype(np.float32)
    moved = vectors[places] + _NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return made, (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)


def documents(
    count: int, embedder: str, data: Path, cache: Path
) -> Iterator[tuple[Document, list[Page], IndexedText]]:
    texts, vectors, sentences = sources(data, cache)
    for number, first in enumerate(range(0, count, _IN_DOCUMENT)):
        rows = min(_IN_DOCUMENT, count - first)
        made, held = varied(number, first, rows, texts, vectors, sentences)
        key = f"{number:016x}"
        pages, passages = _laid_out(made)
        document = Document(
            id=key, name=f"{number}.txt", sha256=key * 4, pages=len(pages), state=DocumentState.READY
        )
        yield (
            document,
            pages,
            IndexedText(
                document=key,
                embedder=embedder,
                sentences=tuple(Sentence(ordinal=p.ordinal, page=p.page, span=p.span) for p in passages),
                passages=passages,
                sentence_vectors=held,
                passage_vectors=held,
            ),
        )


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


def build(folder: Path, count: int, embedder: str, data: Path, cache: Path) -> None:
    begun = time.perf_counter()
    matter = open_matter(folder, create=True)
    for document, pages, indexed in documents(count, embedder, data, cache):
        matter.put_document(document, pages)
        matter.put_indexed(indexed)
    matter.close()
    tell(f"matter of {count:,} passages written in {time.perf_counter() - begun:.0f} s")


class Laps:
    """Times of named stages, a list for each."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def around(self, owner: Any, method: str, stage: str) -> None:
        """Time every call of a method of one object."""
        call: Callable[..., Any] = getattr(owner, method)

        def timed(*arguments: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return call(*arguments, **named)
            finally:
                self.seconds.setdefault(stage, []).append(time.perf_counter() - begun)

        setattr(owner, method, timed)

    def tell(self, label: str) -> None:
        """p50, p95 and most, in milliseconds, without the first calls."""
        for stage, times in self.seconds.items():
            p50, p95 = np.percentile(times[_WARM:], [50, 95]) * 1000
            tell(f"| {label} | {stage} | {p50:.1f} | {p95:.1f} | {1000 * max(times[_WARM:]):.0f} |")


def ours(folder: Path, embedder: OnnxEmbedder, asked: Sequence[str], label: str, exact: bool) -> None:
    matter = read_matter(folder)
    laps = Laps()
    begun = time.perf_counter()
    index: VectorIndex = (
        ExactVectorIndex(matter, embedder.identity)
        if exact
        else open_vector_index(matter, embedder.identity, own_reader=lambda: read_matter(folder))
    )
    tell(f"{label}: opened in {time.perf_counter() - begun:.1f} s")
    begun = time.perf_counter()
    retriever = MatterRetriever(matter, embedder, lambda: index)
    retriever.search(asked[0], None, 10, None)
    tell(f"{label}: first search after {time.perf_counter() - begun:.2f} s")
    begun = time.perf_counter()
    index.sync()
    tell(f"{label}: whole after {time.perf_counter() - begun:.0f} s more")
    for owner, method, stage in (
        (embedder, "embed", "query embedding"),
        (index, "query", "dense"),
        (matter, "lexical", "lexical"),
        (retriever, "search", "whole search"),
    ):
        laps.around(owner, method, stage)
    for question in [*asked[:_WARM], *asked]:
        retriever.search(question, None, 10, None)
    del embedder.embed
    parts = zip(
        *(laps.seconds[name] for name in ("whole search", "query embedding", "dense", "lexical")), strict=True
    )
    laps.seconds["fusion and hits"] = [whole - sum(rest) for whole, *rest in parts]
    laps.tell(label)
    index.close()
    matter.close()


def peers(folder: Path, embedder: OnnxEmbedder, asked: Sequence[str]) -> None:
    """Chroma and FTS5 as anyone would use them, over the same passages."""
    import chromadb

    laps = Laps()
    with sqlite3.connect(folder / "matter.sqlite3") as base:
        texts = [row[0] for row in base.execute("SELECT text FROM passage_texts ORDER BY id")]
    base.close()
    plain = Bm25(texts)
    laps.around(plain, "ranked", "plain FTS5")
    for question in [*asked[:_WARM], *asked]:
        plain.ranked(question, _DEPTH)
    plain.close()
    del texts
    matter = read_matter(folder)
    with tempfile.TemporaryDirectory() as store:
        client: Any = chromadb.PersistentClient(path=store)
        collection = client.create_collection("plain", embedding_function=None)
        begun = time.perf_counter()
        for document in matter.indexed_documents(embedder.identity):
            indexed = matter.indexed(document, embedder.identity)
            assert indexed is not None
            rows = range(len(indexed.passages))
            collection.add(ids=[f"{document}:{row}" for row in rows], embeddings=indexed.passage_vectors)
        tell(f"plain Chroma built in {time.perf_counter() - begun:.0f} s, {_size(Path(store)):.0f} MB")
        laps.around(collection, "query", "plain Chroma")
        for question in [*asked[:_WARM], *asked]:
            collection.query(query_embeddings=[embedder.embed([question])[0].tolist()], n_results=_DEPTH)
        client.close()
    matter.close()
    laps.tell("peer")


def _size(path: Path) -> float:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--passages", type=int, required=True)
    parser.add_argument("--matter", type=Path)
    parser.add_argument("--only", default="exact,index,peers", help="which to run, with commas between")
    given = parser.parse_args()
    embedder = OnnxEmbedder()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = given.matter or Path(temporary) / "matter"
        if not (folder / "matter.sqlite3").exists():
            build(folder, given.passages, embedder.identity, given.data, given.cache)
            gc.collect()
        asked = questions(given.data)
        tell(f"{len(asked)} questions\n")
        tell("| which | stage | p50 ms | p95 ms | most ms |\n| --- | --- | --- | --- | --- |")
        which = given.only.split(",")
        for name in {"exact", "index"}.intersection(which):
            ours(folder, embedder, asked, name, exact=name == "exact")
        if "peers" in which:
            peers(folder, embedder, asked)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        tell(
            f"matter {_size(folder / 'matter.sqlite3'):.0f} MB, index {_size(folder / 'index'):.0f} MB, "
            f"peak memory {peak:.1f} GB"
        )


if __name__ == "__main__":
    main()
