"""Learns how much likeness and shared words tell of a sentence, over all labelled tasks of a pack at once.

Usage: python -m models.train.text_scores PACK_FOLDER TXT_FOLDER GOLD_JSON --cache FOLDER

Takes the contracts of three companies in four. First every task is scored by weights that were fitted without
it, in six groups, on the contracts of the fourth companies: that is how it does on a task nobody labelled.
Whether a document answers is fitted and judged likewise. Then weights of all tasks are written beside
``retrieval.text_scores``. Seeded.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from app.domain.task import Task
from app.platform.files import write_atomically
from models.onnx_embedder import OnnxEmbedder
from models.train.split import is_held_out, is_training
from models.train.task_probes import Contract, labelled, labels, load
from retrieval.evidence_budget import within_budget
from retrieval.text_scores import FEATURES, PRESENCE, WEIGHTS, TextScorer, TextWeights, presence_shape
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
    none = TextWeights(
        embedder.identity,
        np.zeros(FEATURES, dtype=np.float32),
        0.0,
        np.zeros(PRESENCE + 1, dtype=np.float32),
    )
    return TextScorer(embedder, weights or none)


Told = dict[tuple[str, str], np.ndarray]
"""Features by contract and task."""


def told_of(contracts: list[Contract], tasks: tuple[Task, ...]) -> Told:
    """Of every task that a contract has labels for, also of those that it does not answer."""
    scorer = scorer_of()
    return {
        (contract.name, task.id): scorer.features(task, contract.indexed, contract.text)
        for contract in contracts
        for task in tasks
        if task.id in contract.gold
    }


def rows_of(contracts: list[Contract], told: Told) -> dict[str, Rows]:
    """All right sentences, and one in ten of the others."""
    rng = np.random.default_rng(0)
    by_name = {contract.name: contract for contract in contracts}
    held: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for (name, task), features in told.items():
        if by_name[name].gold[task]:
            right = labels(by_name[name], task)
            keep = np.flatnonzero(right | (rng.random(len(right)) < NEGATIVES))
            held.setdefault(task, []).append((features[keep], right[keep]))
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
    unknown = np.zeros(PRESENCE + 1, dtype=np.float32)
    return TextWeights(OnnxEmbedder().identity, slopes.astype(np.float32), intercept, unknown)


@dataclass
class Shapes:
    """``presence_shape`` of documents for one task, and which of them answer it."""

    shapes: np.ndarray
    answers: np.ndarray


def shapes_of(contracts: list[Contract], told: Told, task: Task, weights: TextWeights) -> Shapes:
    found = [
        (presence_shape(features @ weights.slopes + weights.intercept, features), contract.gold[task.id])
        for contract in contracts
        if len(features := told.get((contract.name, task.id), ()))
    ]
    return Shapes(np.array([shape for shape, _ in found]), np.array([bool(gold) for _, gold in found]))


def presence_fitted(held: list[Shapes]) -> np.ndarray:
    """Slopes and intercept: logistic regression over all tasks at once."""
    shapes = np.vstack([one.shapes for one in held])[:, :-1]
    answers = np.concatenate([one.answers for one in held])
    mean, scale = shapes.mean(axis=0), shapes.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, max_iter=1000).fit((shapes - mean) / scale, answers)
    slopes = model.coef_[0] / scale
    return np.append(slopes, model.intercept_[0] - slopes @ mean).astype(np.float32)


def tell_presence(judged: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Of tasks not fitted on, by task: probabilities, and which documents answer."""
    told = np.concatenate([p for p, _ in judged.values()])
    truth = np.concatenate([y for _, y in judged.values()])
    both = [(p, y) for p, y in judged.values() if 3 <= y.sum() <= len(y) - 3]
    by_task = np.mean([roc_auc_score(y, p) for p, y in both])
    sys.stdout.write(
        f"presence by the text: AUC {roc_auc_score(truth, told):.3f}, by task {by_task:.3f}, log loss "
        f"{log_loss(truth, told):.3f} (base {log_loss(truth, np.full(len(truth), truth.mean())):.3f})\n"
    )
    for low in np.arange(0.0, 1.0, 0.1):
        inside_ = (told >= low) & (told < low + 0.1)
        if inside_.any():
            sys.stdout.write(f"  {told[inside_].mean():.2f} {truth[inside_].mean():.2f} of {inside_.sum()}\n")


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
    told = told_of(contracts, tasks)
    rows = rows_of(contracts, told)
    dev = load(options.txt, options.gold, options.cache, is_held_out)
    dev_told = told_of(dev, tasks)
    order = np.random.default_rng(1).permutation(len(tasks))
    groups = [[tasks[place] for place in order[group::GROUPS]] for group in range(GROUPS)]
    without = {
        names: fitted([row for task, row in rows.items() if task not in names])
        for one in groups
        for other in groups
        for names in [frozenset(task.id for task in (*one, *other))]
    }
    shares = []
    judged: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for unseen in groups:
        mine = frozenset(task.id for task in unseen)
        weights = without[mine]
        # what a task's own scores are like is learned of scores that were not fitted to it, either
        held = [
            shapes_of(contracts, told, task, without[mine | {other.id for other in group}])
            for group in groups
            if group is not unseen
            for task in group
        ]
        presence = presence_fitted(held)
        for task in unseen:
            found = shapes_of(dev, dev_told, task, without[mine])
            judged[task.id] = 1.0 / (1.0 + np.exp(-found.shapes @ presence)), found.answers
        for contract in dev:
            for task in unseen:
                if contract.gold.get(task.id):
                    logits = dev_told[contract.name, task.id] @ weights.slopes + weights.intercept
                    shares.append(inside(contract, task.id, logits))
    means = ", ".join(f"{share:.1%}" for share in np.mean(shares, axis=0))
    sys.stdout.write(f"{len(shares)} clauses of tasks not fitted on, inside {BUDGETS} characters: {means}\n")
    tell_presence(judged)
    weights = fitted(list(rows.values()))
    presence = presence_fitted(
        [
            shapes_of(contracts, told, task, without[frozenset(one.id for one in group)])
            for group in groups
            for task in group
        ]
    )
    body = {
        "embedder": weights.embedder,
        "slopes": [round(float(slope), 5) for slope in weights.slopes],
        "intercept": round(weights.intercept, 5),
        "presence": [round(float(slope), 5) for slope in presence],
    }
    write_atomically(WEIGHTS, (json.dumps(body, indent=1) + "\n").encode())
    sys.stdout.write(f"{WEIGHTS.name}: {body['slopes']}\n")


if __name__ == "__main__":
    main()
