"""How fast documents are indexed and passages reranked, beside a bare ONNX session.

Usage: python -m bench.retrieval.model_speed DATA_FOLDER [--contracts 4] [--characters 60000] [--turns 3]

``index_document`` on real contracts, beside the embedder's model as anyone would run it: the same sentences
and passages, tokenised, sorted by length, in padded batches of 32, by a session with onnxruntime's own
settings. Both in turn, in one process. A document's text is embedded twice, as sentences and as passages;
texts and characters of both count. The reranker reads 24 clauses of ACORD for each of its queries, as
``models`` runs it, and the same by a bare session in batches of 8.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from app.domain.cancel import CancelToken
from app.domain.text import canonical_text
from bench.retrieval.laps import Laps
from bench.retrieval.made_matter import contracts, tell
from models import onnx_embedder, onnx_reranker
from models.onnx_embedder import MOST_TOKENS, OnnxEmbedder
from models.onnx_reranker import OnnxReranker
from models.train.text_pages import pages_of
from retrieval.indexing import index_document

_BATCH, _RERANKED = 32, 24
_CLAUSE = 524


class BareEmbedder:
    """A session with its own settings, texts sorted by length, padded batches of 32."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(onnx_embedder.FOLDER / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=MOST_TOKENS)
        self._session: Any = onnxruntime.InferenceSession(
            str(onnx_embedder.FOLDER / "model.onnx"), providers=["CPUExecutionProvider"]
        )

    def embed(self, texts: list[str]) -> None:
        rows = sorted((one.ids for one in self._tokenizer.encode_batch(texts)), key=len)
        for first in range(0, len(rows), _BATCH):
            ids, mask = padded(rows[first : first + _BATCH])
            self._session.run(["vectors"], {"input_ids": ids, "attention_mask": mask})


class BareReranker:
    """The same for pairs, in batches of 8."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(onnx_reranker.TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=onnx_reranker.MOST_TOKENS)
        self._session: Any = onnxruntime.InferenceSession(
            str(onnx_reranker.FOLDER / "model.onnx"), providers=["CPUExecutionProvider"]
        )

    def scores(self, query: str, texts: list[str]) -> None:
        pairs = [(query, text) for text in texts]
        rows = sorted(self._tokenizer.encode_batch(pairs), key=lambda one: len(one.ids))
        for first in range(0, len(rows), 8):
            part = rows[first : first + 8]
            ids, mask = padded([one.ids for one in part])
            types, _ = padded([one.type_ids for one in part])
            self._session.run(["scores"], {"input_ids": ids, "attention_mask": mask, "token_type_ids": types})


def padded(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return ids, mask


def indexing(data: Path, count: int, characters: int, turns: int) -> None:
    ours, bare = OnnxEmbedder(), BareEmbedder()
    ours.embed(["warm"])
    bare.embed(["warm"])
    every = list(contracts(data))
    chosen = [text[:characters] for text in every[:: max(1, len(every) // count)][:count]]
    laps = Laps()
    texts = held = 0
    for _ in range(turns):
        for text in chosen:
            pages = pages_of(text)
            with laps.timed("index_document"):
                indexed = index_document("0" * 16, pages, ours, CancelToken())
            whole = canonical_text(pages)
            spans = [part.span for part in (*indexed.sentences, *indexed.passages)]
            parts = [whole[span.start : span.end] for span in spans]
            with laps.timed("bare session"):
                bare.embed(parts)
            texts += len(parts)
            held += sum(map(len, parts))
    tell(f"{len(chosen)} contracts, {turns} turns, {texts:,} texts, {held:,} characters\n")
    tell("| | texts a second | characters a second | texts by second of processor |\n" + "|" + " --- |" * 4)
    seconds = {stage: np.array(of).sum(axis=0) for stage, of in laps.of.items()}
    for stage, (wall, cpu) in seconds.items():
        tell(f"| {stage} | {texts / wall:.1f} | {held / wall:,.0f} | {texts / cpu:.1f} |")
    wall, cpu = seconds["bare session"] / seconds["index_document"]
    tell(f"\nshare of the bare session's speed: {wall:.2f} on the clock, {cpu:.2f} by processor time\n")


def reranking(data: Path, turns: int) -> None:
    ours, bare = OnnxReranker(), BareReranker()
    folder = data / "acord"
    queries = [json.loads(line)["text"] for line in (folder / "queries.jsonl").open(encoding="utf-8")]
    clauses = [json.loads(line)["text"] for line in (folder / "corpus.jsonl").open(encoding="utf-8")]
    long = [clause[:_CLAUSE] for clause in clauses if len(clause) >= _CLAUSE]
    laps = Laps()
    ours.scores("warm", ["warm"])
    bare.scores("warm", ["warm"])
    for turn in range(turns):
        texts = long[turn * _RERANKED : (turn + 1) * _RERANKED]
        with laps.timed(f"reranker, {_RERANKED} clauses of {_CLAUSE} characters"):
            ours.scores(queries[turn], texts)
        with laps.timed("bare session, batches of 8"):
            bare.scores(queries[turn], texts)
    laps.head()
    laps.tell("models")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--contracts", type=int, default=4)
    parser.add_argument("--characters", type=int, default=60_000)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    tell(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    indexing(given.data, given.contracts, given.characters, given.turns)
    reranking(given.data, 7 * given.turns)
    tell(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
