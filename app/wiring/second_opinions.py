"""A review with two models, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.cost import Quote, RateCard
from app.domain.finding import Finding
from app.domain.work import Report
from app.engine.supervisor import EngineSupervisor
from app.ledger.rate_card import machine_cost
from app.platform.settings import load_rate_card
from app.review.review_matter import Priced, Reviewed, tell_nobody
from app.review.second_opinion import Models, SecondOpinion, unsure
from app.store.writer import SqliteMatter
from app.wiring.catalogs import chosen_model, need_model
from app.wiring.matters import current, written
from app.wiring.reviews import (
    Order,
    documents_in,
    engine_command,
    items_of,
    order_of,
    review_in,
    reviewing,
)
from app.wiring.second_models import NO_SECOND, need_second


def review(
    folder: Path,
    pack_key: str,
    tasks: Sequence[str],
    keys: Sequence[str],
    model: str | None,
    most: float | None,
    report: Report,
    cancel: CancelToken,
    second: str | None = NO_SECOND,
) -> tuple[Quote, Reviewed]:
    """Make the findings that are not there yet, and ask ``second`` about those that abstained."""
    order = order_of(pack_key, tasks, keys, model, most, second)
    need_model(chosen_model(model))
    if order.second is not None:
        need_second(order.second)
    with written(folder, create=False) as matter, one_engine_at_a_time(folder, pack_key) as engine_of:
        return review_with_both(matter, engine_of, order, load_rate_card(), tell_nobody, report, cancel)


@contextmanager
def one_engine_at_a_time(matter: Path, pack: str) -> Generator[Callable[[str], EngineSupervisor]]:
    """Gives an engine for a model; the one before is stopped first, and the last one at the end.

    So two models are never in memory together.
    """
    held: list[EngineSupervisor] = []

    def engine_of(model: str) -> EngineSupervisor:
        for engine in held:
            engine.close()
        held[:] = [EngineSupervisor(engine_command(matter, pack, model))]
        return held[0]

    try:
        yield engine_of
    finally:
        for engine in held:
            engine.close()


def review_with_both(
    matter: SqliteMatter,
    engine_of: Callable[[str], EngineSupervisor],
    order: Order,
    card: RateCard,
    told: Callable[[Finding], None],
    report: Report,
    cancel: CancelToken,
) -> tuple[Quote, Reviewed]:
    """A review, and then what abstained again with the order's second model, if it has one.

    ``engine_of`` gives an engine for a model's id, and stops the one before.
    """
    before = len(matter.entries()) if order.most is not None else 0
    quote, reviewed = review_in(matter, engine_of(order.model.id), order, card, told, report, cancel)
    if order.second is None:
        return quote, reviewed
    items = items_of(order, documents_in(matter, order))
    models = Models(first=order.model, second=order.second)
    findings = unsure(current(matter), items, models)
    if not findings:
        return quote, reviewed
    most = None if order.most is None else order.most - _spent(matter, before)
    engine = engine_of(order.second.id)
    if most is None or most > 0:
        wanted = {finding.document for finding in findings}
        documents = [document for document in documents_in(matter, order) if document.id in wanted]
        reviewing(matter, engine, card).index(documents, report, cancel)
    quoted = quote.second_opinion
    priced = Priced(
        currency=card.currency,
        quoted_each=quoted and quoted.cost.expected / len(findings),
        most=most,
    )
    again = SecondOpinion(matter, engine, lambda usage: machine_cost(usage, card), told).run(
        order.pack, models, findings, priced, report, cancel
    )
    both = {
        "failed": reviewed.failed + again.failed,
        "left": reviewed.left + again.left,
        "asked_again": again.made,
    }
    return quote, reviewed.model_copy(update=both)


def _spent(matter: SqliteMatter, entries: int) -> float:
    """Machine money in the ledger, but for so many entries at its beginning."""
    costs = (entry.payload.get("machine") for entry in matter.entries()[entries:])
    return sum(cost for cost in costs if isinstance(cost, int | float))
