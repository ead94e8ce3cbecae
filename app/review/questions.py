"""A question of the analyst's own becomes a task, and goes the way of every other."""

from __future__ import annotations

import re

from app.domain.kinds import TaskKind, ValueKind
from app.domain.question import question_id, question_text
from app.domain.task import Mix, Task, Thresholds
from app.review.values import clause_display

QUESTION_BUDGET = 1200
"""Characters of evidence: about six sentences, as many as are numbered."""

QUESTION_MIX = Mix(intercept=-0.8, probe=0.95, yes=0.55, peak=0.7, select=1.0)
"""Fitted on 72 questions about contracts (36 answered), read by the default model; used for any model.

The model alone tells answered from not with an AUC of 0.74 there, with retrieval 0.82 (cross-validated);
0.83 on 40 others, of contracts and wordings that nothing was fitted on.
"""

ANSWER = "an answer to the question"
"""What is looked for, as the prompts' title."""

_THRESHOLDS = Thresholds(absent=0.35, found=0.6, sure_absent=0.0, sure_found=1.0)
"""The model is always asked: nothing was learned about a question nobody asked before. Of those 40, 20
answered, 18 are found so: 8 in the right words, 6 in others, 4 where there is no answer; 8 abstain."""

_MOST_TITLE = 60
_MOST_NAMES = 8
_PLAINLY = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            ValueKind.DATE,
            r"^when (?:does|do|did|is|was|will|are|were)\b|\b(?:what|which) (?:day|date)\b"
            r"|^what(?:'s| is| was) the (?:\w+ ){0,2}date\b",
        ),
        (
            ValueKind.DURATION,
            r"\bhow (?:long|many (?:days|weeks|months|years)|much (?:notice|time))\b"
            r"|^what(?:'s| is) the (?:\w+ ){0,3}(?:period|duration)\b",
        ),
        (
            ValueKind.MONEY,
            r"\bhow much\b|^what(?:'s| is| was| are) the (?:\w+ ){0,3}(?:price|fee|fees|rent|sum|salary)\b",
        ),
        (ValueKind.NUMBER, r"\b(?:what|which) (?:percentage|percent)\b|\bhow many percent\b"),
        (ValueKind.JURISDICTION, r"\b(?:what|which|whose) (?:state|country|jurisdiction|law|laws)\b"),
        (ValueKind.PARTIES, r"^who(?:m)? (?:is|was|are|were)\b|^(?:what|which) (?:company|companies)\b"),
    )
)
_PERCENTAGES = ("%", "% per month", "% per year", "percentage points", "basis points")
_SEVERAL = re.compile(r"^(?:who|which companies) (?:are|were)\b", re.IGNORECASE)


def question_task(text: str) -> Task:
    """The task that a question is. Raises QuestionInvalid.

    Its wording is part of the answer protocol: "present" asks whether the text answers the question,
    "select" looks for the sentence that does, "value" asks the question itself.
    """
    question = question_text(text)
    kind = value_kind(question)
    return Task(
        id=question_id(question),
        kind=TaskKind.ASK,
        title=clause_display(question, _MOST_TITLE),
        description=question,
        question=f"Does the text answer this question: {question}",
        queries=(question,),
        value=kind,
        value_question=question,
        units=_PERCENTAGES if kind is ValueKind.NUMBER else (),
        most_citations=_MOST_NAMES if kind is ValueKind.PARTIES and _SEVERAL.match(question) else 1,
        thresholds=_THRESHOLDS,
    )


def value_kind(question: str) -> ValueKind:
    """What a question plainly asks for; free text where it does not, or asks under what conditions."""
    return next((kind for kind, pattern in _PLAINLY if pattern.search(question)), ValueKind.TEXT)
