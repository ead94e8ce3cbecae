"""ContractNLI as a review by the pack ``nda`` sees it: entailed, contradicted or not mentioned.

Usage: python -m bench.quality.contract_nli CONTRACTNLI_JSON MODEL_GGUF --cache FOLDER [--cases N]

Evidence is what retrieval finds. There are few agreements, so each is read by probes, and by counts of
labels, that were learned from those of other folds, as in ``bench.retrieval.nda``. The model chooses a label
where the counts do not settle it; what it says is kept in the cache folder, line by line, so that a run that
was stopped goes on. How much it counts is chosen on the other folds, too.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain.cancel import CancelToken
from app.domain.finding import ModelRef
from app.domain.ports import Choice
from app.domain.task import Pack, Task
from app.platform.files import sha256_of
from app.review.ask import Asker
from app.review.choosing import USUAL, letter, shares
from models.llama_generator import LlamaModel
from models.train.contract_nli import TASKS, bring
from models.train.split import everything
from models.train.task_probes import Contract, by_folds, folds, load
from retrieval.lead_ins import lead_ins, with_lead_ins
from verticals.loader import find_pack, load_pack

WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0)
NOT_MENTIONED = "not-mentioned"


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


def priors(known: Sequence[Case], task: Task) -> list[float]:
    """Natural logs of the labels' shares among documents that answer the task."""
    told = [case.truth for case in known if case.task.id == task.id and case.truth != NOT_MENTIONED]
    return [math.log((told.count(label.id) + 0.5) / (len(told) + 1)) for label in task.labels]


def read_all(wanted: Sequence[Case], pack: Pack, model: LlamaModel, file: Path) -> dict[str, list[float]]:
    """The model's log-probabilities of the labels, by case."""
    held: dict[str, list[float]] = {}
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            held[row["key"]] = row["labels"]
    asker = Asker(model, pack)
    with file.open("a", encoding="utf-8") as out:
        for case in wanted:
            if case.key not in held:
                said = model.choose([choice_of(case, asker)], CancelToken())[0]
                held[case.key] = list(said)
                out.write(json.dumps({"key": case.key, "labels": held[case.key]}) + "\n")
                out.flush()
    return held


def choice_of(case: Case, asker: Asker) -> Choice:
    """What a review asks of the cited sentences."""
    spans = [case.contract.indexed.sentences[i].span for i in sorted(case.cited)]
    texts = [case.contract.text[start:end] for start, end in spans]
    letters = tuple(letter(place) for place in range(len(case.task.labels)))
    return Choice(prompt=asker.label_prompt(case.task, texts), options=letters)


def labelled(case: Case, prior: Sequence[float], said: Sequence[float] | None, weight: float) -> str:
    """As a review labels it; the model is not asked where the counts settle it, or where it says nothing."""
    odds = list(prior)
    if said is not None and max(shares(odds)) < USUAL:
        odds = [o + weight * math.log(max(s, 1e-9)) for o, s in zip(odds, shares(list(said)), strict=True)]
    return case.task.labels[int(np.argmax(odds))].id


def right(case: Case, prior: Sequence[float], said: Sequence[float] | None, weight: float) -> bool:
    found = (
        labelled(case, prior, said, weight) if case.presence >= case.task.thresholds.found else NOT_MENTIONED
    )
    return found == case.truth


def measure(everyone: list[Case], said: dict[str, list[float]]) -> None:
    plain: list[bool] = []
    asked: list[bool] = []
    chosen: list[float] = []
    for number in sorted({case.fold for case in everyone}):
        known = [case for case in everyone if case.fold != number]
        prior = {case.task.id: priors(known, case.task) for case in known}
        answered = [case for case in known if case.truth != NOT_MENTIONED and case.key in said]
        gains = {
            w: sum(labelled(c, prior[c.task.id], said[c.key], w) == c.truth for c in answered)
            for w in WEIGHTS
        }
        weight = max(gains, key=lambda w: (gains[w], -w))
        chosen.append(weight)
        for case in everyone:
            if case.fold == number:
                plain.append(right(case, prior[case.task.id], None, 0.0))
                asked.append(right(case, prior[case.task.id], said.get(case.key), weight))
    tell(f"accuracy over {len(everyone)} pairs, evidence found by retrieval, by folds (goal 0.80)\n")
    usual = max(np.mean([case.truth == label for case in everyone]) for label in {c.truth for c in everyone})
    tell(f"the commonest answer always: {usual:.3f}")
    tell(f"presence and the usual label, no model: {np.mean(plain):.3f}")
    tell(f"with the model's choice of label (weights {chosen}): {np.mean(asked):.3f}")
    there = [case for case in everyone if case.truth != NOT_MENTIONED]
    found = [case for case in there if case.presence >= case.task.thresholds.found]
    tell(f"answered {len(there)}, of these found {len(found)}; read by the model {len(said)}")


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contract_nli", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=10_000)
    options = parser.parse_args()
    pack = load_pack(find_pack("nda"))
    with tempfile.TemporaryDirectory() as folder:
        txt, gold = Path(folder) / "txt", Path(folder) / "gold.json"
        bring(options.contract_nli, txt, gold)
        contracts = load(txt, gold, options.cache, everything)
    everyone = cases(contracts, pack, truths(options.contract_nli))
    unsettled = {t.id for t in pack.tasks if max(shares(priors(everyone, t))) < USUAL}
    wanted = [c for c in everyone if c.task.id in unsettled and c.presence >= c.task.thresholds.found]
    random.Random(0).shuffle(wanted)
    measure(everyone, {})
    seal = sha256_of(options.model)
    model = LlamaModel(options.model, ModelRef(id=options.model.stem, sha256=seal))
    said = read_all(wanted[: options.cases], pack, model, options.cache / f"labels-{seal[:16]}.jsonl")
    measure(everyone, said)


if __name__ == "__main__":
    main()
