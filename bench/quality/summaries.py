"""Summaries of contracts that nothing was learned from: how many sentences are kept, how many left out.

Usage: python -m bench.quality.summaries TXT_FOLDER GOLD_JSON [MODEL_GGUF] [--contracts N]
    [--most CHARACTERS] [--remember FILE] [--show]

The task is ``in_short.toml``, over the pack ``contracts``. Every sentence that was written and kept is then
made false by code (``altered.py``) and handed to the same check with the same source: a check that lets such
a sentence pass is worth nothing. ``--show`` prints each source and sentence. Contracts are drawn at random,
always the same, of those with at most ``--most`` characters. Seconds are of processor time, halved: two
cores. With ``--remember`` they are of what was not remembered.

Without a model the sentences are the short ones of the labelled clauses themselves, as one that copies would
write them: many more, and the check alone is measured.

Without a model the sentences are the short ones of the labelled clauses themselves, as one that copies would
write them: many more, and the check alone is measured.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.cancel import CancelToken
from app.domain.finding import EvidenceSentence, ModelRef
from app.domain.ports import LanguageModel
from app.domain.spans import Span
from app.domain.task import Pack, Task, Topic
from app.platform.files import sha256_of
from app.review.ground import ground_summary
from app.review.sentence_support import fewest_parts, support_of
from app.review.summarize import Summarizer, Written
from app.review.summary_topics import TOPIC_BUDGET, TopicEvidence, merged, sought, topics_of
from bench.quality.altered import Altered, alterations, names_in
from bench.quality.remembered import RememberedModel
from bench.quality.run import Bench
from models.llama_generator import LlamaModel
from models.train.split import is_held_out
from verticals.loader import find_pack, load_pack

SHORTEST, LONGEST = 60, 240
TASK = Path(__file__).with_name("in_short.toml")


@dataclass
class Counts:
    """Over all contracts."""

    statuses: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    altered: Counter[Altered] = field(default_factory=Counter[Altered])
    caught: Counter[Altered] = field(default_factory=Counter[Altered])
    passed: list[tuple[Altered, str]] = field(default_factory=list[tuple[Altered, str]])
    written: int = 0
    kept: int = 0
    seconds: list[float] = field(default_factory=list[float])


class Watched(Summarizer):
    """Remembers what was written from what."""

    def __init__(self, model: LanguageModel, pack: Pack) -> None:
        super().__init__(model, pack)
        self.seen: list[tuple[Topic, list[str], Written]] = []

    def write(self, topic: Topic, group: Sequence[EvidenceSentence], cancel: CancelToken) -> Written:
        """As it does."""
        written = super().write(topic, group, cancel)
        self.seen.append((topic, [sentence.text for sentence in group], written))
        return written


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def count(counts: Counts, texts: list[str], written: Written, names: tuple[str, ...]) -> None:
    counts.written += 1
    if written.support.refused is not None:
        counts.refused[written.support.refused.value] += 1
        return
    counts.kept += 1
    near = names_in(" ".join(texts))
    for how, text in alterations(written.text, (*near, *names)):
        counts.altered[how] += 1
        if fewest_parts(text, texts) is None:
            counts.caught[how] += 1
        else:
            counts.passed.append((how, text))


def told(counts: Counts, passed: bool) -> None:
    tell(f"\n{sum(counts.statuses.values())} contracts: {dict(counts.statuses)}")
    tell(f"{counts.written} sentences written, {counts.kept} kept, {counts.written - counts.kept} left out")
    for why, number in counts.refused.most_common():
        tell(f"  {number}: {why}")
    tell("\n| made false by code | sentences | refused |\n| --- | --- | --- |")
    for how, number in counts.altered.items():
        tell(f"| {how} | {number} | {counts.caught[how] / number:.1%} |")
    caught, every = sum(counts.caught.values()), sum(counts.altered.values())
    tell(f"| all | {every} | {caught / max(every, 1):.1%} |")
    for how, text in counts.passed if passed else ():
        tell(f"  passed ({how}): {text}")
    if counts.seconds:
        tell(f"\nseconds a contract on two cores: {sum(counts.seconds) / len(counts.seconds):.1f}")


def of_contracts(options: argparse.Namespace, rows: list[dict[str, Any]], counts: Counts) -> None:
    """What the model writes of every contract, altered."""
    pack = load_pack(find_pack("contracts"))
    task = Task.model_validate({"id": "in-short", **tomllib.loads(TASK.read_text(encoding="utf-8"))})
    model: LanguageModel = LlamaModel(
        options.model, ModelRef(id=options.model.stem, sha256=sha256_of(options.model))
    )
    if options.remember:
        model = RememberedModel(model, options.remember)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "matter", rows, options.txt, model, pack)
        for document, text in bench.texts.items():
            began = time.process_time()
            parts = tuple(
                TopicEvidence(
                    topic, bench.retriever.evidence(document, sought(task, topic, n, pack), TOPIC_BUDGET)
                )
                for n, topic in enumerate(topics_of(task), start=1)
            )
            summarizer = Watched(model, pack)
            answer = summarizer.answer(task, parts, CancelToken())
            counts.seconds.append((time.process_time() - began) / 2)
            whole = merged(document, task.id, parts)
            finding = ground_summary("bench", answer, whole, bench.matter.pages(document))
            counts.statuses[finding.status.value] += 1
            if options.show:
                tell(f"\n### {bench.matter.document(document).name}")
            for topic, texts, written in summarizer.seen:
                count(counts, texts, written, names_in(text))
                if options.show:
                    why = written.support.refused
                    tell(f"{topic.title}\n  < {' '.join(' '.join(texts).split())}\n  > {written.text}")
                    tell(f"  {'kept' if why is None else why.value}, {written.support.share:.0%}")
        bench.matter.close()


def of_clauses(options: argparse.Namespace, rows: list[dict[str, Any]], counts: Counts) -> None:
    """What a model that copies would write: the labelled clauses themselves, where they are short."""
    for row in rows:
        text = (options.txt / row["file"]).read_text(encoding="utf-8")
        names = names_in(text)
        spans = {(s["start"], s["end"]): s["text"] for c in row["clauses"].values() for s in c["spans"]}
        for clause in sorted({" ".join(span.split()) for span in spans.values()}):
            if SHORTEST <= len(clause) <= LONGEST and clause[0].isupper():
                written = Written(
                    text=clause, source=Span(0, len(clause)), support=support_of(clause, clause)
                )
                count(counts, [clause], written, names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--contracts", type=int, default=10)
    parser.add_argument("--most", type=int, default=60_000)
    parser.add_argument("--remember", type=Path)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    rows = [r for r in json.loads(options.gold.read_text(encoding="utf-8")) if is_held_out(r["file"])]
    counts = Counts()
    if options.model is None:
        of_clauses(options, rows, counts)
    else:
        rows = [r for r in rows if (options.txt / r["file"]).stat().st_size <= options.most]
        random.Random(0).shuffle(rows)
        of_contracts(options, rows[: options.contracts], counts)
    told(counts, options.show or options.model is not None)


if __name__ == "__main__":
    main()
