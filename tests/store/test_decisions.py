"""What stands of what was decided, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cost import RateCard
from app.domain.errors import FindingNotFound, NothingToWithdraw
from app.domain.finding import Decision, Finding, Outcome, standing
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState
from app.domain.record import EntryKind, first_broken_link
from app.ledger.costs import cost_table
from app.reports.finding_json import finding_json
from app.review.check_matter import check_matter
from app.review.review_matter import WorkItem, undone
from app.store.opening import open_matter, read_matter
from app.store.writer import SqliteMatter
from tests.store.made import DECISION, DOCUMENT, FINDING, PAGES

ACCEPT = DECISION.model_copy(update={"kind": DecisionKind.ACCEPT, "value": None, "note": None})
REJECT = ACCEPT.model_copy(update={"kind": DecisionKind.REJECT})
WITHDRAW = ACCEPT.model_copy(update={"kind": DecisionKind.WITHDRAW, "analyst_seconds": 2.0})
FAILED = FINDING.model_copy(
    update={"status": FindingStatus.FAILED, "value": None, "display": "", "citations": (), "reason": "broke"}
)
OTHER = FINDING.model_copy(update={"id": "e" * 16})
kinds = st.lists(st.sampled_from(DecisionKind), max_size=12)


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "m", create=True, card=RateCard(analyst_hour=3600.0))
    held.put_document(DOCUMENT, PAGES)
    put(held)
    yield held
    held.close()


def put(matter: SqliteMatter, finding: Finding = FINDING) -> None:
    matter.put_finding(
        finding, {"finding": finding.id, "document": finding.document, "status": finding.status.value}
    )


def decided(matter: SqliteMatter, *decisions: Decision) -> Decision | None:
    for decision in decisions:
        matter.put_decision(decision)
    (outcome,) = matter.outcomes()
    assert matter.outcome(FINDING.id) == outcome
    return outcome.decision


def test_a_withdrawn_decision_leaves_the_finding_undecided(matter: SqliteMatter) -> None:
    assert decided(matter, ACCEPT, WITHDRAW) is None
    (outcome,) = matter.outcomes()
    assert outcome.state is OutcomeState.UNDECIDED
    assert finding_json(outcome, DOCUMENT)["decision"] is None


def test_withdrawing_restores_the_decision_before_step_by_step(matter: SqliteMatter) -> None:
    assert decided(matter, ACCEPT, DECISION, REJECT, WITHDRAW) == DECISION
    assert decided(matter, WITHDRAW) == ACCEPT
    assert decided(matter, WITHDRAW) is None


def test_a_decision_after_a_withdrawal_stands_on_what_stood_then(matter: SqliteMatter) -> None:
    assert decided(matter, ACCEPT, REJECT, WITHDRAW, DECISION) == DECISION
    assert decided(matter, WITHDRAW) == ACCEPT


def test_withdrawing_where_nothing_stands_says_so_and_writes_nothing(matter: SqliteMatter) -> None:
    with pytest.raises(NothingToWithdraw):
        matter.put_decision(WITHDRAW)
    assert decided(matter, ACCEPT, WITHDRAW) is None
    before = matter.entries()
    with pytest.raises(NothingToWithdraw):
        matter.put_decision(WITHDRAW)
    assert matter.entries() == before


@given(kinds)
def test_what_stands_is_what_a_stack_would_hold(given_kinds: list[DecisionKind]) -> None:
    stack: list[int] = []
    for place, kind in enumerate(given_kinds):
        if kind is not DecisionKind.WITHDRAW:
            stack.append(place)
        elif stack:
            del stack[-1]
    assert standing(given_kinds) == (stack[-1] if stack else None)
    assert standing([kind.value for kind in given_kinds]) == standing(given_kinds)


def test_history_holds_every_decision_and_withdrawal_oldest_first(matter: SqliteMatter) -> None:
    decided(matter, ACCEPT, REJECT, WITHDRAW)
    assert matter.decisions(FINDING.id) == (ACCEPT, REJECT, WITHDRAW)
    put(matter, OTHER)
    assert matter.decisions(OTHER.id) == ()
    with pytest.raises(FindingNotFound):
        matter.decisions("nowhere")


def test_time_spent_on_what_was_withdrawn_and_on_withdrawing_counts(matter: SqliteMatter) -> None:
    decided(matter, ACCEPT, WITHDRAW)
    (outcome,) = matter.outcomes()
    assert outcome.finding.cost.analyst == pytest.approx(7.5 + 2.0)
    table = cost_table(matter.outcomes(), matter.entries(), matter.documents(), RateCard(), "document")
    assert table.total.analyst_seconds == pytest.approx(9.5)
    assert table.total.analyst == pytest.approx(9.5)
    assert table.total.outcomes[OutcomeState.UNDECIDED] == 1
    assert table.total.outcomes[OutcomeState.ACCEPTED] == 0


def test_a_matter_with_withdrawals_verifies(matter: SqliteMatter) -> None:
    decided(matter, ACCEPT, REJECT, WITHDRAW)
    assert check_matter(matter, ()).problems == ()
    decided(matter, WITHDRAW)
    assert check_matter(matter, ()).problems == ()
    assert [e.kind for e in matter.entries()] == [EntryKind.FINDING, *[EntryKind.DECISION] * 4]
    assert first_broken_link(list(matter.entries())) is None


def test_verifying_sees_a_withdrawal_that_the_ledger_does_not_know_of(matter: SqliteMatter) -> None:
    decided(matter, ACCEPT, REJECT)
    with matter._database.transaction() as connection:
        connection.execute(
            "INSERT INTO decisions (finding, kind, at, analyst_seconds, analyst_cost) VALUES (?, ?, ?, 0, 0)",
            (FINDING.id, "withdraw", WITHDRAW.at.isoformat()),
        )
    assert [f"the decision on finding {FINDING.id} is not the one in the ledger"] == list(
        check_matter(matter, ()).problems
    )


def test_a_failed_finding_whose_decision_was_withdrawn_is_made_again_and_keeps_its_history(
    tmp_path: Path,
) -> None:
    with_failed = open_matter(tmp_path / "f", create=True)
    with_failed.put_document(DOCUMENT, PAGES)
    put(with_failed, FAILED)
    item = WorkItem(finding=FINDING.id, document=DOCUMENT.id, task=FINDING.task)
    with_failed.put_decision(REJECT)
    assert undone([item], with_failed.outcomes()) == ()
    put(with_failed)
    assert with_failed.outcome(FINDING.id).finding.status is FindingStatus.FAILED
    with_failed.put_decision(WITHDRAW)
    assert undone([item], with_failed.outcomes()) == (item,)
    put(with_failed)
    outcome = with_failed.outcome(FINDING.id)
    assert outcome.finding.status is FindingStatus.FOUND
    assert outcome.decision is None
    assert with_failed.decisions(FINDING.id) == (REJECT, WITHDRAW)
    assert check_matter(with_failed, ()).problems == ()
    with_failed.close()


def test_a_found_finding_stays_done_when_its_decision_is_withdrawn(matter: SqliteMatter) -> None:
    decided(matter, ACCEPT, WITHDRAW)
    item = WorkItem(finding=FINDING.id, document=DOCUMENT.id, task=FINDING.task)
    assert undone([item], matter.outcomes()) == ()


def test_an_outcome_never_holds_a_withdrawal() -> None:
    with pytest.raises(ValueError, match="withdrawal"):
        Outcome(finding=FINDING, decision=WITHDRAW)


def test_many_decisions_are_stored_together_in_order(matter: SqliteMatter) -> None:
    put(matter, OTHER)
    matter.put_decisions([ACCEPT, ACCEPT.model_copy(update={"finding": OTHER.id}), REJECT, WITHDRAW])
    assert [o.state for o in matter.outcomes()] == [OutcomeState.ACCEPTED] * 2
    assert sum(e.kind is EntryKind.DECISION for e in matter.entries()) == 4
    reader = read_matter(matter.folder)
    assert reader.outcomes() == matter.outcomes()
    reader.close()


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (ACCEPT.model_copy(update={"finding": "0" * 16}), FindingNotFound),
        (WITHDRAW.model_copy(update={"finding": OTHER.id}), NothingToWithdraw),
    ],
)
def test_if_one_of_many_decisions_cannot_be_stored_none_is(
    matter: SqliteMatter, bad: Decision, error: type[Exception]
) -> None:
    put(matter, OTHER)
    before = matter.entries()
    with pytest.raises(error):
        matter.put_decisions([ACCEPT, bad])
    assert matter.entries() == before
    assert [o.decision for o in matter.outcomes()] == [None, None]


def test_no_decisions_at_all_change_nothing(matter: SqliteMatter) -> None:
    before = matter.entries()
    matter.put_decisions([])
    assert matter.entries() == before
