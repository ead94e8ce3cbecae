"""Which rows hold some words or states: an index over rows that is built while nothing else goes on."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.desktop.grid_cells import FOUND, CellState, value_text

if TYPE_CHECKING:
    from app.desktop.grid_model import GridModel


@dataclass(frozen=True)
class GridFilter:
    """``text`` is looked for in names and values, ``states`` are those wanted; None: all of them.

    A row is shown if one of its cells has both. Without ``states`` its name alone may have the text.
    """

    text: str = ""
    states: frozenset[CellState] | None = None

    @property
    def everything(self) -> bool:
        """Whether it lets all rows pass."""
        return not self.text.strip() and self.states is None


def state_table(states: Collection[CellState]) -> bytes:
    """For ``bytes.translate``: 1 for the states wanted, 0 for all others."""
    return bytes(int(state in states) for state in range(256))


class RowSearch:
    """Finds the rows of a grid that pass a filter.

    A row's name and values are kept folded in one string, so that a keystroke looks at 10,000 strings and
    not at 500,000 cells. ``warm`` builds them ahead, a slice at a time; what is missing is built when asked.
    """

    def __init__(self, model: GridModel) -> None:
        self._model = model
        self._texts: list[str] = []
        self._stale: set[int] = set()
        self.forget_all()

    def forget_all(self) -> None:
        """Rows came, went or changed places."""
        self._texts = [""] * len(self._model.documents)
        self._stale = set(range(len(self._texts)))

    def forget(self, rows: Iterable[int]) -> None:
        """These rows changed, or are new at the end."""
        self._stale.update(rows)
        self._texts.extend([""] * (len(self._model.documents) - len(self._texts)))

    def warm(self, seconds: float) -> bool:
        """Build row texts for about so long; whether all are built."""
        until = time.perf_counter() + seconds
        while self._stale and time.perf_counter() < until:
            self._build(self._stale.pop())
        return not self._stale

    def passing(
        self, rows: Sequence[int], asked: GridFilter, columns: Sequence[int], kept: int | None
    ) -> list[int]:
        """Those of ``rows`` that pass, in their order, and the row ``kept`` in any case.

        Only cells in ``columns`` count.
        """
        if asked.everything:
            return list(rows)
        text = asked.text.strip().casefold()
        table = None if asked.states is None else state_table(asked.states)
        every = len(columns) == len(self._model.tasks)
        return [
            row
            for row in rows
            if row == kept
            or (
                (table is None or self._has_state(row, table, every, columns))
                and (not text or self._has_text(row, text, table, every, columns))
            )
        ]

    def _has_state(self, row: int, table: bytes, every: bool, columns: Sequence[int]) -> bool:
        wanted = self._model.states[row].translate(table)
        return 1 in wanted and (every or any(wanted[column] for column in columns))

    def _has_text(
        self, row: int, text: str, table: bytes | None, every: bool, columns: Sequence[int]
    ) -> bool:
        if row in self._stale:
            self._stale.discard(row)
            self._build(row)
        folded = self._texts[row]
        if text not in folded:
            return False
        if text in self._model.documents[row].name.casefold() or (every and table is None):
            return True
        states, cells = self._model.states[row], self._model.outcomes_in(row)
        for column in columns:
            outcome = cells[column]
            if outcome is None or states[column] not in FOUND or (table and not table[states[column]]):
                continue
            if text in value_text(outcome).casefold():
                return True
        return False

    def _build(self, row: int) -> None:
        parts = [self._model.documents[row].name]
        for outcome, state in zip(self._model.outcomes_in(row), self._model.states[row], strict=True):
            if outcome is not None and state in FOUND:
                parts.append(value_text(outcome))
        self._texts[row] = "\n".join(parts).casefold()
