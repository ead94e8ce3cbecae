"""What the gates of list tasks let pass, on contracts that nothing was learned from.

Usage: python -m bench.retrieval.sweeps DATA_FOLDER --cache FOLDER [--only values,text,probes] [--tasks ID,ID]
       [--contracts N] [--pack P]

``DATA_FOLDER`` holds ``cuad``. Every task of the pack ``contracts`` that has labels is taken as if it were a
list, with three gates: its probe's; the fit to its text, by weights fitted without this task; and, for
labelled sentences with dates, periods or amounts, whether a value of that kind is read in them.
``--contracts N`` takes the N shortest of either kind; ``--pack`` another folder of the same tasks.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.kinds import ValueKind
from app.domain.ports import IndexedText
from app.domain.task import Task
from app.review.values import holds_value
from models.onnx_embedder import OnnxEmbedder
from models.train.gates import shortest
from models.train.split import company_of, is_held_out, is_training, kebab
from models.train.task_probes import Contract, labelled, labels, load
from models.train.text_pages import pages_of
from models.train.text_scores import GROUPS, Shown, fitted, rows_of, scorer_of, told_of
from retrieval.gate import FIT_GATE, PROBE_GATE, passing, with_leads
from retrieval.lead_ins import lead_ins
from retrieval.sentences import split_sentences
from retrieval.task_probes import TaskProbes
from retrieval.text_scores import TextScorer, TextWeights
from verticals.loader import find_pack, load_pack

LISTS = (
    "license-grant", "post-termination-services", "audit-rights", "insurance", "minimum-commitment",
    "revenue-profit-sharing", "cap-on-liability", "warranty-duration", "anti-assignment", "exclusivity",
)  # fmt: skip
"""Categories with several spans in a contract."""

_COUNT = r"(?:[0-9]\)?|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|[a-z]+ty))"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_FIGURES = {
    ValueKind.MONEY: re.compile(r"[$€£¥￥]\s?[0-9]|[0-9]\s(?:dollars|euros?|USD|EUR|GBP)\b", re.IGNORECASE),
    ValueKind.TIME: re.compile(
        rf"{_COUNT}[\s-]{{1,3}}(?:\w+\s+){{0,2}}(?:day|week|month|year)s?\b"
        rf"|\b{_MONTH}\s+[0-9]{{1,2}}\b|\b[0-9]{{1,2}}(?:st|nd|rd|th)?\s(?:day\s)?(?:of\s)?{_MONTH}"
        r"|\b[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}\b",
        re.IGNORECASE,
    ),
}
"""What a person would take for an amount, and for a date or a period: wider than what is read."""


SHARES = (0.85, 0.9, 0.95, 0.97)


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@dataclass
class Passed:
    """Right sentences that pass and all of them; characters that pass and all, of every contract."""

    right: list[bool] = field(default_factory=list[bool])
    characters: list[int] = field(default_factory=lambda: [0, 0])
    spans: int = 0
    contracts: int = 0

    def add(self, contract: Contract, right: np.ndarray, marks: np.ndarray, spans: int) -> None:
        self.right += [bool(mark) for mark in marks[right]]
        lengths = np.array([s.span.end - s.span.start for s in contract.indexed.sentences])
        self.characters[0] += int(lengths[marks].sum())
        self.characters[1] += int(lengths.sum())
        self.spans += spans
        self.contracts += bool(spans)

    @property
    def recall(self) -> float:
        return float(np.mean(self.right)) if self.right else float("nan")

    @property
    def share(self) -> float:
        return self.characters[0] / max(self.characters[1], 1)


def unembedded(folder: Path, gold: Path, wanted: Callable[[str], bool]) -> list[Contract]:
    """Contracts with sentences and without vectors, which a gate of values does not look at."""
    nothing = np.zeros((0, 0), dtype=np.float32)
    no_words: Any = None
    contracts: list[Contract] = []
    for row in json.loads(gold.read_text(encoding="utf-8")):
        if not wanted(row["file"]):
            continue
        with (folder / row["file"]).open(encoding="utf-8", newline="") as source:
            text = source.read()
        indexed = IndexedText(row["file"], "", split_sentences(pages_of(text)), (), nothing, nothing)
        spans = {
            kebab(name): [(s["start"], s["end"]) for s in clause["spans"]]
            for name, clause in row["clauses"].items()
        }
        company = company_of(row["file"])
        contracts.append(Contract(row["file"], company, text, indexed, spans, nothing, no_words))
    return contracts


def by_probe(contracts: Sequence[Contract], tasks: Sequence[Task], probes: TaskProbes) -> dict[str, Passed]:
    scorer = TextScorer(OnnxEmbedder(), TextWeights.load())
    found = {task.id: Passed() for task in tasks}
    for contract in contracts:
        leads = lead_ins(contract.indexed, contract.text)
        for task in tasks:
            gate = probes.gate(task.id) or PROBE_GATE
            fit = scorer.logits(task, contract.indexed, contract.text)
            scored = probes.scores(task.id, contract.indexed, contract.text, fit)
            assert scored is not None
            marks, _ = passing(scored.sentences, gate, None, contract.indexed, contract.text)
            right = labels(contract, task.id)
            found[task.id].add(contract, right, with_leads(marks, leads), len(contract.gold[task.id]))
    return found


def by_text(
    training: list[Contract], contracts: Sequence[Contract], tasks: Sequence[Task]
) -> tuple[dict[str, Passed], np.ndarray]:
    """And the log-odds of the right sentences of training contracts, by weights fitted without their task."""
    rows = rows_of(training, told_of(training, [Shown(task) for task in tasks]))
    order: list[int] = np.random.default_rng(1).permutation(len(tasks)).tolist()
    found = {task.id: Passed() for task in tasks}
    reached: list[np.ndarray] = []
    for group in range(GROUPS):
        unseen = [tasks[place] for place in order[group::GROUPS]]
        names = {task.id for task in unseen}
        weights = fitted([row for task, row in rows.items() if task not in names])
        scorer = scorer_of(weights)
        for task in unseen:
            if task.id in rows:
                held = rows[task.id]
                reached.append((held.features @ weights.sentences + weights.intercept)[held.right])
        for contract in contracts:
            leads = lead_ins(contract.indexed, contract.text)
            for task in unseen:
                logits = scorer.logits(task, contract.indexed, contract.text)
                marks, _ = passing(logits, None, None, contract.indexed, contract.text)
                right = labels(contract, task.id)
                found[task.id].add(contract, right, with_leads(marks, leads), len(contract.gold[task.id]))
    return found, np.concatenate(reached)


def by_value(contracts: Sequence[Contract], tasks: Sequence[Task], kind: ValueKind) -> dict[str, Passed]:
    """Right sentences with figures of the kind in their labelled words: how many of them the reader reads."""
    holds = holds_value(kind)
    assert holds is not None
    found = {task.id: Passed() for task in tasks}
    for contract in contracts:
        marks, _ = passing(np.zeros(0, dtype=np.float32), None, holds, contract.indexed, contract.text)
        for task in tasks:
            right = labels(contract, task.id) & _with_figures(contract, task.id, _FIGURES[kind].search)
            found[task.id].add(contract, right, marks, len(contract.gold[task.id]))
    return found


def _with_figures(contract: Contract, task: str, figures: Callable[[str], object]) -> np.ndarray:
    """Sentences in whose part of a labelled span there are figures."""
    marks = np.zeros(len(contract.indexed.sentences), dtype=bool)
    for start, end in contract.gold[task]:
        for index, sentence in enumerate(contract.indexed.sentences):
            words = contract.text[max(start, sentence.span.start) : min(end, sentence.span.end)]
            marks[index] |= bool(words and figures(words))
    return marks


def table(name: str, found: dict[str, Passed], wanted: Sequence[str]) -> None:
    tell(f"\n{name}\n\n| | contracts | spans | right sentences | of them pass | of the text passes |")
    tell("| --- | --- | --- | --- | --- | --- |")
    for task in wanted:
        one = found[task]
        if one.right:
            tell(
                f"| {task} | {one.contracts} | {one.spans} | {len(one.right)} | {one.recall:.1%} "
                f"| {one.share:.1%} |"
            )
    everything = Passed()
    for one in found.values():
        everything.right += one.right
        everything.characters = [a + b for a, b in zip(everything.characters, one.characters, strict=True)]
    mean = np.nanmean([one.recall for one in found.values() if one.right])
    tell(
        f"| all {sum(1 for one in found.values() if one.right)} | | | {len(everything.right)} "
        f"| {everything.recall:.1%} (mean {mean:.1%}) | {everything.share:.1%} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--only", default="values,text,probes")
    parser.add_argument("--tasks", default=",".join(LISTS))
    parser.add_argument("--contracts", type=int)
    parser.add_argument("--pack", default="contracts")
    options = parser.parse_args()
    txt, gold = options.data / "cuad" / "txt", options.data / "cuad" / "gold.json"
    pack = load_pack(find_pack(options.pack))
    parts, wanted = options.only.split(","), options.tasks.split(",")
    few = shortest(txt, gold, is_held_out, options.contracts)
    if "values" in parts:
        plain = unembedded(txt, gold, few)
        for kind in _FIGURES:
            found = by_value(plain, labelled(plain, pack.tasks), kind)
            table(f"Holds a value: {kind.value}; {len(plain)} contracts", found, list(found))
    if parts == ["values"]:
        return
    contracts = load(txt, gold, options.cache, few)
    tasks = labelled(contracts, pack.tasks)
    if "probes" in parts:
        assert pack.probes is not None
        found = by_probe(contracts, tasks, TaskProbes.load(pack.probes))
        table(f"A probe's gate; {len(contracts)} contracts", found, wanted)
    if "text" in parts:
        training = load(txt, gold, options.cache, shortest(txt, gold, is_training, options.contracts))
        found, reached = by_text(training, contracts, tasks)
        table(
            f"The fit to a task's text, from {FIT_GATE.threshold}; {len(contracts)} contracts", found, wanted
        )
        ranked = np.sort(reached)
        told = ", ".join(f"{share:.0%} from {ranked[int((1 - share) * len(ranked))]:.2f}" for share in SHARES)
        tell(f"\nRight sentences of {len(training)} contracts fitted on, of tasks that were not: {told}")


if __name__ == "__main__":
    main()
