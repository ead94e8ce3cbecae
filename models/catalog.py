"""The models Pincite will load: an allow-list by SHA-256."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from app.domain.base import Frozen, Sha256
from app.domain.errors import ModelNotFound
from app.domain.finding import ModelRef

FILE = Path(__file__).with_name("catalog.toml")


class PartPackages(Frozen):
    """A model cut into packages ``name1`` … ``nameN`` of a package index, to be joined in order."""

    name: str
    version: str
    parts: int


class CatalogModel(Frozen):
    """One model file. ``chat`` names our own chat template; the file's own is never run."""

    id: str
    title: str
    licence: str
    source: str
    quantisation: str
    sha256: Sha256
    bytes: int
    chat: Literal["chatml"]
    default: bool = False
    packages: PartPackages | None = None

    @property
    def ref(self) -> ModelRef:
        """What findings name."""
        return ModelRef(id=self.id, sha256=self.sha256)


class Catalog(Frozen):
    """All models, the default among them."""

    models: tuple[CatalogModel, ...]

    def find(self, model_id: str | None) -> CatalogModel:
        """By id; None gives the default. Raises ModelNotFound."""
        for model in self.models:
            if model.id == model_id or (model_id is None and model.default):
                return model
        raise ModelNotFound(
            f"There is no model {model_id} in the catalog.", "See `pincite models list` for those there are."
        )


def load_catalog(file: Path = FILE) -> Catalog:
    """The bundled catalog."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["model"]
    return Catalog(models=tuple(CatalogModel.model_validate(row) for row in rows))
