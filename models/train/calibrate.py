"""Fits how one model's readings and retrieval combine (the pack's ``calibration.json``).

Usage: python -m models.train.calibrate PACK_FOLDER TXT_FOLDER GOLD_JSON MODEL_ID --cache FOLDER [--cases N]

Only contracts that the probes learned from are used, each scored by probes of the other folds, so that
retrieval is no surer here than on a contract it never saw. Only unclear cases are read: the others never
reach the model. Readings are kept in the cache folder, line by line: a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from app.domain.cancel import CancelToken
from app.domain.finding import Evidence, EvidenceSentence
from app.domain.task import Mix, Task
from app.platform.files import write_atomically
from app.platform.paths import models_folder
from app.review.ask import MOST_NUMBERED, Asker, by_score
from app.review.mixing import logit
from models.catalog import load_catalog
from models.library import ModelLibrary
from models.llama_generator import LlamaModel
from models.train.split import is_training
from models.train.task_probes import (
    BLOCKS,
    C,
    Contract,
    blended,
    fits,
    folds,
    labelled,
    labels,
    load,
    matrix,
    out_of_fold,
)
from retrieval.evidence_budget import within_budget
from retrieval.task_probes import TaskProbes, presence
from verticals.loader import load_pack

WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass
class Case:
    key: str
    task: Task
    fold: int
    present: bool
    evidence: Evidence
    right: list[bool]


def scores_of(contracts: list[Contract], tasks: tuple[Task, ...], cache: Path) -> dict[str, list[np.ndarray]]:
    """Logits of every sentence, from probes that did not see its company; kept in a file."""
    ends = np.cumsum([len(k.indexed.sentences) for k in contracts])
    rows = list(zip([0, *ends[:-1]], ends, strict=True))
    facts = json.dumps(
        [BLOCKS, C, [t.id for t in tasks], [k.indexed.document for k in contracts], int(ends[-1])]
    )
    file = cache / f"out-of-fold-{hashlib.sha256(facts.encode()).hexdigest()[:16]}.npz"
    if not file.exists():
        x = matrix(contracts, BLOCKS, contracts[0].indexed.sentence_vectors.shape[1])
        made = {}
        for task in tasks:
            made[task.id] = np.concatenate(out_of_fold(contracts, task.id, x, rows, BLOCKS, C)[0])
            sys.stdout.write(f"scored {task.id}\n")
            sys.stdout.flush()
        np.savez(file, **made)
    with np.load(file) as held:
        return {task.id: [held[task.id][a:b] for a, b in rows] for task in tasks}


def cases(
    contracts: list[Contract], tasks: tuple[Task, ...], probes: TaskProbes, budget: int, cache: Path
) -> list[Case]:
    """The unclear ones of every task, in seeded random order."""
    fold = folds(contracts)
    scores = scores_of(contracts, tasks, cache)
    fit = fits(contracts, tasks)
    found: list[Case] = []
    for task in tasks:
        together = blended(scores[task.id], fit[task.id])
        for number, (contract, logits) in enumerate(zip(contracts, together, strict=True)):
            p = presence(logits, fit[task.id][number], probes.presence_weights(task.id))
            if not task.thresholds.sure(p):
                evidence = evidence_of(contract, task.id, logits, p, budget)
                marks = labels(contract, task.id)
                found.append(
                    Case(
                        key=f"{task.id} {contract.indexed.document}",
                        task=task,
                        fold=int(fold[number]),
                        present=bool(contract.gold.get(task.id)),
                        evidence=evidence,
                        right=[bool(marks[s.sentence]) for s in evidence.sentences],
                    )
                )
    random.Random(0).shuffle(found)
    return found


def evidence_of(contract: Contract, task: str, logits: np.ndarray, p: float, budget: int) -> Evidence:
    order = [int(i) for i in np.argsort(-logits)]
    kept = sorted(within_budget(order, contract.indexed.sentences, budget))
    sentences = [contract.indexed.sentences[i] for i in kept]
    return Evidence(
        document=contract.indexed.document,
        task=task,
        presence=p,
        sentences=tuple(
            EvidenceSentence(
                sentence=s.ordinal,
                page=s.page,
                span=s.span,
                text=contract.text[s.span.start : s.span.end],
                score=float(logits[s.ordinal]),
            )
            for s in sentences
        ),
    )


def asked_of(evidence: Evidence) -> list[int]:
    """As the asker numbers them."""
    return sorted(by_score(evidence)[:MOST_NUMBERED])


def read_all(wanted: list[Case], asker: Asker, file: Path) -> dict[str, dict]:
    held = {}
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            held[row["key"]] = row
    with file.open("a", encoding="utf-8") as out:
        for done, case in enumerate(wanted, start=1):
            if case.key not in held:
                said = asker.read(case.task, case.evidence, CancelToken(), asked_of(case.evidence))
                held[case.key] = {"key": case.key, "shares": said.shares, "yes": said.yes}
                out.write(json.dumps(held[case.key]) + "\n")
                out.flush()
            if done % 20 == 0:
                sys.stdout.write(f"{done} of {len(wanted)} cases read\n")
                sys.stdout.flush()
    return held


def features(case: Case, row: dict) -> list[float]:
    """In the order of the mix: probe, yes, peak."""
    assert case.evidence.presence is not None
    return [logit(case.evidence.presence), row["yes"], max(row["shares"]) + math.log(len(row["shares"]))]


def first_is_right(case: Case, row: dict, weight: float) -> bool:
    asked = asked_of(case.evidence)
    merit = [case.evidence.sentences[i].score + weight * s for i, s in zip(asked, row["shares"], strict=True)]
    return case.right[asked[int(np.argmax(merit))]]


def fitted(x: np.ndarray, y: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=1.0).fit(x, y)


def judged(name: str, wanted: list[Case], x: np.ndarray, y: np.ndarray) -> None:
    """Held-out by fold of companies."""
    fold = np.array([case.fold for case in wanted])
    p = np.zeros(len(y))
    for number in set(fold):
        p[fold == number] = fitted(x[fold != number], y[fold != number]).predict_proba(x[fold == number])[
            :, 1
        ]
    right = ((p >= 0.5) == y).mean()
    sys.stdout.write(
        f"{name:32} AUC {roc_auc_score(y, p):.3f}  log loss {log_loss(y, p):.3f}  right {right:.3f}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("model")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=300)
    options = parser.parse_args()
    pack = load_pack(options.pack)
    assert pack.probes is not None
    entry = load_catalog().find(options.model)
    model = LlamaModel(ModelLibrary(models_folder(), load_catalog()).path(entry), entry.ref, entry.chat)
    contracts = load(options.txt, options.gold, options.cache, is_training)
    everything = cases(
        contracts,
        labelled(contracts, pack.tasks),
        TaskProbes.load(pack.probes),
        pack.evidence_budget,
        options.cache,
    )
    wanted = everything[: options.cases]
    sys.stdout.write(f"{len(everything)} unclear cases, {len(wanted)} of them read\n")
    rows = read_all(wanted, Asker(model, pack), options.cache / f"readings-{entry.id}.jsonl")
    x = np.array([features(case, rows[case.key]) for case in wanted])
    y = np.array([case.present for case in wanted])
    judged("retrieval alone", wanted, x[:, :1], y)
    judged("the model alone", wanted, x[:, 1:], y)
    judged("both", wanted, x, y)
    present = [case for case in wanted if any(case.right)]
    hits = {w: float(np.mean([first_is_right(c, rows[c.key], w) for c in present])) for w in WEIGHTS}
    for weight, share in hits.items():
        sys.stdout.write(f"select {weight}: right sentence first in {share:.1%} of {len(present)}\n")
    best = fitted(x, y)
    probe, yes, peak = map(float, best.coef_[0])
    mix = Mix(
        intercept=float(best.intercept_[0]),
        probe=probe,
        yes=yes,
        peak=peak,
        select=max(hits, key=lambda w: (hits[w], -w)),
    )
    file = options.pack / "calibration.json"
    held = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    held[entry.sha256] = {key: round(value, 4) for key, value in mix.model_dump().items()}
    write_atomically(file, (json.dumps(held, indent=1) + "\n").encode())
    sys.stdout.write(f"{file.name}: {held[entry.sha256]}\n")


if __name__ == "__main__":
    main()
