"""A model on another machine, as a policy names it."""

from __future__ import annotations

import hashlib

from app.domain.base import Frozen
from app.domain.finding import ModelRef
from models.catalog import CatalogModel
from models.chat import ChatFamily

SERVER = "server"
"""What it is called by where a model is chosen."""

_SIZE_UNKNOWN = 1e6
"""Billions of weights: larger than any model here, so that it may be the second opinion of each."""


class ModelServer(Frozen):
    """``host`` is a numeric address, ``name`` what its certificate bears if not that.

    ``certificates`` (PEM) and ``key_file`` are paths, or empty.
    """

    encrypted: bool
    host: str
    port: int
    name: str = ""
    model: str
    chat: ChatFamily
    certificates: str = ""
    key_file: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a person is told them."""
        host = self.name or (f"[{self.host}]" if ":" in self.host else self.host)
        return f"{'https' if self.encrypted else 'http'}://{host}:{self.port}"

    @property
    def ref(self) -> ModelRef:
        """The hash is that of place and name, since nobody here has the file; it tells no versions apart."""
        place = f"{self.origin} {self.host}\n{self.model}"
        return ModelRef(
            id=f"{self.model} on {self.origin}", sha256=hashlib.sha256(place.encode()).hexdigest()
        )

    @property
    def sentence(self) -> str:
        """What choosing it means."""
        return (
            f"Passages of the documents are sent to {self.origin}, where the model {self.model} reads them."
        )

    @property
    def entry(self) -> CatalogModel:
        """As one of the models to choose from."""
        return CatalogModel(
            id=SERVER,
            title=f"{self.model} on {self.origin}",
            licence="unknown",
            source=self.origin,
            quantisation="unknown",
            chat=self.chat,
            architecture="unknown",
            parameters=_SIZE_UNKNOWN,
            sha256=self.ref.sha256,
            bytes=0,
            server=self.origin,
            unverified=("licence", "quantisation", "architecture", "parameters"),
        )
