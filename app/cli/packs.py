"""Commands on packs: list, show, check."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.output import give, say
from app.domain.errors import ExitCode

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Key = Annotated[str, typer.Argument(metavar="P", help="A bundled pack's id, or a pack's folder.")]


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
        }
    )
    say(f"{held.title} {held.ref.version}: {held.description}\n{held.attribution}\n")
    for t in held.tasks:
        say(f"{t.id:<28} {t.description}")
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
