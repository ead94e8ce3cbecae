"""Model files on this machine, each verified by its SHA-256."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from app.domain.errors import ModelDamaged, ModelNotFound, ModelNotInstalled
from app.platform.files import sha256_of, write_atomically
from models.catalog import Catalog, CatalogModel


class ModelLibrary:
    """One folder of ``<id>.gguf`` files. A file is hashed once and again whenever size or time changes."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.folder = folder
        self.catalog = catalog

    def file(self, model: CatalogModel) -> Path:
        """Where the model lies or would lie."""
        return self.folder / f"{model.id}.gguf"

    def installed(self) -> tuple[CatalogModel, ...]:
        """Models whose files are there, verified or not."""
        return tuple(model for model in self.catalog.models if self.file(model).is_file())

    def path(self, model: CatalogModel) -> Path:
        """The verified file. Raises ModelNotInstalled, ModelDamaged."""
        file = self.file(model)
        if not file.is_file():
            raise ModelNotInstalled(
                f"The model {model.id} is not on this machine.",
                f"Run `pincite models fetch {model.id}`, or `pincite models import FILE` without a network.",
            )
        if not self._known_good(model, file):
            self.verify(model)
        return file

    def verify(self, model: CatalogModel) -> None:
        """Hash the whole file. Raises ModelDamaged."""
        file = self.file(model)
        if file.stat().st_size != model.bytes or sha256_of(file) != model.sha256:
            raise ModelDamaged(
                f"The file of the model {model.id} is damaged.",
                f"Delete {file.name} and run `pincite models fetch {model.id}`.",
            )
        self._stamp(model, file)

    def import_file(self, source: Path) -> CatalogModel:
        """Copy a file in if the catalog knows its SHA-256. Raises ModelNotFound."""
        if not source.is_file():
            raise ModelNotFound(f"There is no file {source.name}.", "Check the path.")
        digest = sha256_of(source)
        for model in self.catalog.models:
            if model.sha256 == digest:
                self.folder.mkdir(parents=True, exist_ok=True)
                part = self.file(model).with_suffix(".part")
                shutil.copyfile(source, part)
                self.adopt(model, part)
                return model
        raise ModelNotFound(
            f"{source.name} is not a model of the catalog.",
            "Only files whose SHA-256 the catalog lists are loaded; see `pincite models list --json`.",
        )

    def adopt(self, model: CatalogModel, part: Path) -> Path:
        """Take a finished download over after checking it. Raises ModelDamaged; the part is then deleted."""
        if part.stat().st_size != model.bytes or sha256_of(part) != model.sha256:
            part.unlink()
            raise ModelDamaged(
                f"What was fetched for {model.id} is not the expected file.",
                f"Run `pincite models fetch {model.id}` again.",
            )
        file = self.file(model)
        part.replace(file)
        self._stamp(model, file)
        return file

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

    def _state(self, model: CatalogModel, file: Path) -> dict[str, str | int]:
        facts = file.stat()
        return {"sha256": model.sha256, "bytes": facts.st_size, "modified": facts.st_mtime_ns}
