from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from app.domain.finding import Citation, Decision, Finding, Outcome
from app.domain.kinds import DecisionKind, FindingStatus
from app.review.carry import carried
from app.review.repeats import Repeats, SameDocuments, SimilarDocuments

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
NAMES = {"a": "Lease.pdf", "b": "Lease (scan).pdf", "c": "Lease.docx"}
NEARLY = Repeats(similar=(SimilarDocuments(first="a", second="b", share=0.96),))
SAME = Repeats(same=(SameDocuments(documents=("a", "b")),))
ACCEPT = (DecisionKind.ACCEPT, None)
REJECT = (DecisionKind.REJECT, None)
EDIT = (DecisionKind.EDIT, "Ohio")


def outcome(
    document: str,
    quote: str | None = "governed by the laws of Ohio",
    decided: tuple[DecisionKind, str | None] | None = None,
    task: str = "governing-law",
    value: JsonValue = "US-OH",
    status: FindingStatus = FindingStatus.FOUND,
) -> Outcome:
    finding = Finding(
        id=f"{document}-{task}",
        document=document,
        task=task,
        status=status,
        value=value,
        citations=() if quote is None else (Citation(page=1, start=0, end=len(quote), quote=quote),),
        reason="Not sure enough." if status is FindingStatus.ABSTAINED else None,
    )
    if decided is None:
        return Outcome(finding=finding)
    kind, edited = decided
    decision = Decision(
        finding=finding.id, kind=kind, value=edited, note="seen", at=datetime(2026, 5, 1, tzinfo=UTC)
    )
    return Outcome(finding=finding, decision=decision.model_copy(update={"analyst_seconds": 40.0}))


def absent(document: str, decided: tuple[DecisionKind, str | None] | None = None) -> Outcome:
    return outcome(document, quote=None, decided=decided, value=None, status=FindingStatus.ABSENT)


def carry(*outcomes: Outcome, repeats: Repeats = NEARLY) -> list[tuple[str, DecisionKind, str | None]]:
    return [(one.finding, one.kind, one.value) for one in carried(outcomes, repeats, NAMES, AT)]


@pytest.mark.parametrize("decided", [ACCEPT, REJECT, EDIT])
def test_a_decision_is_carried_to_the_same_words_of_a_near_duplicate(
    decided: tuple[DecisionKind, str | None],
) -> None:
    (decision,) = carried([outcome("a", decided=decided), outcome("b")], NEARLY, NAMES, AT)
    assert decision == Decision(
        finding="b-governing-law",
        kind=decided[0],
        value=decided[1],
        note="carried from Lease.pdf",
        at=AT,
        analyst_seconds=0.0,
    )


def test_it_is_carried_to_the_earlier_document_as_well() -> None:
    (decision,) = carried([outcome("a"), outcome("b", decided=ACCEPT)], NEARLY, NAMES, AT)
    assert (decision.finding, decision.note) == ("a-governing-law", "carried from Lease (scan).pdf")


def test_white_space_and_case_of_the_words_do_not_matter() -> None:
    scanned = outcome("b", quote="Governed by the\nlaws of  Ohio")
    assert carry(outcome("a", decided=ACCEPT), scanned) == [("b-governing-law", *ACCEPT)]


@pytest.mark.parametrize(
    "other",
    [
        outcome("b", quote="governed by the laws of Iowa"),
        outcome("b", task="venue"),
        outcome("b", status=FindingStatus.ABSTAINED),
        outcome("b", value="US-IA"),
        outcome("b", decided=REJECT),
        outcome("c"),
    ],
    ids=["other words", "other task", "other status", "other value", "decided already", "no duplicate"],
)
def test_nothing_is_carried_to_what_is_not_the_same_or_is_decided(other: Outcome) -> None:
    assert carry(outcome("a", decided=ACCEPT), other) == []


def test_an_edit_brings_its_own_value() -> None:
    assert carry(outcome("a", decided=EDIT), outcome("b", value="US-IA")) == [("b-governing-law", *EDIT)]


def test_what_quotes_nothing_is_carried_only_where_the_whole_text_is_the_same() -> None:
    outcomes = (absent("a", ACCEPT), absent("b"))
    assert carry(*outcomes, repeats=NEARLY) == []
    assert carry(*outcomes, repeats=SAME) == [("b-governing-law", *ACCEPT)]


@pytest.mark.parametrize("second", [REJECT, EDIT])
def test_where_decisions_on_the_copies_disagree_none_is_carried(
    second: tuple[DecisionKind, str | None],
) -> None:
    repeats = Repeats(same=(SameDocuments(documents=("a", "b", "c")),))
    outcomes = (outcome("a", decided=ACCEPT), outcome("b", decided=second), outcome("c"))
    assert carry(*outcomes, repeats=repeats) == []


def test_decisions_that_agree_are_carried_from_the_first() -> None:
    repeats = Repeats(same=(SameDocuments(documents=("a", "b", "c")),))
    outcomes = (outcome("a", decided=ACCEPT), outcome("b", decided=ACCEPT), outcome("c"))
    assert [one.note for one in carried(outcomes, repeats, NAMES, AT)] == ["carried from Lease.pdf"]


def test_copies_of_a_copy_are_reached_in_one_go() -> None:
    repeats = Repeats(
        same=(SameDocuments(documents=("a", "c")),),
        similar=(SimilarDocuments(first="a", second="b", share=0.96),),
    )
    reached = carry(outcome("a"), outcome("b"), outcome("c", decided=ACCEPT), repeats=repeats)
    assert reached == [("a-governing-law", *ACCEPT), ("b-governing-law", *ACCEPT)]


def test_a_matter_without_repeats_carries_nothing() -> None:
    assert carry(outcome("a", decided=ACCEPT), outcome("b"), repeats=Repeats()) == []
