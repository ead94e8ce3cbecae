"""Fits how a model's yes or no to labels' statements counts, for the tasks of the pack ``nda`` that choose.

Usage: python -m models.train.label_calibration CONTRACTNLI_JSON MODEL_ID --cache FOLDER

Writes the weight and what the model leans to, by task and label, into the pack's ``calibration.json``. What
the model says is kept in the cache folder, line by line: a run that was stopped goes on.
``bench.quality.contract_nli`` measures the same fit by folds.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from app.domain.cancel import CancelToken
from app.domain.ports import Choice
from app.domain.task import Label, Mix, Pack, Task
from app.platform.files import write_atomically
from app.platform.paths import models_folder
from app.review.ask import Asker
from app.review.choosing import USUAL, YES_NO, shares
from models.catalog import load_catalog
from models.library import ModelLibrary
from models.llama_generator import LlamaModel
from models.train.contract_nli import TASKS, bring
from models.train.split import everything
from models.train.task_probes import Contract, by_folds, folds, load
from retrieval.lead_ins import lead_ins, with_lead_ins
from verticals.loader import find_pack, load_pack

NOT_MENTIONED = "not-mentioned"
_WEIGHT = 1.0
"""What the weight is drawn to, and"""
_HOLD = 0.3
"""how strongly it is, and a task's leaning to what sets its mean answer to what is usual."""


@dataclass
class Case:
    """``truth`` is a label's id or not mentioned; ``cited`` are sentences' ordinals, best first."""

    key: str
    task: Task
    fold: int
    truth: str
    presence: float
    cited: list[int]
    contract: Contract


def truths(contract_nli: Path) -> dict[tuple[str, str], str]:
    """By file and task."""
    found: dict[tuple[str, str], str] = {}
    for document in json.loads(contract_nli.read_text(encoding="utf-8"))["documents"]:
        for key, told in document["annotation_sets"][0]["annotations"].items():
            said = str(told["choice"]).lower()
            found[f"{document['id']}.txt", TASKS[key]] = NOT_MENTIONED if said == "notmentioned" else said
    return found


def cases(contracts: list[Contract], pack: Pack, gold: dict[tuple[str, str], str]) -> list[Case]:
    fold = folds(contracts)
    leads = [lead_ins(held.indexed, held.text) for held in contracts]
    found: list[Case] = []
    for task, scored in zip(pack.tasks, by_folds(contracts, pack.tasks).values(), strict=True):
        for number, held in enumerate(contracts):
            logits = with_lead_ins(scored.logits[number], leads[number])
            best = [int(i) for i in np.argsort(-logits)[: task.most_citations]]
            cited = [i for place, i in enumerate(best) if not place or logits[i] > 0.0]
            found.append(
                Case(
                    key=f"{held.name} {task.id}",
                    task=task,
                    fold=int(fold[number]),
                    truth=gold[held.name, task.id],
                    presence=float(scored.presence[number]),
                    cited=cited,
                    contract=held,
                )
            )
    return found


def with_priors(task: Task, known: Sequence[Case]) -> Task:
    """Its labels counted in these cases."""
    told = [case.truth for case in known if case.task.id == task.id and case.truth != NOT_MENTIONED]
    labels = tuple(
        label.model_copy(update={"prior": math.log((told.count(label.id) + 0.5) / (len(told) + 1))})
        for label in task.labels
    )
    return task.model_copy(update={"labels": labels})


def unsettled(tasks: Sequence[Task]) -> set[str]:
    """Those for which a review asks the model."""
    return {task.id for task in tasks if max(shares([label.prior for label in task.labels])) < USUAL}


def read_all(wanted: Sequence[Case], pack: Pack, model: LlamaModel, file: Path) -> dict[str, list[float]]:
    """logit(P(Yes)) of every label's statement, by case."""
    held: dict[str, list[float]] = {}
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            held[row["key"]] = row["yes"]
    asker = Asker(model, pack)
    with file.open("a", encoding="utf-8") as out:
        for done, case in enumerate(wanted, start=1):
            if case.key not in held:
                choices = [choice_of(case, label, asker) for label in case.task.labels]
                said = model.choose(choices, CancelToken())
                held[case.key] = [yes - no for yes, no in said]
                out.write(json.dumps({"key": case.key, "yes": held[case.key]}) + "\n")
                out.flush()
            if done % 20 == 0:
                tell(f"{done} of {len(wanted)} cases read")
    return held


def choice_of(case: Case, label: Label, asker: Asker) -> Choice:
    """What a review asks of the cited sentences."""
    spans = [case.contract.indexed.sentences[i].span for i in sorted(case.cited)]
    texts = [case.contract.text[start:end] for start, end in spans]
    return Choice(prompt=asker.label_prompt(case.task, texts, label), options=YES_NO)


def fitted(known: Sequence[Case], yes: dict[str, list[float]], tasks: Sequence[Task]) -> Mix:
    """One weight, and for each task with two labels what the model leans to, from the cases that were read.

    ``tasks`` have the priors that go with it. A logistic regression with the priors as its offset, drawn to a
    weight of one and to leanings that set the task's mean answer to what is usual.
    """
    read = [c for c in known if c.key in yes and c.truth != NOT_MENTIONED]
    names = [task.id for task in tasks if any(case.task.id == task.id for case in read)]
    row = np.array([names.index(case.task.id) for case in read])
    first = {task.id: task.labels[0] for task in tasks}
    truth = np.array([case.truth == first[case.task.id].id for case in read])
    apart = np.array([yes[case.key][0] - yes[case.key][1] for case in read])
    usual = {task.id: task.labels[0].prior - task.labels[1].prior for task in tasks}
    offset = np.array([usual[case.task.id] for case in read])
    mean = np.array([apart[row == number].mean() for number in range(len(names))])

    def loss(parameters: np.ndarray) -> float:
        weight, leans = parameters[0], parameters[1:]
        odds = offset + weight * apart + leans[row]
        drawn = (weight - _WEIGHT) ** 2 + ((leans + weight * mean) ** 2).sum()
        return float(np.logaddexp(0.0, np.where(truth, -odds, odds)).sum() + _HOLD * drawn)

    found = minimize(loss, np.array([_WEIGHT, *(-_WEIGHT * mean)]), method="L-BFGS-B").x
    leans = {
        name: {first[name].id: round(float(lean), 3)} for name, lean in zip(names, found[1:], strict=True)
    }
    return Mix(choose=round(max(0.0, float(found[0])), 3), labels=leans)


def everyone(contract_nli: Path, pack: Pack, cache: Path) -> list[Case]:
    """Every agreement by every task, retrieved by probes of the other folds."""
    with tempfile.TemporaryDirectory() as folder:
        txt, gold = Path(folder) / "txt", Path(folder) / "gold.json"
        bring(contract_nli, txt, gold)
        return cases(load(txt, gold, cache, everything), pack, truths(contract_nli))


def wanted_of(held: Sequence[Case], pack: Pack) -> list[Case]:
    """Those that a review would ask about or should have found, the least settled tasks first."""
    asked = unsettled(pack.tasks)
    usual = {task.id: max(label.prior for label in task.labels) for task in pack.tasks if task.id in asked}
    found = [
        case
        for case in held
        if case.task.id in asked
        and (case.presence >= case.task.thresholds.found or case.truth != NOT_MENTIONED)
    ]
    return sorted(found, key=lambda case: usual[case.task.id])


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Read(NamedTuple):
    """Every case, and what a catalog's model said of those that it was asked about."""

    pack: Pack
    cases: list[Case]
    yes: dict[str, list[float]]
    sha256: str


def read_as_asked(description: str | None) -> Read:
    """By the command line's CONTRACTNLI_JSON MODEL_ID --cache FOLDER."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("contract_nli", type=Path)
    parser.add_argument("model")
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    pack = load_pack(find_pack("nda"))
    entry = load_catalog().find(options.model)
    model = LlamaModel(ModelLibrary(models_folder(), load_catalog()).path(entry), entry.ref, entry.chat)
    held = everyone(options.contract_nli, pack, options.cache)
    file = options.cache / f"labels-{entry.ref.sha256[:16]}.jsonl"
    return Read(pack, held, read_all(wanted_of(held, pack), pack, model, file), entry.ref.sha256)


def main() -> None:
    read = read_as_asked(__doc__)
    mix = fitted(read.cases, read.yes, read.pack.tasks)
    file = read.pack.folder / "calibration.json"
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept[read.sha256] = {**kept.get(read.sha256, {}), "choose": mix.choose, "labels": mix.labels}
    write_atomically(file, (json.dumps(kept, indent=1) + "\n").encode())
    tell(f"{file.name}: {kept[read.sha256]}")


if __name__ == "__main__":
    main()
