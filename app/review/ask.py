"""The answer protocol: settle what is clear, read the rest off the model, write only short values."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.cancel import CancelToken
from app.domain.errors import ValueNotOffered
from app.domain.finding import Answer, Evidence, EvidenceSentence
from app.domain.kinds import CiteKind, FindingStatus, TaskKind, ValueKind
from app.domain.ports import Choice, LanguageModel, Prompt
from app.domain.task import YES, Label, Mix, Pack, Task
from app.review.choosing import choose_label
from app.review.mixing import Readout, log_normalised, log_odds, sigmoid
from app.review.questions import ANSWER, QUESTION_MIX
from app.review.values import Candidate, candidates, clause_display, grammar_for

MOST_NUMBERED = 6
MOST_SENTENCE_CHARACTERS = 700
ALSO_CITED = 0.0
"""A sentence besides the best is cited too if its retrieval score (log-odds) is above this."""

ALSO_LOOKED_AT = -2.0
"""Where the best sentence holds no value, one with a score (log-odds) above this may."""

VALUED = 1.5
"""In natural-log shares. Between sentences that answer a question for a date, a duration or an amount and
others of its evidence, holding one told 16, 10 and 3 times better than chance (97 CUAD clauses)."""


class Asker:
    """Answers the tasks of one pack with one model; the model is not touched where retrieval is sure."""

    def __init__(self, model: LanguageModel, pack: Pack) -> None:
        self._model = model
        self._pack = pack
        self._mix = pack.mixes.get(model.ref.sha256, Mix())

    def answer(self, task: Task, evidence: Evidence, cancel: CancelToken) -> Answer:
        """One of found, absent or abstained. Raises Cancelled; other errors are the caller's to record."""
        if not evidence.sentences:
            return Answer(status=FindingStatus.ABSENT, confidence=1.0)
        limits = task.thresholds
        presence, absent, found = evidence.presence, limits.absent, limits.found
        calls = 0
        ranked = by_score(evidence)
        if presence is None or not settled(task, evidence):
            presence, ranked = self._read(task, evidence, ranked, cancel)
            absent, found = self._limits(task)
            calls = 2
        if presence <= absent:
            return Answer(status=FindingStatus.ABSENT, confidence=1.0 - presence, model_calls=calls)
        if presence < found:
            return Answer(
                status=FindingStatus.ABSTAINED,
                confidence=presence,
                model_calls=calls,
                reason="The evidence speaks neither clearly for it nor against it.",
            )
        return self._found(task, evidence, ranked, presence, calls, cancel)

    def read(
        self, task: Task, evidence: Evidence, cancel: CancelToken, asked: Sequence[int] | None = None
    ) -> Readout:
        """What the model says of the sentences ``asked``, or of the best few. Raises Cancelled."""
        asked = sorted(self._numbered(evidence, by_score(evidence))) if asked is None else asked
        shown = numbered([evidence.sentences[i].text for i in asked])
        select = Choice(
            prompt=self._prompt(self._pack.prompts.select, task, shown, begin="["),
            options=tuple(str(n + 1) for n in range(len(asked))),
        )
        present = Choice(prompt=self._prompt(self._pack.prompts.present, task, shown), options=("Yes", "No"))
        selected, (yes, no) = self._model.choose([select, present], cancel)
        return Readout(asked=tuple(asked), shares=tuple(log_normalised(selected)), yes=yes - no)

    def _limits(self, task: Task) -> tuple[float, float]:
        """Once the model was asked, of a question or of a task whose pack was calibrated for it."""
        limits, mix = task.thresholds, self._mix
        if task.kind is TaskKind.ASK:
            return limits.absent, limits.found
        return (
            limits.absent if mix.absent is None else mix.absent,
            limits.found if mix.found is None else mix.found,
        )

    def _read(
        self, task: Task, evidence: Evidence, ranked: list[int], cancel: CancelToken
    ) -> tuple[float, list[int]]:
        reading = self.read(task, evidence, cancel)
        mix = self._mix if task.kind is not TaskKind.ASK else QUESTION_MIX
        merit = {
            i: evidence.sentences[i].score + mix.select * s + self._valued(task, evidence, i)
            for i, s in zip(reading.asked, reading.shares, strict=True)
        }
        best = sorted(reading.asked, key=lambda i: -merit[i])
        presence = sigmoid(log_odds(mix, evidence.presence, reading))
        return presence, best + [i for i in ranked if i not in reading.asked]

    def _numbered(self, evidence: Evidence, ranked: Sequence[int]) -> list[int]:
        """The best few that fit the pack's budget together: what is read costs by its length."""
        kept: list[int] = []
        left = self._pack.evidence_budget
        for i in ranked:
            length = len(evidence.sentences[i].text)
            if length <= left or not kept:
                kept.append(i)
                left -= length
            if len(kept) == MOST_NUMBERED:
                break
        return kept

    def _found(
        self,
        task: Task,
        evidence: Evidence,
        ranked: Sequence[int],
        presence: float,
        calls: int,
        cancel: CancelToken,
    ) -> Answer:
        others = [
            i for i in ranked[1:] if evidence.sentences[i].score > ALSO_CITED and _is_log_odds(task, evidence)
        ]
        selected = [ranked[0], *others][: task.most_citations]
        options = self._options(task, evidence, selected)
        words = task.cite is CiteKind.WORDS or task.value is ValueKind.TITLE
        if words and not options:
            # the best sentence may only point at the place where the words stand, as "the date below"
            for other in self._also_looked_at(evidence, ranked):
                options = self._options(task, evidence, [other])
                if options:
                    selected = [other]
                    break
        cited = [evidence.sentences[i] for i in selected]
        if task.value is ValueKind.PARTIES and task.most_citations > 1 and options:
            kept = sorted(options[: task.most_citations], key=lambda option: option.span)
            names = [option.display for option in kept]
            return Answer(
                status=FindingStatus.FOUND,
                confidence=presence,
                selected=tuple(selected),
                value={"parties": list(names)},
                display="; ".join(names),
                quotes=tuple(option.span for option in kept),
                model_calls=calls,
            )
        if not options and task.cite is CiteKind.WORDS:
            return Answer(
                status=FindingStatus.ABSTAINED,
                confidence=presence,
                model_calls=calls,
                reason="A sentence speaks of it, but no value could be read from its words.",
            )
        if task.kind is TaskKind.CHOOSE:
            return self._labelled(task, selected, cited, presence, calls, cancel)
        try:
            chosen, wrote = self._value(task, cited, options, cancel)
        except ValueNotOffered as error:
            return Answer(
                status=FindingStatus.ABSTAINED,
                confidence=presence,
                model_calls=calls + 1,
                reason=error.message,
            )
        return Answer(
            status=FindingStatus.FOUND,
            confidence=presence,
            selected=tuple(selected),
            value=chosen.value if chosen else None,
            display=chosen.display if chosen else clause_display(cited[0].text),
            quotes=(chosen.span,) if chosen and words else (),
            model_calls=calls + wrote,
        )

    def _labelled(
        self,
        task: Task,
        selected: Sequence[int],
        cited: Sequence[EvidenceSentence],
        presence: float,
        calls: int,
        cancel: CancelToken,
    ) -> Answer:
        """The cited sentences in the document's order are what the label is read from."""
        texts = [sentence.text for sentence in sorted(cited, key=lambda sentence: sentence.span)]
        prompts = [self.label_prompt(task, texts, label) for label in task.labels]
        chosen = choose_label(task, self._mix, self._model, prompts, cancel)
        confidence = presence * chosen.probability
        boolean = task.value is ValueKind.BOOLEAN
        # of two answers one always has a half: that is not enough to say yes or no
        if confidence < task.thresholds.found if boolean else confidence <= task.thresholds.absent:
            return Answer(
                status=FindingStatus.ABSTAINED,
                confidence=confidence,
                model_calls=calls + chosen.model_calls,
                reason="It seems to be there, but not which of the answers fits.",
            )
        return Answer(
            status=FindingStatus.FOUND,
            confidence=confidence,
            selected=tuple(selected),
            value={"answer": chosen.label.id == YES} if boolean else {"choice": chosen.label.id},
            display=chosen.label.title,
            model_calls=calls + chosen.model_calls,
        )

    def label_prompt(self, task: Task, cited: Sequence[str], label: Label) -> Prompt:
        """Whether these sentences say what the label states."""
        return self._prompt(self._pack.prompts.choose, task, numbered(cited), statement=label.statement)

    def _also_looked_at(self, evidence: Evidence, ranked: Sequence[int]) -> list[int]:
        near = ranked[:MOST_NUMBERED]
        return [i for i in near if not evidence.learned or evidence.sentences[i].score > ALSO_LOOKED_AT]

    def _valued(self, task: Task, evidence: Evidence, sentence: int) -> float:
        """What is added to a sentence's merit for holding a value of the kind that a question asks for."""
        return VALUED if task.kind is TaskKind.ASK and self._options(task, evidence, [sentence]) else 0.0

    def _options(self, task: Task, evidence: Evidence, selected: Sequence[int]) -> tuple[Candidate, ...]:
        sentences = [evidence.sentences[i] for i in selected]
        texts = [(s.span.start, s.text) for s in sentences]
        return candidates(task.value, texts, task.scheme, task.unit_codes)

    def _value(
        self, task: Task, cited: Sequence[EvidenceSentence], options: Sequence[Candidate], cancel: CancelToken
    ) -> tuple[Candidate | None, int]:
        """The value among those that the cited words support, and how often the model was asked."""
        # the scores know what a pack's task looks for, and not what a question does
        clear = task.kind is not TaskKind.ASK and len(options) > 1 and options[0].score > options[1].score
        if len(options) < 2 or clear:
            return (options[0] if options else None), 0
        asked = task.model_copy(update={"question": task.value_question or task.question})
        prompt = self._prompt(
            self._pack.prompts.value, asked, numbered([sentence.text for sentence in cited])
        )
        written = self._model.write(prompt, grammar_for(o.display for o in options), 24, cancel)
        return next((option for option in options if option.display == written), options[0]), 1

    def _prompt(self, template: str, task: Task, evidence: str, begin: str = "", **more: str) -> Prompt:
        """Evidence first, question last: prompts over the same evidence share their beginning."""
        head, _, tail = template.partition("{evidence}")
        title = ANSWER if task.kind is TaskKind.ASK else task.title
        fields = {"title": title, "description": task.description, "question": task.question, **more}
        return Prompt(
            system=self._pack.prompts.system,
            shared=filled(head, **fields) + evidence,
            user=filled(tail, **fields),
            begin=begin,
        )


def settled(task: Task, evidence: Evidence) -> bool:
    """Whether retrieval alone says whether the document answers, so that no model is asked."""
    if not evidence.sentences:
        return True
    return evidence.learned and evidence.presence is not None and task.thresholds.sure(evidence.presence)


def by_score(evidence: Evidence) -> list[int]:
    """Places of the sentences, the likeliest by retrieval first."""
    return sorted(range(len(evidence.sentences)), key=lambda i: -evidence.sentences[i].score)


def _is_log_odds(task: Task, evidence: Evidence) -> bool:
    """Whether sentences' scores mean something beyond their order."""
    return evidence.learned and task.kind is not TaskKind.ASK


def filled(template: str, **fields: str) -> str:
    """Each ``{name}`` replaced once; braces inside a document's words stay as they are."""
    for name, text in fields.items():
        before, place, after = template.partition("{" + name + "}")
        template = before + (text if place else "") + after
    return template


def numbered(sentences: Sequence[str]) -> str:
    """``[1] words`` a line; a very long sentence is shown shortened, and cited whole."""
    lines = (" ".join(text.split())[:MOST_SENTENCE_CHARACTERS] for text in sentences)
    return "\n".join(f"[{number}] {line}" for number, line in enumerate(lines, start=1))
