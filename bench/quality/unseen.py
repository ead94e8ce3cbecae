"""The twelve main categories as tasks that nobody labelled: a description, three examples, and no probe.

Usage: python -m bench.quality.unseen TXT_FOLDER GOLD_JSON MODEL_GGUF --cache FOLDER
    [--contracts N] [--naive N] [--remember FILE]

``GOLD_JSON`` is in the form of the labelled contracts (CUAD). How much a task's text tells is learned of the
other twenty-nine categories, on the contracts of three companies in four; there the examples are drawn, too,
three sentences of three companies with seed 0. Measured on the shortest ``--contracts`` contracts of the
fourth companies. ``--naive`` of the same pairs, half of them answered, are asked of naive retrieval beside
it: chunks of 1,000 characters, the top 4, the same description and examples in the prompt, free JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.domain.finding import ModelRef
from app.domain.ports import LanguageModel
from app.domain.task import Pack, Task
from app.platform.files import sha256_of
from app.review.quality import Score, calibration_error
from bench.quality.remembered import RememberedModel
from bench.quality.run import HEAD, MAIN, Bench, Naive, table_row, together
from models.llama_generator import LlamaModel
from models.onnx_embedder import OnnxEmbedder
from models.train.split import is_held_out, is_training
from models.train.task_probes import Contract, labelled, load
from models.train.text_scores import Fits, Shown, groups_of, told_of, with_examples
from retrieval.text_scores import Slopes, TextWeights
from verticals.loader import find_pack, load_pack


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def slopes_without(contracts: list[Contract], tasks: list[Shown], unseen: list[str]) -> Slopes:
    """Fitted on the other tasks."""
    told = told_of(contracts, tasks)
    seen = [shown.task.id for shown in tasks if shown.task.id not in unseen]
    return Fits.of(contracts, told, [unseen, *groups_of(seen)]).unseen(unseen, contracts, told)


def without_model(bench: Bench, tasks: tuple[Task, ...]) -> dict[str, Score]:
    """The best sentence where retrieval's probability is a half or more."""
    scores = {task.id: Score() for task in tasks}
    for document in bench.texts:
        for task in tasks:
            evidence = bench.retriever.evidence(document, task, bench.pack.evidence_budget)
            best = max(evidence.sentences, key=lambda sentence: sentence.score)
            status = "found" if (evidence.presence or 0.0) >= 0.5 else "absent"
            scores[task.id].add(status, [best.text], bench.wanted(document, task.id), 0.0)
    return scores


def beside_naive(bench: Bench, naive: Naive, tasks: tuple[Task, ...], most: int) -> None:
    """The same pairs, in turn; half of them have the clause."""
    rng = random.Random(0)
    pairs = [(document, task) for document in bench.texts for task in tasks]
    rng.shuffle(pairs)
    there = [pair for pair in pairs if bench.wanted(pair[0], pair[1].id)][: most // 2]
    gone = [pair for pair in pairs if not bench.wanted(pair[0], pair[1].id)][: most - len(there)]
    ours, theirs = Score(), Score()
    for document, task in there + gone:
        gold = bench.wanted(document, task.id)
        began = time.perf_counter()
        status, quotes = bench.ours(document, task)
        ours.add(status, quotes, gold, time.perf_counter() - began)
        began = time.perf_counter()
        status, quotes = naive.answer(bench.texts[document], described(task))
        theirs.add(status, quotes, gold, time.perf_counter() - began)
    tell(f"\nThe same {ours.findings} pairs, half of them answered:\n\n{HEAD}")
    tell(table_row(ours, "Pincite"))
    tell(table_row(theirs, "naive: 1,000-character chunks, top 4, free JSON"))


def described(task: Task) -> Task:
    """The naive prompt has no place for examples: they are told with the description."""
    shown = " ".join(f'For example: "{example}"' for example in task.examples)
    return task.model_copy(update={"description": f"{task.description} {shown}"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--contracts", type=int, default=1000)
    parser.add_argument("--naive", type=int, default=24)
    parser.add_argument("--remember", type=Path)
    options = parser.parse_args()
    pack = load_pack(find_pack("contracts"))
    contracts = load(options.txt, options.gold, options.cache, is_training)
    tasks = labelled(contracts, pack.tasks)
    unseen = [task.id for task in tasks if task.id in MAIN.split()]
    bare = [Shown(task) for task in tasks]
    shown = [with_examples(contracts, task) for task in tasks]
    weights = TextWeights(
        OnnxEmbedder().identity,
        plain=slopes_without(contracts, bare, unseen),
        shown=slopes_without(contracts, shown, unseen),
    )
    rows: list[dict[str, Any]] = [
        row for row in json.loads(options.gold.read_text(encoding="utf-8")) if is_held_out(row["file"])
    ]
    rows.sort(key=lambda row: (options.txt / row["file"]).stat().st_size)
    rows = rows[: options.contracts]
    model: LanguageModel = LlamaModel(
        options.model, ModelRef(id=options.model.stem, sha256=sha256_of(options.model))
    )
    if options.remember:
        model = RememberedModel(model, options.remember)
    own = unlabelled(pack, [one.task for one in shown if one.task.id in unseen])
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "matter", rows, options.txt, model, own, weights)
        tell(f"{len(rows)} contracts, {len(own.tasks)} tasks\n\n{HEAD}")
        plain = tuple(one.task for one in bare if one.task.id in unseen)
        tell(table_row(together(without_model(bench, plain).values()), "its text alone, no model"))
        tell(table_row(together(without_model(bench, own.tasks).values()), "three examples, no model"))
        scores = {task.id: Score() for task in own.tasks}
        for document in bench.texts:
            for task in own.tasks:
                began = time.perf_counter()
                status, quotes = bench.ours(document, task)
                took = time.perf_counter() - began
                scores[task.id].add(status, quotes, bench.wanted(document, task.id), took)
        tell(table_row(together(scores.values()), "three examples, the model asked"))
        for name, score in scores.items():
            tell(table_row(score, name))
        tell(f"\nexpected calibration error of found: {calibration_error(bench.told):.3f}")
        beside_naive(bench, Naive(model, bench.embedder), own.tasks, options.naive)
        bench.matter.close()


def unlabelled(pack: Pack, tasks: list[Task]) -> Pack:
    """As somebody would write it who has no labels: no probes, and no calibration for a model."""
    return pack.model_copy(update={"tasks": tuple(tasks), "probes": None, "mixes": {}})


if __name__ == "__main__":
    main()
