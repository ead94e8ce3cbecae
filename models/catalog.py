"""The models Pincite knows, and what is known of each."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.domain.base import Frozen, Sha256
from app.domain.errors import ModelNotFound, ModelNotInstalled
from app.domain.finding import ModelRef
from models.chat import ChatFamily

FILE = Path(__file__).with_name("catalog.toml")

BITS_PER_WEIGHT = 4.9
"""Of Q4_K_M: 4.92 GB for the 8.03 billion weights of Llama 3.1 8B."""

BESIDE_WEIGHTS = 1_200_000_000
"""Bytes for a context of 4,096, buffers and the programme, roughly; ``models plan`` says it exactly."""

ModelId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


class PartPackages(Frozen):
    """A model cut into packages ``name1`` … ``nameN`` of a package index, to be joined in order."""

    name: str
    version: str
    parts: int


class CatalogModel(Frozen):
    """One model file. ``chat`` names our own chat template; the file's own is never run.

    ``sha256`` and ``bytes`` are there only where the file was had and hashed. ``gigabytes`` (10^9 bytes) is
    what its source says. ``enterprise``: whether a company may use it, under ``conditions``. ``parameters``
    are in billions, ``context`` is what it was trained for. ``unverified`` names the fields that nobody has
    checked. ``imported``: not in the catalog, or its hash comes from an import on this machine. ``server``:
    where it runs, if not here; its hash is then no file's.
    """

    id: ModelId
    title: str
    licence: str
    source: str
    quantisation: str
    chat: ChatFamily
    architecture: str
    parameters: float = Field(gt=0)
    enterprise: Literal["yes", "conditions", "no", "unknown"] = "unknown"
    conditions: str = ""
    file: str = ""
    sha256: Sha256 | None = None
    bytes: int | None = None
    gigabytes: float | None = None
    context: int | None = None
    linear_time: bool = False
    tested: bool = False
    default: bool = False
    imported: bool = False
    unverified: tuple[str, ...] = ()
    packages: PartPackages | None = None
    server: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> CatalogModel:
        if (self.sha256 is None) != (self.bytes is None):
            raise ValueError("sha256 and bytes come together")
        if unknown := set(self.unverified) - set(CatalogModel.model_fields):
            raise ValueError(f"unverified names no fields: {', '.join(sorted(unknown))}")
        return self

    @property
    def ref(self) -> ModelRef:
        """What findings name. Raises ModelNotInstalled where the file was never had."""
        if self.sha256 is None:
            raise not_installed(self)
        return ModelRef(id=self.title if self.server else self.id, sha256=self.sha256)

    @property
    def about_bytes(self) -> int:
        """The file's size; an estimate where nothing says it."""
        if self.bytes is not None:
            return self.bytes
        if self.gigabytes is not None:
            return round(self.gigabytes * 1e9)
        return round(self.parameters * 1e9 * BITS_PER_WEIGHT / 8)

    @property
    def about_memory(self) -> int:
        """Bytes that running it takes, roughly."""
        return self.about_bytes + BESIDE_WEIGHTS


class Catalog(Frozen):
    """All models, the default among them."""

    models: tuple[CatalogModel, ...]

    def find(self, model_id: str | None) -> CatalogModel:
        """By id; None gives the default. Raises ModelNotFound."""
        for model in self.models:
            if model.id == model_id or (model_id is None and model.default):
                return model
        raise no_such_model(model_id)


def load_catalog(file: Path = FILE) -> Catalog:
    """The bundled catalog."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["model"]
    return Catalog(models=tuple(CatalogModel.model_validate(row) for row in rows))


def no_such_model(model_id: str | None) -> ModelNotFound:
    """The error for an id that nothing has."""
    return ModelNotFound(
        f"There is no model {model_id} in the catalog.", "See `pincite models list` for those there are."
    )


def not_installed(model: CatalogModel) -> ModelNotInstalled:
    """The error for a model whose file is not here, with the way to get it."""
    way = (
        f"Run `pincite models fetch {model.id}`, or `pincite models import FILE` without a network."
        if model.packages
        else f"Get {model.source} and run `pincite models import FILE --as {model.id}`."
    )
    return ModelNotInstalled(f"The model {model.id} is not on this machine.", way)
