"""Typed values, found in the cited words themselves and so supported by them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from pydantic import JsonValue

from app.domain.base import Frozen
from app.domain.kinds import CodeScheme, ValueKind
from app.domain.spans import Span
from app.review.value_codes import codes
from app.review.value_dates import dates
from app.review.value_durations import durations
from app.review.value_money import amounts
from app.review.value_numbers import numbers
from app.review.value_parties import parties
from app.review.value_places import jurisdictions
from app.review.value_reading import Reading, Readings
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
    ValueKind.NUMBER: numbers,
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


def candidates(
    kind: ValueKind,
    texts: Sequence[tuple[int, str]],
    scheme: CodeScheme | None = None,
    units: Collection[str] = (),
) -> tuple[Candidate, ...]:
    """Best first, each value once; ``texts`` are sentences with their canonical starts.

    Clauses and free text have none: their words are their value. Nor have booleans, which are read off the
    model. ``scheme`` is that of the codes asked for, ``units`` those of the numbers; without, any.
    """
    found = [
        Candidate(
            value=reading.value,
            display=reading.display,
            span=Span(start + reading.start, start + reading.end),
            score=reading.score,
        )
        for start, text in texts
        for reading in _readings(kind, text, scheme, units)
    ]
    seen: dict[str, Candidate] = {}
    for candidate in sorted(found, key=lambda c: (-c.score, c.span)):
        seen.setdefault(candidate.display, candidate)
    return tuple(seen.values())


def _readings(
    kind: ValueKind, text: str, scheme: CodeScheme | None, units: Collection[str]
) -> Iterator[Reading]:
    if kind is ValueKind.CODE:
        yield from codes(text, scheme)
    elif (reader := _READERS.get(kind)) is not None:
        for reading in reader(text):
            if not units or (isinstance(reading.value, dict) and reading.value.get("unit") in units):
                yield reading


def holds_value(
    kind: ValueKind, scheme: CodeScheme | None = None, units: Collection[str] = ()
) -> Callable[[str], bool] | None:
    """Whether words hold a value of this kind; None for kinds whose words are their value."""
    if kind is not ValueKind.CODE and kind not in _READERS:
        return None
    return lambda text: next(_readings(kind, text, scheme, units), None) is not None


def supported(kind: ValueKind, value: JsonValue, texts: Sequence[tuple[int, str]]) -> bool:
    """Whether the words, normalised anew, give this value; no value needs no words.

    The value of parties is ``{"parties": [names]}``, of which each must be found. A boolean is not written
    out: ``{"answer": true}`` or false needs words to be read from, and the model read it from these.
    """
    if value is None:
        return True
    if kind is ValueKind.BOOLEAN:
        answer = value.get("answer") if isinstance(value, dict) else None
        return isinstance(answer, bool) and any(text.strip() for _, text in texts)
    found = candidates(kind, texts, _scheme_of(value))
    if kind is ValueKind.PARTIES and isinstance(value, dict):
        names = value.get("parties")
        shown = [candidate.display for candidate in found]
        return isinstance(names, list) and bool(names) and all(name in shown for name in names)
    return any(candidate.value == value for candidate in found)


def _scheme_of(value: JsonValue) -> CodeScheme | None:
    named = value.get("scheme") if isinstance(value, dict) else None
    return next((scheme for scheme in CodeScheme if scheme.value == named), None)


def grammar_for(displays: Iterable[str]) -> str:
    """GBNF that allows exactly these."""
    quoted = (display.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for display in displays)
    return "root ::= " + " | ".join(f'"{text}"' for text in quoted)


def clause_display(text: str, most: int = 120) -> str:
    """A clause in one short line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"
