"""The pack ``nda`` on documents that nothing was learned from, beside BM25 and a task's text alone.

Usage: python -m bench.retrieval.nda CONTRACTNLI_JSON --cache FOLDER

There are few documents, so the pack's probes are learned from all of them. Here each document is read by
probes that were learned from documents of other folds, in the same way.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.domain.task import Task
from bench.retrieval.measures import Span, pieces_inside
from bench.retrieval.rankings import Bm25
from models.train.contract_nli import bring
from models.train.split import everything
from models.train.task_probes import Contract, by_folds, load
from retrieval.lead_ins import lead_ins, with_lead_ins
from retrieval.measures import average_precision
from verticals.loader import find_pack, load_pack

FIVE = 5
NAMES = (
    "BM25 over the same sentences",
    "a task's text alone",
    "task probes with it",
    "lead-ins with their items",
)


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Found:
    """Of one way to rank: shares of gold and of the documents that are inside the first five sentences."""

    def __init__(self) -> None:
        self.gold: list[float] = []
        self.text: list[float] = []

    def add(self, contract: Contract, task: str, ranked: Sequence[int]) -> None:
        spans: list[Span] = [contract.indexed.sentences[i].span for i in ranked[:FIVE]]
        self.gold.append(pieces_inside(contract.gold[task], spans))
        self.text.append(sum(end - start for start, end in spans) / len(contract.text))

    def row(self, name: str) -> str:
        return f"| {name} | {np.mean(self.gold):.1%} | {np.mean(self.text):.1%} |"


def measure(contracts: list[Contract], tasks: tuple[Task, ...]) -> None:
    lexical = [
        Bm25([held.text[s.span.start : s.span.end] for s in held.indexed.sentences]) for held in contracts
    ]
    leads = [lead_ins(held.indexed, held.text) for held in contracts]
    found = {name: Found() for name in NAMES}
    chances: list[tuple[bool, float]] = []
    precision: list[float] = []
    for task, scored in zip(tasks, by_folds(contracts, tasks).values(), strict=True):
        truth = [bool(held.gold[task.id]) for held in contracts]
        for number, held in enumerate(contracts):
            if not truth[number]:
                continue
            logits = scored.logits[number]
            rankings = (
                lexical[number].ranked(f"{task.title}. {task.description}"),
                np.argsort(-scored.fit[number]),
                np.argsort(-logits),
                np.argsort(-with_lead_ins(logits, leads[number])),
            )
            for name, ranked in zip(NAMES, rankings, strict=True):
                found[name].add(held, task.id, [int(i) for i in ranked])
        precision.append(average_precision(truth, scored.presence.tolist()))
        chances.extend(zip(truth, scored.presence.tolist(), strict=True))
    answered = sum(there for there, _ in chances)
    tell(f"## {len(contracts)} NDAs, {len(tasks)} tasks, {answered} times answered\n")
    tell(f"Labelled pieces inside the first {FIVE} sentences; what share of the document these are\n")
    tell("| | pieces | of the document |\n| --- | --- | --- |")
    for name in NAMES:
        tell(found[name].row(name))
    there = sorted(chance for is_there, chance in chances if is_there)
    absent = np.array([chance for is_there, chance in chances if not is_there])
    limit = there[len(there) // 100]
    tell(f"\nMean average precision of presence: {np.mean(precision):.3f}")
    tell(f"Absent, settled at 1 % missed: {np.mean(absent < limit):.1%} of {len(absent)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contract_nli", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        txt, gold = Path(folder) / "txt", Path(folder) / "gold.json"
        bring(options.contract_nli, txt, gold)
        measure(load(txt, gold, options.cache, everything), load_pack(find_pack("nda")).tasks)


if __name__ == "__main__":
    main()
