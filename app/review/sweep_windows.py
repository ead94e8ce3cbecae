"""Windows of a sweep: a few sentences that are read together, neighbours and lists kept whole."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.finding import Evidence

_APART = 1
"""Sentences that stand next to each other belong together."""


def windows_of(
    evidence: Evidence, asked: Sequence[int], most: int, budget: int
) -> tuple[tuple[int, ...], ...]:
    """Indices into the evidence's sentences, in document order: every one of ``asked`` in one window.

    A window has at most ``most`` sentences and ``budget`` characters, or one sentence and what it leans on.
    Neighbours share one if they fit; an item's lead-in comes along, in front, where there is room.
    """
    made: list[tuple[int, ...]] = []
    for run in _runs(evidence, asked):
        whole = _with_leads(evidence, run)
        fits = _fits(evidence, whole, most, budget)
        for piece in (whole,) if fits else _cut(evidence, run, most, budget):
            joined = _with_leads(evidence, (*made[-1], *piece)) if made else ()
            if made and _fits(evidence, joined, most, budget):
                made[-1] = joined
            else:
                made.append(piece)
    return tuple(made)


def _runs(evidence: Evidence, asked: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for index in sorted(asked):
        near = runs and _place(evidence, index) - _place(evidence, runs[-1][-1]) <= _APART
        if near:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _cut(evidence: Evidence, run: Sequence[int], most: int, budget: int) -> list[tuple[int, ...]]:
    pieces: list[tuple[int, ...]] = []
    held: tuple[int, ...] = ()
    for index in run:
        longer = _with_leads(evidence, (*held, index))
        if held and not _fits(evidence, longer, most, budget):
            pieces.append(held)
            longer = _with_leads(evidence, (index,))
        held = longer
    return [*pieces, held] if held else pieces


def _with_leads(evidence: Evidence, held: Sequence[int]) -> tuple[int, ...]:
    by_place = {sentence.sentence: index for index, sentence in enumerate(evidence.sentences)}
    leads = {evidence.sentences[index].lead for index in held}
    return tuple(sorted({*held, *(by_place[lead] for lead in leads if lead in by_place)}))


def _fits(evidence: Evidence, held: Sequence[int], most: int, budget: int) -> bool:
    return len(held) <= most and sum(len(evidence.sentences[i].text) for i in held) <= budget


def _place(evidence: Evidence, index: int) -> int:
    return evidence.sentences[index].sentence
