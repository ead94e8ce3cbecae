"""Retrieval on open data that nothing was trained on, beside BM25 and dense search over fixed chunks.

Usage: python -m bench.retrieval.run DATA_FOLDER --cache FOLDER [--only cuad,contractnli,acord]

``DATA_FOLDER`` holds ``cuad``, ``contractnli`` and ``acord`` in the form of the open sets.
Contracts are those of every fourth company, which the probes never saw. Vectors are kept in the cache folder.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.cancel import CancelToken
from app.domain.kinds import DocumentState
from app.domain.task import Task
from app.domain.text import Document, document_id
from app.platform.files import sha256_of
from app.store.opening import open_matter, read_matter
from bench.retrieval.measures import Inside, Span, filled, ndcg, pieces_inside
from bench.retrieval.rankings import Bm25, Dense, fixed_chunks, fused
from models.onnx_embedder import OnnxEmbedder
from models.onnx_reranker import OnnxReranker
from models.train.split import is_held_out
from models.train.task_probes import Contract, labelled, load
from models.train.text_pages import pages_of
from retrieval.fusion import mix
from retrieval.indexing import index_document
from retrieval.measures import average_precision, characters
from retrieval.reranking import DEPTH, reordered
from retrieval.retriever import MatterRetriever
from retrieval.task_probes import TaskProbes
from verticals.loader import find_pack, load_pack

BUDGETS = (1000, 2000, 4000)
BM25_CHUNK, PEER_CHUNK = 500, 1000
_SENTENCES = 5
_DEPTH = 50


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _no_search() -> Any:
    raise AssertionError("evidence needs no search of the whole matter")


def cuad(data: Path, cache: Path, embedder: OnnxEmbedder) -> None:
    """Gold characters inside the evidence, and how well presence ranks the contracts of each category."""
    contracts = load(data / "cuad" / "txt", data / "cuad" / "gold.json", cache, is_held_out)
    pack = load_pack(find_pack("contracts"))
    assert pack.probes is not None
    with tempfile.TemporaryDirectory() as folder:
        matter = open_matter(Path(folder) / "matter", create=True)
        for contract in contracts:
            key = sha256_of(data / "cuad" / "txt" / contract.name)
            pages = pages_of(contract.text)
            document = Document(
                id=document_id(key),
                name=contract.name,
                sha256=key,
                pages=len(pages),
                state=DocumentState.READY,
            )
            matter.put_document(document, pages)
            contract.indexed = replace(contract.indexed, document=document.id)
            matter.put_indexed(contract.indexed)
        matter.close()
        held = read_matter(Path(folder) / "matter")
        try:
            plain = MatterRetriever(held, embedder, _no_search)
            probed = MatterRetriever(held, embedder, _no_search, TaskProbes.load(pack.probes))
            _cuad(contracts, labelled(contracts, pack.tasks), embedder, plain, probed)
        finally:
            held.close()


def _cuad(
    contracts: Sequence[Contract],
    tasks: Sequence[Task],
    embedder: OnnxEmbedder,
    plain: MatterRetriever,
    probed: MatterRetriever,
) -> None:
    names = (
        f"BM25, chunks of {BM25_CHUNK}",
        f"dense, chunks of {PEER_CHUNK}",
        "a task's text alone",
        "task probes",
    )
    inside = {name: Inside(BUDGETS) for name in names}
    presence: dict[str, tuple[list[bool], list[float]]] = {task.id: ([], []) for task in tasks}
    share = [0, 0]
    as_given = Inside((0,))
    given = [0, 0]
    dense = Dense(embedder)
    for contract in contracts:
        small, large = (fixed_chunks(contract.text, most) for most in (BM25_CHUNK, PEER_CHUNK))
        bm25 = Bm25([contract.text[start:end] for start, end in small])
        vectors = embedder.embed([contract.text[start:end] for start, end in large])
        for task in tasks:
            gold = contract.gold.get(task.id, [])
            truth, scores = presence[task.id]
            truth.append(bool(gold))
            likely = probed.evidence(contract.indexed.document, task, BUDGETS[1], adapt=True)
            scores.append(likely.presence or 0.0)
            likely_spans = [(s.span.start, s.span.end) for s in likely.sentences]
            given[0] += len(characters(likely_spans))
            given[1] += len(contract.text)
            if not gold:
                continue
            as_given.add(task.id, gold, {0: likely_spans})
            query = f"{task.title}. {task.description}"
            rankings = (
                [small[i] for i in bm25.ranked(query)],
                [large[i] for i in dense.ranked(vectors, query)],
            )
            for name, ranked in zip(names, rankings, strict=False):
                inside[name].add(task.id, gold, {budget: filled(ranked, budget) for budget in BUDGETS})
            for name, retriever in ((names[2], plain), (names[3], probed)):
                evidence = {
                    budget: [
                        (s.span.start, s.span.end)
                        for s in retriever.evidence(contract.indexed.document, task, budget).sentences
                    ]
                    for budget in BUDGETS
                }
                inside[name].add(task.id, gold, evidence)
                if retriever is probed:
                    share[0] += len(characters(evidence[2000]))
                    share[1] += len(contract.text)
        bm25.close()
    tell(f"## CUAD: {len(contracts)} contracts, {len(tasks)} categories\n")
    tell("Characters of gold inside the evidence: of all (mean over clauses)\n")
    tell("| | " + " | ".join(f"{budget:,}" for budget in BUDGETS) + " |\n|" + " --- |" * (len(BUDGETS) + 1))
    for name in names:
        tell(inside[name].row(name))
    ranked = [average_precision(truth, scores) for truth, scores in presence.values() if any(truth)]
    rate = np.mean([np.mean(truth) for truth, _ in presence.values() if any(truth)])
    tell(f"\nMean average precision of presence: {np.mean(ranked):.3f} (base rate {rate:.2f})")
    _settled(tasks, presence)
    tell(f"2,000 characters of evidence are {share[0] / share[1]:.1%} of the contracts that have the clause")
    tell(
        f"\nAs a review gives it, {given[0] / given[1]:.1%} of all contracts:\n\n| | inside |\n| --- | --- |"
    )
    tell(as_given.row("likely sentences") + "\n")
    weakest = inside[names[3]].by_task(1)[:10]
    tell(
        "Weakest at 2,000: "
        + ", ".join(f"{task} {value:.0%} of {count}" for task, value, count in weakest)
        + "\n"
    )


def _settled(tasks: Sequence[Task], presence: Mapping[str, tuple[list[bool], list[float]]]) -> None:
    """What retrieval settles without the model: by the pack's thresholds, and at 1 % missed clauses."""
    absent = sorted(
        p for truth, found in presence.values() for t, p in zip(truth, found, strict=True) if not t
    )
    there = sorted(p for truth, found in presence.values() for t, p in zip(truth, found, strict=True) if t)
    at_most = tasks[0].thresholds.sure_absent
    for name, limit in (("pack's threshold", at_most), ("at 1 % missed", there[len(there) // 100])):
        tell(
            f"Absent, {name} {limit:.3f}: {np.mean(np.array(absent) < limit):.1%} of {len(absent)} settled, "
            f"{np.mean(np.array(there) < limit):.1%} of {len(there)} clauses missed"
        )


def contractnli(data: Path, cache: Path, embedder: OnnxEmbedder) -> None:
    """Gold evidence sentences among the first five, each hypothesis a question nobody trained for."""
    del cache
    held = json.loads((data / "contractnli" / "dev.json").read_text(encoding="utf-8"))
    hypotheses = {key: label["hypothesis"] for key, label in held["labels"].items()}
    dense = Dense(embedder)
    found: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        matter = open_matter(Path(folder) / "matter", create=True)
        for row in held["documents"]:
            key = f"{int(row['id']):064x}"
            row["key"] = document_id(key[::-1])
            pages = pages_of(row["text"].replace("\f", " "))
            document = Document(
                id=row["key"],
                name=row["file_name"],
                sha256=key[::-1],
                pages=len(pages),
                state=DocumentState.READY,
            )
            matter.put_document(document, pages)
            matter.put_indexed(index_document(document.id, pages, embedder, CancelToken()))
        matter.close()
        reader = read_matter(Path(folder) / "matter")
        ours = MatterRetriever(reader, embedder, _no_search)
        for row in held["documents"]:
            spans: list[Span] = [(start, end) for start, end in row["spans"]]
            texts = [row["text"][start:end] for start, end in spans]
            bm25 = Bm25(texts)
            vectors = embedder.embed(texts)
            for key, told in row["annotation_sets"][0]["annotations"].items():
                if not told["spans"]:
                    continue
                query = hypotheses[key]
                pieces: list[Span] = [spans[piece] for piece in told["spans"]]
                task = Task(id=key, title=query, description=query, question=query, queries=(query,))
                sentences = ours.evidence(row["key"], task, 1 << 20).sentences
                best = sorted(sentences, key=lambda s: -s.score)
                rankings = {
                    "BM25 over the labelled pieces": [spans[i] for i in bm25.ranked(query)],
                    "dense MiniLM over them": [spans[i] for i in dense.ranked(vectors, query)],
                    "a task's text alone, over sentences": [(s.span.start, s.span.end) for s in best],
                }
                for name, ranked in rankings.items():
                    evidence = ranked[:_SENTENCES]
                    share = len(characters(evidence)) / len(row["text"])
                    found.setdefault(name, []).append((pieces_inside(pieces, evidence), share))
            bm25.close()
        reader.close()
    asked = len(next(iter(found.values())))
    tell(f"## ContractNLI: {len(held['documents'])} NDAs, {asked} hypotheses with evidence\n")
    tell(f"Labelled pieces inside the first {_SENTENCES}; what share of the document these are\n")
    tell("| | pieces | of the document |\n| --- | --- | --- |")
    for name, shares in found.items():
        inside, share = np.mean(shares, axis=0)
        tell(f"| {name} | {inside:.1%} | {share:.1%} |")
    tell("")


def acord(data: Path, cache: Path, embedder: OnnxEmbedder) -> None:
    """Clauses that a drafter looks for, graded 0 to 4, among all clauses that were judged for the query."""
    folder = data / "acord"
    corpus = [json.loads(line) for line in (folder / "corpus.jsonl").open(encoding="utf-8")]
    queries = {
        row["_id"]: row["text"] for row in map(json.loads, (folder / "queries.jsonl").open(encoding="utf-8"))
    }
    grades: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels" / "valid.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, clause, grade = line.split("\t")
        grades.setdefault(query, {})[clause] = int(grade)
    judged_at_all = {clause for graded in grades.values() for clause in graded}
    texts = {row["_id"]: row["text"] for row in corpus if row["_id"] in judged_at_all}
    vectors = _kept_vectors(cache, embedder, list(texts.values()))
    row_of = {key: row for row, key in enumerate(texts)}
    dense = Dense(embedder)
    reranker = OnnxReranker()
    found: dict[str, list[float]] = {}
    for query, graded in grades.items():
        judged = list(graded)
        asked = queries[query]
        bm25 = Bm25([texts[key] for key in judged])
        worded = bm25.scored(asked)
        bm25.close()
        meant = dense.scored(vectors[[row_of[key] for key in judged]], asked)[:200]
        mixed = mix([worded[:_DEPTH], meant[:_DEPTH]])
        held = {place: texts[key] for place, key in enumerate(judged)}
        rankings = {
            "BM25": worded,
            "dense": meant,
            "mixed, as a search does": mixed,
            f"BM25, the first {DEPTH} reranked": _reranked(asked, mix([worded]), held, reranker),
            f"dense, the first {DEPTH} reranked": _reranked(asked, mix([meant]), held, reranker),
            f"mixed, the first {DEPTH} reranked": _reranked(asked, mixed, held, reranker),
        }
        by_rank = fused([[i for i, _ in worded], [i for i, _ in meant]])
        found.setdefault("fused by rank", []).append(ndcg([judged[i] for i in by_rank], graded, 5))
        for name, ranked in rankings.items():
            found.setdefault(name, []).append(ndcg([judged[i] for i, _ in ranked], graded, 5))
    most = sum(map(len, grades.values())) / len(grades)
    tell(f"## ACORD: {len(grades)} queries over {most:,.0f} judged clauses each")
    tell("\n| | NDCG@5 |\n| --- | --- |")
    for name, values in found.items():
        tell(f"| {name} | {np.mean(values):.3f} |")
    tell("")


def _kept_vectors(cache: Path, embedder: OnnxEmbedder, texts: list[str]) -> np.ndarray:
    kept = cache / f"acord-{embedder.identity[:16]}-{len(texts)}.npy"
    if not kept.exists():
        np.save(kept, embedder.embed(texts))
    return np.load(kept)


def _reranked(
    query: str, ranked: list[tuple[int, float]], texts: Mapping[int, str], reranker: OnnxReranker
) -> list[tuple[int, float]]:
    """The first 24 in the order that a search would give them."""
    read = reordered(query, ranked[:DEPTH], texts, math.inf, reranker)
    return [*read, *ranked[DEPTH:]]


PARTS = {"cuad": cuad, "contractnli": contractnli, "acord": acord}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    embedder = OnnxEmbedder()
    for name in options.only.split(","):
        PARTS[name](options.data, options.cache, embedder)


if __name__ == "__main__":
    main()
