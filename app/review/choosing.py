"""Which of a task's labels fits the cited sentences: letters read off the logits, beside what is usual."""

from __future__ import annotations

import math
from collections.abc import Callable

from app.domain.base import Frozen, Probability
from app.domain.cancel import CancelToken
from app.domain.ports import Choice, LanguageModel, Prompt
from app.domain.task import Label, Task

USUAL = 0.95
"""A label that so many of the documents have is taken without asking the model."""


class Chosen(Frozen):
    """``probability`` is that of the label, given that the document answers the task."""

    label: Label
    probability: Probability
    model_calls: int


def choose_label(
    task: Task, weight: float, model: LanguageModel, prompt: Callable[[], Prompt], cancel: CancelToken
) -> Chosen:
    """Shares of the labels are in proportion to exp(prior + ``weight`` · ln(the model's share)).

    ``prompt`` names the labels by their letters. Raises Cancelled.
    """
    odds = [label.prior for label in task.labels]
    calls = 0
    if max(shares(odds)) < USUAL:
        letters = tuple(letter(place) for place in range(len(task.labels)))
        (read,) = model.choose([Choice(prompt=prompt(), options=letters)], cancel)
        said = shares(read)
        odds = [o + weight * math.log(max(share, 1e-9)) for o, share in zip(odds, said, strict=True)]
        calls = 1
    found = shares(odds)
    best = max(range(len(found)), key=found.__getitem__)
    return Chosen(label=task.labels[best], probability=found[best], model_calls=calls)


def letter(place: int) -> str:
    """``A`` for the first."""
    return chr(ord("A") + place)


def shares(logs: list[float] | tuple[float, ...]) -> list[float]:
    """In proportion to their exponentials; they sum to one."""
    top = max(logs)
    parts = [math.exp(value - top) for value in logs]
    return [part / sum(parts) for part in parts]
