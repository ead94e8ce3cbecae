"""What this machine has, and what is wrong with it."""

from __future__ import annotations

from app.domain.base import Frozen
from app.domain.errors import ModelDoesNotFit, PinciteError
from app.ledger.meters import start_meter
from app.platform.confinement import EVERYTHING, FILES, MEMORY, NETWORK, PROCESSES, TIME
from app.platform.confinement_probe import enforced_here
from app.platform.paths import data_folder
from app.platform.settings import load_rate_card
from app.wiring.catalogs import library
from app.wiring.model_server import model_server, wrong_with_server
from app.wiring.models import plan_of_model
from app.wiring.vector_server import answers, vector_server

RUNS = "runs"
"""The fact that says in one sentence what runs where."""

_HELD = {
    MEMORY: "bounded memory",
    TIME: "bounded time",
    FILES: "no other files",
    NETWORK: "no network",
    PROCESSES: "no other programs",
}


class Fact(Frozen):
    """Something about this machine, or something wrong with what to do."""

    name: str
    text: str


class Examined(Frozen):
    """What the doctor saw."""

    facts: tuple[Fact, ...]
    problems: tuple[Fact, ...]


def examine(model: str = "") -> Examined:
    """Hardware, versions, models and what is wrong; how ``model`` would run, or else the default."""
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
    installed, runs = _models(problems, model)
    folder = data_folder()
    free = shutil.disk_usage(next(p for p in (folder, *folder.parents) if p.exists())).free
    if free < 2e9:
        problems.append(Fact(name="Less than 2 GB are free on the disk.", text="Make room before a review."))
    held = enforced_here()
    if not held:
        problems.append(
            Fact(
                name="Files cannot be read in a process without rights on this machine.",
                text="Add only files that you trust.",
            )
        )
    server, without = _vector_server()
    problems += without
    asked_elsewhere, silent = _model_server()
    problems += silent
    card = load_rate_card()
    facts = (
        *runs,
        Fact(name="machine", text=f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, "
             f"{psutil.virtual_memory().total / 2**30:.0f} GB"),
        Fact(name="Python", text=platform.python_version()),
        Fact(name="llama.cpp", text=llama or "missing"),
        Fact(name="ONNX", text=", ".join(f"{name} {metadata.version(name)}" for name in runtimes)),
        Fact(name="models", text=installed),
        Fact(name="reading files", text=reading_words(held)),
        *asked_elsewhere,
        Fact(name="vectors", text=server),
        Fact(name="data folder", text=f"{folder}, {free / 1e9:.0f} GB free"),
        Fact(name="energy", text="measured" if start_meter(card).stop().energy.measured else "estimated"),
    )  # fmt: skip
    return Examined(facts=facts, problems=tuple(problems))


def _vector_server() -> tuple[str, tuple[Fact, ...]]:
    """Where vectors are kept, in words, and what is wrong with that."""
    try:
        server = vector_server()
    except PinciteError as error:
        return "beside each matter", (Fact(name=error.message, text=error.hint),)
    if server is None:
        return "beside each matter", ()
    place = f"Chroma server {server.host}:{server.port}"
    if answers():
        return place, ()
    return place, (
        Fact(name=f"The {place} does not answer.", text="Start it; searches are slower until then."),
    )


def _model_server() -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Where passages may be sent, and what is wrong with that; nothing where no policy names a server."""
    try:
        server = model_server()
    except PinciteError as error:
        return (), (Fact(name=error.message, text=error.hint),)
    if server is None:
        return (), ()
    wrong = wrong_with_server()
    hint = "Ask who looks after the server; models on this machine do not need it."
    told = f"allowed by policy. Where it is chosen: {server.sentence}"
    return (Fact(name="model server", text=told),), (Fact(name=wrong, text=hint),) if wrong else ()


def _models(problems: list[Fact], wanted: str) -> tuple[str, tuple[Fact, ...]]:
    """Those that are here, and what of the one that is wanted runs where, or else of the default; what is
    wrong is added to the problems."""
    try:
        models = library()
    except PinciteError as error:
        problems.append(Fact(name=error.message, text=error.hint))
        return "unknown", ()
    for model in models.installed():
        try:
            models.path(model)
        except PinciteError as error:
            problems.append(Fact(name=error.message, text=error.hint))
    installed = models.installed()
    ranked = sorted(installed, key=lambda model: (model.id != wanted, not model.default))
    chosen = next(iter(ranked), None)
    runs: tuple[Fact, ...] = ()
    if chosen is not None:
        try:
            runs = (Fact(name=RUNS, text=plan_of_model(chosen.id).plan.sentence),)
        except ModelDoesNotFit as error:
            problems.append(Fact(name=error.message, text=error.hint))
        except PinciteError:
            runs = ()  # what is wrong with it is among the problems
    return ", ".join(model.id for model in installed) or "none", runs


def reading_words(held: frozenset[str]) -> str:
    """What the process that reads a file has, and what this system does not keep from it."""
    missing = [words for what, words in _HELD.items() if what in EVERYTHING - held]
    kept = ", ".join(words for what, words in _HELD.items() if what in held) or "nothing is enforced"
    return kept + (f"; this system does not enforce: {', '.join(missing)}" if held and missing else "")
