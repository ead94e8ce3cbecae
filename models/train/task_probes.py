"""Trains a pack's task probes on labelled contracts.

Usage: python -m models.train.task_probes PACK_FOLDER TXT_FOLDER GOLD_JSON --cache FOLDER [--all] [--variants]

Takes the contracts of three companies in four (see ``is_training``); the fourth is left for the bench.
``--all`` takes all of them, where there are few: then the bench has to measure by folds, too.
``models.train.text_scores`` comes first: the fit to a task's text is added to its probe.
Everything is fitted inside these: the probes, and by folds of companies the calibration of presence.
Writes ``probes.npz`` into the pack. Seeded; the same input gives the same file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from app.domain.cancel import CancelToken
from app.domain.ports import IndexedText
from app.domain.task import Task
from models.onnx_embedder import OnnxEmbedder
from models.train.split import company_of, everything, is_training, kebab
from models.train.text_pages import pages_of
from retrieval.evidence_budget import within_budget
from retrieval.indexing import index_document
from retrieval.passages import split_passages
from retrieval.sentences import split_sentences
from retrieval.task_probes import (
    BUCKETS,
    TEXT_WEIGHT,
    Probe,
    presence_features,
    save_probes,
    sentence_features,
)
from retrieval.text_scores import TextScorer, TextWeights
from verticals.loader import load_pack

FOLDS = 4
C = 4.0


@dataclass
class Contract:
    name: str
    company: str
    text: str
    indexed: IndexedText
    gold: dict[str, list[tuple[int, int]]]
    dense: np.ndarray
    words: sparse.csr_matrix


def load(folder: Path, gold_file: Path, cache: Path, wanted: Callable[[str], bool]) -> list[Contract]:
    """Those whose name is ``wanted``."""
    embedder = OnnxEmbedder()
    contracts = []
    cache.mkdir(parents=True, exist_ok=True)
    for row in json.loads(gold_file.read_text(encoding="utf-8")):
        if not wanted(row["file"]):
            continue
        with (folder / row["file"]).open(encoding="utf-8", newline="") as source:
            text = source.read()
        pages = pages_of(text)
        key = hashlib.sha256((embedder.identity + text).encode()).hexdigest()[:24]
        held = cache / f"{key}.npz"
        sentences = split_sentences(pages)
        passages = split_passages(pages, sentences)
        kept = np.load(held) if held.exists() else {"v": (), "p": ()}
        if (len(kept["v"]), len(kept["p"])) == (len(sentences), len(passages)):
            indexed = IndexedText(key, embedder.identity, sentences, passages, kept["v"], kept["p"])
        else:
            indexed = index_document(key, pages, embedder, CancelToken())
            np.savez(held, v=indexed.sentence_vectors, p=indexed.passage_vectors)
        gold = {
            kebab(name): [(s["start"], s["end"]) for s in clause["spans"]]
            for name, clause in row["clauses"].items()
        }
        features = sentence_features(indexed, text)
        words = sparse.csr_matrix(
            (features.data, features.indices, np.append(features.starts, len(features.indices))),
            shape=(len(sentences), BUCKETS),
        )
        contracts.append(
            Contract(row["file"], company_of(row["file"]), text, indexed, gold, features.dense, words)
        )
    return contracts


def labelled(contracts: list[Contract], tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """Tasks that the contracts have labels for, present or absent."""
    return tuple(task for task in tasks if any(task.id in contract.gold for contract in contracts))


def labels(contract: Contract, task: str) -> np.ndarray:
    """1 where a sentence and a gold span share at least half of the shorter of the two."""
    marks = np.zeros(len(contract.indexed.sentences), dtype=bool)
    for start, end in contract.gold.get(task, []):
        for index, sentence in enumerate(contract.indexed.sentences):
            shared = min(end, sentence.span.end) - max(start, sentence.span.start)
            if shared > 0 and shared >= 0.5 * min(end - start, sentence.span.end - sentence.span.start):
                marks[index] = True
    return marks


def matrix(contracts: list[Contract], blocks: dict[str, float], width: int) -> sparse.csr_matrix:
    parts = []
    for contract in contracts:
        dense = contract.dense.copy()
        dense[:, :width] *= blocks["self"]
        dense[:, width : 3 * width] *= blocks["near"]
        dense[:, 3 * width :] *= blocks["place"]
        parts.append(
            sparse.hstack([sparse.csr_matrix(dense), contract.words * blocks["words"]], format="csr")
        )
    return sparse.vstack(parts, format="csr")


def fit(x: sparse.csr_matrix, y: np.ndarray, seed: int, c: float) -> LogisticRegression:
    rng = np.random.default_rng(seed)
    keep = np.flatnonzero(y | (rng.random(len(y)) < 0.25))
    model = LogisticRegression(C=c, max_iter=300, solver="liblinear", random_state=seed)
    return model.fit(x[keep], y[keep])


BLOCKS = {"self": 4.0, "near": 1.5, "place": 1.0, "words": 6.0}


def folds(contracts: list[Contract]) -> np.ndarray:
    """A company's contracts share a fold."""
    return np.array([int(hashlib.md5(c.company.encode()).hexdigest(), 16) % FOLDS for c in contracts])


def out_of_fold(contracts, task, x, rows, blocks, c):
    y = np.concatenate([labels(k, task) for k in contracts])
    fold = folds(contracts)
    per_row = np.repeat(fold, [len(k.indexed.sentences) for k in contracts])
    scores = np.zeros(len(y))
    for number in range(FOLDS):
        train = np.flatnonzero(per_row != number)
        test = np.flatnonzero(per_row == number)
        model = fit(x[train], y[train], 0, c)
        scores[test] = model.decision_function(x[test])
    return [scores[a:b] for a, b in rows], y


def fits(contracts: list[Contract], tasks: tuple[Task, ...]) -> dict[str, list[np.ndarray]]:
    """How every sentence fits each task's text, by contract."""
    scorer = TextScorer(OnnxEmbedder(), TextWeights.load())
    found: dict[str, list[np.ndarray]] = {task.id: [] for task in tasks}
    for contract in contracts:
        for task in tasks:
            found[task.id].append(scorer.logits(task, contract.indexed, contract.text))
    return found


def blended(scores: list[np.ndarray], fit: list[np.ndarray]) -> list[np.ndarray]:
    return [(one + TEXT_WEIGHT * other).astype(np.float32) for one, other in zip(scores, fit, strict=True)]


def presence_by_folds(contracts, shape, truth) -> np.ndarray:
    """Each company's from the others; 0.5 where these are all alike."""
    fold = folds(contracts)
    found = np.full(len(truth), 0.5)
    for number in range(FOLDS):
        train, test = fold != number, fold == number
        if len(set(truth[train])) == 2:
            found[test] = platt(shape[train], truth[train]).predict_proba(shape[test])[:, 1]
    return found


def platt(shape: np.ndarray, truth: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=1.0, max_iter=1000).fit(shape, truth)


def presence_of(shape: np.ndarray, truth: np.ndarray) -> list[float]:
    """Slopes and intercept; a clause that no contract lacks is there wherever a sentence is likely."""
    if truth.all():
        return [1.0, *[0.0] * (shape.shape[1] - 1), 3.0]
    model = platt(shape, truth)
    return [*map(float, model.coef_[0]), float(model.intercept_[0])]


def measure(contracts, task, scores, chances):
    """Top 1, top 3, mean share of a clause inside 2,000 characters, presence AUC and AP."""
    top1 = top3 = present = 0
    shares, truth = [], []
    for contract, logits in zip(contracts, scores, strict=True):
        gold = contract.gold.get(task, [])
        truth.append(bool(gold))
        if not gold:
            continue
        y = labels(contract, task)
        order = np.argsort(-logits)
        present += 1
        top1 += y[order[0]]
        top3 += y[order[:3]].any()
        covered = set()
        for index in within_budget(order, contract.indexed.sentences, 2000):
            span = contract.indexed.sentences[index].span
            covered.update(range(span.start, span.end))
        wanted = {p for start, end in gold for p in range(start, end)}
        shares.append(len(wanted & covered) / len(wanted))
    return (
        top1 / present,
        top3 / present,
        float(np.mean(shares)),
        np.nan if all(truth) else roc_auc_score(truth, chances),
        average_precision_score(truth, chances),
    )


@dataclass
class ByFolds:
    """One task on contracts that its probe was not learned from: logits and fit by sentence, presence."""

    logits: list[NDArray[np.float32]]
    fit: list[NDArray[np.float32]]
    presence: NDArray[np.float64]


def by_folds(contracts: list[Contract], tasks: tuple[Task, ...]) -> dict[str, ByFolds]:
    """Each contract by probes that were learned from the contracts of other folds."""
    fit_to_text = fits(contracts, tasks)
    x = matrix(contracts, BLOCKS, contracts[0].indexed.sentence_vectors.shape[1])
    ends = np.cumsum([len(k.indexed.sentences) for k in contracts])
    rows = list(zip([0, *ends[:-1]], ends, strict=True))
    found = {}
    for task in tasks:
        scores, _ = out_of_fold(contracts, task.id, x, rows, BLOCKS, C)
        scores = blended(scores, fit_to_text[task.id])
        truth = np.array([bool(k.gold.get(task.id)) for k in contracts])
        shape = np.array([presence_features(*two) for two in zip(scores, fit_to_text[task.id], strict=True)])
        found[task.id] = ByFolds(scores, fit_to_text[task.id], presence_by_folds(contracts, shape, truth))
    return found


def trained(contracts: list[Contract], tasks: Sequence[Task]) -> dict[str, Probe]:
    """Probes of these tasks, learned from all of the contracts."""
    width = contracts[0].indexed.sentence_vectors.shape[1]
    x = matrix(contracts, BLOCKS, width)
    scale = np.repeat([BLOCKS["self"], BLOCKS["near"], BLOCKS["place"]], [width, 2 * width, 4])
    unseen = by_folds(contracts, tuple(tasks))
    found: dict[str, Probe] = {}
    for task in tasks:
        own = unseen[task.id]
        shape = np.array([presence_features(*two) for two in zip(own.logits, own.fit, strict=True)])
        truth = np.array([bool(one.gold.get(task.id)) for one in contracts])
        model = fit(x, np.concatenate([labels(one, task.id) for one in contracts]), 0, C)
        weights = np.asarray(model.coef_[0], dtype=np.float32)
        found[task.id] = Probe(
            (weights[: len(scale)] * scale).astype(np.float32),
            weights[len(scale) :] * np.float32(BLOCKS["words"]),
            float(model.intercept_[0]),
            np.array(presence_of(shape, truth), dtype=np.float32),
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--variants", action="store_true")
    options = parser.parse_args()
    wanted = everything if options.all else is_training
    contracts = load(options.txt, options.gold, options.cache, wanted)
    tasks = labelled(contracts, load_pack(options.pack).tasks)
    names = sorted(task.id for task in tasks)
    fit_to_text = fits(contracts, tasks)
    ends = np.cumsum([len(k.indexed.sentences) for k in contracts])
    rows = list(zip([0, *ends[:-1]], ends, strict=True))
    sys.stdout.write(f"{len(contracts)} contracts, {ends[-1]} sentences\n")
    width = contracts[0].indexed.sentence_vectors.shape[1]
    variants = [(BLOCKS, C)]
    if options.variants:
        off = 1e-6
        variants = [
            ({"self": 4.0, "near": off, "place": off, "words": off}, 1.0),
            ({"self": off, "near": off, "place": 1.0, "words": 3.0}, 1.0),
            ({"self": 4.0, "near": off, "place": 1.0, "words": 3.0}, 1.0),
            ({"self": 4.0, "near": 1.5, "place": 1.0, "words": 3.0}, 1.0),
            ({"self": 4.0, "near": 1.5, "place": 1.0, "words": 6.0}, 1.0),
            ({"self": 4.0, "near": 1.5, "place": 1.0, "words": 6.0}, 4.0),
            ({"self": 4.0, "near": 3.0, "place": 1.0, "words": 3.0}, 0.3),
        ]
    for blocks, c in variants:
        x = matrix(contracts, blocks, width)
        table, dense, words, bias, presence = [], [], [], [], []
        for task in names:
            scores, y = out_of_fold(contracts, task, x, rows, blocks, c)
            scores = blended(scores, fit_to_text[task])
            truth = np.array([bool(k.gold.get(task)) for k in contracts])
            shape = np.array([presence_features(*two) for two in zip(scores, fit_to_text[task], strict=True)])
            table.append(measure(contracts, task, scores, presence_by_folds(contracts, shape, truth)))
            if options.variants:
                continue
            sys.stdout.write(f"{task:36}" + " ".join(f"{v:.3f}" for v in table[-1]) + "\n")
            sys.stdout.flush()
            presence.append(presence_of(shape, truth))
            model = fit(x, y, 0, c)
            weights = model.coef_[0]
            scale = np.concatenate(
                [
                    np.full(width, blocks["self"]),
                    np.full(2 * width, blocks["near"]),
                    np.full(4, blocks["place"]),
                ]
            )
            dense.append(weights[: len(scale)] * scale)
            words.append(weights[len(scale) :] * blocks["words"])
            bias.append(model.intercept_[0])
        sys.stdout.write(
            f"{blocks} C={c}\n  mean: top1 top3 recall@2000 AUC AP: "
            + " ".join(f"{v:.3f}" for v in np.nanmean(table, axis=0))
            + "\n"
        )
        sys.stdout.flush()
        if not options.variants:
            rows = zip(dense, words, bias, np.array(presence), strict=True)
            held = {name: Probe(*row) for name, row in zip(names, rows, strict=True)}
            save_probes(options.pack / "probes.npz", OnnxEmbedder().identity, held)


if __name__ == "__main__":
    main()
