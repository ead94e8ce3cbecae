"""Models that come and go, and what of them runs where."""

from __future__ import annotations

from pathlib import Path

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.errors import PinciteError
from app.domain.work import Report
from app.wiring.catalogs import chosen_model, library
from app.wiring.model_server import model_server
from models.catalog import CatalogModel
from models.chat import ChatFamily
from models.gguf import read_gguf
from models.machine import Machine, this_machine
from models.run_plan import CONTEXT, RunPlan, planned


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
    """What runs where, without loading it. Raises what ``find`` and ``path`` do, ModelHeaderInvalid."""
    model = chosen_model(name)
    file = library().path(model)
    machine = this_machine()
    return ModelPlan(
        model=model.id, machine=machine, plan=planned(read_gguf(file), model.id, machine, context)
    )
