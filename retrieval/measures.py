"""What is measured of evidence and of presence against gold."""

from __future__ import annotations

from collections.abc import Sequence


def characters(spans: Sequence[tuple[int, int]]) -> set[int]:
    """The places of all characters in the spans, each once."""
    return {place for start, end in spans for place in range(start, end)}


def share_inside(gold: Sequence[tuple[int, int]], evidence: Sequence[tuple[int, int]]) -> float:
    """Share of the gold's characters that the evidence holds; there must be one."""
    wanted = characters(gold)
    return len(wanted & characters(evidence)) / len(wanted)


def average_precision(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """Of ranking by score; 0 with nothing true."""
    import numpy as np

    order = np.argsort(-np.asarray(scores), kind="stable")
    hits = np.asarray(truth, dtype=float)[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float((precision * hits).sum() / max(hits.sum(), 1))
