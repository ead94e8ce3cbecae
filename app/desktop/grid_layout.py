"""What the grid remembers of its looks, by task and not by place: packs change, columns come and go."""

from __future__ import annotations

from pydantic import Field, ValidationError
from PySide6.QtCore import QByteArray

from app.domain.base import Frozen


class GridLayout(Frozen):
    """Widths in pixels; ``sorted_by`` is a task's id or ``DOCUMENTS``; states are names of ``CellState``."""

    order: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    widths: dict[str, int] = Field(default_factory=dict[str, int])
    document_width: int = 0
    sorted_by: str | None = None
    descending: bool = False
    undecided: bool = False
    states: tuple[str, ...] = ()

    def saved(self) -> QByteArray:
        """To be kept in the settings."""
        return QByteArray(self.model_dump_json().encode())


DOCUMENTS = "\n"
"""Sorted by the documents' names; no task can have this id."""


def layout_of(saved: object) -> GridLayout | None:
    """What ``saved`` gave; None for anything else, as from another version."""
    if not isinstance(saved, QByteArray | bytes):
        return None
    try:
        return GridLayout.model_validate_json(bytes(saved.data() if isinstance(saved, QByteArray) else saved))
    except ValidationError:
        return None
