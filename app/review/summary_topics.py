"""What a summary tells, topic by topic, and where retrieval looks for each."""

from __future__ import annotations

from typing import NamedTuple

from app.domain.finding import Evidence, EvidenceSentence
from app.domain.kinds import TaskKind
from app.domain.spans import Span
from app.domain.task import MOST_TOPICS, Pack, Task, Topic

TOPIC_BUDGET = 1200
"""Characters of evidence for one topic; a sentence is written from the best of it only."""


class TopicEvidence(NamedTuple):
    """One topic with what a document says on it. ``evidence.presence`` is that of the topic."""

    topic: Topic
    evidence: Evidence


def topics_of(task: Task) -> tuple[Topic, ...]:
    """Without topics of its own, a task's queries are what it tells, a sentence each."""
    ask = task.value_question or task.description
    return task.topics or tuple(
        Topic(title=task.title, ask=ask, queries=(query,)) for query in task.queries[:MOST_TOPICS]
    )


def sought(task: Task, topic: Topic, number: int, pack: Pack) -> Task:
    """What retrieval looks for in the place of a topic: the pack's task, with its probe, or one made of it.

    Raises StopIteration for a pack that was not checked.
    """
    if topic.task is not None:
        return next(held for held in pack.tasks if held.id == topic.task)
    return Task(
        id=f"{task.id}-topic-{number}",
        kind=TaskKind.EXTRACT,
        title=topic.title,
        description=topic.ask,
        question=topic.ask,
        queries=topic.queries,
        cues=topic.cues,
    )


def merged(document: str, task: str, parts: tuple[TopicEvidence, ...]) -> Evidence:
    """All topics' sentences once each, in document order, as one evidence; a sentence's best score counts."""
    best: dict[Span, EvidenceSentence] = {}
    for part in parts:
        for sentence in part.evidence.sentences:
            held = best.get(sentence.span)
            if held is None or held.score < sentence.score:
                best[sentence.span] = sentence
    known = [part.evidence.presence for part in parts if part.evidence.presence is not None]
    return Evidence(
        document=document,
        task=task,
        sentences=tuple(best[span] for span in sorted(best)),
        presence=max(known, default=None),
    )
