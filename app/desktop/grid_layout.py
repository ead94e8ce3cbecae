"""What the grid remembers of its looks, by task and not by place: packs change, columns come and go."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import cast

from PySide6.QtCore import QByteArray


@dataclass(frozen=True)
class GridLayout:
    """Widths in pixels; ``sorted_by`` is a task's id or ``DOCUMENTS``; states are names of ``CellState``."""

    order: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    widths: dict[str, int] = field(default_factory=dict[str, int])
    document_width: int = 0
    sorted_by: str | None = None
    descending: bool = False
    undecided: bool = False
    states: tuple[str, ...] = ()

    def saved(self) -> QByteArray:
        """To be kept in the settings."""
        return QByteArray(json.dumps(asdict(self)).encode())


DOCUMENTS = "\n"
"""Sorted by the documents' names; no task can have this id."""


def layout_of(saved: object) -> GridLayout | None:
    """What ``saved`` gave; None for anything else, as from another version."""
    if not isinstance(saved, QByteArray | bytes):
        return None
    try:
        held = json.loads(bytes(saved.data() if isinstance(saved, QByteArray) else saved))
        return GridLayout(
            order=_names(held["order"]),
            hidden=_names(held["hidden"]),
            widths={str(task): int(width) for task, width in held["widths"].items()},
            document_width=int(held["document_width"]),
            sorted_by=None if held["sorted_by"] is None else str(held["sorted_by"]),
            descending=held["descending"] is True,
            undecided=held["undecided"] is True,
            states=_names(held["states"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _names(held: object) -> tuple[str, ...]:
    if not isinstance(held, list):
        raise TypeError("a list of names was saved here")
    return tuple(str(name) for name in cast(list[object], held))
