"""Commands on findings: findings, decide, and how one is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from app.cli.documents import Matter
from app.cli.output import give, note, say
from app.domain.errors import DecisionIncomplete, ExitCode
from app.domain.finding import Decision, Finding, ModelRef, Outcome, PackRef
from app.domain.kinds import DecisionKind, FindingStatus
from app.domain.listing import cited_items
from app.domain.text import Document

MARKS = {
    FindingStatus.FOUND: "●",
    FindingStatus.ABSENT: "○",
    FindingStatus.ABSTAINED: "?",
    FindingStatus.FAILED: "✕",
}


class Verb(StrEnum):
    """What an analyst does with a finding."""

    accept = "accept"
    edit = "edit"
    reject = "reject"
    withdraw = "withdraw"


def add_to(app: typer.Typer) -> None:
    """Put the commands in."""
    app.command()(findings)
    app.command()(decide)


def findings(
    matter: Matter,
    status: Annotated[FindingStatus | None, typer.Option(help="Only these.")] = None,
    undecided: Annotated[bool, typer.Option("--undecided", help="Only those without a decision.")] = False,
) -> int:
    """Every finding with its quotes and pages."""
    from app import wiring

    held = [
        outcome
        for outcome in wiring.outcomes_of(matter)
        if (status is None or outcome.finding.status is status) and not (undecided and outcome.decision)
    ]
    give(findings_json(matter, held))
    documents = {d.id: d for d in wiring.documents_of(matter)}
    print_findings(held, documents, wiring.question_titles(matter))
    if not held:
        note("There are no such findings. `pincite review MATTER --pack P` makes them.")
    return ExitCode.DONE


def decide(
    matter: Matter,
    finding: Annotated[str, typer.Argument(help="A finding's id or its beginning.")],
    verb: Annotated[Verb, typer.Argument(help="accept, reject, edit with a VALUE, or withdraw.")],
    value: Annotated[str | None, typer.Argument(help="The right value, for edit.")] = None,
    remark: Annotated[str | None, typer.Option("--note", help="Why.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0, help="How long you looked at it.")] = 0.0,
) -> int:
    """Accept, edit or reject a finding, or take the last decision back; all are kept."""
    from app import wiring

    if (verb is Verb.edit) != (value is not None):
        raise DecisionIncomplete(
            "An edit needs the right value, and only an edit takes one.",
            "Write `pincite decide MATTER FINDING edit VALUE`.",
        )
    decision = Decision(
        finding=finding,
        kind=DecisionKind(verb.value),
        value=value,
        note=remark,
        at=datetime.now(UTC),
        analyst_seconds=seconds,
    )
    outcome = wiring.decide(matter, decision)
    documents = {d.id: d for d in wiring.documents_of(matter)}
    give(finding_json_of(outcome, documents))
    say(f"{outcome.finding.id}: {outcome.state.value}.")
    return ExitCode.DONE


def finding_json_of(outcome: Outcome, documents: Mapping[str, Document]) -> dict[str, JsonValue]:
    """One finding as the contract has it."""
    from app import wiring

    return wiring.finding_json(outcome, documents[outcome.finding.document])


def findings_json(matter: Path, outcomes: Sequence[Outcome]) -> dict[str, JsonValue]:
    """As `review` and `findings` print it."""
    from app import wiring

    run = wiring.last_run(matter)
    return review_json(matter, run.pack, run.model, outcomes, wiring.documents_of(matter))


def review_json(
    matter: Path,
    pack: PackRef | None,
    model: ModelRef | None,
    outcomes: Sequence[Outcome],
    held: Sequence[Document],
) -> dict[str, JsonValue]:
    """As `review`, `findings` and `ask` print it; what could not be read of ``held`` is a failure."""
    documents = {d.id: d for d in held}
    failures = [
        _failure(o.finding.id, o.finding.document, o.finding.task, o.finding.reason)
        for o in outcomes
        if o.finding.broke and (o.decision is None or o.finding.status is FindingStatus.FAILED)
    ]
    failures += [_failure(None, d.id, None, d.reason) for d in documents.values() if not d.state.readable]
    return {
        "matter": str(matter),
        "pack": pack.model_dump() if pack else None,
        "model": model.model_dump() if model else None,
        "findings": [finding_json_of(o, documents) for o in outcomes],
        "failures": failures,
    }


def _failure(finding: str | None, document: str, task: str | None, reason: str | None) -> JsonValue:
    return {"finding": finding, "document": document, "task": task, "reason": reason}


def print_findings(
    outcomes: Sequence[Outcome], documents: Mapping[str, Document], titles: Mapping[str, str] | None = None
) -> None:
    """By document, for people. A task that has no title in ``titles`` goes by its id."""
    named = titles or {}
    last = None
    for outcome in outcomes:
        finding = outcome.finding
        if finding.document != last:
            last = finding.document
            say(f"\n{documents[last].name}")
        decided = f"  [{outcome.state.value}]" if outcome.decision else ""
        shown = finding.display or finding.status.value
        head = f"  {MARKS[finding.status]} {named.get(finding.task, finding.task):<34} {shown}"
        say(f"{head}  {finding.confidence:.0%}{decided}  ({finding.id})")
        _print_support(finding)


def print_answers(outcomes: Sequence[Outcome], documents: Mapping[str, Document]) -> None:
    """To one question, in the order given, for people."""
    for outcome in outcomes:
        finding = outcome.finding
        decided = f"  [{outcome.state.value}]" if outcome.decision else ""
        say(f"\n{MARKS[finding.status]} {documents[finding.document].name}")
        shown = finding.display or finding.status.value
        say(f"      {shown}  {finding.confidence:.0%}{decided}  ({finding.id})")
        _print_support(finding)


def _print_support(finding: Finding) -> None:
    items = cited_items(finding)
    for item, citation in items:
        say(f"      p. {citation.page}: {item.line}")
    for citation in () if items else finding.citations:
        quote = " ".join(citation.quote.split())
        say(f"      p. {citation.page}: “{quote if len(quote) <= 220 else quote[:219] + '…'}”")
    if finding.reason:
        say(f"      {finding.reason}")
    if finding.second_opinion is not None:
        say(f"      Answered by {finding.second_opinion.id}, asked for a second opinion.")
    for server in finding.sent_to:
        say(f"      Passages were sent to {server}.")
