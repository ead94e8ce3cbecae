from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.cancel import CancelToken
from app.domain.cost import Usage
from app.domain.errors import Cancelled, EngineFailed
from app.domain.finding import Decision, ModelRef, Outcome, PackRef, finding_id
from app.domain.kinds import DecisionKind, DocumentState, FindingStatus
from app.domain.record import EntryKind, LedgerEntry, first_broken_link
from app.domain.text import Document
from app.domain.work import Progress
from app.review.review_matter import Priced, Reviewed, ReviewMatter, WorkItem, undone, work_items
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from tests.ledger.made import DECIDING
from tests.review.fake_engine import ASKING, EMBEDDER, INDEXING, FakeEngine, finding
from tests.review.made import MODEL, TASK, pack
from tests.store.made import DOCUMENT, PAGES

TASKS = ("governing-law", "insurance")
PACK = pack(TASK, TASK.model_copy(update={"id": "insurance"}))
EACH = 0.02
PRICED = Priced(currency="USD", quoted_each=0.03)


def a_document(letter: str, state: DocumentState = DocumentState.READY) -> Document:
    sha256 = letter * 64
    return DOCUMENT.model_copy(
        update={"id": sha256[:16], "sha256": sha256, "name": f"{letter}.pdf", "state": state}
    )


DOCUMENTS = (a_document("b"), a_document("a"), a_document("c", DocumentState.LOCKED))
ITEMS = work_items(PACK, MODEL, TASKS, DOCUMENTS)


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "m", create=True)
    for document in DOCUMENTS:
        held.put_document(document, PAGES if document.state.readable else ())
    yield held
    held.close()


def price(usage: Usage) -> float:
    return usage.seconds / 100


def run(
    matter: SqliteMatter,
    engine: FakeEngine,
    cancel_after: int | None = None,
    most: float | None = None,
    progress: list[Progress] | None = None,
) -> Reviewed:
    """A whole review; ``cancel_after`` so many findings the user stops it."""
    token = CancelToken()

    def report(step: Progress) -> None:
        if progress is not None:
            progress.append(step)
        if step.what == "reviewing" and step.done == cancel_after:
            token.cancel()

    priced = PRICED.model_copy(update={"most": most})
    review = ReviewMatter(matter, engine, EMBEDDER, price)
    return review.run(PACK, MODEL, TASKS, DOCUMENTS, priced, report, token)


def decide(matter: SqliteMatter, finding: str, kind: DecisionKind) -> None:
    value = "Ohio" if kind is DecisionKind.EDIT else None
    matter.put_decision(Decision(finding=finding, kind=kind, value=value, at=datetime.now(UTC)))


def entries(matter: SqliteMatter, kind: EntryKind) -> list[LedgerEntry]:
    return [entry for entry in matter.entries() if entry.kind is kind]


def ids(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [outcome.finding.id for outcome in outcomes]


def failing(*tasks: str) -> FakeEngine:
    return FakeEngine(lambda item: FindingStatus.FAILED if item.task in tasks else FindingStatus.FOUND)


def test_work_goes_document_by_document_and_leaves_out_what_cannot_be_read() -> None:
    assert [(item.document[0], item.task) for item in ITEMS] == [
        ("b", "governing-law"),
        ("b", "insurance"),
        ("a", "governing-law"),
        ("a", "insurance"),
    ]


def test_a_findings_id_names_the_work_and_not_the_moment() -> None:
    assert work_items(PACK, MODEL, TASKS, DOCUMENTS) == ITEMS
    other_pack = PackRef(id=PACK.ref.id, version=PACK.ref.version, sha256="0" * 64)
    other_model = ModelRef(id=MODEL.id, sha256="0" * 64)
    names = {
        finding_id("d", "t", PACK.ref, MODEL),
        finding_id("e", "t", PACK.ref, MODEL),
        finding_id("d", "u", PACK.ref, MODEL),
        finding_id("d", "t", other_pack, MODEL),
        finding_id("d", "t", PACK.ref, other_model),
    }
    assert len(names) == 5


def test_every_task_on_every_readable_document_is_found_priced_and_recorded(matter: SqliteMatter) -> None:
    engine = FakeEngine()
    assert run(matter, engine) == Reviewed(made=4, left=0)
    assert engine.reviewed == list(ITEMS)
    assert ids(matter.outcomes()) == [item.finding for item in ITEMS]
    for outcome in matter.outcomes():
        cost = outcome.finding.cost
        assert (cost.currency, cost.machine, cost.analyst, cost.quoted) == ("USD", EACH, 0.0, 0.03)
    for item, entry in zip(ITEMS, entries(matter, EntryKind.FINDING), strict=True):
        assert (
            entry.payload.items()
            >= {
                "finding": item.finding,
                "document": item.document,
                "task": item.task,
                "status": "found",
                "pack": PACK.ref.id,
                "seconds": ASKING.seconds,
                "kwh": ASKING.energy.kwh,
                "measured": False,
                "machine": EACH,
                "quoted": 0.03,
            }.items()
        )


def test_the_ledger_tells_a_run_from_its_start_to_its_end(matter: SqliteMatter) -> None:
    run(matter, FakeEngine())
    told = matter.entries()
    assert [entry.kind.value for entry in told] == [
        *["indexed"] * 2,
        "run-started",
        *["finding"] * 4,
        "run-ended",
    ]
    assert told[2].payload == {
        "pack": PACK.ref.model_dump(),
        "model": MODEL.model_dump(),
        "findings": 4,
        "quoted": pytest.approx(0.12),
    }
    assert told[-1].payload == {"ending": "done"}
    assert first_broken_link(list(told)) is None


def test_the_ledger_holds_ids_and_figures_and_no_words_of_a_document(matter: SqliteMatter) -> None:
    run(matter, FakeEngine())
    written = str([entry.payload for entry in matter.entries()])
    for word in ("Delaware", "Agreement", "governed", ".pdf"):
        assert word not in written


def test_a_document_is_indexed_once_and_what_it_took_is_recorded(matter: SqliteMatter) -> None:
    engine = FakeEngine()
    review = ReviewMatter(matter, engine, EMBEDDER, price)
    for _ in range(2):
        review.index(DOCUMENTS, lambda _: None, CancelToken())
    assert engine.indexed == [DOCUMENTS[0].id, DOCUMENTS[1].id]
    assert matter.indexed_documents(EMBEDDER) == (DOCUMENTS[0].id, DOCUMENTS[1].id)
    told = entries(matter, EntryKind.INDEXED)
    assert [entry.payload["document"] for entry in told] == engine.indexed
    assert told[0].payload["machine"] == price(INDEXING)
    assert told[0].payload["measured"] is True


def test_stopped_indexing_keeps_the_documents_that_are_done(matter: SqliteMatter) -> None:
    token = CancelToken()
    review = ReviewMatter(matter, FakeEngine(), EMBEDDER, price)
    with pytest.raises(Cancelled):
        review.index(DOCUMENTS, lambda step: token.cancel() if step.done == 1 else None, token)
    assert matter.indexed_documents(EMBEDDER) == (DOCUMENTS[0].id,)
    assert len(entries(matter, EntryKind.INDEXED)) == 1


def test_a_second_run_has_nothing_to_do_and_writes_nothing(matter: SqliteMatter) -> None:
    run(matter, FakeEngine())
    before = matter.entries()
    engine = FakeEngine()
    assert run(matter, engine) == Reviewed(skipped=4)
    assert engine.reviewed == []
    assert matter.entries() == before


def test_a_review_of_no_documents_is_done_at_once(tmp_path: Path) -> None:
    empty = open_matter(tmp_path / "empty", create=True)
    review = ReviewMatter(empty, FakeEngine(), EMBEDDER, price)
    ended = review.run(PACK, MODEL, TASKS, (), PRICED, lambda _: None, CancelToken())
    assert ended == Reviewed()
    assert empty.entries() == ()
    empty.close()


def test_stopping_keeps_what_was_finished_and_the_next_run_goes_on_from_there(matter: SqliteMatter) -> None:
    with pytest.raises(Cancelled):
        run(matter, FakeEngine(), cancel_after=3)
    assert ids(matter.outcomes()) == [item.finding for item in ITEMS[:3]]
    assert entries(matter, EntryKind.RUN_ENDED)[-1].payload == {"ending": "cancelled"}
    engine = FakeEngine()
    assert run(matter, engine) == Reviewed(made=1, skipped=3)
    assert engine.reviewed == [ITEMS[3]]
    assert len(matter.outcomes()) == 4
    assert first_broken_link(list(matter.entries())) is None


def test_an_engine_that_is_gone_costs_only_what_was_not_finished(matter: SqliteMatter) -> None:
    with pytest.raises(EngineFailed):
        run(matter, FakeEngine(breaks_at=2))
    assert ids(matter.outcomes()) == [item.finding for item in ITEMS[:2]]
    assert entries(matter, EntryKind.RUN_ENDED)[-1].payload == {"ending": "failed"}
    assert run(matter, FakeEngine()) == Reviewed(made=2, skipped=2)


def test_every_started_run_ends_exactly_once(matter: SqliteMatter) -> None:
    run(matter, FakeEngine(), most=5 * EACH)
    with pytest.raises(EngineFailed):
        run(matter, FakeEngine(breaks_at=0))
    with pytest.raises(Cancelled):
        run(matter, FakeEngine(), cancel_after=1)
    run(matter, FakeEngine())
    kinds = [entry.kind for entry in matter.entries()]
    marks = [kind for kind in kinds if kind in (EntryKind.RUN_STARTED, EntryKind.RUN_ENDED)]
    assert marks == [EntryKind.RUN_STARTED, EntryKind.RUN_ENDED] * 4
    endings = [entry.payload["ending"] for entry in entries(matter, EntryKind.RUN_ENDED)]
    assert endings == ["partial", "failed", "cancelled", "done"]


@pytest.mark.parametrize(("most", "made"), [(0.0, 0), (EACH, 1), (2.5 * EACH, 3), (3 * EACH, 3), (100.0, 4)])
def test_no_finding_is_begun_once_the_most_that_it_may_cost_is_spent(
    matter: SqliteMatter, most: float, made: int
) -> None:
    ReviewMatter(matter, FakeEngine(), EMBEDDER, price).index(DOCUMENTS, lambda _: None, CancelToken())
    engine = FakeEngine()
    assert run(matter, engine, most=most) == Reviewed(made=made, left=4 - made)
    assert len(matter.outcomes()) == len(engine.reviewed) == made
    ending = "done" if made == 4 else "partial"
    assert entries(matter, EntryKind.RUN_ENDED)[-1].payload == {"ending": ending}


def test_reading_and_indexing_counts_towards_the_most_that_it_may_cost(matter: SqliteMatter) -> None:
    for_indexing = 2 * price(INDEXING)
    assert run(matter, FakeEngine(), most=for_indexing) == Reviewed(left=4)
    assert entries(matter, EntryKind.RUN_ENDED)[-1].payload == {"ending": "partial"}
    assert len(entries(matter, EntryKind.INDEXED)) == 2
    assert run(matter, FakeEngine(), most=2 * EACH) == Reviewed(made=2, left=2)


def test_a_failed_finding_is_told_and_made_again(matter: SqliteMatter) -> None:
    assert run(matter, failing("insurance")) == Reviewed(made=4, failed=2)
    assert entries(matter, EntryKind.RUN_ENDED)[-1].payload == {"ending": "partial"}
    engine = FakeEngine()
    assert run(matter, engine) == Reviewed(made=2, skipped=2)
    assert [item.task for item in engine.reviewed] == ["insurance"] * 2
    assert {outcome.finding.status for outcome in matter.outcomes()} == {FindingStatus.FOUND}
    assert len(entries(matter, EntryKind.FINDING)) == 6


@pytest.mark.parametrize("kind", DECIDING)
@pytest.mark.parametrize("status", FindingStatus)
def test_what_was_decided_is_never_made_again(
    matter: SqliteMatter, kind: DecisionKind, status: FindingStatus
) -> None:
    run(matter, FakeEngine(lambda _: status))
    decide(matter, ITEMS[0].finding, kind)
    before = matter.outcome(ITEMS[0].finding)
    engine = FakeEngine()
    run(matter, engine)
    assert ITEMS[0] not in engine.reviewed
    assert matter.outcome(ITEMS[0].finding) == before


def test_a_failed_finding_whose_decision_was_taken_back_is_made_again(matter: SqliteMatter) -> None:
    run(matter, failing("insurance"))
    decide(matter, ITEMS[1].finding, DecisionKind.REJECT)
    decide(matter, ITEMS[3].finding, DecisionKind.REJECT)
    decide(matter, ITEMS[3].finding, DecisionKind.WITHDRAW)
    engine = FakeEngine()
    run(matter, engine)
    assert engine.reviewed == [ITEMS[3]]


@pytest.mark.parametrize("status", [FindingStatus.ABSENT, FindingStatus.ABSTAINED])
def test_absent_and_abstained_are_answers_and_not_asked_again(
    matter: SqliteMatter, status: FindingStatus
) -> None:
    assert run(matter, FakeEngine(lambda _: status)) == Reviewed(made=4)
    assert run(matter, FakeEngine()) == Reviewed(skipped=4)


def test_what_is_undone_keeps_its_order() -> None:
    done = Outcome(finding=finding(ITEMS[1], FindingStatus.FOUND))
    failed = Outcome(finding=finding(ITEMS[2], FindingStatus.FAILED))
    other = Outcome(finding=finding(WorkItem(finding="x", document="y", task="z"), FindingStatus.FOUND))
    assert undone(ITEMS, [failed, done, other]) == (ITEMS[0], ITEMS[2], ITEMS[3])


def test_progress_goes_from_nothing_to_everything_step_by_step(matter: SqliteMatter) -> None:
    progress: list[Progress] = []
    run(matter, FakeEngine(), progress=progress)
    assert [(step.what, step.done, step.total) for step in progress] == [
        *(("indexing", done, 2) for done in range(3)),
        *(("reviewing", done, 4) for done in range(5)),
    ]


def test_a_finding_is_stored_before_anyone_is_told_of_it(matter: SqliteMatter) -> None:
    heard: list[str] = []

    def told(made: object) -> None:
        outcome = matter.outcomes()[-1]
        assert outcome.finding == made
        heard.append(outcome.finding.id)

    review = ReviewMatter(matter, FakeEngine(), EMBEDDER, price, told)
    review.run(PACK, MODEL, TASKS, DOCUMENTS, PRICED, lambda _: None, CancelToken())
    assert heard == [item.finding for item in ITEMS]
