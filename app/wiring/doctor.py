"""What this machine has, and what is wrong with it."""

from __future__ import annotations

from app.domain.base import Frozen
from app.domain.errors import PinciteError
from app.ledger.meters import start_meter
from app.platform.paths import data_folder
from app.platform.settings import load_rate_card
from app.wiring.catalogs import library


class Fact(Frozen):
    """Something about this machine, or something wrong with what to do."""

    name: str
    text: str


class Examined(Frozen):
    """What the doctor saw."""

    facts: tuple[Fact, ...]
    problems: tuple[Fact, ...]


def examine() -> Examined:
    """Hardware, versions, models and what is wrong."""
    import platform
    import shutil
    from importlib import metadata

    import psutil

    from models.llama_generator import runtime_version

    runtimes = sorted({d.name for d in metadata.distributions() if d.name.lower().startswith("onnxruntime")})
    problems: list[Fact] = []
    if len(runtimes) != 1:
        problems.append(
            Fact(
                name=f"There are {len(runtimes)} ONNX runtimes where one must be: {', '.join(runtimes)}.",
                text="Delete .venv and run `python3 installer/bootstrap.py install` again.",
            )
        )
    llama = runtime_version()
    if llama is None:
        problems.append(
            Fact(name="llama.cpp cannot be loaded.", text="Run `python3 installer/bootstrap.py install`.")
        )
    models = library()
    for model in models.installed():
        try:
            models.path(model)
        except PinciteError as error:
            problems.append(Fact(name=error.message, text=error.hint))
    installed = ", ".join(model.id for model in models.installed()) or "none"
    folder = data_folder()
    free = shutil.disk_usage(next(p for p in (folder, *folder.parents) if p.exists())).free
    if free < 2e9:
        problems.append(Fact(name="Less than 2 GB are free on the disk.", text="Make room before a review."))
    card = load_rate_card()
    facts = (
        Fact(name="machine", text=f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, "
             f"{psutil.virtual_memory().total / 2**30:.0f} GB"),
        Fact(name="Python", text=platform.python_version()),
        Fact(name="llama.cpp", text=llama or "missing"),
        Fact(name="ONNX", text=", ".join(f"{name} {metadata.version(name)}" for name in runtimes)),
        Fact(name="models", text=installed),
        Fact(name="data folder", text=f"{folder}, {free / 1e9:.0f} GB free"),
        Fact(name="energy", text="measured" if start_meter(card).stop().energy.measured else "estimated"),
    )  # fmt: skip
    return Examined(facts=facts, problems=tuple(problems))
