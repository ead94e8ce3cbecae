"""Chooses the gate of every task that has a probe, by folds, and keeps it in the pack's ``probes.npz``.

Usage: python -m models.train.gates PACK_FOLDER TXT_FOLDER GOLD_JSON --cache FOLDER [--recall 0.97] [--all]
       [--contracts N]

``models.train.task_probes`` comes first: nothing of what it wrote is changed. Each contract is scored by
probes of the same kind, learned from the contracts of other folds; a task's threshold is what the wanted
share of its right sentences reaches there. ``--all`` takes every contract, ``--contracts`` the N shortest.
``bench.retrieval.sweeps`` measures the gates on contracts that neither saw.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.platform.files import write_atomically
from models.train.split import everything, is_training
from models.train.task_probes import ByFolds, Contract, by_folds, labelled, labels, load
from retrieval.gate import Gate
from verticals.loader import load_pack

RECALL = 0.97
FEWEST = 10
"""Right sentences that a threshold is chosen from; with fewer a task has no gate."""


def shortest(
    folder: Path, gold: Path, wanted: Callable[[str], bool], most: int | None
) -> Callable[[str], bool]:
    """Those ``wanted`` whose files are the smallest; without a number all of them."""
    if most is None:
        return wanted
    names = [row["file"] for row in json.loads(gold.read_text(encoding="utf-8")) if wanted(row["file"])]
    kept = frozenset(sorted(names, key=lambda name: (folder / name).stat().st_size)[:most])
    return kept.__contains__


def gate_of(contracts: list[Contract], task: str, scored: ByFolds, recall: float) -> Gate | None:
    """The threshold that so large a share of the right sentences reaches, and the share that does."""
    right = np.concatenate([
        logits[labels(contract, task)] for contract, logits in zip(contracts, scored.logits, strict=True)
    ])  # fmt: skip
    if len(right) < FEWEST:
        return None
    ranked = np.sort(right)
    threshold = float(ranked[int((1.0 - recall) * len(ranked))])
    return Gate(threshold, float(np.mean(right >= threshold)))


def share_passing(contracts: list[Contract], scored: ByFolds, gate: Gate) -> float:
    """Of all sentences."""
    return float(np.mean(np.concatenate(scored.logits) >= gate.threshold))


def keep(file: Path, gates: dict[str, Gate]) -> None:
    """Add them to what the file holds; tasks that are not named have none."""
    with np.load(file) as held:
        arrays = {name: held[name] for name in held.files}
    rows = [gates.get(str(task), Gate(np.nan, np.nan)) for task in arrays["tasks"]]
    arrays["gates"] = np.array(rows, dtype=np.float32)
    body = io.BytesIO()
    np.savez_compressed(body, **arrays)
    write_atomically(file, body.getvalue())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--recall", type=float, default=RECALL)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--contracts", type=int)
    options = parser.parse_args()
    wanted = everything if options.all else is_training
    few = shortest(options.txt, options.gold, wanted, options.contracts)
    contracts = load(options.txt, options.gold, options.cache, few)
    tasks = labelled(contracts, load_pack(options.pack).tasks)
    sys.stdout.write(f"{len(contracts)} contracts\n")
    gates: dict[str, Gate] = {}
    for task, scored in by_folds(contracts, tasks).items():
        gate = gate_of(contracts, task, scored, options.recall)
        if gate is None:
            sys.stdout.write(f"{task:36} too few right sentences\n")
            continue
        gates[task] = gate
        passing = share_passing(contracts, scored, gate)
        sys.stdout.write(
            f"{task:36} {gate.threshold:6.2f}  recall {gate.recall:.3f}  passing {passing:.1%}\n"
        )
        sys.stdout.flush()
    keep(options.pack / "probes.npz", gates)


if __name__ == "__main__":
    main()
