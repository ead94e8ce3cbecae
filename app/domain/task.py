"""Packs and tasks: what a vertical asks of every document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from app.domain.base import Frozen, Probability
from app.domain.finding import PackRef
from app.domain.kinds import CiteKind, CodeScheme, TaskKind, ValueKind
from app.domain.units import unit_code

ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_TIMES = ("minute", "hour", "day", "week", "month", "year")
_UNITS_OF: dict[ValueKind, Callable[[str], str | None]] = {
    ValueKind.NUMBER: unit_code,
    ValueKind.DURATION: lambda unit: unit if unit in _TIMES else None,
}

_CHOSEN = (ValueKind.BOOLEAN, ValueKind.CLAUSE, ValueKind.TEXT)

YES, NO = "yes", "no"
"""The labels of a task whose value is a boolean."""

MOST_LABELS = 9
"""Each is asked for by a prompt of its own."""

MOST_EXAMPLES = 5
"""Sentences as documents write them; three were measured (``bench.quality.unseen``)."""

MOST_TOPICS = 8
"""For each of them a sentence is written, which takes the default model some four seconds on two cores."""


Example = Annotated[str, Field(min_length=20, max_length=1000)]
"""In characters: less says too little, more is no sentence."""


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

    def sure(self, presence: float) -> bool:
        """Whether retrieval's probability settles it."""
        return not self.sure_absent < presence < self.sure_found


class Label(Frozen):
    """One of the answers among which a task of kind ``choose`` chooses.

    ``statement`` is what a document says whose answer it is. ``prior`` is the natural log of its share among
    documents that answer the task at all; where nobody counted, all are alike.
    """

    id: str = Field(pattern=ID)
    title: str
    statement: str
    prior: float = Field(default=0.0, ge=-10.0, le=0.0)


class Topic(Frozen):
    """One thing that a summary tells, in one sentence. ``ask`` is what the sentence is to say.

    Its evidence is that of the pack's task ``task``, or what retrieval finds by ``queries`` and ``cues``.
    """

    title: str
    ask: str
    task: str | None = Field(default=None, pattern=ID)
    queries: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_looked_for(self) -> Topic:
        if (self.task is None) == (not self.queries):
            raise ValueError("a topic has either a task or queries")
        return self


class Task(Frozen):
    """One thing a pack asks of a document.

    ``question`` is answerable by yes or no. ``queries`` are phrasings that retrieval searches for;
    ``cues`` are words whose presence near a sentence makes it likelier to be the one. ``examples`` are
    sentences of documents that answered it, whole and as they stood there. ``settled_by_gate``:
    of a list, whatever passes the gate is an item, and the model is not asked. ``topics``: of a summary, in
    its order; without any, each query is one. ``scheme`` says whose codes a task with the value ``code`` is
    after, ``units`` which units its number or duration may have, as documents write them or as codes of UCUM.
    """

    id: str = Field(pattern=ID)
    kind: TaskKind = TaskKind.EXTRACT
    title: str
    description: str
    question: str
    queries: tuple[str, ...] = Field(min_length=1)
    cues: tuple[str, ...] = ()
    examples: tuple[Example, ...] = Field(default=(), max_length=MOST_EXAMPLES)
    value: ValueKind = ValueKind.CLAUSE
    scheme: CodeScheme | None = None
    units: tuple[str, ...] = ()
    value_question: str | None = None
    cite: CiteKind = CiteKind.SENTENCE
    most_citations: int = Field(default=3, ge=1)
    settled_by_gate: bool = False
    thresholds: Thresholds = Thresholds()
    labels: tuple[Label, ...] = Field(default=(), max_length=MOST_LABELS)
    topics: tuple[Topic, ...] = Field(default=(), max_length=MOST_TOPICS)

    @model_validator(mode="after")
    def _labels_if_it_chooses(self) -> Task:
        if (self.kind is TaskKind.CHOOSE) != (len(self.labels) > 1):
            raise ValueError("a task of kind choose, and no other, has two labels or more")
        if len({label.id for label in self.labels}) < len(self.labels):
            raise ValueError("two labels have the same id")
        return self

    @model_validator(mode="after")
    def _topics_if_it_sums_up(self) -> Task:
        if self.topics and self.kind is not TaskKind.SUMMARY:
            raise ValueError("a task of kind summary, and no other, has topics")
        return self

    @model_validator(mode="after")
    def _fits_its_value(self) -> Task:
        if self.scheme is not None and self.value is not ValueKind.CODE:
            raise ValueError("only a task with the value code has a scheme")
        if self.units and self.value not in _UNITS_OF:
            raise ValueError("only a task with the value number or duration has units")
        unknown = [unit for unit in self.units if _UNITS_OF[self.value](unit) is None]
        if unknown:
            raise ValueError(f"{unknown[0][:40]} is not a unit that is read")
        if self.kind is TaskKind.CHOOSE and self.value not in _CHOSEN:
            raise ValueError("a task of kind choose has its label as its value, or a boolean")
        if self.value is ValueKind.BOOLEAN and {label.id for label in self.labels} != {YES, NO}:
            raise ValueError("a task with the value boolean is of kind choose, with the labels yes and no")
        return self

    @property
    def unit_codes(self) -> frozenset[str]:
        """As values have them."""
        return frozenset(code for unit in self.units if (code := _UNITS_OF[self.value](unit)) is not None)


CHOOSE = """-----
{evidence}
-----
Does the text say this: "{statement}" Answer Yes or No."""
"""For packs without one of their own."""


SUMMARY = """-----
{evidence}
-----
Say in one short sentence what this text says: {question} Use only the text's own words, names and numbers."""
"""For packs without one of their own."""


class Prompts(Frozen):
    """Templates with ``{evidence}``, ``{title}``, ``{description}``, ``{question}`` in braces.

    ``choose`` has ``{statement}``, that of a label; in ``summary`` title and question are a topic's.
    """

    system: str
    select: str
    present: str
    value: str
    choose: str = CHOOSE
    summary: str = SUMMARY


class CalibrationCard(Frozen):
    """What a mix was fitted on, and how it did on cases that it was not fitted on.

    ``cases`` are pairs of gold document and task, of which retrieval left ``unclear`` open and the model read
    ``read``. ``log_loss`` is of the read ones: of retrieval alone, of the defaults, and of this mix.
    ``calibration_error`` and ``risk`` are of all that could be told; ``risk`` has for shares of the surest
    answers how many of them are wrong on whether the document answers, and how many of the absent ones
    among them are called found.
    """

    documents: int
    groups: int
    cases: int
    unclear: int
    read: int
    by_folds: bool
    log_loss: tuple[float, float, float]
    calibration_error: float
    risk: tuple[tuple[float, float, float], ...]
    accepted_error: Probability | None = None
    probes: str | None = None
    """SHA-256 of the pack's probes that it was fitted with."""


class Mix(Frozen):
    """How retrieval and one model's readings combine to the log-odds that a task is answered.

    log-odds = ``intercept`` + ``probe`` · logit(presence) + ``yes`` · logit(P(Yes)) + ``peak`` · ln(n · the
    largest share of the n sentence numbers). ``select`` weighs the model's ln(share) against a sentence's
    retrieval score, ``choose`` its logit(P(Yes)) for a label's statement against the label's prior, and
    ``labels`` are what it leans to by itself, by task and label, to be added. The defaults lean on retrieval;
    they are for models nobody calibrated. ``absent`` and ``found``, where they were fitted, stand for
    a task's own thresholds once the model was asked.
    """

    intercept: float = -0.4
    probe: float = 1.0
    yes: float = 0.3
    peak: float = 0.2
    select: float = 0.5
    choose: float = 0.5
    labels: dict[str, dict[str, float]] = Field(default_factory=dict[str, dict[str, float]])
    absent: Probability | None = None
    found: Probability | None = None
    card: CalibrationCard | None = None


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
    accepted_error: Probability | None = None
    """Of the answers found, and of those absent, the share that may be wrong; thresholds follow from it."""
    mixes: dict[str, Mix] = Field(default_factory=dict[str, Mix])
    """By the SHA-256 of a model's file."""
