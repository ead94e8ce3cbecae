"""Which of a task's labels fits the cited sentences: yes or no to each, beside what is usual."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.domain.base import Frozen, Probability
from app.domain.cancel import CancelToken
from app.domain.ports import Choice, LanguageModel, Prompt
from app.domain.task import Label, Mix, Task

USUAL = 0.95
"""A label that so many of the documents have is taken without asking the model."""

YES_NO = ("Yes", "No")


class Chosen(Frozen):
    """``probability`` is that of the label, given that the document answers the task."""

    label: Label
    probability: Probability
    model_calls: int


def choose_label(
    task: Task, mix: Mix, model: LanguageModel, prompts: Sequence[Prompt], cancel: CancelToken
) -> Chosen:
    """``prompts`` ask for each label's statement whether the sentences say it. Raises Cancelled."""
    odds = [label.prior for label in task.labels]
    calls = 0
    if max(shares(odds)) < USUAL:
        said = model.choose([Choice(prompt=prompt, options=YES_NO) for prompt in prompts], cancel)
        odds = weighed(task, mix, [yes - no for yes, no in said])
        calls = len(prompts)
    found = shares(odds)
    best = max(range(len(found)), key=found.__getitem__)
    return Chosen(label=task.labels[best], probability=found[best], model_calls=calls)


def weighed(task: Task, mix: Mix, yes: Sequence[float]) -> list[float]:
    """Natural logs in proportion to the labels' probabilities; ``yes`` is logit(P(Yes)) of each statement."""
    leans = mix.labels.get(task.id, {})
    return [
        label.prior + mix.choose * logit + leans.get(label.id, 0.0)
        for label, logit in zip(task.labels, yes, strict=True)
    ]


def shares(logs: Sequence[float]) -> list[float]:
    """In proportion to their exponentials; they sum to one."""
    top = max(logs)
    parts = [math.exp(value - top) for value in logs]
    return [part / sum(parts) for part in parts]
