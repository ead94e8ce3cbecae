from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.cancel import CancelToken
from app.domain.cost import RateCard, Usage
from app.domain.errors import Cancelled
from app.domain.finding import Decision, Finding, ModelRef, Outcome
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState
from app.domain.record import EntryKind, first_broken_link
from app.ledger.costs import cost_table
from app.review.review_matter import Priced, Reviewed, ReviewMatter, WorkItem, undone, work_items
from app.review.second_opinion import Models, SecondOpinion, read_by, unsure
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from tests.ledger.made import DECIDING
from tests.review.fake_engine import EMBEDDER, FakeEngine, finding
from tests.review.made import MODEL, TASK, pack
from tests.store.made import DOCUMENT, PAGES

BIG = ModelRef(id="fake-big", sha256="b" * 64)
HUGE = ModelRef(id="fake-huge", sha256="a" * 64)
TASKS = ("governing-law", "insurance", "audit-rights")
PACK = pack(*(TASK.model_copy(update={"id": task}) for task in TASKS))
ITEMS = work_items(PACK, MODEL, TASKS, [DOCUMENT])
MODELS = Models(first=MODEL, second=BIG)
EACH = 0.02
ABSTAINED, FOUND = FindingStatus.ABSTAINED, FindingStatus.FOUND
ABSENT, FAILED = FindingStatus.ABSENT, FindingStatus.FAILED


def price(usage: Usage) -> float:
    return usage.seconds / 100


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    """Reviewed: the first finding is found, the other two abstained."""
    held = open_matter(tmp_path / "m", create=True)
    held.put_document(DOCUMENT, PAGES)
    engine = FakeEngine(lambda item: FOUND if item.task == TASKS[0] else ABSTAINED)
    priced = Priced(currency="USD", quoted_each=0.03)
    review = ReviewMatter(held, engine, EMBEDDER, price)
    review.run(PACK, MODEL, TASKS, [DOCUMENT], priced, lambda _: None, CancelToken())
    yield held
    held.close()


def ask(
    matter: SqliteMatter,
    status: FindingStatus = FOUND,
    models: Models = MODELS,
    most: float | None = None,
    cancel_after: int | None = None,
    told: Callable[[Finding], None] = lambda _: None,
) -> tuple[list[str], Reviewed]:
    """Tasks that the second model was asked about, and how it ended."""
    engine, token = FakeEngine(lambda _: status), CancelToken()

    def report(step: object) -> None:
        if len(engine.reviewed) == cancel_after:
            token.cancel()

    findings = unsure(matter.outcomes(), ITEMS, models)
    priced = Priced(currency="USD", quoted_each=0.05, most=most)
    second = SecondOpinion(matter, engine, price, told)
    reviewed = second.run(PACK, models, findings, priced, report, token)
    return [item.task for item in engine.reviewed], reviewed


def held(matter: SqliteMatter, task: str) -> Finding:
    return next(o.finding for o in matter.outcomes() if o.finding.task == task)


def test_only_what_abstained_is_asked_again_and_gets_the_second_models_answer(matter: SqliteMatter) -> None:
    before = [outcome.finding.id for outcome in matter.outcomes()]
    sure = held(matter, TASKS[0])
    assert ask(matter) == (["insurance", "audit-rights"], Reviewed(made=2))
    assert [outcome.finding.id for outcome in matter.outcomes()] == before
    assert held(matter, TASKS[0]) == sure
    answer = held(matter, "insurance")
    assert (answer.status, answer.display, answer.reason) == (FOUND, "Delaware", None)
    assert answer.citations
    assert (answer.answered_by, answer.second_opinion) == (BIG, BIG)
    assert [(one.model, one.status, one.reason) for one in answer.readings] == [
        (MODEL, ABSTAINED, "why"),
        (BIG, FOUND, None),
    ]


def test_a_finding_costs_what_both_models_took(matter: SqliteMatter) -> None:
    ask(matter)
    cost = held(matter, "insurance").cost
    assert (cost.machine, cost.quoted) == (pytest.approx(2 * EACH), pytest.approx(0.08))
    rows = cost_table(matter.outcomes(), matter.entries(), matter.documents(), RateCard(), "task").rows
    machine = {row.key: row.machine for row in rows}
    assert machine["insurance"] == pytest.approx(2 * EACH)
    assert machine["governing-law"] == pytest.approx(EACH)
    assert sum(row.outcomes[OutcomeState.ABSTAINED] for row in rows) == 0


def test_the_ledger_names_both_models_and_ends_the_run(matter: SqliteMatter) -> None:
    before = len(matter.entries())
    ask(matter)
    start, *made, end = matter.entries()[before:]
    assert start.kind is EntryKind.RUN_STARTED
    assert (start.payload["model"], start.payload["second"]) == (MODEL.model_dump(), BIG.model_dump())
    assert [(entry.payload["model"], entry.payload["second"]) for entry in made] == [(BIG.id, True)] * 2
    assert end.payload == {"ending": "done"}
    assert first_broken_link(list(matter.entries())) is None
    assert "Delaware" not in str([entry.payload for entry in matter.entries()])


def test_where_the_second_model_cannot_tell_either_the_first_finding_stays_and_says_so(
    matter: SqliteMatter,
) -> None:
    first = held(matter, "insurance")
    ask(matter, ABSTAINED)
    now = held(matter, "insurance")
    assert (now.status, now.confidence, now.second_opinion) == (ABSTAINED, first.confidence, None)
    assert now.reason == "why Two models were asked, fake and fake-big, and neither could tell."
    assert ask(matter) == ([], Reviewed())
    ask(matter, ABSTAINED, Models(first=MODEL, second=HUGE))
    said = held(matter, "insurance").reason
    assert said == "why Three models were asked, fake, fake-big and fake-huge, and none could tell."


def test_where_the_second_model_breaks_the_first_finding_stays_and_it_is_asked_again(
    matter: SqliteMatter,
) -> None:
    assert ask(matter, FAILED)[1] == Reviewed(made=2, failed=2)
    now = held(matter, "insurance")
    assert (now.status, now.broke) == (ABSTAINED, True)
    assert now.reason == "why The second opinion of fake-big failed: why"
    assert ask(matter, ABSENT)[1] == Reviewed(made=2)
    now = held(matter, "insurance")
    assert (now.status, now.broke, now.reason, now.second_opinion) == (ABSENT, False, None, BIG)
    assert [one.status for one in now.readings] == [ABSTAINED, ABSENT]
    assert now.cost.machine == pytest.approx(3 * EACH)


def test_stopping_keeps_what_was_settled_and_the_next_run_asks_the_rest(matter: SqliteMatter) -> None:
    with pytest.raises(Cancelled):
        ask(matter, cancel_after=1)
    assert [o.finding.status for o in matter.outcomes()] == [FOUND, FOUND, ABSTAINED]
    assert matter.entries()[-1].payload == {"ending": "cancelled"}
    assert ask(matter)[0] == ["audit-rights"]
    # the review itself has nothing left to do: a second opinion changes no finding's id
    assert undone(ITEMS, matter.outcomes()) == ()


@pytest.mark.parametrize(("most", "made"), [(0.0, 0), (-1.0, 0), (EACH, 1), (1.0, 2)])
def test_nobody_is_asked_once_the_money_is_spent(matter: SqliteMatter, most: float, made: int) -> None:
    assert ask(matter, most=most)[1] == Reviewed(made=made, left=2 - made)


@pytest.mark.parametrize("kind", DECIDING)
def test_what_was_decided_is_never_asked_again(matter: SqliteMatter, kind: DecisionKind) -> None:
    decide(matter, ITEMS[1].finding, kind)
    before = held(matter, "insurance")
    assert ask(matter)[0] == ["audit-rights"]
    assert held(matter, "insurance") == before


def test_what_is_decided_while_it_is_asked_about_stays_and_what_it_took_is_kept(matter: SqliteMatter) -> None:
    heard: list[str] = []

    def told(made: Finding) -> None:
        heard.append(made.task)
        decide(matter, ITEMS[2].finding, DecisionKind.ACCEPT)

    before = held(matter, "audit-rights")
    ask(matter, told=told)
    assert heard == ["insurance"]
    assert held(matter, "audit-rights") == before
    total = cost_table(matter.outcomes(), matter.entries(), matter.documents(), RateCard(), "task").total
    findings = sum(
        float(str(entry.payload["machine"])) for entry in matter.entries() if entry.kind is EntryKind.FINDING
    )
    assert findings == pytest.approx(5 * EACH)
    assert total.outcomes[OutcomeState.ACCEPTED] == 1


def test_what_no_model_had_to_be_asked_of_is_not_asked_of_another() -> None:
    def outcome(item: WorkItem, calls: int) -> Outcome:
        return Outcome(finding=read_by(finding(item, ABSTAINED), MODEL, calls))

    asked, settled = outcome(ITEMS[0], 2), outcome(ITEMS[1], 0)
    assert unsure([asked, settled], ITEMS, MODELS) == (asked.finding,)


def decide(matter: SqliteMatter, finding: str, kind: DecisionKind) -> None:
    value = "Ohio" if kind is DecisionKind.EDIT else None
    matter.put_decision(Decision(finding=finding, kind=kind, value=value, at=datetime.now(UTC)))
