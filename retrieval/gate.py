"""The gate of a list task: which of all sentences of a document could hold an item.

A list needs every sentence that holds one, so nothing is ranked and cut: a sentence passes or not. What
passes is measured (``bench.retrieval.sweeps``) and told with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from app.domain.ports import IndexedText

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Marks = NDArray[np.bool_]


class Gate(NamedTuple):
    """Sentences with at least ``threshold`` log-odds pass; ``recall`` is the share of right ones that do."""

    threshold: float
    recall: float


PROBE_GATE = Gate(-7.0, 0.91)
"""Of a probe that came without a gate: with those of CUAD, on contracts that nothing was learned from, 91 %
of the labelled sentences, in 4 % of the text."""

FIT_GATE = Gate(-2.5, 0.83)
"""Of the fit to a task's text, where nothing else is known. Of CUAD tasks left out of the fit, on contracts
that nothing was learned from, 83 % of labelled sentences, in 31 % of the text; from -3.5 90 %, in 55 %."""


def passing(
    scores: Floats,
    gate: Gate | None,
    holds: Callable[[str], bool] | None,
    indexed: IndexedText,
    text: str,
) -> tuple[Marks, float | None]:
    """Which sentences pass, and the recall that was measured for it; None: none was, but see below.

    With ``gate`` ``scores`` are a probe's. Without one, of a task whose values are of a kind passes what
    holds such a value: all that the reader of values reads is in it by construction. All others go by
    ``FIT_GATE``, for which ``scores`` must be the fit to the task's text.
    """
    import numpy as np

    if gate is None and holds is not None:
        held = [holds(text[s.span.start : s.span.end]) for s in indexed.sentences]
        return np.array(held, dtype=bool), None
    chosen = FIT_GATE if gate is None else gate
    return scores >= chosen.threshold, chosen.recall


def with_leads(passed: Marks, leads: tuple[int | None, ...]) -> Marks:
    """What an item leans on passes with it: no item is read without the words that its list begins with."""
    marks = passed.copy()
    for ordinal in range(len(leads) - 1, -1, -1):
        lead = leads[ordinal]
        if lead is not None and marks[ordinal]:
            marks[lead] = True
    return marks
