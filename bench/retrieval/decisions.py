"""What decisions are worth: sentences found before and after some decisions of an analyst.

Usage: python -m bench.retrieval.decisions PACK_FOLDER TXT_FOLDER GOLD_JSON --cache FOLDER
       [--decided 5 10 20 50 100] [--draws 2] [--probes] [--strength own=4,near=1.5,... ...]

Documents are drawn at random (seeded), present and absent alike, as a review would bring them; the cited
sentences are the gold ones. Without ``--probes`` every task is one that nobody labelled: it is scored by its
text, with weights fitted without its group (six groups, as in ``models.train.text_scores``); documents are
drawn from the training companies and measured on those of the other companies. With ``--probes`` the pack's
own probes are the base. These know the training companies' contracts, so the other companies are halved:
drawn from the one half, measured on the other, and the reverse. As in ``pincite packs learn``, what does not
help the drawn contracts by folds is not adopted.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from models.train.split import is_held_out, is_training
from models.train.task_probes import Contract, labels, load
from models.train.text_scores import BUDGETS, GROUPS, Shown, inside, rows_of, scorer_of, told_of
from models.train.text_scores import fitted as text_fitted
from retrieval.learning import (
    FEWEST,
    Correction,
    Lesson,
    Strength,
    fitted,
    fitted_presence,
    helps,
    out_of_fold,
    presence_shape,
    tried,
)
from retrieval.task_probes import Features, TaskProbes, sentence_features
from verticals.loader import load_pack

STEPS = (20, 10, 8, 5, 3, 2)
SURE = 0.1
"""A pack's ``sure_absent`` unless it says otherwise: the model is not asked."""


@dataclass
class Trial:
    """One task: contracts to draw from and to measure on, with every sentence's score without decisions."""

    task: str
    drawn: list[Contract]
    drawn_bases: list[np.ndarray]
    measured: list[Contract]
    measured_bases: list[np.ndarray]


@dataclass
class Tally:
    """Shares inside BUDGETS; of presence AUC, log loss of the bare share of drawn contracts that answer and
    of what was learned, and the shares of present and of absent contracts at SURE or below."""

    before: list[list[float]] = field(default_factory=list[list[float]])
    after: dict[tuple[int, str], list[list[float]]] = field(
        default_factory=dict[tuple[int, str], list[list[float]]]
    )
    presence: dict[int, list[tuple[float, ...]]] = field(default_factory=dict[int, list[tuple[float, ...]]])
    slowest: float = 0.0


def lessons_of(
    contracts: list[Contract],
    task: str,
    bases: list[np.ndarray],
    features: dict[str, Features],
) -> list[Lesson]:
    found: list[Lesson] = []
    for contract, base in zip(contracts, bases, strict=True):
        right = labels(contract, task)
        answers = bool(contract.gold.get(task))
        if right.any() or not answers:
            known = np.ones(len(right), dtype=bool)
            sentences = contract.indexed.sentences
            found.append(
                Lesson(contract.name, sentences, features[contract.name], base, right, known, answers)
            )
    return found


def trials(options: argparse.Namespace, train: list[Contract], dev: list[Contract]) -> Iterator[Trial]:
    tasks = load_pack(options.pack).tasks
    probes = TaskProbes.load(options.pack / "probes.npz") if options.probes else None
    rows = rows_of(train, told_of(train, [Shown(task) for task in tasks]))
    order: list[int] = np.random.default_rng(1).permutation(len(tasks)).tolist()
    half = [int(hashlib.md5(contract.company.encode()).hexdigest(), 16) % 2 == 0 for contract in dev]
    for group in range(GROUPS):
        unseen = [tasks[place] for place in order[group::GROUPS]]
        names: set[str] = set() if probes else {task.id for task in unseen}
        scorer = scorer_of(text_fitted([row for task, row in rows.items() if task not in names]))
        held: dict[str, list[np.ndarray]] = {task.id: [] for task in unseen}
        for contract in dev if probes else (*train, *dev):
            for task in unseen:
                logits = scorer.logits(task, contract.indexed, contract.text)
                if probes:
                    scored = probes.scores(task.id, contract.indexed, contract.text, logits)
                    logits = logits if scored is None else scored.sentences
                held[task.id].append(logits)
        for task, scores in held.items():
            if not probes:
                yield Trial(
                    task,
                    train,
                    scores[: len(train)],
                    dev,
                    scores[len(train) :],
                )
                continue
            for wanted in (True, False):
                one = [place for place, side in enumerate(half) if side == wanted]
                other = [place for place, side in enumerate(half) if side != wanted]
                yield Trial(
                    task,
                    [dev[place] for place in one],
                    [scores[place] for place in one],
                    [dev[place] for place in other],
                    [scores[place] for place in other],
                )


def try_out(
    trial: Trial,
    options: argparse.Namespace,
    strengths: dict[str, Strength],
    features: dict[str, Features],
    tally: Tally,
) -> None:
    lessons = lessons_of(trial.drawn, trial.task, trial.drawn_bases, features)
    dev, bases = trial.measured, trial.measured_bases
    present = [place for place, contract in enumerate(dev) if contract.gold.get(trial.task)]
    shares = [inside(dev[place], trial.task, bases[place]) for place in present]
    tally.before.extend(shares)
    for draw in range(options.draws):
        order: list[int] = np.random.default_rng([draw, len(trial.task)]).permutation(len(lessons)).tolist()
        for count in options.decided:
            drawn = [lessons[place] for place in order[:count]]
            for name, strength in strengths.items():
                kept = tally.after.setdefault((count, name), [])
                if sum(bool(one.answers) for one in drawn) < FEWEST:
                    kept.extend(shares)
                    continue
                began = time.perf_counter()
                unseen = out_of_fold(drawn, strength)
                correction = fitted(drawn, strength)
                tally.slowest = max(tally.slowest, time.perf_counter() - began)
                logits = [
                    correction.logits(base, features[contract.name])
                    for base, contract in zip(bases, dev, strict=True)
                ]
                if not options.probes and name == options.strength[0]:
                    presence(trial, drawn, unseen, correction, logits, tally)
                if helps(tried(drawn, [one.base for one in drawn]), tried(drawn, unseen)):
                    kept.extend(inside(dev[place], trial.task, logits[place]) for place in present)
                else:
                    kept.extend(shares)


def presence(
    trial: Trial,
    drawn: list[Lesson],
    unseen: list[np.ndarray],
    correction: Correction,
    logits: list[np.ndarray],
    tally: Tally,
) -> None:
    answers = np.array([bool(one.answers) for one in drawn])
    truth = [bool(contract.gold.get(trial.task)) for contract in trial.measured]
    few = min(answers.sum(), (~answers).sum())
    if few < STEPS[-1] or len(set(truth)) < 2:
        return
    seen = np.array([presence_shape(one) for one in unseen])
    weights = fitted_presence(seen, answers)
    learned = replace(correction, presence=weights)
    chance = np.array([learned.chance(one) for one in logits], dtype=float)
    step = next(number for number in STEPS if few >= number)
    sure, there = chance <= SURE, np.array(truth)
    tally.presence.setdefault(step, []).append(
        (
            auc(there, chance),
            log_loss(there, np.full(len(there), answers.mean())),
            log_loss(there, chance),
            float(sure[there].mean()),
            float(sure[~there].mean()),
        )
    )


def auc(truth: np.ndarray, chance: np.ndarray) -> float:
    """How often one that answers is likelier than one that does not."""
    apart = chance[truth][:, None] - chance[~truth]
    return float((apart > 0).mean() + 0.5 * (apart == 0).mean())


def log_loss(truth: np.ndarray, chance: np.ndarray) -> float:
    held = np.clip(chance, 1e-6, 1 - 1e-6)
    return float(-np.log(np.where(truth, held, 1 - held)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--decided", type=int, nargs="+", default=[5, 10, 20, 50, 100])
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--probes", action="store_true")
    parser.add_argument("--strength", nargs="+", default=[""])
    options = parser.parse_args()
    strengths = {
        text: Strength(**{k: float(v) for k, v in (part.split("=") for part in text.split(",") if part)})
        for text in options.strength
    }
    train, dev = (load(options.txt, options.gold, options.cache, part) for part in (is_training, is_held_out))
    features = {c.name: sentence_features(c.indexed, c.text) for c in (*train, *dev)}
    tally = Tally()
    for trial in trials(options, train, dev):
        try_out(trial, options, strengths, features, tally)
    say = sys.stdout.write
    say(f"inside {BUDGETS} characters, {len(tally.before)} clauses; slowest fit {tally.slowest:.1f} s\n")
    say("before " + " ".join(f"{share:.1%}" for share in np.mean(tally.before, axis=0)) + "\n")
    for (count, name), shares in sorted(tally.after.items()):
        means = " ".join(f"{share:.1%}" for share in np.mean(shares, axis=0))
        say(f"{count:4} decisions {name:30} {means}\n")
    for few, found in sorted(tally.presence.items()):
        area, flat, loss, missed, settled = np.mean(found, axis=0)
        say(f"presence from {few} of each: AUC {area:.3f}, log loss {loss:.3f} (share alone {flat:.3f}); ")
        say(f"sure of absence {missed:.1%} of present, {settled:.1%} of absent, ")
        say(f"{len(found)} cases\n")


if __name__ == "__main__":
    main()
