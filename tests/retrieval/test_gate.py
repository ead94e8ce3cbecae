from __future__ import annotations

import numpy as np
import pytest

from retrieval.gate import FIT_GATE, Gate, passing, with_leads
from tests.review.made import sentences

TEXTS = ("Pay $5.", "Rain fell.", "Keep $7.")
SCORES = np.array([-9.0, 0.0, 2.0], dtype=np.float32)


def holds_money(text: str) -> bool:
    return "$" in text


def test_a_gate_lets_pass_what_reaches_its_threshold_and_tells_its_recall() -> None:
    indexed, text = sentences(*TEXTS)
    marks, recall = passing(SCORES, Gate(0.0, 0.97), holds_money, indexed, text)
    assert (marks.tolist(), recall) == ([False, True, True], 0.97)


def test_without_a_gate_values_pass_whatever_their_score_and_no_recall_is_claimed() -> None:
    indexed, text = sentences(*TEXTS)
    marks, recall = passing(SCORES, None, holds_money, indexed, text)
    assert (marks.tolist(), recall) == ([True, False, True], None)


def test_without_a_gate_or_a_kind_of_value_the_fit_to_the_text_decides() -> None:
    indexed, text = sentences(*TEXTS)
    marks, recall = passing(SCORES, None, None, indexed, text)
    assert marks.tolist() == [score >= FIT_GATE.threshold for score in SCORES]
    assert recall == FIT_GATE.recall


@pytest.mark.parametrize(
    ("passed", "leads", "together"),
    [
        ([False, False, True], (None, 0, 1), [True, True, True]),
        ([False, True, False], (None, 0, 0), [True, True, False]),
        ([True, False, False], (None, 0, 0), [True, False, False]),
    ],
)
def test_what_an_item_leans_on_passes_with_it_and_no_item_passes_for_its_lead_in(
    passed: list[bool], leads: tuple[int | None, ...], together: list[bool]
) -> None:
    assert with_leads(np.array(passed), leads).tolist() == together
