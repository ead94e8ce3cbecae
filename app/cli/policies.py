"""Commands on the organisation's policy: show, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from app.cli.output import give, note, say
from app.domain.errors import ExitCode

if TYPE_CHECKING:
    from app.wiring import PolicyInForce

app = typer.Typer(no_args_is_help=True)


@app.command()
def show() -> int:
    """The limits in force on this machine, the models allowed, and which of them the policy set."""
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
    models: list[JsonValue] | None = None if policy.models is None else list(policy.models)
    second: dict[str, JsonValue] = {"second_opinion": policy.second_opinion} if policy.second_opinion else {}
    elsewhere: dict[str, JsonValue] = {}
    if policy.server is not None:
        elsewhere["server"] = {"origin": policy.server.origin, "model": policy.server.model}
    give(
        {
            "file": str(policy.file),
            "there": policy.there,
            "reading": {one.name: {"value": one.value, "managed": one.managed} for one in policy.limits},
            "search": {"servers": list(policy.servers)},
            "models": {"allowed": {"value": models, "managed": models is not None}, **second},
            **elsewhere,
        }
    )
    for one in policy.limits:
        say(f"reading.{one.name:<16} {one.value:>10g}{'  set by policy' if one.managed else ''}")
    for server in policy.servers:
        say(f"search.servers   {server:>18}  set by policy")
    if policy.server is not None:
        where = f"passages may be sent to {policy.server.origin}"
        say(f"server                   {policy.server.model:>10}  {where}")
    if policy.second_opinion:
        say(f"models.second_opinion {policy.second_opinion:>14}  set by policy")
    if models is None:
        say("models.allowed           any")
        return
    say(f"models.allowed           {len(models):>10}  set by policy")
    for digest in models:
        say(f"  {digest}")
