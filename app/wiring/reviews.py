"""What needs an engine: indexing, searching, reviewing, and the quote before it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.cost import Interval, Load, Quote, RateCard, Usage
from app.domain.finding import Evidence, Finding, ModelRef
from app.domain.kinds import FindingStatus
from app.domain.ports import SearchHit
from app.domain.record import EntryKind
from app.domain.task import Pack, Task
from app.domain.text import Document
from app.domain.work import Report
from app.engine.protocol import EvidenceJob, SearchJob
from app.engine.supervisor import EngineSupervisor
from app.ledger.quotes import quote_again, quote_review, quoted_each, together
from app.ledger.rate_card import machine_cost
from app.platform.settings import load_rate_card
from app.review.check_matter import Checked, check_matter
from app.review.questions import question_task
from app.review.review_matter import (
    Priced,
    Reviewed,
    ReviewEngine,
    ReviewMatter,
    WorkItem,
    tell_nobody,
    undone,
    work_items,
)
from app.review.search_query import date_range, page_range, search_query
from app.review.second_opinion import SECOND, Models, unsure
from app.review.workload import Done, done, loads_of, work_of
from app.store.reader import SqliteMatterReader
from app.store.writer import SqliteMatter
from app.wiring.catalogs import chosen_model, pack_of, tasks_of
from app.wiring.matters import current, documents_of, read, within_of, written
from app.wiring.second_models import NO_SECOND, second_for
from models.catalog import CatalogModel
from models.onnx_embedder import MODEL_SHA256

DEFAULT_SECONDS = 3.0
"""Of a finding on this kind of machine, until it has a history of its own."""

DEFAULT_PARAMETERS = 1.54
"""In billions, of the model with which that was measured."""

INDEX_SECONDS_PER_CHARACTER = 1.2e-4
_ENGINE = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from app.__main__ import main; main()",
    str(Path(__file__).parents[2]),
    "--engine",
)


def engine_command(matter: Path, pack: str | None, model: str | None) -> list[str]:
    """What starts the engine for a matter."""
    return [sys.executable, "-c", *_ENGINE, str(matter.absolute()), pack or "", model or ""]


@contextmanager
def engine_for(matter: Path, pack: str | None, model: str | None) -> Generator[EngineSupervisor]:
    """An engine that is stopped at the end, however it comes."""
    supervisor = EngineSupervisor(engine_command(matter, pack, model))
    try:
        yield supervisor
    finally:
        supervisor.close()


def index_matter(folder: Path, report: Report, cancel: CancelToken, keys: Sequence[str] = ()) -> None:
    """Index what is not indexed yet."""
    with written(folder, create=False) as matter, engine_for(folder, None, None) as engine:
        documents = tuple(map(matter.document, keys)) if keys else matter.documents()
        reviewing(matter, engine, load_rate_card()).index(documents, report, cancel)


def search_matter(
    folder: Path,
    typed: str,
    keys: Sequence[str],
    section: str,
    pages: str | None,
    days: str | None,
    limit: int,
    budget: int | None,
    report: Report,
    cancel: CancelToken,
) -> tuple[SearchHit, ...]:
    """Best first; indexes first what is not indexed yet.

    ``typed`` may say ``document:``, ``section:``, ``page:`` and ``date:``, too. Raises SearchInvalid.
    """
    asked = search_query(typed)
    if pages:
        first, last = page_range(pages)
        asked = asked.model_copy(update={"first_page": first, "last_page": last})
    if days:
        first_day, last_day = date_range(days)
        asked = asked.model_copy(update={"first_day": first_day, "last_day": last_day})
    asked = asked.model_copy(update={"section": f"{section} {asked.section}".strip()})
    with read(folder) as matter:
        within = within_of(matter, asked, keys)
    index_if_needed(folder, within.documents, report, cancel)
    with engine_for(folder, None, None) as engine:
        job = SearchJob(query=asked.words, limit=limit, budget=budget, within=within)
        return engine.search(job, cancel)


def evidence_of(
    folder: Path,
    pack_key: str,
    task: str,
    keys: Sequence[str],
    budget: int | None,
    report: Report,
    cancel: CancelToken,
) -> tuple[Evidence, ...]:
    """What the model would be given, one for each readable document."""
    pack = pack_of(pack_key)
    tasks_of(pack, [task])
    index_if_needed(folder, keys, report, cancel)
    wanted = tuple(d.id for d in documents_of(folder, keys) if d.state.readable)
    with engine_for(folder, pack_key, None) as engine:
        job = EvidenceJob(documents=wanted, task=task, budget=budget)
        return engine.evidence(job, cancel)


@dataclass(frozen=True)
class Order:
    """A review as it was asked for; ``documents`` are keys, none of them means all.

    ``second`` is asked what ``model`` was not sure of.
    """

    pack: Pack
    model: ModelRef
    tasks: tuple[Task, ...]
    documents: tuple[str, ...] = ()
    most: float | None = None
    second: ModelRef | None = None


def order_of(
    pack_key: str,
    tasks: Sequence[str],
    keys: Sequence[str],
    model: str | None,
    most: float | None = None,
    second: str | None = NO_SECOND,
) -> Order:
    """From names; ``second`` as ``second_for`` takes it.

    Raises PackNotFound, PackInvalid, TaskNotFound, ModelNotFound, SecondOpinionInvalid.
    """
    pack = pack_of(pack_key)
    first = chosen_model(model)
    again = second_for(first, second).ref
    return Order(pack, first.ref, tasks_of(pack, tasks), tuple(keys), most, again)


def quote_for(
    folder: Path,
    pack_key: str,
    tasks: Sequence[str],
    keys: Sequence[str],
    model: str | None,
    second: str | None = NO_SECOND,
) -> Quote:
    """What the undone part of a review will cost."""
    order = order_of(pack_key, tasks, keys, model, second=second)
    with read(folder) as matter:
        return quote_in(matter, order, load_rate_card())


def quote_in(matter: SqliteMatterReader, order: Order, card: RateCard) -> Quote:
    """What the undone part of a review of an open matter will cost."""
    documents = documents_in(matter, order)
    items = undone(items_of(order, documents), matter.outcomes())
    first = _quote(matter, _loads(matter, order, items), documents, card)
    return _with_second(matter, order, items, first, card)


def review_in(
    matter: SqliteMatter,
    engine: EngineSupervisor,
    order: Order,
    card: RateCard,
    told: Callable[[Finding], None],
    report: Report,
    cancel: CancelToken,
) -> tuple[Quote, Reviewed]:
    """Quote, then review, in an open matter. The order's second model is quoted for, and not asked here."""
    documents = documents_in(matter, order)
    items = undone(items_of(order, documents), matter.outcomes())
    loads = _loads(matter, order, items)
    first = _quote(matter, loads, documents, card)
    quote = _with_second(matter, order, items, first, card)
    if not quote.nothing_to_do:
        matter.append(EntryKind.QUOTED, quote.model_dump(mode="json", exclude_none=True))
    each = _quoted_tasks(order, loads, first, card)
    priced = Priced(currency=card.currency, quoted_tasks=each, most=order.most)
    names = [task.id for task in order.tasks]
    own = tuple(task for task in order.tasks if task not in order.pack.tasks)
    reviewed = reviewing(matter, _Carrying(engine, own), card, told).run(
        order.pack, order.model, names, documents, priced, report, cancel
    )
    return quote, reviewed


def check(folder: Path, repair: bool, report: Report, cancel: CancelToken) -> Checked:
    """Prove the matter; with ``repair`` the derived index is thrown away and made again."""
    if repair:
        with written(folder, create=False):
            shutil.rmtree(folder / "index", ignore_errors=True)
        index_matter(folder, report, cancel)
    with read(folder) as matter:
        return check_matter(matter, matter.integrity())


class _Carrying:
    """An engine to which tasks that are not the pack's go along with the items."""

    def __init__(self, engine: EngineSupervisor, tasks: tuple[Task, ...]) -> None:
        self.index = engine.index
        self._engine = engine
        self._tasks = tasks

    def review(self, items: Sequence[WorkItem], cancel: CancelToken) -> Iterator[tuple[Finding, Usage]]:
        return self._engine.review(items, cancel, self._tasks)


def documents_in(matter: SqliteMatterReader, order: Order) -> tuple[Document, ...]:
    """That the order names, or all."""
    return tuple(map(matter.document, order.documents)) if order.documents else matter.documents()


def items_of(order: Order, documents: Sequence[Document]) -> tuple[WorkItem, ...]:
    """Everything that was ordered, done or not."""
    return work_items(order.pack, order.model, [task.id for task in order.tasks], documents)


def reviewing(
    matter: SqliteMatter,
    engine: ReviewEngine,
    card: RateCard,
    told: Callable[[Finding], None] = tell_nobody,
) -> ReviewMatter:
    """The use case, priced by ``card``."""
    return ReviewMatter(matter, engine, MODEL_SHA256, lambda usage: machine_cost(usage, card), told)


def index_if_needed(folder: Path, keys: Sequence[str], report: Report, cancel: CancelToken) -> None:
    """Index these documents, or all, unless all of them are; starts no engine for nothing."""
    with read(folder) as matter:
        held = set(matter.indexed_documents(MODEL_SHA256))
        documents = tuple(map(matter.document, keys)) if keys else matter.documents()
    if any(d.state.readable and d.id not in held for d in documents):
        index_matter(folder, report, cancel, keys)


def _quote(
    matter: SqliteMatterReader, loads: Sequence[Load], documents: Sequence[Document], card: RateCard
) -> Quote:
    held = set(matter.indexed_documents(MODEL_SHA256))
    characters = sum(len(matter.text(d.id)) for d in documents if d.state.readable and d.id not in held)
    seconds = characters * INDEX_SECONDS_PER_CHARACTER
    index = Interval(expected=seconds, low=seconds / 2, high=seconds * 2) if loads and characters else None
    return quote_review(loads, card, index)


def _loads(matter: SqliteMatterReader, order: Order, items: Sequence[WorkItem]) -> tuple[Load, ...]:
    ordered = {task.id: task for task in order.tasks}
    return loads_of([ordered[item.task] for item in items], _done_before(matter, order), DEFAULT_SECONDS)


def _done_before(matter: SqliteMatterReader, order: Order) -> tuple[Done, ...]:
    """Findings of the order's model in this matter, and whose task each was, as far as that is known."""
    known = {task.id: task for task in (*order.pack.tasks, *order.tasks)}
    known |= {question.id: question_task(question.text) for question in matter.questions()}
    return tuple(
        done(known.get(str(entry.payload.get("task"))), float(seconds))
        for entry in matter.entries()
        if entry.kind is EntryKind.FINDING
        and entry.payload.get("model") == order.model.id
        and SECOND not in entry.payload
        and isinstance(seconds := entry.payload.get("seconds"), int | float)
    )


def _quoted_tasks(order: Order, loads: Sequence[Load], quote: Quote, card: RateCard) -> dict[str, float]:
    """What the quote says for a finding of each task: what its kind takes, and its share of the indexing."""
    kinds = {load.work: quoted_each(load, card) for load in loads}
    finding = sum(kinds[load.work] * load.findings for load in loads)
    indexing = max(0.0, quote.cost.expected - finding) / quote.findings if quote.findings else 0.0
    return {task.id: kinds[work_of(task)] + indexing for task in order.tasks if work_of(task) in kinds}


def _with_second(
    matter: SqliteMatterReader, order: Order, items: Sequence[WorkItem], first: Quote, card: RateCard
) -> Quote:
    if order.second is None:
        return first
    models = Models(first=order.model, second=order.second)
    known = unsure(current(matter), items_of(order, documents_in(matter, order)), models)
    made = [entry.payload for entry in matter.entries() if entry.kind is EntryKind.FINDING]
    abstained = [
        payload.get("status") == FindingStatus.ABSTAINED
        for payload in made
        if payload.get("model") == order.model.id and SECOND not in payload
    ]
    history = [
        float(seconds)
        for payload in made
        if payload.get("model") == order.second.id
        and SECOND in payload
        and isinstance(seconds := payload.get("seconds"), int | float)
    ]
    again = quote_again(
        len(known),
        len(items),
        abstained[-200:],
        history[-200:],
        card,
        _default_seconds(chosen_model(order.second.id)),
        order.second.id,
    )
    return together(first, again)


def _default_seconds(model: CatalogModel) -> float:
    """Of a finding by a model that has no history here; nobody knows how large a server's is."""
    return DEFAULT_SECONDS if model.server else DEFAULT_SECONDS * model.parameters / DEFAULT_PARAMETERS
