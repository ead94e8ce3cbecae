"""ContractNLI as a review by the pack ``nda`` sees it: entailed, contradicted or not mentioned.

Usage: python -m bench.quality.contract_nli CONTRACTNLI_JSON MODEL_ID --cache FOLDER

Evidence is what retrieval finds. There are few agreements, so each is read by probes, counts of labels and a
calibration that were learned from those of other folds. The model reads the labels' statements where the
counts do not settle it; what it says is kept in the cache folder, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.domain.task import Mix, Task
from app.platform.paths import models_folder
from app.review.choosing import weighed
from models.catalog import load_catalog
from models.library import ModelLibrary
from models.llama_generator import LlamaModel
from models.train.label_calibration import (
    NOT_MENTIONED,
    Case,
    everyone,
    fitted,
    read_all,
    tell,
    unsettled,
    wanted_of,
    with_priors,
)
from verticals.loader import find_pack, load_pack


def labelled(case: Case, task: Task, mix: Mix | None, yes: dict[str, list[float]]) -> str:
    """Without ``mix`` the model is not asked; as little where counts settle it."""
    odds = [label.prior for label in task.labels]
    if mix is not None and case.key in yes and unsettled([task]):
        odds = weighed(task, mix, yes[case.key])
    return task.labels[int(np.argmax(odds))].id


def answered(case: Case, label: str) -> str:
    return label if case.presence >= case.task.thresholds.found else NOT_MENTIONED


def by_fold(
    held: Sequence[Case], tasks: Sequence[Task], yes: dict[str, list[float]]
) -> dict[str, list[bool]]:
    """Whether each case is right, without the model and with it; tells of the labels alone, too."""
    right: dict[str, list[bool]] = {"usual label": [], "with the model": []}
    label_right: dict[str, list[bool]] = {"usual label": [], "with the model": []}
    for number in sorted({case.fold for case in held}):
        known = [case for case in held if case.fold != number]
        counted = {task.id: with_priors(task, known) for task in tasks}
        mixes = {"usual label": None, "with the model": fitted(known, yes, list(counted.values()))}
        for case in held:
            if case.fold != number:
                continue
            for name, mix in mixes.items():
                label = labelled(case, counted[case.task.id], mix, yes)
                right[name].append(answered(case, label) == case.truth)
                if case.truth != NOT_MENTIONED:
                    label_right[name].append(label == case.truth)
    for name, values in label_right.items():
        tell(f"label right where the agreement speaks of it, {name}: {np.mean(values):.3f} of {len(values)}")
    return right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contract_nli", type=Path)
    parser.add_argument("model")
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    pack = load_pack(find_pack("nda"))
    entry = load_catalog().find(options.model)
    model = LlamaModel(ModelLibrary(models_folder(), load_catalog()).path(entry), entry.ref, entry.chat)
    held = everyone(options.contract_nli, pack, options.cache)
    yes = read_all(
        wanted_of(held, pack), pack, model, options.cache / f"labels-{entry.ref.sha256[:16]}.jsonl"
    )
    commonest = max(np.mean([c.truth == one for c in held]) for one in {c.truth for c in held})
    tell(f"{len(held)} pairs; the commonest answer always: {commonest:.3f} (goal 0.80)")
    for name, values in by_fold(held, pack.tasks, yes).items():
        tell(f"accuracy, evidence found by retrieval, {name}: {np.mean(values):.3f}")
    tell(f"read by the model: {len(yes)}")


if __name__ == "__main__":
    main()
