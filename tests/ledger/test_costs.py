from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cost import RateCard
from app.domain.finding import Outcome
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState
from app.ledger.costs import INDEXING, UNKNOWN, CostTable, Grouping, Spent, cost_table
from tests.ledger.made import (
    DECEMBER,
    DECIDING,
    NOVEMBER,
    Step,
    chained,
    decision,
    document,
    indexing,
    outcome,
    run,
)

GROUPINGS: tuple[Grouping, ...] = ("task", "document", "pack", "month")
CARD = RateCard()
DOCUMENTS = [document(number) for number in (1, 2, 3)]
figures = st.floats(0, 1000)


def table(outcomes: Sequence[Outcome], steps: Sequence[Step], by: Grouping = "task") -> CostTable:
    return cost_table(outcomes, chained(steps), DOCUMENTS, CARD, by)


def keys(made: CostTable) -> list[str]:
    return [row.key for row in made.rows]


@st.composite
def matters(draw: st.DrawFn) -> tuple[list[Outcome], list[Step]]:
    """Findings that were run, run again, decided or neither, over three documents and four months."""
    outcomes: list[Outcome] = []
    steps: list[Step] = []
    moments = st.sampled_from([datetime(2026, month, 1, tzinfo=UTC) for month in (9, 10, 11, 12)])
    for number in range(draw(st.integers(0, 6))):
        status = draw(st.sampled_from(FindingStatus))
        decided = draw(st.none() | st.sampled_from(DECIDING))
        on = draw(st.integers(1, 3))
        made = outcome(f"f{number}", draw(st.sampled_from(["a", "b"])), status, decided, on)
        outcomes.append(made)
        for _ in range(draw(st.integers(0, 3))):
            spent = {"seconds": draw(figures), "kwh": draw(figures), "measured": draw(st.booleans())}
            priced = {"machine": draw(st.none() | figures), "quoted": draw(st.none() | figures)}
            steps.append(run(made, draw(moments), pack=draw(st.sampled_from("pq")), **spent, **priced))
        if decided is not None:
            steps.append(decision(f"f{number}", draw(moments), analyst=draw(st.none() | figures)))
        if draw(st.booleans()):
            steps.append(indexing(on, draw(moments)))
    return outcomes, steps


@settings(max_examples=150, deadline=None)
@given(matters())
def test_rows_sum_to_the_total_however_they_are_grouped(matter: tuple[list[Outcome], list[Step]]) -> None:
    totals = [table(*matter, by).total for by in GROUPINGS]
    for by, total in zip(GROUPINGS, totals, strict=True):
        rows = table(*matter, by).rows
        for name in ("machine_seconds", "kwh", "machine", "analyst_seconds", "analyst", "actual"):
            assert sum(getattr(row, name) for row in rows) == pytest.approx(getattr(total, name))
        for state in OutcomeState:
            assert sum(row.outcomes[state] for row in rows) == total.outcomes[state]
        quoted = [row.quoted for row in rows if row.quoted is not None]
        assert (sum(quoted) if quoted else None) == pytest.approx(total.quoted)
        assert total.actual == pytest.approx(total.machine + total.analyst)
        assert len({row.key for row in rows}) == len(rows)
        assert total == totals[0]


def test_a_finding_that_was_run_again_costs_what_all_its_runs_took() -> None:
    made = outcome()
    once = table([made], [run(made, machine=0.5, seconds=2.0, kwh=0.1, quoted=0.4)]).total
    thrice = table([made], [run(made, machine=0.5, seconds=2.0, kwh=0.1, quoted=0.4)] * 3).total
    assert once.machine == 0.5
    assert (thrice.machine, thrice.machine_seconds) == (1.5, 6.0)
    assert thrice.kwh == pytest.approx(0.3)
    assert thrice.quoted == pytest.approx(1.2)
    assert sum(thrice.outcomes.values()) == 1


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ([True, True], "measured"),
        ([False, False], "estimated"),
        ([True, False], "mixed"),
        ([None], "estimated"),
        ([], "none"),
    ],
)
def test_it_says_whether_energy_was_measured(measured: list[bool | None], said: str) -> None:
    made = outcome(decided=DecisionKind.ACCEPT)
    steps = [run(made, measured=one) for one in measured]
    assert table([made], [*steps, decision("f1")]).total.energy == said


def test_cost_per_accepted_outcome_is_not_there_when_nothing_was_accepted() -> None:
    outcomes = [
        outcome("f1"),
        outcome("f2", decided=DecisionKind.REJECT),
        outcome("f3", status=FindingStatus.ABSENT),
    ]
    total = table(outcomes, [*map(run, outcomes), decision("f2")]).total
    assert total.actual > 0
    assert total.per_accepted is None


def test_cost_per_accepted_outcome_spreads_everything_over_what_was_accepted_or_edited() -> None:
    outcomes = [
        outcome("f1", decided=DecisionKind.ACCEPT),
        outcome("f2", decided=DecisionKind.EDIT),
        outcome("f3", decided=DecisionKind.REJECT),
        outcome("f4", status=FindingStatus.FAILED),
    ]
    steps = [*map(run, outcomes), *(decision(f"f{number}") for number in (1, 2, 3)), indexing()]
    total = table(outcomes, steps).total
    assert total.actual == 4 * 0.5 + 3 * 0.25 + 0.125
    assert total.per_accepted == pytest.approx(total.actual / 2)


def test_money_is_what_the_ledger_recorded_and_the_card_prices_only_what_bears_no_price() -> None:
    made = outcome(decided=DecisionKind.ACCEPT)
    card = RateCard(machine_hour=36.0, kwh=100.0, analyst_hour=3600.0)
    recorded = cost_table([made], chained([run(made), decision("f1")]), DOCUMENTS, card, "task").total
    assert (recorded.machine, recorded.analyst) == (0.5, 0.25)
    bare = [run(made, machine=None, seconds=10.0, kwh=0.01), decision("f1", analyst=None, seconds=3.0)]
    priced = cost_table([made], chained(bare), DOCUMENTS, card, "task").total
    assert priced.machine == pytest.approx(0.1 + 1.0)
    assert priced.analyst == pytest.approx(3.0)


def test_figures_that_are_none_count_as_nothing() -> None:
    made = outcome()
    total = table([made], [run(made, seconds="long", kwh=True, machine=0.5, quoted=[1])]).total
    assert (total.machine_seconds, total.kwh, total.machine, total.quoted) == (0.0, 0.0, 0.5, None)


def test_by_month_an_outcome_counts_where_it_was_decided_and_money_where_it_was_spent() -> None:
    made = outcome(decided=DecisionKind.ACCEPT)
    by_month = table([made], [run(made, NOVEMBER), decision("f1", DECEMBER)], "month")
    assert keys(by_month) == ["2026-11", "2026-12"]
    november, december = by_month.rows
    assert (november.machine, november.analyst) == (0.5, 0.0)
    assert (december.machine, december.analyst) == (0.0, 0.25)
    assert november.outcomes[OutcomeState.ACCEPTED] == 0
    assert december.outcomes[OutcomeState.ACCEPTED] == 1
    assert november.per_accepted is None
    assert december.per_accepted == 0.25


def test_months_are_in_order_and_are_those_of_utc() -> None:
    one, other = outcome("f1"), outcome("f2")
    in_tokyo = datetime(2026, 12, 1, 1, tzinfo=timezone(timedelta(hours=9)))
    assert keys(table([one, other], [run(one, DECEMBER), run(other, in_tokyo)], "month")) == [
        "2026-11",
        "2026-12",
    ]


def test_documents_come_as_they_were_added_under_their_names() -> None:
    outcomes = [outcome(f"f{on}", on=on) for on in (3, 1)]
    by_document = table(outcomes, [*map(run, outcomes), indexing(2)], "document")
    assert [row.title for row in by_document.rows] == ["contract 1.pdf", "contract 2.pdf", "contract 3.pdf"]
    assert keys(by_document) == [document(on).id for on in (1, 2, 3)]
    assert [row.machine for row in by_document.rows] == [0.5, 0.125, 0.5]


def test_reading_and_indexing_is_a_row_of_its_own_after_the_tasks() -> None:
    one, other = outcome("f1", "parties"), outcome("f2", "governing-law")
    steps = [indexing(), run(one), run(other)]
    assert keys(table([one, other], steps, "task")) == ["parties", "governing-law", INDEXING]
    assert keys(table([one, other], steps, "pack")) == ["contracts", INDEXING]


def test_a_decision_belongs_to_the_task_and_pack_of_its_finding() -> None:
    made = outcome(task="parties", decided=DecisionKind.ACCEPT)
    for by, key in (("task", "parties"), ("pack", "contracts"), ("document", document(1).id)):
        (row,) = table([made], [run(made), decision("f1")], by).rows
        assert (row.key, row.analyst) == (key, 0.25)


def test_a_decision_that_was_taken_back_still_took_the_analysts_time() -> None:
    made = outcome(decided=None)
    total = table([made], [run(made), decision("f1"), decision("f1", kind="withdraw")]).total
    assert total.outcomes[OutcomeState.UNDECIDED] == 1
    assert (total.analyst, total.analyst_seconds) == (0.5, 60.0)
    assert total.per_accepted is None


def test_what_the_ledger_does_not_say_is_unknown_and_still_counted() -> None:
    made = outcome(task="parties")
    assert keys(table([made], [], "task")) == ["parties"]
    assert keys(table([made], [], "pack")) == [UNKNOWN]
    stray = table([], [decision("gone")], "task")
    assert keys(stray) == [UNKNOWN]
    assert stray.total.analyst == 0.25


def test_the_json_counts_every_state_also_those_with_none() -> None:
    made = outcome()
    content = table([made], [run(made)]).to_json()
    total = content["total"]
    assert isinstance(total, dict)
    assert total["outcomes"] == {
        "accepted": 0,
        "edited": 0,
        "rejected": 0,
        "undecided": 1,
        "abstained": 0,
        "absent": 0,
        "failed": 0,
    }
    assert content["currency"] == "USD"
    assert "token" not in str(content)


@pytest.mark.parametrize(
    ("status", "decided", "lost"),
    [
        (FindingStatus.FOUND, DecisionKind.REJECT, True),
        (FindingStatus.ABSTAINED, None, True),
        (FindingStatus.FAILED, None, True),
        (FindingStatus.FOUND, DecisionKind.ACCEPT, False),
        (FindingStatus.FOUND, DecisionKind.EDIT, False),
        (FindingStatus.FOUND, None, False),
        (FindingStatus.ABSENT, None, False),
        (FindingStatus.ABSTAINED, DecisionKind.EDIT, False),
    ],
)
def test_what_was_rejected_abstained_or_failed_is_spent_on_rejects(
    status: FindingStatus, decided: DecisionKind | None, lost: bool
) -> None:
    made = outcome("f1", status=status, decided=decided)
    steps = [run(made), *([decision("f1", kind=decided.value)] if decided else [])]
    total = table([made], steps).total
    whole = Spent(
        machine_seconds=total.machine_seconds,
        kwh=total.kwh,
        machine=total.machine,
        analyst_seconds=total.analyst_seconds,
        analyst=total.analyst,
        actual=total.actual,
    )
    assert total.rejects == (whole if lost else Spent())


@settings(max_examples=100, deadline=None)
@given(matters())
def test_what_was_spent_on_rejects_adds_up_and_is_never_more_than_all(
    matter: tuple[list[Outcome], list[Step]],
) -> None:
    for by in GROUPINGS:
        made = table(*matter, by)
        for name in Spent.model_fields:
            lost = [getattr(row.rejects, name) for row in made.rows]
            assert sum(lost) == pytest.approx(getattr(made.total.rejects, name))
        for row in (*made.rows, made.total):
            assert row.rejects.actual == pytest.approx(row.rejects.machine + row.rejects.analyst)
            assert row.rejects.actual <= row.actual * (1 + 1e-9)


def test_every_run_of_a_finding_that_came_to_nothing_was_spent_on_rejects() -> None:
    lost, kept = outcome("f1", decided=DecisionKind.REJECT), outcome("f2", decided=DecisionKind.ACCEPT)
    steps = [run(lost), run(lost), run(kept), decision("f1"), decision("f2"), indexing()]
    made = table([lost, kept], steps).total
    assert made.rejects.machine == 1.0
    assert made.rejects.analyst == 0.25


@pytest.mark.parametrize(
    ("status", "kinds", "lost"),
    [
        ("found", ["reject"], True),
        ("found", ["reject", "withdraw"], False),
        ("found", ["reject", "accept"], False),
        ("found", ["reject", "accept", "withdraw"], True),
        ("abstained", [], True),
        ("abstained", ["accept"], False),
        ("failed", ["accept", "withdraw"], True),
        ("found", [], False),
    ],
)
def test_a_finding_that_another_run_replaced_is_a_reject_if_the_ledger_says_so(
    status: str, kinds: list[str], lost: bool
) -> None:
    old, new = outcome("old"), outcome("new", decided=DecisionKind.ACCEPT)
    steps = [run(old, status=status), *(decision("old", kind=kind) for kind in kinds), run(new)]
    total = table([new], steps).total
    assert total.rejects.actual == (0.5 + 0.25 * len(kinds) if lost else 0.0)


def test_indexing_is_never_spent_on_rejects() -> None:
    made = outcome(status=FindingStatus.FAILED)
    assert table([made], [indexing(), run(made)]).total.rejects.machine == 0.5
