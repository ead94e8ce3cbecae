"""Packs and tasks: what a vertical asks of every document."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from app.domain.base import Frozen, Probability
from app.domain.finding import PackRef
from app.domain.kinds import CiteKind, TaskKind, ValueKind


class Thresholds(Frozen):
    """On the probability that the document answers the task.

    At or below ``absent`` the finding is absent, at or above ``found`` it is found; between them it
    abstains. ``sure_absent``/``sure_found`` bound the probability from retrieval alone outside which
    the language model is not asked.
    """

    absent: Probability = 0.35
    found: Probability = 0.5
    sure_absent: Probability = 0.1
    sure_found: Probability = 0.9


class Task(Frozen):
    """One thing a pack asks of a document.

    ``question`` is answerable by yes or no. ``queries`` are phrasings that retrieval searches for;
    ``cues`` are words whose presence near a sentence makes it likelier to be the one.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    kind: TaskKind = TaskKind.EXTRACT
    title: str
    description: str
    question: str
    queries: tuple[str, ...] = Field(min_length=1)
    cues: tuple[str, ...] = ()
    value: ValueKind = ValueKind.CLAUSE
    value_question: str | None = None
    cite: CiteKind = CiteKind.SENTENCE
    most_citations: int = Field(default=3, ge=1)
    thresholds: Thresholds = Thresholds()


class Prompts(Frozen):
    """Templates with ``{evidence}``, ``{title}``, ``{description}``, ``{question}`` in braces."""

    system: str
    select: str
    present: str
    value: str


class Mix(Frozen):
    """How retrieval and one model's readings combine to the log-odds that a task is answered.

    log-odds = ``intercept`` + ``probe`` · logit(presence) + ``yes`` · logit(P(Yes)) + ``peak`` · ln(n · the
    largest share of the n sentence numbers). ``select`` weighs the model's ln(share) against a sentence's
    retrieval score. The defaults lean on retrieval; they are for models nobody calibrated.
    """

    intercept: float = -0.4
    probe: float = 1.0
    yes: float = 0.3
    peak: float = 0.2
    select: float = 0.5


class Pack(Frozen):
    """A vertical, checked on load. ``folder`` is where its data files lie."""

    ref: PackRef
    title: str
    description: str
    licence: str
    attribution: str
    evidence_budget: int = Field(default=2000, gt=0)
    tasks: tuple[Task, ...] = Field(min_length=1)
    prompts: Prompts
    folder: Path
    probes: Path | None = None
    mixes: dict[str, Mix] = Field(default_factory=dict[str, Mix])
    """By the SHA-256 of a model's file."""
