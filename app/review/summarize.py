"""Summary tasks: the model writes a sentence for each topic; what its source does not say is left out."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.finding import Answer, Evidence, EvidenceSentence
from app.domain.kinds import FindingStatus
from app.domain.ports import LanguageModel, Prompt
from app.domain.spans import Span
from app.domain.summary import SummarySentence, summary_value
from app.domain.task import Pack, Task, Topic
from app.review.ask import filled, numbered
from app.review.sentence_support import Support, Why, fewest_parts, support_of
from app.review.summary_topics import TopicEvidence
from app.review.values import clause_display

MOST_SENTENCES = 3
"""A topic's sentence is written from so many neighbours at most, the best one among them, and from"""
MOST_CHARACTERS = 600
"""so many characters, or from the best one alone."""

NEAR = 2.0
"""A neighbour is read too if its score (log-odds) is at most this much lower."""

MOST_TOKENS = 64
_TELLING = re.compile(
    r"^(?:the|this) (?:text|passage|agreement) (?:says|states|provides) that ", re.IGNORECASE
)
GRAMMAR = r"""root ::= [A-Z0-9"] [A-Za-z0-9\u00C0-\u024F ,.;:$€£%&()/'’"-]{10,240} "."
"""
"""One line of plain characters, no longer than a sentence should be; it ends at a full stop."""


@dataclass
class _Kept:
    sentences: list[SummarySentence] = field(default_factory=list[SummarySentence])
    quotes: list[Span] = field(default_factory=list[Span])
    chances: list[float] = field(default_factory=list[float])
    unclear: list[Topic] = field(default_factory=list[Topic])
    refused: int = 0
    calls: int = 0
    least: float = 1.0


class Written(Frozen):
    """What the model wrote for a topic, and the words it rests on; ``refused``: it does not rest on them."""

    text: str
    source: Span
    support: Support


class Summarizer:
    """Each topic has sentences of its own: what an earlier one took, a later one does not tell.

    A topic is told if the probability that the document speaks of it is ``found`` of the task's thresholds.
    """

    def __init__(self, model: LanguageModel, pack: Pack) -> None:
        self._model = model
        self._pack = pack

    def answer(self, task: Task, parts: Sequence[TopicEvidence], cancel: CancelToken) -> Answer:
        """One of found, absent or abstained. Raises Cancelled."""
        kept = _Kept()
        taken: set[Span] = set()
        for topic, evidence in parts:
            cancel.check()
            group = group_of(evidence, taken)
            chance = chance_of(evidence)
            if not group or chance <= task.thresholds.absent:
                kept.least = min(kept.least, 1.0 - chance if group else 1.0)
            elif chance < task.thresholds.found:
                kept.unclear.append(topic)
            else:
                taken.update(sentence.span for sentence in group)
                kept.calls += 1
                self._keep(kept, chance, self.write(topic, group, cancel))
        return _answered(kept)

    def write(self, topic: Topic, group: Sequence[EvidenceSentence], cancel: CancelToken) -> Written:
        """One sentence from neighbouring sentences, and the fewest of them that support it."""
        texts = [sentence.text for sentence in group]
        text = self._model.write(self.prompt(topic, texts), GRAMMAR, MOST_TOKENS, cancel)
        text = plain(text)
        if not text.endswith("."):  # it was cut short
            unfinished = Support(share=0.0, refused=Why.UNFINISHED)
            return Written(
                text=text, source=Span(group[0].span.start, group[-1].span.end), support=unfinished
            )
        first, end = fewest_parts(text, texts) or (0, len(texts))
        source = Span(group[first].span.start, group[end - 1].span.end)
        return Written(text=text, source=source, support=support_of(text, " ".join(texts[first:end])))

    def prompt(self, topic: Topic, texts: Sequence[str]) -> Prompt:
        """The evidence first, as everywhere: nothing in it follows what is asked."""
        head, _, tail = self._pack.prompts.summary.partition("{evidence}")
        fields = {"title": topic.title, "question": topic.ask}
        return Prompt(
            system=self._pack.prompts.system,
            shared=filled(head, **fields) + numbered(texts),
            user=filled(tail, **fields),
        )

    @staticmethod
    def _keep(kept: _Kept, chance: float, written: Written) -> None:
        if written.support.refused is not None:
            kept.refused += 1
            return
        if written.source not in kept.quotes:
            kept.quotes.append(written.source)
        kept.sentences.append(SummarySentence(written.text, (kept.quotes.index(written.source),)))
        kept.chances.append(chance * written.support.share)


def plain(text: str) -> str:
    """On one line, without the words by which a model says that it is telling what a text says."""
    line = " ".join(text.split())
    rest = _TELLING.sub("", line)
    return rest[:1].upper() + rest[1:]


def chance_of(evidence: Evidence) -> float:
    """The probability that the document speaks of a topic; without a probe that of its best sentence."""
    if evidence.presence is not None or not evidence.sentences:
        return evidence.presence or 0.0
    best = max(sentence.score for sentence in evidence.sentences)
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, best))))


def group_of(evidence: Evidence, taken: Collection[Span]) -> tuple[EvidenceSentence, ...]:
    """The best sentence that is not taken, with neighbours of its page that are nearly as good."""
    free = {s.sentence: s for s in evidence.sentences if s.span not in taken}
    if not free:
        return ()
    best = max(free.values(), key=lambda sentence: (sentence.score, -sentence.sentence))
    group = [best]
    while len(group) < MOST_SENTENCES:
        left = MOST_CHARACTERS - (group[-1].span.end - group[0].span.start)
        near = [
            s
            for s in (free.get(group[0].sentence - 1), free.get(group[-1].sentence + 1))
            if s and s.page == best.page and s.score >= best.score - NEAR and len(s.text) < left
        ]
        if not near:
            break
        group = sorted([*group, max(near, key=lambda s: s.score)], key=lambda s: s.sentence)
    return tuple(group)


def _answered(kept: _Kept) -> Answer:
    left_out = tuple(_left_out(kept))
    if kept.sentences:
        return Answer(
            status=FindingStatus.FOUND,
            confidence=sum(kept.chances) / len(kept.chances),
            value=summary_value(kept.sentences),
            display=clause_display(kept.sentences[0].text),
            quotes=tuple(kept.quotes),
            reason=" ".join(left_out) or None,
            model_calls=kept.calls,
        )
    if left_out:
        return Answer(
            status=FindingStatus.ABSTAINED,
            confidence=0.0,
            reason=" ".join(("No sentence could be written that the document supports.", *left_out)),
            model_calls=kept.calls,
        )
    return Answer(status=FindingStatus.ABSENT, confidence=kept.least, model_calls=kept.calls)


def _left_out(kept: _Kept) -> Iterator[str]:
    if kept.refused:
        one = kept.refused == 1
        yield (
            f"{kept.refused} sentence{'' if one else 's'} {'was' if one else 'were'} left out: "
            f"the document's words did not support {'it' if one else 'them'}."
        )
    if kept.unclear:
        named = ", ".join(topic.title for topic in kept.unclear)
        yield f"The document may speak of this, and may not: {named}."
