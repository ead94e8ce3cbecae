"""Commands on the organisation's policy: show, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import give, note, say
from app.domain.errors import ExitCode

if TYPE_CHECKING:
    from app.wiring import PolicyInForce

app = typer.Typer(no_args_is_help=True)


@app.command()
def show() -> int:
    """The limits in force on this machine, and which of them the policy set."""
    from app import wiring

    policy = wiring.policy_in_force()
    _tell(policy)
    note(f"Policy: {policy.file}." if policy.there else f"There is no policy in {policy.file}.")
    return ExitCode.DONE


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A policy file, before it is put in its place.")]) -> int:
    """Whether a policy file is valid, and what it would change."""
    from app import wiring

    _tell(wiring.policy_in_force(file))
    note(f"{file} is valid.")
    return ExitCode.DONE


def _tell(policy: PolicyInForce) -> None:
    give(
        {
            "file": str(policy.file),
            "there": policy.there,
            "reading": {one.name: {"value": one.value, "managed": one.managed} for one in policy.limits},
        }
    )
    for one in policy.limits:
        say(f"reading.{one.name:<16} {one.value:>10g}{'  set by policy' if one.managed else ''}")
