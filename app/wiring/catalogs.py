"""Packs and models by the names people give them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.errors import GoldInvalid, GoldNotFound, ModelNotAllowed, PackInvalid, TaskNotFound
from app.domain.task import Pack, Task
from app.domain.work import Report
from app.platform.paths import models_folder
from app.wiring.model_server import model_server
from app.wiring.policy import models_allowed
from models.catalog import CatalogModel, load_catalog
from models.library import ModelLibrary
from models.model_server import SERVER
from verticals.gold import GOLD_FOLDER, load_gold
from verticals.loader import bundled_packs, check_pack, find_pack, load_pack


def library() -> ModelLibrary:
    """Models on this machine, as far as policy allows them. Raises SettingsInvalid."""
    return ModelLibrary(models_folder(), load_catalog(), models_allowed())


def chosen_model(model_id: str | None) -> CatalogModel:
    """By id, or the default; "server", or what findings call it, is the one that a policy names.

    Raises ModelNotFound, ModelNotAllowed, SettingsInvalid.
    """
    server = model_server()
    if server is not None and model_id in (SERVER, server.ref.id):
        return server.entry
    if model_id == SERVER:
        raise ModelNotAllowed(
            "No policy of this machine names a model server.",
            "Use a model that is here, see `pincite models list`, or ask who looks after this machine.",
        )
    return library().find(model_id)


def need_model(model: CatalogModel) -> None:
    """A missing or damaged file is said now, not after the reading; whether a server answers is seen then.

    Raises ModelNotAllowed, ModelNotInstalled, ModelDamaged.
    """
    if not model.server:
        library().path(model)


def fetch_model(model: CatalogModel, report: Report, cancel: CancelToken) -> None:
    """The one thing that uses the network, in a process of pip's own."""
    from models.fetch import fetch

    held = library()
    held.check_allowed(model)
    fetch(model, held, report, cancel)


def pack_of(key: str) -> Pack:
    """A bundled pack or a folder. Raises PackNotFound, PackInvalid."""
    return load_pack(find_pack(key))


def tasks_of(pack: Pack, names: Sequence[str]) -> tuple[Task, ...]:
    """The named ones in the pack's order; all of them if none is named. Raises TaskNotFound."""
    known = {task.id for task in pack.tasks}
    for name in names:
        if name not in known:
            raise TaskNotFound(
                f"The pack {pack.ref.id} has no task {name}.", f"See `pincite packs show {pack.ref.id}`."
            )
    return tuple(task for task in pack.tasks if not names or task.id in names)


def all_packs() -> tuple[Pack, ...]:
    """Bundled packs."""
    return tuple(map(load_pack, bundled_packs().values()))


def pack_problems(key: str) -> tuple[str, ...]:
    """All problems of a pack; none: it is fine."""
    folder = Path(key) if Path(key).is_dir() else find_pack(key)
    return (*check_pack(folder), *_probe_problems(folder), *_gold_problems(folder))


def _gold_problems(folder: Path) -> tuple[str, ...]:
    """What can be told without reading the documents: whether its words stand in them cannot."""
    gold = folder / GOLD_FOLDER
    if gold.is_symlink() or not gold.is_dir():
        return ()
    try:
        load_gold(gold, {task.stem for task in (folder / "tasks").glob("*.toml")})
    except (GoldInvalid, GoldNotFound) as error:
        return (f"{GOLD_FOLDER}: {error.message}",)
    return ()


def _probe_problems(folder: Path) -> tuple[str, ...]:
    from retrieval.task_probes import TaskProbes

    probes = folder / "probes.npz"
    if probes.is_symlink() or not probes.is_file():  # a link is a problem of the folder's already
        return ()
    try:
        TaskProbes.load(probes)
    except PackInvalid as error:
        return (error.message,)
    return ()
