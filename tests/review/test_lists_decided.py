"""What is decided on a list is carried, kept and lost as with any finding."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.cancel import CancelToken
from app.domain.finding import Decision, Evidence, EvidenceSentence, Finding, Outcome
from app.domain.kinds import DecisionKind, FindingStatus, TaskKind, ValueKind
from app.domain.listing import cited_items
from app.domain.reread import ReadAnew, Settled
from app.domain.spans import Span
from app.domain.text import Page
from app.review.anchor import settle
from app.review.ask import Asker
from app.review.carry import carried
from app.review.ground import ground_list
from app.review.list_items import Lister
from app.review.repeats import Repeats, SimilarDocuments
from tests.conftest import paged
from tests.review.fake_model import FakeModel
from tests.review.made import MODEL, TASK, pack

AMOUNTS = TASK.model_copy(update={"kind": TaskKind.LIST, "value": ValueKind.MONEY, "settled_by_gate": True})
AT = datetime(2026, 11, 24, tzinfo=UTC)
TEXTS = ("The fee is $5 and the fine $7.", "The deposit is $9.")


def amounts(document: str, pages: tuple[Page, ...]) -> Finding:
    """Every page a sentence."""
    held = tuple(
        EvidenceSentence(sentence=n, page=n + 1, span=Span(page.start, page.end), text=page.text, score=0.0)
        for n, page in enumerate(pages)
    )
    made = pack(AMOUNTS)
    evidence = Evidence(document=document, task=AMOUNTS.id, sentences=held)
    answer = Lister(Asker(FakeModel(), made), made, MODEL).answer(AMOUNTS, evidence, CancelToken())
    return ground_list(f"{document}-f", answer, evidence, pages, ValueKind.MONEY)


def accepted(finding: Finding) -> Outcome:
    decision = Decision(finding=finding.id, kind=DecisionKind.ACCEPT, at=AT)
    return Outcome(finding=finding, decision=decision)


def settled(now: tuple[Page, ...]) -> Settled:
    before = paged(*TEXTS)
    held = accepted(amounts("a", before))
    return settle(
        ReadAnew(
            outcomes=(held,),
            decided=frozenset({held.finding.id}),
            before={page.number: page for page in before},
            texts=tuple(page.text for page in now),
            recognised=frozenset(),
            page=lambda number: now[number - 1],
        )
    )


def test_a_decision_on_a_list_is_carried_to_a_near_duplicate_with_the_same_items() -> None:
    near = Repeats(similar=(SimilarDocuments(first="a", second="b", share=0.96),))
    names = {"a": "Lease.pdf", "b": "Lease (scan).pdf"}
    first, same, other = (
        amounts("a", paged(*TEXTS)),
        amounts("b", paged(TEXTS[0].upper(), TEXTS[1])),
        amounts("b", paged(TEXTS[0], "The deposit is $10.")),
    )
    (decision,) = carried([accepted(first), Outcome(finding=same)], near, names, AT)
    assert (decision.finding, decision.kind) == ("b-f", DecisionKind.ACCEPT)
    assert carried([accepted(first), Outcome(finding=other)], near, names, AT) == ()


def test_a_list_read_anew_keeps_every_item_with_its_words_wherever_they_are_now() -> None:
    (kept,) = settled(paged("A new cover page.", *TEXTS)).kept
    assert [(item.display, cited.page) for item, cited in cited_items(kept)] == [
        ("USD 5", 2),
        ("USD 7", 2),
        ("USD 9", 3),
    ]


def test_a_list_of_which_one_item_is_gone_is_lost_whole_and_says_so() -> None:
    result = settled(paged(TEXTS[0]))
    assert result.kept == ()
    assert [lost.finding.status for lost in result.lost] == [FindingStatus.FAILED]
    assert "3 items: USD 5; USD 7; USD 9" in result.lost[0].note
