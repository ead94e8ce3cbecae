"""Commands that look with a pack: evidence, quote, review, ask, demo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from app.cli.documents import Matter
from app.cli.findings import findings_json, print_answers, print_findings, review_json
from app.cli.matters import print_costs
from app.cli.output import give, note, say, working
from app.domain.cost import Quote
from app.domain.errors import ExitCode
from app.domain.finding import Evidence
from app.domain.kinds import FindingStatus
from app.domain.text import Document

PackKey = Annotated[str, typer.Option("--pack", help="A bundled pack's id, or a pack's folder.")]
Tasks = Annotated[list[str] | None, typer.Option("--task", help="Only this task; may be given again.")]
Documents = Annotated[list[str] | None, typer.Option("--document", help="Only this one; may be given again.")]
ModelId = Annotated[str | None, typer.Option("--model", help="A model of the catalog; else the default.")]

SecondOpinion = Annotated[
    str | None,
    typer.Option(
        "--second-opinion",
        metavar="MODEL",
        help="Ask this model what the first one was not sure of; `none`: nobody. "
        "Else what policy or settings name.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Put the commands in."""
    for command in (demo, evidence, quote, review, ask):
        app.command()(command)


def evidence(
    matter: Matter,
    pack: PackKey,
    task: Annotated[str, typer.Option("--task", help="One task of the pack.")],
    document: Documents = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Characters at most.")] = None,
) -> int:
    """What the model would be given for a task, best first; for a list all that passes its gate."""
    from app import wiring

    with working() as (report, cancel):
        given = wiring.evidence_of(matter, pack, task, document or [], budget, report, cancel)
    give([_evidence_json(one) for one in given])
    names = {d.id: d.name for d in wiring.documents_of(matter)}
    for one in given:
        presence = "unknown" if one.presence is None else f"{one.presence:.0%}"
        passing = "" if one.recall is None else f", {one.recall:.0%} of what it looks for passes its gate"
        say(f"\n{names[one.document]}: {task}, presence {presence}{passing}")
        for sentence in sorted(one.sentences, key=lambda s: -s.score):
            say(f"  p. {sentence.page}  {sentence.score:+.2f}  {' '.join(sentence.text.split())}")
    return ExitCode.DONE


def quote(
    matter: Matter,
    pack: PackKey,
    task: Tasks = None,
    document: Documents = None,
    model: ModelId = None,
    second_opinion: SecondOpinion = None,
) -> int:
    """What a review will cost, before it runs."""
    from app import wiring

    quoted = wiring.quote_for(matter, pack, task or [], document or [], model, second_opinion)
    give(quoted.model_dump(exclude_none=True))
    say(_quote_line(quoted))
    return ExitCode.DONE


def review(
    matter: Matter,
    pack: PackKey,
    task: Tasks = None,
    document: Documents = None,
    model: ModelId = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", min=0, help="Stop at this much money.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on; a review always does, so this is a word for scripts.")
    ] = False,
    second_opinion: SecondOpinion = None,
) -> int:
    """Make the findings that are not there yet; stop it and run it again, it goes on."""
    del resume
    return _review(matter, pack, task or [], document or [], model, max_cost, second_opinion)


def ask(
    matter: Matter,
    question: Annotated[str, typer.Argument(help="In words, as you would ask a colleague.")],
    document: Documents = None,
    model: ModelId = None,
    pack: Annotated[str | None, typer.Option("--pack", help="Else that of the last review.")] = None,
) -> int:
    """Ask every document a question of your own; answers with quotes and pages, best first."""
    from app import wiring

    _note_server(model)
    note(_quote_line(wiring.quote_question(matter, question, document or [], model, pack)))
    with working() as (report, cancel):
        asked = wiring.ask(matter, question, document or [], model, pack, report, cancel)
    give(review_json(matter, asked.pack, asked.model, asked.outcomes, asked.documents))
    print_answers(asked.outcomes, {d.id: d for d in asked.documents})
    _note_plan(model)
    unread = _note_unread(asked.documents)
    if not asked.documents:
        note("Nothing here yet: `pincite add MATTER PATH...` reads files in.")
    failed = any(o.finding.status is FindingStatus.FAILED for o in asked.outcomes)
    return ExitCode.PARTIAL if failed or unread else ExitCode.DONE


def demo(model: ModelId = None) -> int:
    """Review the bundled sample contracts and print findings and outcome costs."""
    from app import wiring

    entry = wiring.chosen_model(model)
    library = wiring.library()
    if not entry.server and not library.file(entry).is_file():
        note(f"Fetching the model {entry.title}, {entry.about_bytes / 1e9:.1f} GB, once.")
        with working() as (report, cancel):
            wiring.fetch_model(entry, report, cancel)
    folder = wiring.demo_matter()
    with working() as (report, cancel):
        wiring.add_files(folder, sorted(wiring.SAMPLES.glob("*.pdf")), report, cancel)
    return _review(folder, "contracts", [], [], model, None, "none")


def _review(
    matter: Path,
    pack: str,
    tasks: Sequence[str],
    documents: Sequence[str],
    model: str | None,
    most: float | None,
    second: str | None,
) -> int:
    from app import wiring

    if why_not := wiring.second_for(wiring.chosen_model(model), second).why_not:
        note(why_not)
    _note_server(model, second)
    quoted = wiring.quote_for(matter, pack, tasks, documents, model, second)
    note(_quote_line(quoted))
    with working() as (report, cancel):
        _, reviewed = wiring.review(matter, pack, tasks, documents, model, most, report, cancel, second)
    held = wiring.documents_of(matter, documents)
    names = {task.id for task in wiring.tasks_of(wiring.pack_of(pack), tasks)}
    wanted = {d.id for d in held}
    outcomes = [
        o for o in wiring.outcomes_of(matter) if o.finding.document in wanted and o.finding.task in names
    ]
    give(findings_json(matter, outcomes))
    print_findings(outcomes, {d.id: d for d in held})
    say()
    print_costs(wiring.costs_of(matter, "document"))
    if reviewed.asked_again:
        note(f"A second model was asked about {reviewed.asked_again} that the first one was not sure of.")
    if reviewed.left:
        note(f"Stopped at the limit on cost; {reviewed.left} findings are left.")
    _note_plan(model)
    unread = _note_unread(held)
    return ExitCode.PARTIAL if reviewed.failed or reviewed.left or unread else ExitCode.DONE


def _note_server(model: str | None, second: str | None = "none") -> None:
    """Before anything is sent."""
    from app import wiring

    first = wiring.chosen_model(model)
    again = wiring.second_for(first, second).model
    if first.server or (again is not None and again.server):
        note(wiring.need_server().sentence)


def _note_plan(model: str | None) -> None:
    """Where less than planned ran on a GPU, or in less memory."""
    from app import wiring

    if said := wiring.smaller_run(model):
        note(said)


def _note_unread(documents: Sequence[Document]) -> bool:
    unread = [d for d in documents if not d.state.readable]
    for d in unread:
        note(f"{d.name} was not reviewed: {d.reason}")
    return bool(unread)


def _quote_line(quoted: Quote) -> str:
    if quoted.nothing_to_do:
        return "Nothing is left to do; every finding is there."
    cost, seconds, again = quoted.cost, quoted.seconds, quoted.second_opinion
    asked = (
        "" if again is None else f", about {again.findings.expected:.0f} of them asked of {again.model}, too"
    )
    if again is not None and not quoted.findings:
        asked = f" left to make, {again.findings.expected:.0f} to ask of {again.model}"
    return (
        f"{quoted.findings} findings{asked}: {quoted.currency} {cost.expected:.4f} of machine "
        f"({cost.low:.4f} to {cost.high:.4f}), about {seconds.expected / 60:.1f} minutes "
        f"({seconds.low / 60:.1f} to {seconds.high / 60:.1f})."
    )


def _evidence_json(one: Evidence) -> dict[str, JsonValue]:
    best: list[JsonValue] = [
        {
            "document": one.document,
            "page": s.page,
            "start": s.span.start,
            "end": s.span.end,
            "text": s.text,
            "score": s.score,
        }
        for s in sorted(one.sentences, key=lambda s: -s.score)
    ]
    measured: dict[str, JsonValue] = {} if one.recall is None else {"recall": one.recall}
    return {
        "task": one.task,
        "document": one.document,
        "presence": one.presence,
        **measured,
        "evidence": best,
    }
