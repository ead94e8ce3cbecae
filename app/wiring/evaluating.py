"""A pack measured against gold: what retrieval brings, and what a review makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.finding import Evidence, ModelRef, Outcome, PackRef, finding_id
from app.domain.gold import GoldPlaces
from app.domain.kinds import FindingStatus
from app.domain.record import EntryKind
from app.domain.spans import Span
from app.domain.task import Pack, Task
from app.domain.work import Progress, Report
from app.ledger.costs import INDEXING, CostTable, cost_table
from app.platform.settings import load_rate_card
from app.review.ask import settled
from app.review.quality import Score
from app.review.review_matter import tell_nobody
from app.store.reader import SqliteMatterReader
from app.wiring.catalogs import chosen_model, need_model, pack_of, tasks_of
from app.wiring.gold import GoldFailure, gold_matter, gold_of, read_gold
from app.wiring.learning import learned_of, usable_learned
from app.wiring.matters import read, written
from app.wiring.reviews import Order, engine_for, review_in

if TYPE_CHECKING:
    from retrieval.learned import Learned
    from retrieval.retriever import MatterRetriever
    from retrieval.task_probes import TaskProbes

BUDGETS = (1000, 2000, 4000)


class EvidenceMeasured(Frozen):
    """``inside`` are mean shares of gold characters, one for each of BUDGETS, and ``given`` is that within
    what a review is given; None where no document answers. ``presence`` is the average precision of ranking
    documents by it; None where it is not told, or all documents are alike. ``base_rate``: the share that
    answers."""

    inside: tuple[float, ...] | None
    given: float | None
    presence: float | None
    base_rate: float


class ReviewMeasured(Frozen):
    """Counts of findings, money and seconds of the machine. ``settled`` is the share that retrieval was sure
    of, so that the language model was not asked; ``failed`` are counted as missed, too, where gold is."""

    findings: int
    f1: float
    precision: float
    recall: float
    right: int
    wrong_words: int
    missed: int
    false: int
    abstained: int
    failed: int
    settled: float
    machine: float
    seconds: float


class Measured(Frozen):
    """One task, or all together; ``review`` is None where only evidence was measured."""

    task: str
    present: int
    absent: int
    evidence: EvidenceMeasured
    review: ReviewMeasured | None = None


class Evaluated(Frozen):
    """``learned`` are the tasks that use what decisions on this machine taught: no part of the pack.

    ``indexing`` is money, and no part of the tasks' or the total's.
    """

    pack: PackRef
    model: ModelRef | None
    documents: int
    failures: tuple[GoldFailure, ...]
    currency: str
    tasks: tuple[Measured, ...]
    total: Measured
    indexing: float
    learned: tuple[str, ...]


class _Seen(Frozen):
    """What retrieval brought for one task on one gold document."""

    task: str
    document: str
    gold: tuple[str, ...]
    inside: tuple[float, ...] | None
    given: float | None
    presence: float | None
    settled: bool


def evaluate(
    pack_key: str,
    folder: Path | None,
    matter: Path | None,
    names: Sequence[str],
    model: str | None,
    retrieval_only: bool,
    report: Report,
    cancel: CancelToken,
) -> Evaluated:
    """Measure; with a matter that stays, findings that are there already are not made again.

    Raises PackNotFound, TaskNotFound, GoldNotFound, GoldInvalid, ModelNotFound, ModelNotInstalled, Cancelled.
    """
    pack = pack_of(pack_key)
    tasks = tasks_of(pack, names)
    where, gold = gold_of(pack, folder)
    ref = None if retrieval_only else installed(model)
    with gold_matter(matter) as room:
        found = read_gold(room, where, gold, report, cancel)
        seen = _evidence(room, pack, tasks, found.documents, report, cancel)
        made: tuple[Outcome, ...] = ()
        costs: CostTable | None = None
        if ref is not None and seen:
            made, costs = _reviewed(room, pack_key, pack, ref, tasks, found.documents, report, cancel)
    rows = [(task.id, [one for one in seen if one.task == task.id]) for task in tasks]
    rows = [(name, own) for name, own in rows if own]
    measured = tuple(_measured(name, own, made, costs) for name, own in rows)
    learned = learned_of(pack).used
    return Evaluated(
        pack=pack.ref,
        model=ref,
        documents=len(found.documents),
        failures=found.failures,
        currency=load_rate_card().currency,
        tasks=measured,
        total=_total(measured, seen, made, costs),
        indexing=sum(row.machine for row in costs.rows if row.key == INDEXING) if costs else 0.0,
        learned=tuple(name for name, _ in rows if name in learned),
    )


def installed(model: str | None) -> ModelRef:
    """A missing or damaged model is said now, not after the reading."""
    entry = chosen_model(model)
    need_model(entry)
    return entry.ref


def _evidence(
    room: Path,
    pack: Pack,
    tasks: Sequence[Task],
    gold: Sequence[GoldPlaces],
    report: Report,
    cancel: CancelToken,
) -> tuple[_Seen, ...]:
    """Document by document, with the engine's own retriever in this process."""
    seen: list[_Seen] = []
    from retrieval.task_probes import TaskProbes

    with read(room) as matter:
        probes = TaskProbes.load(pack.probes) if pack.probes else None
        retriever = retriever_of(matter, probes, usable_learned(pack.ref.id))
        for done, one in enumerate(gold):
            cancel.check()
            report(Progress(what="finding evidence", done=done, total=len(gold)))
            text = matter.text(one.document)
            for task in tasks:
                if task.id in one.places:
                    seen.append(_seen(retriever, pack, task, one, text))
        report(Progress(what="finding evidence", done=len(gold), total=len(gold)))
    return tuple(seen)


def retriever_of(
    matter: SqliteMatterReader, probes: TaskProbes | None, learned: Learned | None
) -> MatterRetriever:
    """The engine's own, in this process and for evidence alone."""
    from models.onnx_embedder import OnnxEmbedder
    from retrieval.retriever import MatterRetriever

    def unopened() -> Any:
        raise AssertionError("evidence needs no vector index")

    return MatterRetriever(matter, OnnxEmbedder(), unopened, probes, learned)


def _seen(retriever: MatterRetriever, pack: Pack, task: Task, gold: GoldPlaces, text: str) -> _Seen:
    from retrieval.measures import share_inside

    places = gold.places[task.id]
    given = retriever.evidence(gold.document, task, pack.evidence_budget, adapt=True)
    inside = None
    if places:
        full = [retriever.evidence(gold.document, task, budget) for budget in BUDGETS]
        inside = tuple(share_inside(places, _spans(one)) for one in full)
    return _Seen(
        task=task.id,
        document=gold.document,
        gold=tuple(text[span.start : span.end] for span in places),
        inside=inside,
        given=share_inside(places, _spans(given)) if places else None,
        presence=given.presence,
        settled=settled(task, given),
    )


def _spans(evidence: Evidence) -> list[Span]:
    return [sentence.span for sentence in evidence.sentences]


def _reviewed(
    room: Path,
    pack_key: str,
    pack: Pack,
    ref: ModelRef,
    tasks: Sequence[Task],
    gold: Sequence[GoldPlaces],
    report: Report,
    cancel: CancelToken,
) -> tuple[tuple[Outcome, ...], CostTable]:
    """Every task on the documents whose gold speaks of it: their findings, and what these took."""
    card = load_rate_card()
    asked: dict[tuple[str, ...], list[str]] = {}
    for one in gold:
        asked.setdefault(tuple(task.id for task in tasks if task.id in one.places), []).append(one.document)
    with written(room, create=False) as matter, engine_for(room, pack_key, ref.id) as engine:
        for names, keys in asked.items():
            if names:
                order = Order(pack, ref, tasks_of(pack, names), tuple(keys))
                review_in(matter, engine, order, card, tell_nobody, report, cancel)
    ids = {
        finding_id(key, name, pack.ref, ref)
        for names, keys in asked.items()
        for key in keys
        for name in names
    }
    with read(room) as held:
        made = tuple(one for one in held.outcomes() if one.finding.id in ids)
        documents = {one.document for one in gold}
        entries = [
            entry
            for entry in held.entries()
            if (entry.kind is EntryKind.FINDING and entry.payload.get("finding") in ids)
            or (entry.kind is EntryKind.INDEXED and entry.payload.get("document") in documents)
        ]
        return made, cost_table(made, entries, held.documents(), card, "task")


def _measured(task: str, seen: Sequence[_Seen], made: Sequence[Outcome], costs: CostTable | None) -> Measured:
    from retrieval.measures import average_precision

    truth = [bool(one.gold) for one in seen]
    told = [one.presence for one in seen if one.presence is not None]
    ranked = len(told) == len(seen) and any(truth) and not all(truth)
    row = next((row for row in costs.rows if row.key == task), None) if costs else None
    machine, seconds = (row.machine, row.machine_seconds) if row else (0.0, 0.0)
    return Measured(
        task=task,
        present=sum(truth),
        absent=len(truth) - sum(truth),
        evidence=_evidence_of(seen, average_precision(truth, told) if ranked else None),
        review=_review_of(seen, made, machine, seconds) if costs else None,
    )


def _total(
    rows: Sequence[Measured], seen: Sequence[_Seen], made: Sequence[Outcome], costs: CostTable | None
) -> Measured:
    """Evidence is the mean over all pairs that answer, presence the mean over tasks that tell it."""
    told = [row.evidence.presence for row in rows if row.evidence.presence is not None]
    spent = [row.review for row in rows if row.review]
    machine, seconds = sum(row.machine for row in spent), sum(row.seconds * row.findings for row in spent)
    present = sum(row.present for row in rows)
    return Measured(
        task="total",
        present=present,
        absent=len(seen) - present,
        evidence=_evidence_of(seen, sum(told) / len(told) if told else None),
        review=_review_of(seen, made, machine, seconds) if costs else None,
    )


def _evidence_of(seen: Sequence[_Seen], presence: float | None) -> EvidenceMeasured:
    there = [one.inside for one in seen if one.inside is not None]
    given = [one.given for one in seen if one.given is not None]
    return EvidenceMeasured(
        inside=tuple(sum(shares) / len(there) for shares in zip(*there, strict=True)) if there else None,
        given=sum(given) / len(given) if given else None,
        presence=presence,
        base_rate=len(there) / max(len(seen), 1),
    )


def _review_of(
    seen: Sequence[_Seen], made: Sequence[Outcome], machine: float, seconds: float
) -> ReviewMeasured:
    findings = {(one.finding.document, one.finding.task): one.finding for one in made}
    score = Score()
    for one in seen:
        finding = findings.get((one.document, one.task))
        status = finding.status if finding else FindingStatus.FAILED
        score.add(status, [c.quote for c in finding.citations] if finding else [], one.gold, 0.0)
    count = max(score.findings, 1)
    return ReviewMeasured(
        findings=score.findings,
        f1=score.f1,
        precision=score.precision,
        recall=score.recall,
        right=score.right,
        wrong_words=score.wrong_words,
        missed=score.missed,
        false=score.false,
        abstained=score.abstained,
        failed=score.failed,
        settled=sum(one.settled for one in seen) / count,
        machine=machine,
        seconds=seconds / count,
    )
