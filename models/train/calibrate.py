"""Fits how one model's readings and retrieval combine (the pack's ``calibration.json``).

Usage: python -m models.train.calibrate PACK_FOLDER TXT_FOLDER GOLD_JSON MODEL_ID --cache FOLDER [--cases N]

Only contracts that the probes learned from are used, each scored by probes of the other folds, so that
retrieval is no surer here than on a contract it never saw. Only unclear cases are read: the others never
reach the model. Readings are kept in the cache folder, line by line: a run that was stopped goes on. The fit
itself, its card and the thresholds that follow from the pack's ``accepted_error`` are those of ``pincite
packs calibrate``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain.cancel import CancelToken
from app.domain.finding import Evidence, EvidenceSentence
from app.domain.task import Mix, Task
from app.platform.files import sha256_of, write_atomically
from app.platform.paths import models_folder
from app.review.ask import Asker, settled
from app.review.calibration import Case, Counted, as_kept, calibrated, in_proportion
from app.review.mixing import Readout
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
    labelled,
    labels,
    load,
    matrix,
    out_of_fold,
)
from retrieval.evidence_budget import likely
from retrieval.lead_ins import lead_ins, with_lead_ins
from retrieval.task_probes import TaskProbes, presence
from verticals.loader import load_pack


@dataclass
class Pair:
    """A contract and a task, with what retrieval brings where it was not taught by that contract."""

    key: str
    task: Task
    company: str
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


def pairs_of(
    contracts: list[Contract], tasks: tuple[Task, ...], probes: TaskProbes, budget: int, cache: Path
) -> list[Pair]:
    """Of every task, in seeded random order."""
    scores = scores_of(contracts, tasks, cache)
    fit = fits(contracts, tasks)
    leads = [lead_ins(contract.indexed, contract.text) for contract in contracts]
    found: list[Pair] = []
    for task in tasks:
        together = blended(scores[task.id], fit[task.id])
        for number, (contract, logits) in enumerate(zip(contracts, together, strict=True)):
            p = presence(logits, fit[task.id][number], probes.presence_weights(task.id))
            evidence = evidence_of(contract, task.id, with_lead_ins(logits, leads[number]), p, budget)
            marks = labels(contract, task.id)
            found.append(
                Pair(
                    key=f"{task.id} {contract.indexed.document}",
                    task=task,
                    company=contract.company,
                    present=bool(contract.gold.get(task.id)),
                    evidence=evidence,
                    right=[bool(marks[s.sentence]) for s in evidence.sentences],
                )
            )
    random.Random(0).shuffle(found)
    return found


def evidence_of(contract: Contract, task: str, logits: np.ndarray, p: float, budget: int) -> Evidence:
    """As a review takes it."""
    order = [int(i) for i in np.argsort(-logits)]
    kept = sorted(likely(order, logits.tolist(), contract.indexed.sentences, budget))
    sentences = [contract.indexed.sentences[i] for i in kept]
    return Evidence(
        document=contract.indexed.document,
        task=task,
        presence=p,
        learned=True,
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


def read_all(wanted: list[Pair], asker: Asker, file: Path) -> list[Readout]:
    """Each once, kept by what was asked."""
    held: dict[str, Readout] = {}
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            held[row["key"]] = Readout.model_validate(row["said"])
    with file.open("a", encoding="utf-8") as out:
        for done, pair in enumerate(wanted, start=1):
            if pair.key not in held:
                said = asker.read(pair.task, pair.evidence, CancelToken())
                held[pair.key] = said
                out.write(json.dumps({"key": pair.key, "said": said.model_dump(mode="json")}) + "\n")
                out.flush()
            if done % 20 == 0:
                sys.stdout.write(f"{done} of {len(wanted)} cases read\n")
                sys.stdout.flush()
    return [held[pair.key] for pair in wanted]


def case_of(pair: Pair, reading: Readout | None) -> Case:
    """What the fit needs to know of it."""
    if reading is None:
        return Case(pair.company, pair.evidence.presence, pair.present)
    return Case(
        group=pair.company,
        presence=pair.evidence.presence,
        answers=pair.present,
        reading=reading,
        scores=tuple(pair.evidence.sentences[i].score for i in reading.asked),
        right=tuple(pair.right[i] for i in reading.asked),
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
    tasks = labelled(contracts, pack.tasks)
    pairs = pairs_of(contracts, tasks, TaskProbes.load(pack.probes), pack.evidence_budget, options.cache)
    clear = [pair for pair in pairs if settled(pair.task, pair.evidence)]
    unclear = [pair for pair in pairs if not settled(pair.task, pair.evidence)]
    wanted = unclear[: options.cases]
    sys.stdout.write(f"{len(pairs)} cases, {len(unclear)} unclear, {len(wanted)} of them read\n")
    readings = read_all(wanted, Asker(model, pack), options.cache / f"readings-{entry.id}.jsonl")
    cases = [case_of(pair, None) for pair in in_proportion(clear, len(wanted), len(unclear))]
    cases += [case_of(pair, reading) for pair, reading in zip(wanted, readings, strict=True)]
    fitted = calibrated(cases, pack.accepted_error)
    assert fitted is not None, "too few cases"
    counted = Counted(
        documents=len(contracts),
        groups=len({contract.company for contract in contracts}),
        cases=len(pairs),
        unclear=len(unclear),
        read=len(wanted),
        by_folds=True,
    )
    card = fitted.card(counted, pack.accepted_error, sha256_of(pack.probes))
    file = options.pack / "calibration.json"
    held = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    before = pack.mixes.get(entry.sha256, Mix())
    kept = {"choose": before.choose, "labels": before.labels, "card": card}
    held[entry.sha256] = as_kept(fitted.mix.model_copy(update=kept))
    write_atomically(file, (json.dumps(held, indent=1) + "\n").encode())
    sys.stdout.write(f"{file.name}: {held[entry.sha256]}\n")


if __name__ == "__main__":
    main()
