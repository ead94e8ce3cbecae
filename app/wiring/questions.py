"""Asking a matter a question of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.cost import Quote
from app.domain.finding import Citation, ModelRef, Outcome, PackRef
from app.domain.kinds import FindingStatus
from app.domain.task import Task
from app.domain.text import Document, Page
from app.domain.work import Report
from app.platform.settings import load_rate_card
from app.review.questions import question_task
from app.review.review_matter import Reviewed, tell_nobody
from app.wiring.catalogs import all_packs, chosen_model, need_model
from app.wiring.matters import last_run, read, written
from app.wiring.reviews import Order, engine_for, items_of, order_of, quote_in, review_in
from retrieval.sentences import sentence_spans

DEFAULT_PACK = "contracts"
_RANKS = (FindingStatus.FOUND, FindingStatus.ABSTAINED, FindingStatus.FAILED, FindingStatus.ABSENT)


@dataclass(frozen=True)
class Asked:
    """A question's answers, best first, and the documents that were asked."""

    task: Task
    pack: PackRef
    model: ModelRef
    documents: tuple[Document, ...]
    outcomes: tuple[Outcome, ...]
    reviewed: Reviewed


def quote_question(
    folder: Path, question: str, keys: Sequence[str], model: str | None, pack: str | None
) -> Quote:
    """What asking will cost where it was not asked yet. Raises QuestionInvalid."""
    with read(folder) as matter:
        return quote_in(matter, _order(folder, question, keys, model, pack), load_rate_card())


def ask(
    folder: Path,
    question: str,
    keys: Sequence[str],
    model: str | None,
    pack: str | None,
    report: Report,
    cancel: CancelToken,
) -> Asked:
    """One finding for each readable document of ``keys``, or of the matter; what is there stays.

    ``pack`` gives the prompts; None: that of the last review, where it is a bundled one. Raises
    QuestionInvalid, Cancelled with everything finished kept, and what a review raises.
    """
    order = _order(folder, question, keys, model, pack)
    need_model(chosen_model(model))
    with (
        written(folder, create=False) as matter,
        engine_for(folder, str(order.pack.folder), order.model.id) as engine,
    ):
        documents = tuple(map(matter.document, keys)) if keys else matter.documents()
        matter.put_question(question)
        _, reviewed = review_in(matter, engine, order, load_rate_card(), tell_nobody, report, cancel)
        wanted = {item.finding for item in items_of(order, documents)}
        outcomes = [outcome for outcome in matter.outcomes() if outcome.finding.id in wanted]
    return Asked(order.tasks[0], order.pack.ref, order.model, documents, best_first(outcomes), reviewed)


def best_first(answers: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Surest answers first; what is surely absent last."""
    return tuple(sorted(answers, key=_rank))


def question_titles(folder: Path) -> dict[str, str]:
    """What the questions that were asked are called by, as tasks of the matter, by their ids."""
    with read(folder) as matter:
        return {question.id: question_task(question.text).title for question in matter.questions()}


@dataclass(frozen=True)
class Quoted:
    """Cited words with what stands before and after them in their sentence, each on one line."""

    before: str
    words: str
    after: str


def in_sentence(citation: Citation, page: Page) -> Quoted:
    """The words of ``citation``, which is of ``page``, in the sentence or sentences they stand in."""
    start, end = citation.start - page.start, citation.end - page.start
    touched = [span for span in sentence_spans(page.text) if span.start < end and span.end > start]
    first = min((span.start for span in touched), default=start)
    last = max((span.end for span in touched), default=end)
    return Quoted(
        before=_line(page.text[min(first, start) : start]),
        words=_line(citation.quote),
        after=_line(page.text[end : max(last, end)]),
    )


def _line(text: str) -> str:
    """Blanks at the ends stay one blank: the parts are put together again."""
    line = " ".join(text.split())
    if not line:
        return ""
    return f"{' ' if text[0].isspace() else ''}{line}{' ' if text[-1].isspace() else ''}"


def _order(folder: Path, question: str, keys: Sequence[str], model: str | None, pack: str | None) -> Order:
    task = question_task(question)
    return replace(order_of(pack or _pack_of(folder), (), keys, model), tasks=(task,))


def _pack_of(folder: Path) -> str:
    """The last review's, by its id; a pack that came in a folder of its own is known by its path only."""
    last = last_run(folder).pack
    bundled = {pack.ref.id for pack in all_packs()}
    return last.id if last is not None and last.id in bundled else DEFAULT_PACK


def _rank(outcome: Outcome) -> tuple[int, float]:
    finding = outcome.finding
    sure = finding.confidence if finding.status is not FindingStatus.ABSENT else -finding.confidence
    return _RANKS.index(finding.status), -sure
