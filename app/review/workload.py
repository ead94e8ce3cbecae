"""How much work findings are: that goes by the kind of their task, and a quote weighs them by it."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.base import Frozen
from app.domain.cost import Load
from app.domain.kinds import TaskKind
from app.domain.task import Task
from app.review.summary_topics import topics_of

UNKNOWN = "unknown"
"""Of an earlier finding whose task is not known any more; it is taken for a usual one."""

_BY_RULE = "list by rule"
_WEIGHTS = {_BY_RULE: 0.02, TaskKind.LIST.value: 12.0}
"""In usual findings, of which three in four never reach a model: 3.2 s in the mean of 246 by the default
model on contracts, 13.4 s for those that do. A list by a rule took 0.07 s in the mean of 12. One that a model
reads has one to five windows in the sample contracts, three in the mean, each read as one such finding is."""

_TOPIC = 3.0
"""Of a sentence of a summary: six took 675 s where seven other findings took 35 s each, on a busy machine."""

_MOST_KEPT = 200


class Done(Frozen):
    """An earlier finding by the same model on this machine: the kind of its task, and what it took."""

    work: str
    weight: float
    seconds: float


def work_of(task: Task) -> str:
    """What findings of this task have in common with others: its kind, and whether a rule settles a list."""
    return _BY_RULE if task.settled_by_gate else task.kind.value


def weight_of(task: Task) -> float:
    """How many usual findings one of this task is worth, until some of its kind were made."""
    if task.kind is TaskKind.SUMMARY:
        return _TOPIC * len(topics_of(task))
    return _WEIGHTS.get(work_of(task), 1.0)


def done(task: Task | None, seconds: float) -> Done:
    """``task`` is None where it is not known any more."""
    if task is None:
        return Done(work=UNKNOWN, weight=1.0, seconds=seconds)
    return Done(work=work_of(task), weight=weight_of(task), seconds=seconds)


def loads_of(tasks: Sequence[Task], before: Sequence[Done], usual_seconds: float) -> tuple[Load, ...]:
    """What is to be made, by kind; ``tasks`` has one for each finding, ``before`` is in order of time.

    A kind goes by its own earlier findings. One that has none goes by the others', each divided by its
    weight, and where there are none of any kind by ``usual_seconds``.
    """
    recent = before[-_MOST_KEPT:]
    weights = sum(one.weight for one in recent)
    pace = sum(one.seconds for one in recent) / weights if weights >= 1.0 else usual_seconds
    kinds = dict.fromkeys(map(work_of, tasks))
    return tuple(
        Load(
            work=kind,
            findings=len(same),
            history=tuple(one.seconds for one in before if one.work == kind)[-_MOST_KEPT:],
            default_seconds=pace * sum(map(weight_of, same)) / len(same),
        )
        for kind in kinds
        for same in ([task for task in tasks if work_of(task) == kind],)
    )
