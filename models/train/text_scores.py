"""Learns how much likeness and shared words tell of a sentence, over all labelled tasks of a pack at once.

Usage: python -m models.train.text_scores PACK_FOLDER TXT_FOLDER GOLD_JSON --cache FOLDER

Takes the contracts of three companies in four. First every task is scored by weights that were fitted without
it, in six groups, on the contracts of the fourth companies: that is how it does on a task nobody labelled.
Then weights of all tasks are written beside ``retrieval.text_scores``. Seeded.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from app.domain.task import Task
from app.platform.files import write_atomically
from models.onnx_embedder import OnnxEmbedder
from models.train.split import is_held_out, is_training
from models.train.task_probes import Contract, labelled, labels, load
from retrieval.evidence_budget import within_budget
from retrieval.text_scores import FEATURES, WEIGHTS, TextScorer, TextWeights
from verticals.loader import load_pack

GROUPS = 6
BUDGETS = (1000, 2000, 4000)
NEGATIVES = 0.1


@dataclass
class Rows:
    """Features and labels of one task's sentences, of contracts that answer it."""

    features: np.ndarray
    right: np.ndarray


def scorer_of(weights: TextWeights | None = None) -> TextScorer:
    embedder = OnnxEmbedder()
    none = TextWeights(embedder.identity, np.zeros(FEATURES, dtype=np.float32), 0.0)
    return TextScorer(embedder, weights or none)


def rows_of(contracts: list[Contract], tasks: tuple[Task, ...]) -> dict[str, Rows]:
    """All right sentences, and one in ten of the others."""
    rng = np.random.default_rng(0)
    scorer = scorer_of()
    held: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for contract in contracts:
        for task in tasks:
            if contract.gold.get(task.id):
                right = labels(contract, task.id)
                keep = np.flatnonzero(right | (rng.random(len(right)) < NEGATIVES))
                features = scorer.features(task, contract.indexed, contract.text)
                held.setdefault(task.id, []).append((features[keep], right[keep]))
    return {
        task: Rows(np.vstack([f for f, _ in parts]), np.concatenate([y for _, y in parts]))
        for task, parts in held.items()
    }


def fitted(rows: list[Rows]) -> TextWeights:
    features = np.vstack([row.features for row in rows])
    right = np.concatenate([row.right for row in rows])
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, max_iter=500).fit((features - mean) / scale, right)
    slopes = model.coef_[0] / scale
    intercept = float(model.intercept_[0] - slopes @ mean)
    return TextWeights(OnnxEmbedder().identity, slopes.astype(np.float32), intercept)


def inside(contract: Contract, task: str, logits: np.ndarray) -> list[float]:
    """Share of the gold characters in evidence of each budget."""
    wanted = {place for start, end in contract.gold[task] for place in range(start, end)}
    found = []
    for budget in BUDGETS:
        kept = within_budget(np.argsort(-logits), contract.indexed.sentences, budget)
        spans = [contract.indexed.sentences[index].span for index in kept]
        covered = {place for span in spans for place in range(span.start, span.end)}
        found.append(len(wanted & covered) / len(wanted))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    contracts = load(options.txt, options.gold, options.cache, is_training)
    tasks = labelled(contracts, load_pack(options.pack).tasks)
    rows = rows_of(contracts, tasks)
    dev = load(options.txt, options.gold, options.cache, is_held_out)
    order = np.random.default_rng(1).permutation(len(tasks))
    shares = []
    for group in range(GROUPS):
        unseen = [tasks[place] for place in order[group::GROUPS]]
        names = {task.id for task in unseen}
        scorer = scorer_of(fitted([row for task, row in rows.items() if task not in names]))
        for contract in dev:
            for task in unseen:
                if contract.gold.get(task.id):
                    logits = scorer.logits(task, contract.indexed, contract.text)
                    shares.append(inside(contract, task.id, logits))
    means = ", ".join(f"{share:.1%}" for share in np.mean(shares, axis=0))
    sys.stdout.write(f"{len(shares)} clauses of tasks not fitted on, inside {BUDGETS} characters: {means}\n")
    weights = fitted(list(rows.values()))
    body = {
        "embedder": weights.embedder,
        "slopes": [round(float(slope), 5) for slope in weights.slopes],
        "intercept": round(weights.intercept, 5),
    }
    write_atomically(WEIGHTS, (json.dumps(body, indent=1) + "\n").encode())
    sys.stdout.write(f"{WEIGHTS.name}: {body['slopes']}\n")


if __name__ == "__main__":
    main()
