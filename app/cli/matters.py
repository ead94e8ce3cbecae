"""Commands on a whole matter and machine: costs, report, verify, doctor."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.documents import Matter
from app.cli.output import give, note, say, working
from app.domain.errors import ExitCode

if TYPE_CHECKING:
    from app.wiring import CostTable


class By(StrEnum):
    """How costs are grouped."""

    task = "task"
    document = "document"
    pack = "pack"
    month = "month"


class Format(StrEnum):
    """Kinds of report."""

    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    docx = "docx"
    pdf = "pdf"


def add_to(app: typer.Typer) -> None:
    """Put the commands in."""
    for command in (costs, report, verify, doctor):
        app.command()(command)


def costs(matter: Matter, by: Annotated[By, typer.Option(help="Rows.")] = By.task) -> int:
    """What the outcomes cost: machine, energy, the analyst's time."""
    from app import wiring

    table = wiring.costs_of(matter, by.value)
    give(table.to_json())
    print_costs(table, wiring.question_titles(matter))
    return ExitCode.DONE


def report(
    matter: Matter,
    form: Annotated[Format, typer.Option("--format", help="json, csv, xlsx, docx or pdf.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write; for pdf also a folder.")],
) -> int:
    """Write all findings to a file; its citations are checked first."""
    from app import wiring

    wiring.write_report(matter, form.value, out)
    give({"out": str(out)})
    say(f"Wrote {out}.")
    return ExitCode.DONE


def verify(
    matter: Matter,
    repair: Annotated[bool, typer.Option("--repair", help="Build the derived index again.")] = False,
) -> int:
    """Prove that every citation is the document's own words and the ledger is whole."""
    from app import wiring

    with working() as (progress, cancel):
        checked = wiring.check(matter, repair, progress, cancel)
    give({**checked.model_dump(mode="json"), "whole": not checked.problems})
    say(
        f"{checked.citations} citations are the documents' own words at their places."
    ) if not checked.problems else None
    say(f"{checked.entries} ledger entries checked, {len(checked.problems)} problems.")
    for problem in checked.problems:
        say(f"  ✕ {problem}")
    return ExitCode.ERROR if checked.problems else ExitCode.DONE


def doctor() -> int:
    """Hardware, versions, models, and what is wrong with what to do."""
    from app import wiring

    examined = wiring.examine()
    give(examined.model_dump(mode="json"))
    for fact in examined.facts:
        say(f"{fact.name:<22} {fact.text}")
    for problem in examined.problems:
        say(f"✕ {problem.name}\n  {problem.text}")
    if not examined.problems:
        note("Nothing is wrong.")
    return ExitCode.ERROR if examined.problems else ExitCode.DONE


def print_costs(table: CostTable, titles: Mapping[str, str] | None = None) -> None:
    """Rows and total, for people; machine and analyst apart and together.

    ``titles`` are those of rows, by key, that are not told by the table's own.
    """
    from rich.console import Console
    from rich.table import Table

    named = titles or {}
    shown = Table(title=f"Outcome costs by {table.by}, {table.currency}", title_justify="left")
    for name in (
        "",
        "found",
        "absent",
        "abstained",
        "failed",
        "machine s",
        "Wh",
        "machine",
        "analyst",
        "quoted",
        "per accepted",
    ):
        shown.add_column(name, justify="left" if not name else "right", overflow="fold")
    for row in (*table.rows, table.total):
        count = {str(getattr(k, "value", k)): v for k, v in row.outcomes.items()}
        found = sum(count.get(k, 0) for k in ("accepted", "edited", "rejected", "undecided"))
        shown.add_row(
            named.get(row.key, row.title),
            *(
                str(n)
                for n in (found, count.get("absent", 0), count.get("abstained", 0), count.get("failed", 0))
            ),
            f"{row.machine_seconds:.1f}",
            f"{row.kwh * 1000:.2f}",
            f"{row.machine:.5f}",
            f"{row.analyst:.2f}",
            "–" if row.quoted is None else f"{row.quoted:.5f}",
            "–" if row.per_accepted is None else f"{row.per_accepted:.4f}",
        )
    console = Console(width=132, no_color=True)
    with console.capture() as captured:
        console.print(shown)
    say(captured.get().rstrip())
    rejects = table.total.rejects
    say(
        f"On rejects {rejects.actual:.5f}: machine {rejects.machine:.5f}, analyst {rejects.analyst:.2f}, "
        "for outcomes that were rejected, abstained or failed."
    )
    say(f"Energy is {table.total.energy}. Prices are those of the rate card in settings.toml.")
