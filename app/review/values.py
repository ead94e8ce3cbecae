"""Typed values, found in the cited words themselves and so supported by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pydantic import JsonValue

from app.domain.base import Frozen
from app.domain.kinds import ValueKind
from app.domain.spans import Span
from app.review.value_dates import dates
from app.review.value_durations import durations
from app.review.value_money import amounts
from app.review.value_parties import parties
from app.review.value_places import jurisdictions
from app.review.value_reading import Readings
from app.review.value_titles import titles


def times(text: str) -> Readings:
    """Dates and lengths of time."""
    yield from dates(text)
    yield from durations(text)


_READERS: dict[ValueKind, Callable[[str], Readings]] = {
    ValueKind.DATE: dates,
    ValueKind.DURATION: durations,
    ValueKind.JURISDICTION: jurisdictions,
    ValueKind.MONEY: amounts,
    ValueKind.PARTIES: parties,
    ValueKind.TIME: times,
    ValueKind.TITLE: titles,
}


class Candidate(Frozen):
    """A value with the exact words that carry it, as a span of the canonical text."""

    value: JsonValue
    display: str
    span: Span
    score: float = 0.0


def candidates(kind: ValueKind, texts: Sequence[tuple[int, str]]) -> tuple[Candidate, ...]:
    """Best first, each value once; ``texts`` are sentences with their canonical starts.

    Clauses and free text have none: their words are their value.
    """
    reader = _READERS.get(kind)
    if reader is None:
        return ()
    found = [
        Candidate(
            value=reading.value,
            display=reading.display,
            span=Span(start + reading.start, start + reading.end),
            score=reading.score,
        )
        for start, text in texts
        for reading in reader(text)
    ]
    seen: dict[str, Candidate] = {}
    for candidate in sorted(found, key=lambda c: (-c.score, c.span)):
        seen.setdefault(candidate.display, candidate)
    return tuple(seen.values())


def holds_value(kind: ValueKind) -> Callable[[str], bool] | None:
    """Whether words hold a value of this kind; None for kinds whose words are their value."""
    reader = _READERS.get(kind)
    return None if reader is None else lambda text: next(iter(reader(text)), None) is not None


def supported(kind: ValueKind, value: JsonValue, texts: Sequence[tuple[int, str]]) -> bool:
    """Whether the words, normalised anew, give this value; no value needs no words.

    The value of parties is ``{"parties": [names]}``, of which each must be found.
    """
    if value is None:
        return True
    found = candidates(kind, texts)
    if kind is ValueKind.PARTIES and isinstance(value, dict):
        names = value.get("parties")
        shown = [candidate.display for candidate in found]
        return isinstance(names, list) and bool(names) and all(name in shown for name in names)
    return any(candidate.value == value for candidate in found)


def grammar_for(displays: Iterable[str]) -> str:
    """GBNF that allows exactly these."""
    quoted = (display.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for display in displays)
    return "root ::= " + " | ".join(f'"{text}"' for text in quoted)


def clause_display(text: str, most: int = 120) -> str:
    """A clause in one short line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"
