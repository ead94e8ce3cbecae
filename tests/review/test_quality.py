from __future__ import annotations

import pytest

from app.domain.kinds import FindingStatus
from app.review.quality import Told, at_coverage, calibration_error


def told(probability: float, truth: bool) -> Told:
    return Told(probability=probability, truth=truth, status=FindingStatus.FOUND, settled=True)


def test_probabilities_that_come_true_as_often_as_they_say_have_no_calibration_error() -> None:
    held = [told(0.75, n < 3) for n in range(4)] + [told(0.25, n < 1) for n in range(4)]
    assert calibration_error(held) == pytest.approx(0.0)


def test_calibration_error_is_how_far_off_they_are_on_average() -> None:
    assert calibration_error([told(0.9, False), told(0.1, False)]) == pytest.approx(0.5)


def test_the_surest_answers_come_first_and_their_errors_are_counted() -> None:
    held = [told(0.99, True), told(0.02, False), told(0.6, False), told(0.45, True)]
    assert at_coverage(held, 0.5) == (0.0, 0.0)
    assert at_coverage(held, 1.0) == (0.5, 0.5)
