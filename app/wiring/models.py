"""Models that come and go, and what of them runs where."""

from __future__ import annotations

from pathlib import Path

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.errors import PinciteError
from app.domain.work import Report
from app.platform.paths import runs_folder
from app.wiring.catalogs import chosen_model, library
from app.wiring.model_server import model_server
from models.catalog import CatalogModel
from models.chat import ChatFamily
from models.gguf import read_gguf
from models.machine import Machine, this_machine
from models.replanning import after, none_left
from models.run_plan import CONTEXT, RunPlan, planned
from models.run_record import RunRecord


class ModelState(Frozen):
    """A model, and whether it can be used: ``reason`` says why not, in one sentence."""

    model: CatalogModel
    installed: bool
    allowed: bool
    usable: bool
    reason: str = ""


class ModelPlan(Frozen):
    """A model's plan on a machine."""

    model: str
    machine: Machine
    plan: RunPlan


def model_states() -> tuple[ModelState, ...]:
    """All models that are known. A file that changed since it was hashed is hashed again."""
    held = library()
    here = {model.id for model in held.installed()}
    states: list[ModelState] = []
    for model in held.models():
        try:
            held.path(model)
            reason = ""
        except PinciteError as error:
            reason = error.message
        states.append(
            ModelState(
                model=model,
                installed=model.id in here,
                allowed=held.allowed(model),
                usable=not reason,
                reason=reason,
            )
        )
    server = model_server()
    if server is not None:
        states.append(
            ModelState(model=server.entry, installed=False, allowed=True, usable=True, reason=server.sentence)
        )
    return tuple(states)


def import_model(
    file: Path, name: str | None, chat: ChatFamily | None, report: Report, cancel: CancelToken
) -> CatalogModel:
    """Take a model from a file or a share. Raises what ``ModelImport`` does."""
    from models.importing import ModelImport

    return ModelImport(library(), file, name, chat).run(report, cancel)


def remove_model(name: str) -> int:
    """Delete its file; the bytes that were freed. Raises ModelNotFound, ModelNotInstalled, ModelInUse."""
    return library().remove(chosen_model(name))


def plan_of_model(name: str | None, context: int = CONTEXT) -> ModelPlan:
    """What runs where, without loading it: as the engine would start it now, after what did not hold of late.

    With another context than reviews use, what did not hold does not count. Raises what ``find`` and ``path``
    do, ModelHeaderInvalid, and ModelDoesNotFit once all plans were tried.
    """
    model = chosen_model(name)
    header = read_gguf(library().path(model))
    machine = this_machine()
    failures = run_record(model).failures() if context == CONTEXT else ()
    plan = (
        after(failures, header, model.id, machine)
        if failures
        else planned(header, model.id, machine, context)
    )
    if plan is None:
        raise none_left(failures, model.id)
    return ModelPlan(model=model.id, machine=machine, plan=plan)


def smaller_run(name: str | None) -> str:
    """What the model really ran by of late, in one sentence, if its first plan did not hold; else empty."""
    return run_record(chosen_model(name)).instead()


def run_record(model: CatalogModel) -> RunRecord:
    """How it was last started on this machine."""
    return RunRecord(runs_folder(), model.ref.sha256)
