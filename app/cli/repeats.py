"""The command on what repeats: repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from app.cli.documents import Matter
from app.cli.output import give, note, say, working
from app.domain.errors import ExitCode
from app.domain.finding import Outcome

if TYPE_CHECKING:
    from app.review.repeats import PagePlace, Repeats

_Run = list[tuple["PagePlace", ...]]


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(repeats)


def repeats(
    matter: Matter,
    carry: Annotated[
        bool,
        typer.Option(
            "--carry", help="Carry decisions to the same words of a copy, where nothing is decided yet."
        ),
    ] = False,
) -> int:
    """Blank pages, pages and documents with the same text, documents that are nearly the same."""
    from app import wiring

    changed: Sequence[Outcome] = ()
    with working() as (report, cancel):
        if carry:
            found, changed = wiring.carry_decisions(matter, datetime.now(UTC), report, cancel)
        else:
            found = wiring.repeats_of(matter, report, cancel)
    names = {document.id: document.name for document in wiring.documents_of(matter)}
    give(repeats_json(matter, found, changed, names))
    _print(found, names)
    if carry:
        _print_carried(changed, names, wiring.question_titles(matter))
    if not (found.blank or found.pages or found.same or found.similar):
        note("Nothing repeats in this matter.")
    return ExitCode.DONE


def repeats_json(
    matter: Path, found: Repeats, changed: Sequence[Outcome], names: Mapping[str, str]
) -> dict[str, JsonValue]:
    """As `repeats --json` prints it; DOCUMENT is {"id", "name"}, pages count from 1.

    {"matter": its folder,
     "same": [[DOCUMENT, ...], ...]: one text in several files, the earliest first,
     "similar": [{"first": DOCUMENT, "second": DOCUMENT, "share": 0.9 to 1}, ...]: nearly the same; the share
         of the longer one's words that stand in passages of both,
     "pages": [[{"document": DOCUMENT, "page"}, ...], ...]: pages with one text; of the files of "same"
         the first only,
     "blank": [{"document": DOCUMENT, "pages": [page, ...]}, ...]: pages without words,
     "carried": [{"finding", "document": DOCUMENT, "task", "decision": {"kind", "value", "note"}}, ...]:
         what ``--carry`` has decided; without it, none}
    """

    def named(document: str) -> dict[str, JsonValue]:
        return {"id": document, "name": names[document]}

    return {
        "matter": str(matter),
        "same": [[named(document) for document in group.documents] for group in found.same],
        "similar": [
            {"first": named(pair.first), "second": named(pair.second), "share": pair.share}
            for pair in found.similar
        ],
        "pages": [
            [{"document": named(place.document), "page": place.page} for place in group.places]
            for group in found.pages
        ],
        "blank": [
            {"document": named(document), "pages": [place.page for place in places]}
            for document, places in groupby(found.blank, key=lambda place: place.document)
        ],
        "carried": [
            {
                "finding": outcome.finding.id,
                "document": named(outcome.finding.document),
                "task": outcome.finding.task,
                "decision": outcome.decision.model_dump(mode="json", include={"kind", "value", "note"}),
            }
            for outcome in changed
            if outcome.decision is not None
        ],
    }


def _print(found: Repeats, names: Mapping[str, str]) -> None:
    if found.same:
        say("The same text in several files. Read one of them.")
    for group in found.same:
        say(f"  = {names[group.documents[0]]}")
        for document in group.documents[1:]:
            say(f"    {names[document]}")
    if found.similar:
        say("Nearly the same. Read the first, then what differs in the second.")
    for pair in found.similar:
        say(f"  ≈ {names[pair.first]}")
        say(f"    {names[pair.second]}  {min(99, int(100 * pair.share))}% of the text is in both")
    if found.pages:
        say("Pages with the same text. Read one of them.")
    for run in page_runs([group.places for group in found.pages]):
        first, last = run[0], run[-1]
        for mark, one, other in zip("=" + " " * (len(first) - 1), first, last, strict=True):
            say(f"  {mark} {names[one.document]}, p. {_span(one.page, other.page)}")
    if found.blank:
        say("Blank pages: they have no words. Look at one where a picture may be.")
    for document, places in groupby(found.blank, key=lambda place: place.document):
        runs = page_runs([(place,) for place in places])
        listed = ", ".join(_span(run[0][0].page, run[-1][0].page) for run in runs)
        say(f"  ○ {names[document]}, p. {listed}")


def _print_carried(changed: Sequence[Outcome], names: Mapping[str, str], titles: Mapping[str, str]) -> None:
    many = len(changed)
    if not many:
        say("No decision could be carried.")
        return
    say(f"{many} decision{' was' if many == 1 else 's were'} carried.")
    for outcome in changed:
        finding, decision = outcome.finding, outcome.decision
        if decision is not None:
            task = titles.get(finding.task, finding.task)
            say(f"  {finding.id}  {names[finding.document]}, {task}: {outcome.state.value}, {decision.note}")


def page_runs(groups: Sequence[tuple[PagePlace, ...]]) -> list[_Run]:
    """Neighbouring groups of pages put together, where each group has the pages after those of the last."""
    runs: list[_Run] = []
    for group in groups:
        if runs and tuple(place._replace(page=place.page + 1) for place in runs[-1][-1]) == group:
            runs[-1].append(group)
        else:
            runs.append([group])
    return runs


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
