"""A document read anew: what was decided on it is kept, moved, or withdrawn with its reason, all at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.cost import RateCard
from app.domain.finding import Finding
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState
from app.domain.record import EntryKind, first_broken_link
from app.domain.reread import ReadAnew, Settled
from app.ledger.costs import cost_table
from app.review.anchor import LOST, settle
from app.review.check_matter import check_matter
from app.review.review_matter import WorkItem, undone
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from tests.conftest import paged
from tests.store.made import DECISION, DOCUMENT, FINDING, PAGES, TEXT, indexed

FIXTURES = Path(__file__).parent / "fixtures"
MOVED = paged("A page that was missing.", f"A line above.\n{TEXT}")
GONE = paged("Nothing of it is left.")
ITEM = WorkItem(finding=FINDING.id, document=DOCUMENT.id, task=FINDING.task)


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "m", create=True, card=RateCard(analyst_hour=3600.0))
    held.put_document(DOCUMENT, PAGES)
    put(held)
    yield held
    held.close()


def put(matter: SqliteMatter, finding: Finding = FINDING) -> None:
    matter.put_finding(
        finding,
        {
            "finding": finding.id,
            "document": finding.document,
            "task": finding.task,
            "status": finding.status.value,
            "pack": "contracts",
            "model": "small",
            "seconds": 2.0,
            "machine": 0.5,
        },
    )


def whole(matter: SqliteMatter) -> bool:
    """Every citation stands in the text, and the ledger says what is held."""
    return not check_matter(matter, ()).problems and first_broken_link(list(matter.entries())) is None


def test_a_decision_stays_where_its_words_are_and_they_are_found_at_their_new_place(
    matter: SqliteMatter,
) -> None:
    matter.put_decision(DECISION)
    matter.put_document(DOCUMENT, MOVED, 2, settle)
    (outcome,) = matter.outcomes()
    assert outcome.decision == DECISION
    assert [(citation.page, citation.quote) for citation in outcome.finding.citations] == [(2, TEXT)]
    assert outcome.finding.cost.analyst == 7.5
    assert whole(matter)


def test_where_the_words_are_gone_nothing_that_was_decided_is_lost_and_the_finding_is_made_again(
    matter: SqliteMatter,
) -> None:
    accept = DECISION.model_copy(update={"kind": DecisionKind.ACCEPT, "value": None})
    for decision in (DECISION, accept):
        matter.put_decision(decision)
    matter.put_document(DOCUMENT, GONE, 2, settle)
    (outcome,) = matter.outcomes()
    assert (outcome.state, outcome.finding.reason) == (OutcomeState.FAILED, LOST)
    history = matter.decisions(FINDING.id)
    assert history[:2] == (DECISION, accept)
    assert [decision.kind for decision in history[2:]] == [DecisionKind.WITHDRAW] * 2
    assert all(decision.note and TEXT in decision.note for decision in history[2:])
    assert undone([ITEM], matter.outcomes()) == (ITEM,)
    assert whole(matter)


def test_the_ledger_tells_of_the_new_reading_and_holds_no_words(matter: SqliteMatter) -> None:
    matter.put_decision(DECISION)
    matter.put_document(DOCUMENT, GONE, 2, settle)
    *_, withdrawn, failed, told = matter.entries()
    assert (withdrawn.kind, withdrawn.payload["kind"]) == (EntryKind.DECISION, "withdraw")
    assert (failed.kind, failed.payload["status"]) == (EntryKind.FINDING, "failed")
    assert told.kind is EntryKind.READ_AGAIN
    assert told.payload == {"document": DOCUMENT.id, "reader": 2, "kept": 0, "lost": 1, "dropped": 0}
    assert "Delaware" not in str([entry.payload for entry in matter.entries()])


@pytest.mark.parametrize("pages", [MOVED, GONE])
def test_a_new_reading_costs_the_outcomes_nothing(matter: SqliteMatter, pages: tuple[object, ...]) -> None:
    matter.put_decision(DECISION)

    def spent() -> list[tuple[str, float, float]]:
        table = cost_table(matter.outcomes(), matter.entries(), (DOCUMENT,), RateCard(), "pack")
        return [(row.key, row.machine, row.analyst) for row in (*table.rows, table.total)]

    before = spent()
    matter.put_document(DOCUMENT, pages, 2, settle)  # pyright: ignore[reportArgumentType]
    assert spent() == before


def test_a_finding_whose_decisions_were_all_withdrawn_keeps_its_history(matter: SqliteMatter) -> None:
    withdraw = DECISION.model_copy(update={"kind": DecisionKind.WITHDRAW, "value": None})
    for decision in (DECISION, withdraw):
        matter.put_decision(decision)
    matter.put_document(DOCUMENT, GONE, 2, settle)
    (outcome,) = matter.outcomes()
    assert outcome.finding.status is FindingStatus.FAILED
    assert matter.decisions(FINDING.id) == (DECISION, withdraw)
    assert whole(matter)


def test_what_nobody_decided_on_is_kept_with_its_words_and_made_again_without(matter: SqliteMatter) -> None:
    matter.put_document(DOCUMENT, MOVED, 2, settle)
    assert undone([ITEM], matter.outcomes()) == ()
    assert whole(matter)
    matter.put_document(DOCUMENT, GONE, 2, settle)
    assert matter.outcomes() == ()
    assert undone([ITEM], matter.outcomes()) == (ITEM,)


def test_the_same_text_leaves_everything_and_tells_the_ledger_nothing(matter: SqliteMatter) -> None:
    matter.put_decision(DECISION)
    before = matter.outcomes(), matter.entries()
    matter.put_document(DOCUMENT, PAGES, 2, settle)
    assert (matter.outcomes(), matter.entries()) == before


def test_passages_and_vectors_of_the_old_text_are_gone_and_can_be_made_anew(matter: SqliteMatter) -> None:
    matter.put_indexed(indexed())
    matter.put_document(DOCUMENT, MOVED, 2, settle)
    assert matter.indexed_documents("e" * 64) == ()
    assert matter.lexical("Delaware", None, 5) == ()
    matter.put_indexed(indexed())
    assert matter.lexical("missing", None, 5)
    assert matter.integrity() == [f"document {DOCUMENT.id}: the original is gone"]


def test_if_it_breaks_on_the_way_everything_is_as_before(matter: SqliteMatter) -> None:
    matter.put_decision(DECISION)

    def breaks(anew: ReadAnew) -> Settled:
        settle(anew)
        raise RuntimeError

    before = matter.outcomes(), matter.entries(), matter.pages(DOCUMENT.id), matter.outdated(9)
    with pytest.raises(RuntimeError):
        matter.put_document(DOCUMENT, GONE, 9, breaks)
    assert (matter.outcomes(), matter.entries(), matter.pages(DOCUMENT.id), matter.outdated(9)) == before


def test_a_document_knows_which_reader_read_it(matter: SqliteMatter) -> None:
    assert matter.outdated(1) == (DOCUMENT,)
    matter.put_document(DOCUMENT, PAGES, 1, settle)
    assert matter.outdated(1) == ()
    matter.restate(DOCUMENT.model_copy(update={"reason": "said later"}))
    assert matter.outdated(1) == ()
    assert [document.reason for document in matter.outdated(2)] == ["said later"]


def test_pages_that_another_reader_began_with_are_not_gone_on_with(matter: SqliteMatter) -> None:
    matter.begin_reading(1)
    matter.keep_pages("d", [(1, b"page")])
    matter.begin_reading(1)
    assert list(matter.unread_pages("d")) == [(1, b"page")]
    matter.begin_reading(2)
    assert list(matter.unread_pages("d")) == []


def test_in_a_matter_of_the_fourth_version_every_document_is_outdated(tmp_path: Path) -> None:
    shutil.copyfile(FIXTURES / "v4.sqlite3", tmp_path / "matter.sqlite3")
    old = open_matter(tmp_path, create=False)
    try:
        assert old.outdated(1) == old.documents() == (DOCUMENT,)
        (outcome,) = old.outcomes()
        assert (outcome.finding.citations, outcome.decision) == (FINDING.citations, DECISION)
        assert old.lexical("Delaware", None, 5)
        old.put_document(DOCUMENT, MOVED, 1, settle)
        assert old.outdated(1) == ()
        assert first_broken_link(list(old.entries())) is None
    finally:
        old.close()
