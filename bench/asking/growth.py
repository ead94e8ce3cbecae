"""What more tasks and more findings do: seconds for each finding, and memory.

Usage: python -m bench.asking.growth TXT_FOLDER GOLD_JSON MODEL_GGUF [--contracts N] [--orders N]
    [--findings N]

Each contract is indexed and asked all tasks, in orders drawn with seeds from 0: the seconds of indexing and
asking so far, for each finding, after 1, 2, 5, 10, 20 and all tasks. The contracts are the shortest ones that
nothing was learned from. With ``--findings`` instead the same pairs are asked round and round, and the memory
that the process holds is told after 100, 1,000 and N findings.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from app.domain.finding import ModelRef
from app.platform.files import sha256_of
from bench.quality.run import Bench
from models.llama_generator import LlamaModel
from models.train.split import is_held_out
from verticals.loader import find_pack, load_pack

STEPS = (1, 2, 5, 10, 20)


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def more_tasks(bench: Bench, indexing: float, orders: int) -> None:
    """``indexing`` is the seconds of one contract in the mean."""
    tasks = bench.pack.tasks
    steps = (*(step for step in STEPS if step < len(tasks)), len(tasks))
    rows: list[list[float]] = []
    for document in bench.texts:
        took: dict[str, float] = {}
        for task in tasks:
            began = time.perf_counter()
            bench.ours(document, task)
            took[task.id] = time.perf_counter() - began
        for seed in range(orders):
            order = random.Random(seed).sample(list(took), len(took))
            spent = indexing + np.cumsum([took[task] for task in order])
            rows.append([float(spent[step - 1]) / step for step in steps])
    tell("| tasks | seconds for each finding |\n| --- | --- |")
    for step, mean in zip(steps, np.mean(rows, axis=0), strict=True):
        tell(f"| {step} | {mean:.2f} |")


def more_findings(bench: Bench, count: int) -> None:
    pairs = [(document, task) for document in bench.texts for task in bench.pack.tasks]
    process = psutil.Process()
    for number in range(1, count + 1):
        bench.ours(*pairs[number % len(pairs)])
        bench.told.clear()
        bench.without_model.clear()
        if number in (100, 1_000, count):
            gc.collect()
            tell(f"{number:,} findings: {process.memory_info().rss / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--contracts", type=int, default=3)
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--findings", type=int, default=0)
    options = parser.parse_args()
    pack = load_pack(find_pack("contracts"))
    pack = pack.model_copy(update={"tasks": tuple(t for t in pack.tasks if t.kind.value != "list")})
    rows = [r for r in json.loads(options.gold.read_text(encoding="utf-8")) if is_held_out(r["file"])]
    rows = sorted(rows, key=lambda row: (options.txt / row["file"]).stat().st_size)[: options.contracts]
    model = LlamaModel(options.model, ModelRef(id=options.model.stem, sha256=sha256_of(options.model)))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "matter", rows, options.txt, model, pack)
        bench.ours(next(iter(bench.texts)), pack.tasks[0])
        if options.findings:
            more_findings(bench, options.findings)
        else:
            more_tasks(bench, bench.index_seconds / len(rows), options.orders)
        bench.matter.close()
        model.close()


if __name__ == "__main__":
    main()
