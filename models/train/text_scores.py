"""Learns how much likeness and shared words tell of a sentence, over all labelled tasks of a pack at once.

Usage: python -m models.train.text_scores PACK_FOLDER TXT_FOLDER GOLD_JSON --cache FOLDER [--shown-only]

Takes the contracts of three companies in four. First every task is scored by weights that were fitted without
it, in six groups, on the contracts of the fourth companies: that is how it does on a task nobody labelled.
Whether a document answers is fitted and judged likewise. All this once for tasks as they are, and once with
three examples each, drawn from companies whose contracts are then left out for that task. Then weights of
all tasks are written beside ``retrieval.text_scores``; ``--shown-only`` leaves those of tasks without
examples, beside which a pack's probes were learned, as they are. Seeded.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from retrieval.text_scores import PRESENCE, WEIGHTS, Slopes, TextScorer, TextWeights, presence_shape
from verticals.loader import load_pack

GROUPS = 6
BUDGETS = (1000, 2000, 4000)
NEGATIVES = 0.1
EXAMPLES = 3
SHORTEST, LONGEST = 40, 900


@dataclass
class Rows:
    """Features and labels of one task's sentences, of contracts that answer it."""

    features: np.ndarray
    right: np.ndarray


NOTHING = Slopes(np.zeros(0, dtype=np.float32), 0.0, np.zeros(PRESENCE + 1, dtype=np.float32))


def scorer_of(plain: Slopes = NOTHING) -> TextScorer:
    """Without slopes it is for features alone."""
    embedder = OnnxEmbedder()
    return TextScorer(embedder, TextWeights(embedder.identity, plain, NOTHING))


@dataclass(frozen=True)
class Shown:
    """A task as it is shown, and the companies whose contracts its examples are from."""

    task: Task
    companies: frozenset[str] = frozenset()


def with_examples(contracts: list[Contract], task: Task, seed: int = 0) -> Shown:
    """Right sentences drawn at random, each of another company; fewer where there are no more."""
    rng = random.Random(f"{seed} {task.id}")
    order = rng.sample(contracts, len(contracts))
    drawn: dict[str, str] = {}
    for contract in order:
        spans = [contract.indexed.sentences[i].span for i in np.flatnonzero(labels(contract, task.id))]
        fitting = [span for span in spans if SHORTEST <= span.end - span.start <= LONGEST]
        if fitting and contract.company not in drawn and len(drawn) < EXAMPLES:
            span = rng.choice(fitting)
            drawn[contract.company] = contract.text[span.start : span.end]
    return Shown(
        Task.model_validate(task.model_dump() | {"examples": tuple(drawn.values())}), frozenset(drawn)
    )


Told = dict[tuple[str, str], np.ndarray]
"""Features by contract and task."""


def told_of(contracts: list[Contract], tasks: Sequence[Shown]) -> Told:
    """Of every task that a contract has labels for, also of those that it does not answer."""
    scorer = scorer_of()
    return {
        (contract.name, shown.task.id): scorer.features(shown.task, contract.indexed, contract.text)
        for contract in contracts
        for shown in tasks
        if shown.task.id in contract.gold and contract.company not in shown.companies
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


def fitted(rows: list[Rows]) -> Slopes:
    """Of single sentences; of presence nothing is known yet."""
    features = np.vstack([row.features for row in rows])
    right = np.concatenate([row.right for row in rows])
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, max_iter=500).fit((features - mean) / scale, right)
    slopes = model.coef_[0] / scale
    intercept = float(model.intercept_[0] - slopes @ mean)
    return Slopes(slopes.astype(np.float32), intercept, np.zeros(PRESENCE + 1, dtype=np.float32))


@dataclass
class Shapes:
    """``presence_shape`` of documents for one task, and which of them answer it."""

    shapes: np.ndarray
    answers: np.ndarray


def shapes_of(contracts: list[Contract], told: Told, task: str, weights: Slopes) -> Shapes:
    found = [
        (presence_shape(features @ weights.sentences + weights.intercept, features), contract.gold[task])
        for contract in contracts
        if len(features := told.get((contract.name, task), ()))
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


def groups_of(tasks: Sequence[str]) -> list[list[str]]:
    """Six, drawn at random; weights are judged on a group that they were fitted without."""
    order = np.random.default_rng(1).permutation(len(tasks))
    return [[tasks[place] for place in order[group::GROUPS]] for group in range(GROUPS)]


@dataclass
class Fits:
    """Slopes by the tasks that they were fitted without: for each group of tasks, and each two."""

    groups: list[list[str]]
    rows: dict[str, Rows]
    without: dict[frozenset[str], Slopes]

    @classmethod
    def of(cls, contracts: list[Contract], told: Told, groups: list[list[str]]) -> Fits:
        rows = rows_of(contracts, told)
        pairs = {frozenset((*one, *other)) for one in groups for other in groups}
        without = {names: fitted([row for task, row in rows.items() if task not in names]) for names in pairs}
        return cls(groups, rows, without)

    def unseen(self, group: list[str], contracts: list[Contract], told: Told) -> Slopes:
        """Of nothing that is in ``group``.

        What a task's own scores are like is learned of scores that were not fitted to it, either.
        """
        mine = frozenset(group)
        held = [
            shapes_of(contracts, told, task, self.without[mine | frozenset(other)])
            for other in self.groups
            if other is not group
            for task in other
        ]
        return replace(self.without[mine], presence=presence_fitted(held))

    def all(self, contracts: list[Contract], told: Told) -> Slopes:
        held = [
            shapes_of(contracts, told, task, self.without[frozenset(group)])
            for group in self.groups
            for task in group
        ]
        return replace(fitted(list(self.rows.values())), presence=presence_fitted(held))


def fit_and_tell(contracts: list[Contract], dev: list[Contract], tasks: Sequence[Shown]) -> Slopes:
    """Of all tasks; before that, how others do on those that they were fitted without."""
    told, dev_told = told_of(contracts, tasks), told_of(dev, tasks)
    fits = Fits.of(contracts, told, groups_of([shown.task.id for shown in tasks]))
    shares: list[list[float]] = []
    judged: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for group in fits.groups:
        slopes = fits.unseen(group, contracts, told)
        for task in group:
            found = shapes_of(dev, dev_told, task, slopes)
            judged[task] = 1.0 / (1.0 + np.exp(-found.shapes @ slopes.presence)), found.answers
            shares += [
                inside(contract, task, dev_told[contract.name, task] @ slopes.sentences)
                for contract in dev
                if contract.gold.get(task) and (contract.name, task) in dev_told
            ]
    means = ", ".join(f"{share:.1%}" for share in np.mean(shares, axis=0))
    sys.stdout.write(f"{len(shares)} clauses of tasks not fitted on, inside {BUDGETS} characters: {means}\n")
    tell_presence(judged)
    return fits.all(contracts, told)


def body_of(slopes: Slopes) -> dict[str, object]:
    return {
        "slopes": [round(float(slope), 5) for slope in slopes.sentences],
        "intercept": round(slopes.intercept, 5),
        "presence": [round(float(slope), 5) for slope in slopes.presence],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--shown-only", action="store_true")
    options = parser.parse_args()
    contracts = load(options.txt, options.gold, options.cache, is_training)
    dev = load(options.txt, options.gold, options.cache, is_held_out)
    tasks = labelled(contracts, load_pack(options.pack).tasks)
    body = json.loads(WEIGHTS.read_text(encoding="utf-8")) if options.shown_only else {}
    if not options.shown_only:
        body["embedder"] = OnnxEmbedder().identity
        sys.stdout.write("Tasks as they are\n")
        body["plain"] = body_of(fit_and_tell(contracts, dev, [Shown(t) for t in tasks]))
    sys.stdout.write(f"With {EXAMPLES} examples each\n")
    body["shown"] = body_of(fit_and_tell(contracts, dev, [with_examples(contracts, t) for t in tasks]))
    write_atomically(WEIGHTS, (json.dumps(body, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
