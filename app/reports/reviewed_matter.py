"""What a report tells of: one matter, read and proved at one moment."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from app.domain.base import Frozen
from app.domain.finding import ModelRef, Outcome, PackRef
from app.domain.kinds import OutcomeState
from app.domain.text import Document


class CostLine(Frozen):
    """What the outcomes of one document took, or all of them. Money in the currency of ``Costs``."""

    title: str
    outcomes: dict[OutcomeState, int]
    machine_seconds: float
    kwh: float
    energy: Literal["measured", "estimated", "mixed", "none"]
    machine: float
    analyst_seconds: float
    analyst: float
    quoted: float | None
    actual: float
    per_accepted: float | None


class Costs(Frozen):
    """Outcome costs by document. ``sources`` says where each price comes from, a sentence each."""

    currency: str
    rows: tuple[CostLine, ...]
    total: CostLine
    sources: tuple[str, ...] = ()


class ReviewedMatter(Frozen):
    """Whoever makes one has verified every citation in it against the stored text.

    ``titles`` names tasks by id, in the order of columns; ``packs`` and ``models`` are those that made
    these outcomes.
    """

    name: str
    at: datetime
    packs: tuple[PackRef, ...]
    models: tuple[ModelRef, ...]
    documents: tuple[Document, ...]
    outcomes: tuple[Outcome, ...]
    titles: dict[str, str]
    costs: Costs

    def by_document(self) -> dict[str, list[Outcome]]:
        """Outcomes by the ids of all documents, also of those without any; both in order."""
        held: dict[str, list[Outcome]] = {document.id: [] for document in self.documents}
        for outcome in self.outcomes:
            held[outcome.finding.document].append(outcome)
        return held

    def title(self, task: str) -> str:
        """As people know the task."""
        return self.titles.get(task, task)
