"""Model files on this machine, each verified by its SHA-256 and allowed by policy before it is loaded."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from app.domain.errors import ModelDamaged, ModelInUse, ModelNotAllowed
from app.platform.files import sha256_of, sync_folder, write_atomically
from models.catalog import Catalog, CatalogModel, no_such_model, not_installed

_log = logging.getLogger(__name__)
_RECORD = ".model.json"


def everything(sha256: str) -> bool:
    """The allow-list of an organisation that has none."""
    del sha256
    return True


class ModelLibrary:
    """One folder of ``<id>.gguf`` files. A file is hashed once and again whenever size or time changes.

    What an import learned of a file that the catalog has no hash of stands beside it in ``<id>.model.json``.
    ``allows`` says whether the organisation lets a file with this SHA-256 be loaded.
    """

    def __init__(self, folder: Path, catalog: Catalog, allows: Callable[[str], bool] = everything) -> None:
        self.folder = folder
        self.catalog = catalog
        self._allows = allows

    def models(self) -> tuple[CatalogModel, ...]:
        """Those of the catalog in its order, with what imports learned of them, then the imported ones."""
        records = self._records()
        known = tuple(
            model if model.sha256 is not None else records.get(model.id, model)
            for model in self.catalog.models
        )
        ids = {model.id for model in known}
        return known + tuple(records[name] for name in sorted(records) if name not in ids)

    def find(self, model_id: str | None) -> CatalogModel:
        """By id; None gives the default. Raises ModelNotFound."""
        for model in self.models():
            if model.id == model_id or (model_id is None and model.default):
                return model
        raise no_such_model(model_id)

    def file(self, model: CatalogModel) -> Path:
        """Where the model lies or would lie."""
        return self.folder / f"{model.id}.gguf"

    def installed(self) -> tuple[CatalogModel, ...]:
        """Models whose files are there, verified or not, allowed or not."""
        return tuple(
            model for model in self.models() if model.sha256 is not None and self.file(model).is_file()
        )

    def allowed(self, model: CatalogModel) -> bool:
        """Whether it may be loaded; where nobody had the file yet, importing it will tell."""
        return model.sha256 is None or self._allows(model.sha256)

    def check_allowed(self, model: CatalogModel) -> None:
        """Raises ModelNotAllowed."""
        if not self.allowed(model):
            raise ModelNotAllowed(
                f"The model {model.id} is not on your organisation's list of allowed models.",
                "Use one that is, see `pincite models list`, or ask who looks after this machine.",
            )

    def path(self, model: CatalogModel) -> Path:
        """The verified file. Raises ModelNotAllowed, ModelNotInstalled, ModelDamaged."""
        self.check_allowed(model)
        file = self.file(model)
        if model.sha256 is None or not file.is_file():
            raise not_installed(model)
        if not self._known_good(model, file):
            self.verify(model)
        return file

    def verify(self, model: CatalogModel) -> None:
        """Hash the whole file. Raises ModelDamaged."""
        file = self.file(model)
        if file.stat().st_size != model.bytes or sha256_of(file) != model.sha256:
            way = f"run `pincite models fetch {model.id}`" if model.packages else "import it again"
            raise ModelDamaged(
                f"The file of the model {model.id} is damaged.", f"Delete {file.name} and {way}."
            )
        self._stamp(model, file)

    def adopt(self, model: CatalogModel, part: Path) -> Path:
        """Take a finished download over after checking it. Raises ModelDamaged; the part is then deleted."""
        if part.stat().st_size != model.bytes or sha256_of(part) != model.sha256:
            part.unlink()
            raise ModelDamaged(
                f"What was fetched for {model.id} is not the expected file.",
                f"Run `pincite models fetch {model.id}` again.",
            )
        return self.take(model, part)

    def take(self, model: CatalogModel, part: Path) -> Path:
        """A file of this folder whose hash was just found to be the model's gets its name."""
        file = self.file(model)
        if model.imported:  # before the file: a file without its record would not be known
            write_atomically(self._record_file(model.id), model.model_dump_json(indent=1).encode())
        part.replace(file)
        sync_folder(self.folder)
        self._stamp(model, file)
        return file

    def remove(self, model: CatalogModel) -> int:
        """Delete all that is kept of it; the bytes freed. Raises ModelNotInstalled, ModelInUse."""
        file = self.file(model)
        if not file.is_file():
            raise not_installed(model)
        size = file.stat().st_size
        try:
            file.unlink()
        except PermissionError:
            raise ModelInUse(
                f"The file of the model {model.id} cannot be deleted.",
                "Close Pincite everywhere and try again; see that you may write there.",
            ) from None
        self._stamp_file(file).unlink(missing_ok=True)
        self._record_file(model.id).unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.folder / "downloads" / model.id)
        return size

    def _records(self) -> dict[str, CatalogModel]:
        """One that cannot be understood is as good as none: its file is then not known and not loaded."""
        found: dict[str, CatalogModel] = {}
        for file in self.folder.glob(f"*{_RECORD}"):
            name = file.name.removesuffix(_RECORD)
            try:
                model = CatalogModel.model_validate_json(file.read_bytes())
            except (OSError, ValidationError):
                _log.warning("the record of the model %s cannot be read", name)
                continue
            if model.id == name and model.imported and not model.default:
                found[name] = model
        return found

    def _record_file(self, name: str) -> Path:
        return self.folder / f"{name}{_RECORD}"

    def _known_good(self, model: CatalogModel, file: Path) -> bool:
        try:
            stamp = json.loads(self._stamp_file(file).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return stamp == self._state(model, file)

    def _stamp(self, model: CatalogModel, file: Path) -> None:
        write_atomically(self._stamp_file(file), json.dumps(self._state(model, file)).encode())

    def _stamp_file(self, file: Path) -> Path:
        return file.with_suffix(".verified.json")

    def _state(self, model: CatalogModel, file: Path) -> dict[str, str | int | None]:
        facts = file.stat()
        return {"sha256": model.sha256, "bytes": facts.st_size, "modified": facts.st_mtime_ns}
