"""Decisions on one document that hold for its copies as well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from app.domain.finding import Decision, Finding, Outcome
from app.domain.kinds import DecisionKind
from app.domain.listing import items_of
from app.review.repeats import Repeats, plain

_Asked = tuple[str, str, str, tuple[str, ...]]


def carried(
    outcomes: Sequence[Outcome], repeats: Repeats, names: Mapping[str, str], at: datetime
) -> tuple[Decision, ...]:
    """What was decided on a copy of a document, for the findings that nobody has decided.

    The two findings are of one task and one status and quote the same words; findings without a quote
    are carried between documents with the same text only. Accepting and rejecting need the same value
    too; an edit brings its own. Where decisions on the copies disagree none is carried. ``names`` of
    the documents by their ids; the note names the one that a decision was carried from. A carried decision
    takes no analyst's time.
    """
    nearly, same = repeats.leaders(nearly=True), repeats.leaders(nearly=False)
    decided: dict[_Asked, list[Outcome]] = defaultdict(list)
    undecided: list[tuple[_Asked, Finding]] = []
    for outcome in outcomes:
        finding = outcome.finding
        leader = (nearly if finding.citations else same).get(finding.document)
        if leader is None:
            continue
        quotes = tuple(sorted({plain(citation.quote) for citation in finding.citations}))
        asked = (leader, finding.task, finding.status.value, quotes)
        if outcome.decision is None:
            undecided.append((asked, finding))
        else:
            decided[asked].append(outcome)
    made = (_carried(decided.get(asked, ()), finding, names, at) for asked, finding in undecided)
    return tuple(decision for decision in made if decision is not None)


def _carried(
    copies: Sequence[Outcome], finding: Finding, names: Mapping[str, str], at: datetime
) -> Decision | None:
    decisions = [
        (held.finding, held.decision)
        for held in copies
        if held.decision is not None and held.finding.document != finding.document
    ]
    if not decisions:
        return None
    source, decision = decisions[0]
    if any(_meaning(*one) != _meaning(source, decision) for one in decisions):
        return None
    if decision.kind is not DecisionKind.EDIT and _value(source) != _value(finding):
        return None
    return Decision(
        finding=finding.id,
        kind=decision.kind,
        value=decision.value,
        note=f"carried from {names[source.document]}",
        at=at,
    )


def _meaning(finding: Finding, decision: Decision) -> tuple[object, ...]:
    edited = decision.kind is DecisionKind.EDIT
    return (decision.kind, decision.value if edited else _value(finding))


def _value(finding: Finding) -> object:
    """Of a list what its items are worth: their words are compared as quotes are, without case and space."""
    items = items_of(finding.value)
    return [(item.value, item.citation) for item in items] if items else finding.value
