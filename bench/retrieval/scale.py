"""Searching a large matter: how long each stage takes, cold and warm, beside a plain Chroma and a plain FTS5.

Usage: python -m bench.retrieval.scale DATA_FOLDER --cache FOLDER --passages N
    [--matter FOLDER] [--questions 200] [--only index,rebuild,writes,exact,rerank,peers]

The matter is made of real passages (``bench/retrieval/made_matter.py``). Questions are those of ACORD, and
the pack's tasks. ``--matter`` keeps the matter for the next run, which makes it larger if more passages are
asked for. ``exact`` searches without Chroma, as a search does before the index is built. ``rebuild`` deletes
the index and searches while it is built again, ``writes`` searches while documents come and go
(``bench/retrieval/changes.py``).
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.ports import PassageHit
from app.store.opening import read_matter
from app.store.reader import SqliteMatterReader
from bench.retrieval.changes import rebuild, writes
from bench.retrieval.laps import Laps
from bench.retrieval.made_matter import Sources, grow, tell
from bench.retrieval.rankings import Bm25
from models.onnx_embedder import OnnxEmbedder
from models.onnx_reranker import OnnxReranker
from retrieval.exact_search import HeldVectors
from retrieval.retriever import MatterRetriever
from retrieval.store_digests import StoreDigests
from retrieval.vector_index import VectorIndex, open_vector_index
from verticals.loader import find_pack, load_pack

_DEPTH = 50
_RERANKED = 40


def questions(data: Path, most: int) -> list[str]:
    """Real ones, the same in every run."""
    lines = (data / "acord" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [str(json.loads(line)["text"]) for line in lines]
    for task in load_pack(find_pack("contracts")).tasks:
        asked += [task.question, *task.queries]
    found = list(dict.fromkeys(asked))
    return [found[place] for place in np.random.default_rng(1).permutation(len(found))[:most]]


class HeldIndex:
    """What answers by meaning before there is an index: vectors are read once, then kept."""

    def __init__(self, matter: SqliteMatterReader, embedder: str) -> None:
        self._matter = matter
        self._digests = StoreDigests(matter, embedder)
        self._held = HeldVectors(matter, embedder)

    def query(self, vector: np.ndarray, limit: int) -> tuple[PassageHit, ...]:
        with self._matter.at_one_moment():
            return tuple(self._held.nearest(self._digests.now(), vector, limit))

    def sync(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        self._held.forget()


def opened(folder: Path, embedder: OnnxEmbedder, exact: bool) -> tuple[SqliteMatterReader, VectorIndex]:
    """A matter and its index, as the engine opens them."""
    matter = read_matter(folder)
    if exact:
        return matter, HeldIndex(matter, embedder.identity)
    return matter, open_vector_index(matter, embedder.identity, own_reader=lambda: read_matter(folder))


def ours(folder: Path, embedder: OnnxEmbedder, asked: Sequence[str], exact: bool) -> None:
    """Every question twice: the first time no list of words is kept yet, the second time all that fit are."""
    label = "exact" if exact else "index"
    for turn in ("built", "opened again"):
        begun, cpu = time.perf_counter(), time.process_time()
        matter, index = opened(folder, embedder, exact)
        retriever = MatterRetriever(matter, embedder, lambda held=index: held)
        retriever.search(asked[0], None, 10, None)
        first = time.perf_counter() - begun
        index.sync()
        wall, spent = time.perf_counter() - begun, time.process_time() - cpu
        tell(
            f"{label}, {turn}: first answer after {first:.2f} s, "
            f"whole after {wall:.0f} s ({spent:.0f} s of processor time), {memory()}"
        )
        if turn == "built":
            index.close()
            matter.close()
    for turn in ("cold", "warm"):
        laps = Laps()
        _search_all(retriever, matter, embedder, index, asked[1:], laps)
        laps.tell(f"{label}, {turn}")
    tell(memory())
    index.close()
    matter.close()


def _search_all(
    retriever: MatterRetriever,
    matter: Any,
    embedder: OnnxEmbedder,
    index: VectorIndex,
    asked: Sequence[str],
    laps: Laps,
) -> None:
    stages = (
        (retriever, "search", "first stage, as one"),
        (embedder, "embed", "query embedding"),
        (index, "query", "dense"),
        (matter, "lexical", "lexical"),
    )
    for owner, method, stage in stages:
        laps.around(owner, method, stage)
    for question in asked:
        retriever.search(question, None, 10, None)
    for owner, method, _ in stages:
        delattr(owner, method)


def rerank(folder: Path, embedder: OnnxEmbedder, asked: Sequence[str]) -> None:
    """What the reranker, which comes after the first stage, takes for 24 passages."""
    matter, index = opened(folder, embedder, exact=False)
    index.sync()
    reranker = OnnxReranker()
    retriever = MatterRetriever(matter, embedder, lambda: index, reranker=reranker)
    retriever.search(asked[0], None, 10, None)
    laps = Laps()
    laps.around(reranker, "scores", "reranker, 24 passages")
    laps.around(retriever, "search", "whole search with it")
    for question in asked[:_RERANKED]:
        retriever.search(question, None, 10, None)
    laps.tell("index")
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
    for question in asked:
        plain.ranked(question, _DEPTH)
    plain.close()
    del texts
    matter = read_matter(folder)
    with tempfile.TemporaryDirectory() as store:
        client: Any = chromadb.PersistentClient(path=store)
        collection = client.create_collection("plain", embedding_function=None)
        begun = time.perf_counter()
        for document in matter.indexed_documents(embedder.identity):
            held = matter.passage_vectors(document, embedder.identity)
            assert held is not None
            collection.add(ids=[f"{document}:{row}" for row in range(len(held))], embeddings=held)
        tell(f"plain Chroma built in {time.perf_counter() - begun:.0f} s, {size(Path(store)):.0f} MB")
        laps.around(collection, "query", "plain Chroma")
        for question in asked:
            collection.query(query_embeddings=[embedder.embed([question])[0].tolist()], n_results=_DEPTH)
        client.close()
    matter.close()
    laps.tell("peer")


def size(path: Path) -> float:
    """MB of a file, or of all in a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def memory() -> str:
    """What this process holds now and held at most."""
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return f"memory {pages * os.sysconf('SC_PAGE_SIZE') / 1e9:.2f} GB, {peak:.2f} at most"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--passages", type=int, required=True)
    parser.add_argument("--matter", type=Path)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--only", default="index,rerank,rebuild,writes", help="which, with commas between")
    given = parser.parse_args()
    sources = Sources(given.data, given.cache)
    embedder = sources.embedder
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = given.matter or Path(temporary) / "matter"
        grow(folder, given.passages, sources)
        gc.collect()
        asked = questions(given.data, given.questions)
        tell(f"{len(asked)} questions, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        parts = {
            "exact": lambda: ours(folder, embedder, asked, exact=True),
            "index": lambda: ours(folder, embedder, asked, exact=False),
            "rerank": lambda: rerank(folder, embedder, asked),
            "rebuild": lambda: rebuild(folder, embedder, asked),
            "writes": lambda: writes(folder, sources, asked),
            "peers": lambda: peers(folder, embedder, asked),
        }
        Laps.head()
        for name in given.only.split(","):
            parts[name]()
        tell(
            f"matter {size(folder / 'matter.sqlite3'):.0f} MB, index {size(folder / 'index'):.0f} MB, "
            f"{memory()}, load {os.getloadavg()[0]:.1f}"
        )


if __name__ == "__main__":
    main()
