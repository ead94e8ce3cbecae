"""From evidence to outcome: what the model was given, what it answered, what the analyst did."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from pydantic import Field, JsonValue, model_validator

from app.domain.base import Frozen, PageNumber, Probability, Sha256
from app.domain.cost import FindingCost
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState
from app.domain.spans import Box, Span


class EvidenceSentence(Frozen):
    """A sentence handed to the model. ``score`` orders sentences within one task; higher is likelier.

    ``lead`` is the sentence that its list begins with, where a list task's evidence holds that too.
    """

    sentence: int = Field(ge=0)
    page: PageNumber
    span: Span
    text: str
    score: float
    lead: int | None = None


class Evidence(Frozen):
    """The sentences for one task on one document, in document order, within the budget.

    ``presence`` is the probability that the document answers the task at all, from retrieval alone; ``None``
    where only the model can tell. ``learned``: labels of this very task taught the scores, so that they are
    log-odds, and presence is calibrated for it and may settle it. Else presence says how well anything in the
    document fits the task's text.
    """

    document: str
    task: str
    sentences: tuple[EvidenceSentence, ...]
    presence: Probability | None = None
    learned: bool = False
    recall: Probability | None = None
    """Of a list task: the share of sentences with an item that passes its gate, where that was measured."""

    @property
    def characters(self) -> int:
        return sum(len(sentence.text) for sentence in self.sentences)


class Citation(Frozen):
    """Exact words of a document that support a finding: ``canonical_text[start:end] == quote``."""

    page: PageNumber
    start: int = Field(ge=0)
    end: int
    quote: str
    boxes: tuple[Box, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Citation:
        if self.end - self.start != len(self.quote) or not self.quote:
            raise ValueError("a citation's span and quote must be of the same, positive length")
        return self


class Answer(Frozen):
    """What asking gave for one task on one document, before grounding.

    ``selected`` are indices into ``Evidence.sentences``, likeliest first. ``quotes`` are the words to
    cite (canonical text) where the task cites words and not whole sentences; empty: the sentences.
    """

    status: FindingStatus
    confidence: Probability
    selected: tuple[int, ...] = ()
    value: JsonValue = None
    display: str = ""
    quotes: tuple[Span, ...] = ()
    reason: str | None = None
    model_calls: int = 0


class Decision(Frozen):
    """What the analyst did with a finding. A later decision replaces an earlier one; both are kept.

    A withdrawal is a decision too, and takes time as any other: it takes back the last one that stands,
    so that the one before it stands again, or none.
    """

    finding: str
    kind: DecisionKind
    value: str | None = None
    note: str | None = None
    at: datetime
    analyst_seconds: float = Field(default=0.0, ge=0.0)

    @model_validator(mode="after")
    def _edit_has_value(self) -> Decision:
        if (self.kind is DecisionKind.EDIT) != (self.value is not None):
            raise ValueError("an edit, and only an edit, carries a value")
        return self


def standing(kinds: Iterable[str]) -> int | None:
    """The place of the decision that stands, from the kinds of all on one finding, oldest first."""
    stack: list[int] = []
    for place, kind in enumerate(kinds):
        if kind != DecisionKind.WITHDRAW:
            stack.append(place)
        elif stack:
            stack.pop()
    return stack[-1] if stack else None


class PackRef(Frozen):
    id: str
    version: str
    sha256: Sha256


class ModelRef(Frozen):
    id: str
    sha256: Sha256


class Reading(Frozen):
    """What one model made of a task on a document. ``model_calls``: 0 where it did not have to be asked.

    ``sent_to`` is the server to which passages were sent for it; empty where the model runs on this machine.
    """

    model: ModelRef
    status: FindingStatus
    confidence: Probability
    reason: str | None = None
    model_calls: int = Field(default=0, ge=0)
    sent_to: str = ""


class Finding(Frozen):
    """What came back for one task on one document.

    ``readings`` are those of the models whose turn it was, first to last; of findings made before that was
    kept, none. One of them stands: ``answered_by`` names its model.
    """

    id: str
    document: str
    task: str
    status: FindingStatus
    value: JsonValue = None
    display: str = ""
    confidence: Probability = 0.0
    citations: tuple[Citation, ...] = ()
    reason: str | None = None
    cost: FindingCost = FindingCost()
    readings: tuple[Reading, ...] = ()

    @model_validator(mode="after")
    def _grounded(self) -> Finding:
        if self.status is FindingStatus.FOUND and not self.citations:
            raise ValueError("a found finding cites the words it rests on")
        if self.status in (FindingStatus.ABSTAINED, FindingStatus.FAILED) and not self.reason:
            raise ValueError("an abstained or failed finding says why")
        return self

    @property
    def second_opinion(self) -> ModelRef | None:
        """The model whose second opinion the answer is; None for that of the model asked first."""
        by = self.answered_by
        return by if by is not None and by != self.readings[0].model else None

    @property
    def sent_to(self) -> tuple[str, ...]:
        """Servers to which passages were sent for it, in order; none where all was read on this machine."""
        return tuple(dict.fromkeys(one.sent_to for one in self.readings if one.sent_to))

    @property
    def broke(self) -> bool:
        """Whether it failed, or a second opinion on it did."""
        return self.status is FindingStatus.FAILED or any(
            one.status is FindingStatus.FAILED for one in self.readings
        )

    @property
    def answered_by(self) -> ModelRef | None:
        """The first model that said what the finding says."""
        return None if self.stands is None else self.stands.model

    @property
    def stands(self) -> Reading | None:
        """The first reading that says what the finding says; None where none is kept."""
        return next((one for one in self.readings if one.status is self.status), None)


class Outcome(Frozen):
    """A finding with the decision that stands."""

    finding: Finding
    decision: Decision | None = None

    @model_validator(mode="after")
    def _stands(self) -> Outcome:
        if self.decision is not None and self.decision.kind is DecisionKind.WITHDRAW:
            raise ValueError("a withdrawal leaves the decision before it, or none")
        return self

    @property
    def state(self) -> OutcomeState:
        if self.decision is not None:
            return {
                DecisionKind.ACCEPT: OutcomeState.ACCEPTED,
                DecisionKind.EDIT: OutcomeState.EDITED,
                DecisionKind.REJECT: OutcomeState.REJECTED,
            }[self.decision.kind]
        return {
            FindingStatus.FOUND: OutcomeState.UNDECIDED,
            FindingStatus.ABSENT: OutcomeState.ABSENT,
            FindingStatus.ABSTAINED: OutcomeState.ABSTAINED,
            FindingStatus.FAILED: OutcomeState.FAILED,
        }[self.finding.status]


def finding_id(document: str, task: str, pack: PackRef, model: ModelRef) -> str:
    """Names the work, not the moment: the same task by the same pack and model has the same id."""
    key = "\n".join((document, task, pack.sha256, model.sha256))
    return hashlib.sha256(key.encode()).hexdigest()[:16]
