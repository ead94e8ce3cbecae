"""Commands on packs: list, show, check, learn, eval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from app.cli.output import give, note, say, working
from app.cli.pack_gold import (
    calibrated_json,
    evaluated_json,
    learned_json,
    say_calibrated,
    say_evaluated,
    say_learned,
)
from app.domain.errors import ExitCode

if TYPE_CHECKING:
    from app.wiring import PackLearned, TaskLearned

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Key = Annotated[str, typer.Argument(metavar="P", help="A bundled pack's id, or a pack's folder.")]
Tasks = Annotated[
    list[str] | None,
    typer.Option("--task", metavar="T", help="These tasks only; all of them without it."),
]
Room = Annotated[
    Path | None,
    typer.Option(
        "--matter",
        metavar="M",
        help="A matter to read gold into, and to go on with; else one that is removed.",
    ),
]


@app.command("list")
def list_packs() -> int:
    """The packs that are here."""
    from app import wiring

    packs = wiring.all_packs()
    give(
        {
            "packs": [
                {"id": p.ref.id, "version": p.ref.version, "title": p.title, "signer": None, "locked": False}
                for p in packs
            ]
        }
    )
    for p in packs:
        say(f"{p.ref.id:<12} {p.ref.version}  {p.title}: {p.description}")
    return ExitCode.DONE


@app.command()
def show(pack: Key) -> int:
    """A pack's tasks."""
    from app import wiring

    held = wiring.pack_of(pack)
    learned = wiring.learned_of(held)
    give(
        {
            **held.ref.model_dump(),
            "title": held.title,
            "description": held.description,
            "licence": held.licence,
            "attribution": held.attribution,
            "tasks": [
                {"id": t.id, "kind": t.kind.value, "title": t.title, "description": t.description}
                for t in held.tasks
            ],
            "learned": {
                "state": learned.state.value,
                "used": list(learned.used),
                "outdated": list(learned.outdated),
            },
        }
    )
    say(f"{held.title} {held.ref.version}: {held.description}\n{held.attribution}\n")
    for t in held.tasks:
        say(f"{t.id:<34} {t.description}")
    _say_learned(learned, pack)
    return ExitCode.DONE


@app.command()
def check(pack: Key) -> int:
    """Every problem of a pack, with file and line."""
    from app import wiring

    problems = wiring.pack_problems(pack)
    give({"problems": list(problems)})
    for problem in problems:
        say(f"✕ {problem}")
    if not problems:
        say("Nothing is wrong with it.")
    return ExitCode.ERROR if problems else ExitCode.DONE


@app.command()
def learn(
    pack: Key,
    matters: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="MATTER", help="A matter whose decisions it learns from; several do."),
    ] = None,
    gold: Annotated[
        str | None,
        typer.Option(
            "--gold", metavar="[DIR]", help="Learn the pack's probes from gold cases: its own, or a folder's."
        ),
    ] = None,
    matter: Room = None,
    tasks: Tasks = None,
    forget: Annotated[bool, typer.Option("--forget", help="Delete what was learned of decisions.")] = False,
) -> int:
    """Find sentences better: by what was decided in matters, or by gold cases, which changes the pack."""
    from app import wiring

    if bool(matters) + (gold is not None) + forget != 1:
        raise typer.BadParameter("Give one of --from MATTER, --gold and --forget.")
    if matter is not None and gold is None:
        raise typer.BadParameter("--matter goes with --gold.")
    if gold is not None:
        return _learn_gold(pack, gold, matter, tasks or [])
    if forget:
        gone = wiring.forget(pack, tasks or [])
        give({"forgotten": list(gone)})
        say("What was learned is deleted." if gone else "Nothing is learned any more.")
        return ExitCode.DONE
    with working() as (report, cancel):
        found = wiring.learn(pack, matters or [], tasks or [], report, cancel)
    give({"pack": wiring.pack_of(pack).ref.id, "tasks": [_learned_json(row) for row in found]})
    _say_taught(found)
    return ExitCode.DONE


@app.command("eval")
def evaluate(
    pack: Key,
    gold: Annotated[
        str | None,
        typer.Option("--gold", metavar="[DIR]", help="A folder of gold cases; without it the pack's own."),
    ] = None,
    matter: Room = None,
    tasks: Tasks = None,
    model: Annotated[
        str | None, typer.Option("--model", help="A model of the catalog; else the default.")
    ] = None,
    retrieval_only: Annotated[
        bool, typer.Option("--retrieval-only", help="Measure evidence alone; needs no language model.")
    ] = False,
) -> int:
    """Measure a pack against gold cases: what is found, what is missed, what it costs."""
    from app import wiring

    folder = Path(gold) if gold else None
    with working() as (report, cancel):
        found = wiring.evaluate(pack, folder, matter, tasks or [], model, retrieval_only, report, cancel)
    give(evaluated_json(found))
    say_evaluated(found)
    failed = found.total.review.failed if found.total.review else 0
    return ExitCode.PARTIAL if found.failures or failed else ExitCode.DONE


@app.command()
def calibrate(
    pack: Key,
    gold: Annotated[
        str | None,
        typer.Option("--gold", metavar="[DIR]", help="A folder of gold cases; without it the pack's own."),
    ] = None,
    matter: Room = None,
    tasks: Tasks = None,
    model: Annotated[
        str | None, typer.Option("--model", help="A model of the catalog; else the default.")
    ] = None,
    cases: Annotated[
        int, typer.Option("--cases", metavar="N", min=1, help="The model reads so many at most.")
    ] = 200,
) -> int:
    """Fit how far a model is believed beside retrieval, and from where on its answers are sure enough."""
    from app import wiring

    folder = Path(gold) if gold else None
    with working() as (report, cancel):
        found = wiring.calibrate(pack, folder, matter, tasks or [], model, cases, report, cancel)
    give(calibrated_json(found))
    say_calibrated(found)
    return ExitCode.PARTIAL if found.failures else ExitCode.DONE


def _learn_gold(pack: str, gold: str, matter: Path | None, tasks: Sequence[str]) -> int:
    from app import wiring

    folder = Path(gold) if gold else None
    with working() as (report, cancel):
        learned = wiring.learn_gold(pack, folder, matter, tasks, report, cancel)
    give(learned_json(learned))
    say_learned(learned)
    return ExitCode.PARTIAL if learned.failures else ExitCode.DONE


def _learned_json(row: TaskLearned) -> dict[str, JsonValue]:
    """Shares are of the cited sentences' characters inside 2,000 characters, by folds; null: not tried."""
    return {
        "task": row.task,
        "decisions": dict(row.counts),
        "learned": row.learned,
        "reason": row.reason,
        "presence": row.presence,
        "before": row.before,
        "after": row.after,
    }


def _say_taught(found: Sequence[TaskLearned]) -> None:
    for row in found:
        if not row.counts.total:
            continue
        shares = ""
        if row.before is not None and row.after is not None:
            shares = f" Cited words within 2,000 characters: {row.before:.0%}, learned {row.after:.0%}."
        made = f"{row.counts.used} decision{'' if row.counts.used == 1 else 's'}"
        state = f"learned from {made}." if row.learned else f"not learned from {made}. {row.reason}"
        say(f"{row.task}: {state}{shares}")
    without = sum(not row.counts.total for row in found)
    if without == len(found):
        note("Nothing is decided yet. Decide findings in the window or with `pincite decide`.")
    elif without:
        note(f"{without} other task{' has' if without == 1 else 's have'} no decisions yet.")


def _say_learned(learned: PackLearned, pack: str) -> None:
    if learned.state == "damaged":
        say(
            f"\nWhat it learned from decisions is damaged and not used. "
            f"Run `pincite packs learn {pack} --forget`."
        )
        return
    if learned.used:
        say(f"\nLearned from decisions: {', '.join(learned.used)}.")
    if learned.outdated:
        say(
            f"\nLearned for another version and not used: {', '.join(learned.outdated)}. "
            f"Run `pincite packs learn {pack} --from MATTER` again."
        )
