"""ContractNLI as a review by the pack ``nda`` sees it: entailed, contradicted or not mentioned.

Usage: python -m bench.quality.contract_nli CONTRACTNLI_JSON MODEL_ID --cache FOLDER

Evidence is what retrieval finds. There are few agreements, so each is read by probes, counts of labels and a
calibration that were learned from those of other folds. The model reads the labels' statements where the
counts do not settle it; what it says is kept in the cache folder, so that a run that was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.domain.task import Mix, Task
from app.review.choosing import weighed
from models.train.label_calibration import (
    NOT_MENTIONED,
    Case,
    fitted,
    read_as_asked,
    tell,
    unsettled,
    with_priors,
)


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
    read = read_as_asked(__doc__)
    truth = [case.truth for case in read.cases]
    commonest = max(truth.count(one) for one in set(truth)) / len(truth)
    tell(f"{len(truth)} pairs; the commonest answer always: {commonest:.3f} (goal 0.80)")
    for name, values in by_fold(read.cases, read.pack.tasks, read.yes).items():
        tell(f"accuracy, evidence found by retrieval, {name}: {np.mean(values):.3f}")
    tell(f"read by the model: {len(read.yes)}")


if __name__ == "__main__":
    main()
