from __future__ import annotations

import pytest
from pydantic import JsonValue

from app.desktop.grid_cells import (
    CellState,
    cell_state,
    outcome_state,
    plain_tip,
    shown_text,
    sort_group,
    sort_key,
    spoken,
)
from app.domain.kinds import FindingStatus, OutcomeState
from tests.desktop.grid_made import document, outcome

HELD = document(1, "MSA Acme.pdf")


@pytest.mark.parametrize(
    "state", [state for state in CellState if state not in (CellState.EMPTY, CellState.READING)]
)
def test_a_cell_has_the_state_of_its_outcome(state: CellState) -> None:
    held = outcome(HELD, "law", state)
    assert cell_state(held) is state
    assert outcome_state(state) is held.state


def test_a_cell_without_an_outcome_has_no_state_of_one() -> None:
    assert outcome_state(CellState.EMPTY) is None
    assert outcome_state(CellState.READING) is None


def test_a_screen_reader_hears_task_document_status_value_confidence_and_decision() -> None:
    said = spoken("Governing law", "MSA Acme", outcome(HELD, "law"), CellState.UNDECIDED)
    assert said == "Governing law of MSA Acme: found, New York, sure, undecided"


def test_a_screen_reader_hears_why_a_finding_abstained() -> None:
    held = outcome(HELD, "law", CellState.ABSTAINED)
    said = spoken("Term", "MSA Acme", held, CellState.ABSTAINED)
    assert said == "Term of MSA Acme: not sure, It could not be told."


def test_a_screen_reader_hears_the_edited_value_and_not_the_one_it_replaced() -> None:
    held = outcome(HELD, "law", CellState.EDITED, edited="Delaware")
    said = spoken("Law", "MSA", held, CellState.EDITED)
    assert "Delaware" in said
    assert "New York" not in said


def test_a_screen_reader_hears_that_a_cell_is_being_read() -> None:
    assert spoken("Term", "MSA", None, CellState.READING) == "Term of MSA: reading…"


def test_an_accepted_absence_still_says_absent() -> None:
    held = outcome(HELD, "law", CellState.ACCEPTED, value="")
    absent = held.model_copy(
        update={"finding": held.finding.model_copy(update={"status": FindingStatus.ABSENT, "citations": ()})}
    )
    assert absent.state is OutcomeState.ACCEPTED
    assert shown_text(absent) == "absent"


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ({"date": "2021-11-30"}, {"date": "2024-03-01"}),
        ({"count": 45, "unit": "day"}, {"count": 2, "unit": "month"}),
        ({"count": 11, "unit": "month"}, {"count": 1, "unit": "year"}),
        ({"amount": 900.0, "currency": "USD"}, {"amount": 2_000_000.0, "currency": "USD"}),
        ({"count": 90, "unit": "minute"}, {"count": 2, "unit": "hour"}),
        ({"number": 7.5, "unit": "%"}, {"number": 12, "unit": "%"}),
        ({"low": 5, "high": 30, "unit": "mg"}, {"number": 10, "unit": "mg"}),
        (
            {"systolic": 95, "diastolic": 60, "unit": "mm[Hg]"},
            {"systolic": 120, "diastolic": 80, "unit": "mm[Hg]"},
        ),
        ({"answer": True}, {"answer": False}),
        (3, 20),
    ],
)
def test_typed_values_sort_by_what_they_mean(smaller: JsonValue, larger: JsonValue) -> None:
    low = outcome(HELD, "law", value="9 comes last as text", typed=smaller)
    high = outcome(HELD, "law", value="1 comes first as text", typed=larger)
    assert sort_key(low) < sort_key(high)


def test_words_sort_without_regard_to_case() -> None:
    assert sort_key(outcome(HELD, "law", value="delaware")) < sort_key(outcome(HELD, "law", value="New York"))


def test_values_stand_before_rejects_doubts_failures_and_absences() -> None:
    groups = [
        sort_group(state)
        for state in (
            CellState.ACCEPTED,
            CellState.REJECTED,
            CellState.ABSTAINED,
            CellState.FAILED,
            CellState.ABSENT,
            CellState.READING,
            CellState.EMPTY,
        )
    ]
    assert groups == sorted(groups)
    assert len(set(groups)) == len(groups)


def test_a_documents_words_never_become_markup() -> None:
    assert "<img" not in plain_tip('<img src="file:///etc/passwd">', "")
