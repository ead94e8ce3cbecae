"""List tasks: every sentence that passed the gate is settled or read, and every item keeps its words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.cancel import CancelToken
from app.domain.finding import Answer, Evidence, EvidenceSentence, ModelRef
from app.domain.kinds import CiteKind, FindingStatus
from app.domain.listing import ListedItem, list_value
from app.domain.spans import Span
from app.domain.task import Mix, Pack, Task
from app.review.ask import MOST_NUMBERED, Asker
from app.review.sweep_windows import windows_of
from app.review.values import Candidate, candidates, clause_display

MOST_WINDOWS = 16
"""Two readings each, five to six seconds with the default model on two cores: a minute and a half."""

MOST_ITEMS = 400
_SAMPLED = math.log(4.0)
"""Probes learn from every fourth wrong sentence, so their log-odds are this much too high. On contracts that
nothing was learned from, of sentences above 4 (before this) 92 % are right, above 3 87 %, above 2 82 %."""

_WORDS_AROUND = 110
_PAGES_NAMED = 8


@dataclass
class _Sorted:
    """Probabilities by index into the evidence; ``unread`` are those that nobody looked at."""

    chances: dict[int, float] = field(default_factory=dict[int, float])
    unread: list[int] = field(default_factory=list[int])
    calls: int = 0


class Lister:
    """Takes an asker's readings: the model says where in a window items are, and writes nothing.

    A task's thresholds hold for each sentence. Where retrieval's log-odds are a probe's, those from
    ``sure_found`` on are items without the model.
    """

    def __init__(self, asker: Asker, pack: Pack, model: ModelRef, most_windows: int = MOST_WINDOWS) -> None:
        self._asker = asker
        self._budget = pack.evidence_budget
        self._mix = pack.mixes.get(model.sha256, Mix())
        self._most_windows = most_windows

    def answer(self, task: Task, evidence: Evidence, cancel: CancelToken) -> Answer:
        """``evidence`` is what passed the gate. One of found, absent or abstained. Raises Cancelled."""
        values = {i: _values(task, sentence) for i, sentence in enumerate(evidence.sentences)}
        held = self._sorted(task, evidence, _to_settle(evidence, values), cancel)
        limits = task.thresholds
        items = [i for i, chance in held.chances.items() if chance >= limits.found]
        unsure = [i for i, chance in held.chances.items() if limits.absent < chance < limits.found]
        said = _remarks(evidence, unsure, held.unread)
        if items:
            return _found(task, evidence, values, {i: held.chances[i] for i in items}, said, held.calls)
        if said:
            return Answer(
                status=FindingStatus.ABSTAINED,
                confidence=max((held.chances[i] for i in unsure), default=0.0),
                model_calls=held.calls,
                reason=" ".join(("No sentence clearly holds an item.", *said)),
            )
        least = 1.0 - max(held.chances.values(), default=0.0)
        return Answer(status=FindingStatus.ABSENT, confidence=least, model_calls=held.calls)

    def _sorted(self, task: Task, evidence: Evidence, asked: Sequence[int], cancel: CancelToken) -> _Sorted:
        held = _Sorted()
        limits = task.thresholds
        if task.settled_by_gate:
            held.chances = dict.fromkeys(asked, 1.0)
            return held
        doubted: list[int] = []
        for i in asked:
            chance = _by_probe(evidence, i)
            if chance >= limits.sure_found:
                held.chances[i] = chance
            else:
                doubted.append(i)
        windows = windows_of(evidence, doubted, MOST_NUMBERED, self._budget)
        likeliest = sorted(windows, key=lambda window: -max(evidence.sentences[i].score for i in window))
        wanted = set(likeliest[: self._most_windows])
        for window in windows:
            own = [i for i in window if i in doubted]
            if window not in wanted:
                held.unread += own
                continue
            cancel.check()
            read = self._read(task, evidence, window, cancel)
            held.chances.update({i: read[i] for i in own})
            held.calls += 2
        cancel.check()
        return held

    def _read(
        self, task: Task, evidence: Evidence, window: Sequence[int], cancel: CancelToken
    ) -> Mapping[int, float]:
        """The pack's mix, with a sentence's own share and score in the place of the best ones."""
        said = self._asker.read(task, evidence, cancel, window)
        chances: dict[int, float] = {}
        for i, share in zip(window, said.shares, strict=True):
            own = share + math.log(len(window))
            odds = self._mix.intercept + self._mix.yes * said.yes + self._mix.peak * own
            if evidence.learned:
                odds += self._mix.probe * (evidence.sentences[i].score - _SAMPLED)
            chances[i] = _chance(odds)
        return chances


def _by_probe(evidence: Evidence, index: int) -> float:
    """The probe's probability of a sentence; 0 without a probe, whose scores mean only their order."""
    return _chance(evidence.sentences[index].score - _SAMPLED) if evidence.learned else 0.0


def _to_settle(evidence: Evidence, values: Mapping[int, Sequence[Candidate]]) -> list[int]:
    """Every sentence but those that only open a list: a lead-in is an item if it holds a value itself."""
    leads = {sentence.lead for sentence in evidence.sentences}
    return [i for i, s in enumerate(evidence.sentences) if s.sentence not in leads or values[i]]


def _values(task: Task, sentence: EvidenceSentence) -> tuple[Candidate, ...]:
    """Each value once, in the order of the text; of two that overlap the longer one."""
    kept: list[Candidate] = []
    options = candidates(task.value, [(sentence.span.start, sentence.text)], task.scheme, task.unit_codes)
    for option in sorted(options, key=lambda o: (o.span.start - o.span.end, o.span.start)):
        if all(option.span.end <= other.span.start or other.span.end <= option.span.start for other in kept):
            kept.append(option)
    return tuple(sorted(kept, key=lambda option: option.span))


def _found(
    task: Task,
    evidence: Evidence,
    values: Mapping[int, Sequence[Candidate]],
    chances: Mapping[int, float],
    said: Sequence[str],
    calls: int,
) -> Answer:
    quotes: list[Span] = []
    items: list[ListedItem] = []
    left = 0
    for i in sorted(chances):
        sentence = evidence.sentences[i]
        for value in values[i] or (None,):
            if len(items) == MOST_ITEMS:
                left += 1
                continue
            span = value.span if value is not None and task.cite is CiteKind.WORDS else sentence.span
            if span not in quotes[-1:]:
                quotes.append(span)
            items.append(_item(sentence, value, len(quotes) - 1))
    if left:
        said = (*said, f"{left:,} more are not listed, since a list holds {MOST_ITEMS} items at most.")
    return Answer(
        status=FindingStatus.FOUND,
        confidence=sum(chances.values()) / len(chances),
        selected=tuple(sorted(chances)),
        value=list_value(items),
        display=list_display(items),
        quotes=tuple(quotes),
        reason=" ".join(said) or None,
        model_calls=calls,
    )


def list_display(items: Sequence[ListedItem]) -> str:
    """How many, and the first of them, in one line."""
    count = f"{len(items):,} item{'' if len(items) == 1 else 's'}"
    return clause_display(f"{count}: {'; '.join(item.display for item in items)}")


def _item(sentence: EvidenceSentence, value: Candidate | None, citation: int) -> ListedItem:
    if value is None:
        return ListedItem(display=clause_display(sentence.text), citation=citation)
    words = _around(
        sentence.text, value.span.start - sentence.span.start, value.span.end - sentence.span.start
    )
    return ListedItem(display=value.display, words=words, value=value.value, citation=citation)


def _around(text: str, start: int, end: int) -> str:
    """The words of a sentence around a value, in one line; whole words only."""
    first, last = max(0, start - _WORDS_AROUND // 2), min(len(text), end + _WORDS_AROUND // 2)
    before, after = text[first:start], text[end:last]
    if first and text[first - 1 : first + 1].isalnum():
        before = before.partition(" ")[2]
    if last < len(text) and text[last - 1 : last + 1].isalnum():
        after = after.rpartition(" ")[0]
    line = " ".join(f"{before}{text[start:end]}{after}".split())
    return f"{'…' if first else ''}{line}{'…' if last < len(text) else ''}"


def _remarks(evidence: Evidence, unsure: Sequence[int], unread: Sequence[int]) -> tuple[str, ...]:
    """What the list leaves out and why, with the pages to look at."""
    said: list[str] = []
    if unsure:
        said.append(f"{_counted(unsure)} may hold an item, and may not: {_pages(evidence, unsure)}.")
    if unread:
        said.append(f"{_counted(unread)} were not read, the least likely ones: {_pages(evidence, unread)}.")
    return tuple(said)


def _counted(sentences: Sequence[int]) -> str:
    return f"{len(sentences):,} more sentence{'' if len(sentences) == 1 else 's'}"


def _pages(evidence: Evidence, sentences: Sequence[int]) -> str:
    pages = sorted({evidence.sentences[i].page for i in sentences})
    named = ", ".join(map(str, pages[:_PAGES_NAMED]))
    return f"page{'' if len(pages) == 1 else 's'} {named}{' and more' if len(pages) > _PAGES_NAMED else ''}"


def _chance(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))
