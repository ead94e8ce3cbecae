"""Quality and speed on contracts that nothing was trained on, beside a naive baseline, in one run.

Usage: python -m bench.quality.run TXT_FOLDER GOLD_JSON MODEL_GGUF [--pairs N] [--contracts N]
    [--main] [--remember FILE]

``GOLD_JSON`` is in the form of the labelled contracts (CUAD). Part one asks both systems the same N pairs
of contract and task in turn, so that noise of the machine falls on both: seconds are compared there.
Part two asks Pincite every task of every contract of the split. The baseline is what one would write
first: fixed chunks of 1,000 characters, the top 4 by the same embedder, a free JSON answer that copies its
quote, the same model. ``--main`` asks the twelve main categories only. With ``--remember`` the model's
answers are kept, so that a run that was stopped goes on; the seconds of part two then mean nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.cancel import CancelToken
from app.domain.finding import ModelRef
from app.domain.kinds import DocumentState, FindingStatus
from app.domain.ports import LanguageModel, Prompt
from app.domain.task import Pack, Task
from app.domain.text import Document, document_id
from app.platform.files import sha256_of
from app.review.ask import Asker
from app.review.ground import ground
from app.review.quality import Score, Told, at_coverage, calibration_error
from app.store.opening import open_matter, read_matter
from bench.quality.remembered import RememberedModel
from models.llama_generator import LlamaModel
from models.onnx_embedder import OnnxEmbedder
from models.train.split import company_of, is_training, kebab
from models.train.text_pages import pages_of
from retrieval.indexing import index_document
from retrieval.retriever import MatterRetriever
from retrieval.task_probes import TaskProbes
from retrieval.text_scores import TextWeights
from verticals.loader import find_pack, load_pack

CHUNK = 1000
TOP = 4
MOST_TOKENS = 200
MAIN = (
    "governing-law cap-on-liability anti-assignment audit-rights termination-for-convenience parties "
    "ip-ownership-assignment expiration-date renewal-term non-compete exclusivity insurance"
)
ANY_JSON = "root ::= [^\\x00]+"


def table_row(score: Score, name: str) -> str:
    return (
        f"| {name} | {score.findings} | {score.f1:.3f} | {score.precision:.3f} | {score.recall:.3f} | "
        f"{score.false}/{score.absent} = {score.false / max(score.absent, 1):.1%} | {score.abstained} | "
        f"{score.failed} | {np.mean(score.seconds):.2f} |"
    )


def together(scores: Iterable[Score]) -> Score:
    """Their counts in one."""
    total = Score()
    for score in scores:
        for count in ("right", "wrong_words", "missed", "false", "absent", "abstained", "failed"):
            setattr(total, count, getattr(total, count) + getattr(score, count))
        total.seconds += score.seconds
    return total


HEAD = (
    "| system | findings | found F1 | precision | recall | false findings on absent | abstained | failed "
    "| s each |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


class Naive:
    def __init__(self, model: LanguageModel, embedder: OnnxEmbedder) -> None:
        self._model = model
        self._embedder = embedder
        self._text = ""
        self._chunks: list[str] = []
        self._vectors = embedder.embed([])

    def answer(self, text: str, task: Task) -> tuple[str, list[str]]:
        if self._text != text:
            self._text = text
            self._chunks = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
            self._vectors = self._embedder.embed(self._chunks)
        query = self._embedder.embed([f"{task.title}. {task.description}"])[0]
        best = (-(self._vectors @ query)).argsort()[:TOP]
        excerpts = "\n\n".join(self._chunks[int(i)] for i in best)
        prompt = Prompt(
            system="You review contracts.",
            user=f"Contract excerpts:\n{excerpts}\n\nTask: {task.title}. {task.description}\n"
            'Answer in JSON: {"found": true or false, "quote": "the exact words of the contract, or empty"}',
        )
        written = self._model.write(prompt, ANY_JSON, MOST_TOKENS, CancelToken())
        found = re.search(r'"found"\s*:\s*(true|false)', written, re.IGNORECASE)
        quote = re.search(r'"quote"\s*:\s*"((?:[^"\\]|\\.)*)', written, re.DOTALL)
        if not found:
            return "failed", []
        if found[1].lower() == "false":
            return "absent", []
        return "found", [quote[1].replace('\\"', '"').replace("\\n", "\n")] if quote else []


class Bench:
    def __init__(
        self,
        folder: Path,
        rows: list[dict[str, Any]],
        txt: Path,
        model: LanguageModel,
        pack: Pack,
        weights: TextWeights | None = None,
    ) -> None:
        self.pack = pack
        self.embedder = OnnxEmbedder()
        self.texts: dict[str, str] = {}
        self.gold: dict[str, dict[str, list[tuple[int, int]]]] = {}
        self.index_seconds = 0.0
        matter = open_matter(folder, create=True)
        for row in rows:
            with (txt / row["file"]).open(encoding="utf-8", newline="") as source:
                text = source.read()
            key = sha256_of(txt / row["file"])
            pages = pages_of(text)
            began = time.perf_counter()
            document = Document(
                id=document_id(key), name=row["file"], sha256=key, pages=len(pages), state=DocumentState.READY
            )
            matter.put_document(document, pages)
            matter.put_indexed(index_document(document.id, pages, self.embedder, CancelToken()))
            self.index_seconds += time.perf_counter() - began
            self.texts[document.id] = text
            self.gold[document.id] = {
                kebab(name): [(s["start"], s["end"]) for s in clause["spans"]]
                for name, clause in row["clauses"].items()
            }
        matter.close()
        self.matter = read_matter(folder)
        probes = TaskProbes.load(pack.probes) if pack.probes else None

        def no_search() -> Any:
            raise AssertionError("evidence needs no search of the whole matter")

        self.retriever = MatterRetriever(self.matter, self.embedder, no_search, probes, weights=weights)
        self.asker = Asker(model, pack)
        self.inside: dict[str, list[int]] = {}
        self.without_model: dict[str, Score] = {}
        self.told: list[Told] = []

    def wanted(self, document: str, task: str) -> list[str]:
        text = self.texts[document]
        return [text[a:b] for a, b in self.gold[document].get(task, [])]

    def ours(self, document: str, task: Task) -> tuple[str, list[str]]:
        """Status and quotes."""
        evidence = self.retriever.evidence(document, task, self.pack.evidence_budget, adapt=True)
        answer = self.asker.answer(task, evidence, CancelToken())
        finding = ground("bench", answer, evidence, self.matter.pages(document), task.value)
        spans = self.gold[document].get(task.id, [])
        covered = {p for s in evidence.sentences for p in range(s.span.start, s.span.end)}
        gold = {p for a, b in spans for p in range(a, b)}
        share = self.inside.setdefault(task.id, [0, 0])
        share[0] += len(gold & covered)
        share[1] += len(gold)
        best = max(evidence.sentences, key=lambda s: s.score)
        status = "found" if (evidence.presence or 0) >= 0.5 else "absent"
        alone = self.without_model.setdefault(task.id, Score())
        alone.add(status, [best.text], self.wanted(document, task.id), 0.0)
        there = finding.confidence if finding.status is not FindingStatus.ABSENT else 1.0 - finding.confidence
        self.told.append(Told(there, bool(spans), finding.status, answer.model_calls == 0))
        return finding.status.value, [c.quote for c in finding.citations]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--contracts", type=int, default=1000)
    parser.add_argument("--main", action="store_true")
    parser.add_argument("--remember", type=Path)
    options = parser.parse_args()
    pack = load_pack(find_pack("contracts"))
    if options.main:
        pack = pack.model_copy(update={"tasks": tuple(t for t in pack.tasks if t.id in MAIN.split())})
    rows = [r for r in json.loads(options.gold.read_text(encoding="utf-8")) if not is_training(r["file"])]
    rows = rows[: options.contracts]
    model: LanguageModel = LlamaModel(
        options.model, ModelRef(id=options.model.stem, sha256=sha256_of(options.model))
    )
    if options.remember:
        model = RememberedModel(model, options.remember)

    def tell(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "matter", rows, options.txt, model, pack)
        tasks = [t for t in pack.tasks if any(t.id in gold for gold in bench.gold.values())]
        each = bench.index_seconds / (len(rows) * len(tasks))
        companies = len({company_of(r["file"]) for r in rows})
        tell(
            f"{len(rows)} contracts of {companies} companies; indexing {each:.3f} s a finding, added below\n"
        )
        pairs = [(d, t) for d in bench.texts for t in tasks]
        sample = random.Random(0).sample(pairs, min(options.pairs, len(pairs)))
        naive, ours, baseline = Naive(model, bench.embedder), Score(), Score()
        for document, task in sample:
            gold = bench.wanted(document, task.id)
            began = time.perf_counter()
            status, quotes = bench.ours(document, task)
            ours.add(status, quotes, gold, time.perf_counter() - began + each)
            began = time.perf_counter()
            status, quotes = naive.answer(bench.texts[document], task)
            baseline.add(status, quotes, gold, time.perf_counter() - began)
        tell(f"The same {len(sample)} pairs, in turn:\n\n{HEAD}")
        tell(table_row(ours, "Pincite"))
        tell(table_row(baseline, "naive: 1,000-character chunks, top 4, free JSON"))
        tell(
            f"\nseconds a finding, naive to Pincite: {sum(baseline.seconds) / sum(ours.seconds):.1f} times\n"
        )
        bench.inside.clear()
        bench.told.clear()
        bench.without_model.clear()
        whole, by_task = Score(), {t.id: Score() for t in tasks}
        for document, task in pairs:
            began = time.perf_counter()
            status, quotes = bench.ours(document, task)
            took = time.perf_counter() - began + each
            for score in (whole, by_task[task.id]):
                score.add(status, quotes, bench.wanted(document, task.id), took)
        tell(f"Every task of every contract:\n\n{HEAD}")
        tell(table_row(whole, "Pincite"))
        tell(table_row(together(bench.without_model.values()), "probes alone, best sentence"))
        for name, score in by_task.items():
            tell(table_row(score, name))
        tell("\n| | found F1 | probes alone | gained |\n| --- | --- | --- | --- |")
        for name, score in by_task.items():
            alone = bench.without_model[name].f1
            tell(f"| {name} | {score.f1:.3f} | {alone:.3f} | {score.f1 - alone:+.3f} |")
        tell(f"\nexpected calibration error of found: {calibration_error(bench.told):.3f}")
        settled = sum(t.settled for t in bench.told) / len(bench.told)
        answered = sum(t.status is not FindingStatus.ABSTAINED for t in bench.told) / len(bench.told)
        tell(f"settled without the model: {settled:.1%}; answered, not abstained: {answered:.1%}")
        tell("\n| of the surest | wrong on presence | false on absent |\n| --- | --- | --- |")
        for coverage in (1.0, 0.95, 0.9, 0.85, 0.7, 0.5):
            wrong, false = at_coverage(bench.told, coverage)
            tell(f"| {coverage:.0%} | {wrong:.1%} | {false:.1%} |")
        shares = {t: i / max(n, 1) for t, (i, n) in bench.inside.items()}
        inside, total = (sum(v[k] for v in bench.inside.values()) for k in (0, 1))
        tell(f"\ncharacters of gold inside {pack.evidence_budget} characters of evidence: "
             f"{inside / total:.1%} of all, {np.mean(list(shares.values())):.1%} mean of tasks")  # fmt: skip
        tell(", ".join(f"{t} {s:.0%}" for t, s in shares.items()))
        bench.matter.close()


if __name__ == "__main__":
    main()
