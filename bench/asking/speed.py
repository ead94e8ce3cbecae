"""Findings a minute beside what one would write first, in turn, with the same model in the same process.

Usage: python -m bench.asking.speed TXT_FOLDER GOLD_JSON MODEL_GGUF [--pairs N] [--whole N]

The pairs of contract and task are drawn with seed 0 from contracts that nothing was learned from (see
``models.train.split``). The others are llama-cpp-python's chat completion with a JSON schema, one call after
another, over

- the same evidence: the sentences that Pincite would read for this pair;
- naive retrieval: chunks of 1,000 characters, the four best by the same embedder;
- the whole contract, for ``--whole`` of the contracts: the longest ones of at most 32,000 characters.

Seconds for indexing a contract are shared out over its tasks and added to Pincite's; embedding the chunks is
shared out likewise. At the end, how fast prompts were read, beside the bare ``llama_decode`` of full batches.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.cancel import CancelToken
from app.domain.finding import ModelRef
from app.domain.task import Task
from app.platform.files import sha256_of
from bench.quality.run import CHUNK, TOP, Bench
from models.llama_context import LlamaContext, Step
from models.llama_generator import LlamaModel
from models.replanning import plan_here
from models.train.split import is_held_out
from verticals.loader import find_pack, load_pack

WHOLE_CONTEXT = 16_384
MOST_CHARACTERS = 32_000
_QUOTE = "Is it there? If so, quote the words."
SCHEMA = {
    "type": "object",
    "properties": {"found": {"type": "boolean"}, "quote": {"type": "string"}},
    "required": ["found", "quote"],
}


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Completion:
    """Chat completion with a JSON schema. ``context`` is what its prompts need at most."""

    def __init__(self, file: Path, context: int) -> None:
        import llama_cpp

        plan = plan_here(file, file.stem, context)
        self._llama: Any = llama_cpp.Llama(
            str(file), n_ctx=context, n_batch=plan.batch, n_threads=plan.threads,
            n_threads_batch=plan.threads, seed=0, verbose=False,
        )  # fmt: skip

    def ask(self, task: Task, text: str) -> None:
        self._llama.create_chat_completion(
            messages=[
                {"role": "system", "content": "You review contracts."},
                {"role": "user", "content": f"{text}\n\nTask: {task.title}. {task.description}\n{_QUOTE}"},
            ],
            response_format={"type": "json_object", "schema": SCHEMA},
            temperature=0.0,
            max_tokens=200,
        )

    def close(self) -> None:
        self._llama.close()


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def chunks(bench: Bench, text: str, task: Task) -> str:
    parts = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    vectors = bench.embedder.embed(parts)
    query = bench.embedder.embed([f"{task.title}. {task.description}"])[0]
    return "\n\n".join(parts[int(i)] for i in (-(vectors @ query)).argsort()[:TOP])


def evidence(bench: Bench, document: str, task: Task) -> str:
    held = bench.retriever.evidence(document, task, bench.pack.evidence_budget, adapt=True)
    best = sorted(held.sentences, key=lambda s: -s.score)[:6]
    return "\n".join(s.text for s in sorted(best, key=lambda s: s.span))


def in_turn(
    bench: Bench, pairs: Sequence[tuple[str, Task]], file: Path, indexing: float
) -> dict[str, list[float]]:
    other = Completion(file, 4096)
    took: dict[str, list[float]] = {"Pincite": [], "the same evidence": [], "naive retrieval": []}
    for document, task in pairs:
        text = bench.texts[document]
        took["Pincite"].append(indexing + seconds(partial(bench.ours, document, task)))
        given = evidence(bench, document, task)
        took["the same evidence"].append(seconds(partial(other.ask, task, given)))
        began = time.perf_counter()
        four = chunks(bench, text, task)
        embedding = (time.perf_counter() - began) / len(bench.pack.tasks)
        took["naive retrieval"].append(embedding + seconds(partial(other.ask, task, four)))
        tell("  ".join(f"{name} {values[-1]:.1f} s" for name, values in took.items()))
    other.close()
    return took


def whole(
    bench: Bench, pairs: Sequence[tuple[str, Task]], file: Path, most: int
) -> list[tuple[float, float]]:
    """Seconds for Pincite and for the whole contract in the prompt."""
    other = Completion(file, WHOLE_CONTEXT)
    found: list[tuple[float, float]] = []
    fits = sorted(
        (d for d, t in bench.texts.items() if len(t) <= MOST_CHARACTERS), key=lambda d: -len(bench.texts[d])
    )
    for document in fits[:most]:
        task = pairs[len(found) % len(pairs)][1]
        ours = seconds(partial(bench.ours, document, task))
        theirs = seconds(partial(other.ask, task, bench.texts[document]))
        found.append((ours, theirs))
        tell(f"{len(bench.texts[document]):,} characters: Pincite {ours:.1f} s, whole {theirs:.1f} s")
    other.close()
    return found


def reading(file: Path, prompts: Sequence[str]) -> None:
    """Reading evidence, a sequence after another, and several at once, beside bare full batches."""
    plan = plan_here(file, file.stem)
    context = LlamaContext(file, plan)
    cancel = CancelToken()
    rng = np.random.default_rng(0)
    full = tuple(int(t) for t in rng.integers(1000, 50_000, plan.batch))
    texts = [context.tokens(prompt)[: plan.batch] for prompt in prompts]
    speeds: dict[str, list[float]] = {
        "bare batches": [],
        "evidence, one by one": [],
        "evidence, four at once": [],
    }
    for _ in range(3):
        context.clear()
        took = seconds(lambda: context.read([Step(0, 0, full, last=1)], cancel))
        speeds["bare batches"].append(plan.batch / took)
        context.clear()
        took = seconds(
            lambda: [context.read([Step(n, 0, text, last=1)], cancel) for n, text in enumerate(texts)]
        )
        speeds["evidence, one by one"].append(sum(map(len, texts)) / took)
        context.clear()
        steps = [Step(n, 0, text, last=1) for n, text in enumerate(texts)]
        took = seconds(partial(context.read, steps, cancel))
        speeds["evidence, four at once"].append(sum(map(len, texts)) / took)
    context.close()
    bare = float(np.median(speeds["bare batches"]))
    for name, values in speeds.items():
        tell(f"{name}: {np.median(values) / bare:.2f} of the bare speed ({np.median(values):.0f} a second)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--pairs", type=int, default=24)
    parser.add_argument("--whole", type=int, default=2)
    parser.add_argument("--contracts", type=int, default=8)
    options = parser.parse_args()
    pack = load_pack(find_pack("contracts"))
    rows = [r for r in json.loads(options.gold.read_text(encoding="utf-8")) if is_held_out(r["file"])]
    rows = rows[: options.contracts]
    model = LlamaModel(options.model, ModelRef(id=options.model.stem, sha256=sha256_of(options.model)))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "matter", rows, options.txt, model, pack)
        each = bench.index_seconds / (len(rows) * len(pack.tasks))
        pairs = random.Random(0).sample([(d, t) for d in bench.texts for t in pack.tasks], options.pairs)
        bench.ours(*pairs[0])  # loads the model
        took = in_turn(bench, pairs, options.model, each)
        tell("\n| | findings a minute | Pincite's are so many times |\n| --- | --- | --- |")
        for name, values in took.items():
            tell(
                f"| {name} | {60 / np.mean(values):.1f} | {np.mean(values) / np.mean(took['Pincite']):.1f} |"
            )
        both = whole(bench, pairs, options.model, options.whole)
        mean = float(np.mean(took["Pincite"]))
        times = np.mean([theirs for _, theirs in both]) / mean
        tell(f"whole contract: {times:.1f} times (of Pincite's mean over all pairs)")
        texts = [evidence(bench, d, t) for d, t in pairs[:4]]
        bench.matter.close()
        model.close()
    reading(options.model, texts)


if __name__ == "__main__":
    main()
