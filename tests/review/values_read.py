"""What stands in a text, by the kind of value, in short."""

from __future__ import annotations

from app.domain.kinds import ValueKind
from app.review.values import Candidate, candidates


def read(kind: ValueKind, text: str) -> tuple[Candidate, ...]:
    return candidates(kind, [(0, text)])


def displays(kind: ValueKind, text: str) -> list[str]:
    return [candidate.display for candidate in read(kind, text)]


def cited(kind: ValueKind, text: str) -> list[str]:
    return [text[candidate.span.start : candidate.span.end] for candidate in read(kind, text)]
