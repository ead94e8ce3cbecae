"""What is measured of a ranking."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from retrieval.measures import characters

Span = tuple[int, int]


def filled(ranked: Sequence[Span], budget: int) -> list[Span]:
    """Whole pieces, best first, together at most ``budget`` characters; the first is always in."""
    kept: list[Span] = []
    left = budget
    for start, end in ranked:
        if end - start <= left or not kept:
            kept.append((start, end))
            left -= end - start
        if left < 20:
            break
    return kept


def pieces_inside(pieces: Sequence[Span], evidence: Sequence[Span]) -> float:
    """Share of the pieces of which at least half the characters are inside."""
    held = characters(evidence)
    return sum(2 * len(held & characters([piece])) >= piece[1] - piece[0] for piece in pieces) / len(pieces)


@dataclass
class Inside:
    """Characters of gold inside the evidence, for several budgets."""

    budgets: Sequence[int]
    shares: dict[str, list[list[float]]] = field(default_factory=dict[str, list[list[float]]])
    held: dict[str, list[list[int]]] = field(default_factory=dict[str, list[list[int]]])

    def add(self, task: str, gold: Sequence[Span], evidence: Mapping[int, Sequence[Span]]) -> None:
        wanted = characters(gold)
        found = [len(wanted & characters(evidence[budget])) for budget in self.budgets]
        self.shares.setdefault(task, []).append([count / len(wanted) for count in found])
        self.held.setdefault(task, []).append([*found, len(wanted)])

    def row(self, name: str) -> str:
        """Of all characters, and the mean over clauses, for each budget."""
        held = np.array([row for rows in self.held.values() for row in rows]).sum(axis=0)
        shares = np.array([row for rows in self.shares.values() for row in rows]).mean(axis=0)
        cells = [f"{held[i] / held[-1]:.1%} ({share:.1%})" for i, share in enumerate(shares)]
        return f"| {name} | " + " | ".join(cells) + " |"

    def by_task(self, place: int) -> list[tuple[str, float, int]]:
        """Mean share over clauses and their number, weakest first; ``place`` is the budget's."""
        rows = [
            (task, float(np.mean([row[place] for row in rows])), len(rows))
            for task, rows in self.shares.items()
        ]
        return sorted(rows, key=lambda row: row[1])


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], most: int) -> float:
    """Gain 2^grade - 1, discount by log2 of the rank plus one (Burges et al., 2005)."""
    ideal = sorted(grades.values(), reverse=True)[:most]
    got = [grades.get(key, 0) for key in ranked[:most]]
    return _gain(got) / _gain(ideal) if any(ideal) else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))
