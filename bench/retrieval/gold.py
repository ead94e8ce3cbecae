"""Probes that `pincite packs learn --gold` learns beside those of `models.train.task_probes`.

Usage: python -m bench.retrieval.gold TXT_FOLDER GOLD_JSON --cache FOLDER --tasks governing-law,parties
       [--training 53] [--held-out 20]

Short contracts (8,000 to 34,200 characters), in the order of a hash of their names: as many of the companies
that may be learned from, and as many of the others to measure on. Both learn from the same ones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from app.domain.spans import Span
from app.domain.task import Task
from models.onnx_embedder import OnnxEmbedder
from models.train.split import is_held_out, is_training
from models.train.task_probes import Contract, load, trained
from retrieval.evidence_budget import likely, within_budget
from retrieval.lead_ins import lead_ins, with_lead_ins
from retrieval.measures import average_precision, share_inside
from retrieval.probe_learning import case_of, probe_of
from retrieval.task_probes import Probe, TaskProbes, save_probes, sentence_features
from retrieval.text_scores import TextScorer, TextWeights
from verticals.loader import find_pack, load_pack

LENGTHS = range(8_000, 34_200)
BUDGETS = (1000, 2000, 4000)
SURE = (0.1, 0.9)


def chosen(gold: Path, wanted: Callable[[str], bool], most: int) -> set[str]:
    rows = json.loads(gold.read_text(encoding="utf-8"))
    names = [row["file"] for row in rows if row["chars"] in LENGTHS and wanted(row["file"])]
    return set(sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:most])


def by_gold(contracts: Sequence[Contract], tasks: Sequence[Task]) -> dict[str, Probe]:
    scorer = TextScorer(OnnxEmbedder(), TextWeights.load())
    features = {one.name: sentence_features(one.indexed, one.text) for one in contracts}
    found: dict[str, Probe] = {}
    for task in tasks:
        tried = probe_of([
            case_of(
                one.name,
                one.company,
                one.indexed,
                one.text,
                features[one.name],
                scorer.logits(task, one.indexed, one.text),
                tuple(Span(*span) for span in one.gold.get(task.id, [])),
            )
            for one in contracts
        ])  # fmt: skip
        tell(f"{task.id}: by folds {tried.before or 0:.1%}, {tried.after or 0:.1%}. {tried.reason or ''}")
        if tried.probe is not None:
            found[task.id] = tried.probe
    return found


def measured(
    name: str, probes: TaskProbes | None, contracts: Sequence[Contract], tasks: Sequence[Task]
) -> None:
    scorer = TextScorer(OnnxEmbedder(), TextWeights.load())
    shares: list[list[float]] = []
    ranked: dict[str, float] = {}
    settled = wrong = told = 0
    for task in tasks:
        truth: list[bool] = []
        chances: list[float] = []
        for one in contracts:
            fits = scorer.logits(task, one.indexed, one.text)
            found = probes.scores(task.id, one.indexed, one.text, fits) if probes else None
            gold = one.gold.get(task.id, [])
            if found is not None and found.presence is not None:
                truth.append(bool(gold))
                chances.append(found.presence)
            if gold:
                logits = with_lead_ins(found.sentences if found else fits, lead_ins(one.indexed, one.text))
                order: list[int] = np.argsort(-logits, kind="stable").tolist()
                sentences = one.indexed.sentences
                kept = [within_budget(order, sentences, budget) for budget in BUDGETS]
                kept.append(likely(order, logits.tolist(), sentences, BUDGETS[1]) if found else kept[1])
                shares.append([share_inside(gold, [sentences[i].span for i in rows]) for rows in kept])
        if any(truth) and not all(truth):
            ranked[task.id] = average_precision(truth, chances)
            told += len(truth)
            sure = [chance <= SURE[0] or chance >= SURE[1] for chance in chances]
            settled += sum(sure)
            wrong += sum(s and (c > 0.5) != t for s, c, t in zip(sure, chances, truth, strict=True))
    inside = " | ".join(f"{share:.1%}" for share in np.mean(shares, axis=0))
    precision = ", ".join(f"{task} {value:.3f}" for task, value in ranked.items())
    sure_of = f"{settled} of {told} settled, {wrong} wrong"
    tell(f"| {name} | {inside} | {len(shares)} clauses | {sure_of} | {precision} |")


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tasks", required=True)
    parser.add_argument("--training", type=int, default=53)
    parser.add_argument("--held-out", type=int, default=20)
    options = parser.parse_args()
    pack = load_pack(find_pack("contracts"))
    assert pack.probes is not None
    tasks = [task for task in pack.tasks if task.id in options.tasks.split(",")]
    train = chosen(options.gold, is_training, options.training)
    held = chosen(options.gold, is_held_out, options.held_out)
    learned = load(options.txt, options.gold, options.cache, train.__contains__)
    others = load(options.txt, options.gold, options.cache, held.__contains__)
    tell(f"{len(learned)} contracts learned from, {len(others)} measured on, {len(tasks)} tasks")
    tell(f"| | {BUDGETS[0]:,} | {BUDGETS[1]:,} | {BUDGETS[2]:,} | as given | | | presence |")
    measured("a task's text alone", None, others, tasks)
    with tempfile.TemporaryDirectory() as folder:
        for name, probes in (("gold", by_gold(learned, tasks)), ("sklearn", trained(learned, tasks))):
            if probes:
                save_probes(Path(folder) / f"{name}.npz", OnnxEmbedder().identity, probes)
                measured(name, TaskProbes.load(Path(folder) / f"{name}.npz"), others, tasks)
    measured("as shipped", TaskProbes.load(pack.probes), others, tasks)


if __name__ == "__main__":
    main()
