from __future__ import annotations

import math
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.kinds import FindingStatus
from app.domain.task import Mix
from app.review.calibration import FEWEST, Case, as_kept, calibrated, in_proportion, thresholds
from app.review.mixing import Readout, log_odds, sigmoid
from app.review.quality import Told

FLAT = (math.log(0.25),) * 4


def read_case(chance: random.Random, mix: Mix, number: int) -> Case:
    """One whose truth is drawn as likely as ``mix`` says."""
    presence, yes = chance.uniform(0.1, 0.9), chance.gauss(0.0, 2.0)
    peak = chance.uniform(0.25, 0.97)
    rest = math.log((1.0 - peak) / 3)
    reading = Readout(asked=(0, 1, 2, 3), shares=(math.log(peak), rest, rest, rest), yes=yes)
    return Case(
        group=f"company {number % 40}",
        presence=presence,
        answers=chance.random() < sigmoid(log_odds(mix, presence, reading)),
        reading=reading,
        scores=(0.0, 1.0, 0.0, 0.0),
        right=(True, False, False, False),
    )


def drawn(mix: Mix, count: int) -> list[Case]:
    chance = random.Random(3)
    return [read_case(chance, mix, number) for number in range(count)]


def test_a_model_that_tells_much_is_believed_and_one_that_tells_nothing_is_not() -> None:
    telling = calibrated(drawn(Mix(intercept=0.0, probe=0.2, yes=1.5, peak=0.0), 400), None)
    assert telling is not None
    assert telling.mix.yes > 1.0
    assert telling.better
    assert telling.log_loss[2] < telling.log_loss[0]
    silent = calibrated(drawn(Mix(intercept=0.0, probe=1.0, yes=0.0, peak=0.0), 400), None)
    assert silent is not None
    assert abs(silent.mix.yes) < 0.15


def test_few_cases_hardly_move_the_defaults() -> None:
    few = calibrated(drawn(Mix(intercept=0.0, probe=0.2, yes=1.5, peak=0.0), FEWEST), None)
    many = calibrated(drawn(Mix(intercept=0.0, probe=0.2, yes=1.5, peak=0.0), 400), None)
    assert few is not None
    assert many is not None
    assert abs(few.mix.yes - Mix().yes) < abs(many.mix.yes - Mix().yes)


def test_nothing_is_fitted_to_too_few_cases_or_to_answers_alone() -> None:
    cases = drawn(Mix(), 60)
    assert calibrated(cases[: FEWEST - 1], None) is None
    assert calibrated([case for case in cases if case.answers], None) is None
    assert calibrated([Case("a", 0.99, answers=True)] * 100, None) is None


def test_a_share_weighs_as_much_as_puts_the_right_sentence_first() -> None:
    fitted = calibrated(drawn(Mix(), 200), None)
    assert fitted is not None
    # retrieval has a wrong sentence ahead by one; the model's share of the right one is far ahead
    assert fitted.mix.select >= 1.0


def told(p: float, truth: bool, settled: bool = False) -> Told:
    return Told(probability=p, truth=truth, status=FindingStatus.FOUND, settled=settled)


def test_thresholds_keep_to_the_error_that_is_accepted() -> None:
    right = [told(0.6 + n / 1000, True) for n in range(200)]
    wrong = [told(0.51 + n / 1000, False) for n in range(60)]
    gone = [told(0.1, False, settled=True)] * 100 + [told(0.45, True)] * 20
    absent, found = thresholds([*right, *wrong, *gone], 0.05)
    assert found is not None
    assert absent is not None
    assert 0.55 < found <= 0.6
    assert absent < 0.45
    kept = [t for t in [*right, *wrong] if t.probability >= found]
    assert sum(not t.truth for t in kept) / len(kept) <= 0.05


@example(
    rows=[(0.0, False, False)] * 2
    + [(0.0, True, False), (0.25, True, False), (0.07550905853493607, False, False)],
    accepted=0.3,
)
@given(
    st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans(), st.booleans()), max_size=80),
    st.sampled_from([0.02, 0.05, 0.1, 0.3]),
)
def test_no_threshold_lets_more_errors_pass_than_are_accepted(
    rows: list[tuple[float, bool, bool]], accepted: float
) -> None:
    answers = [told(*row) for row in rows]
    absent, found = thresholds(answers, accepted)
    if found is not None:
        kept = [t for t in answers if t.probability >= 0.5 and (t.settled or t.probability >= found)]
        assert found >= 0.5
        assert sum(not t.truth for t in kept) <= accepted * len(kept)
    if absent is not None:
        kept = [t for t in answers if t.probability < 0.5 and (t.settled or t.probability <= absent)]
        assert absent <= 0.5
        assert sum(t.truth for t in kept) <= accepted * len(kept)


@pytest.mark.parametrize("accepted", [0.01, 0.05])
def test_few_cases_promise_nothing(accepted: float) -> None:
    assert thresholds([told(0.9, True)] * 8 + [told(0.1, False)] * 8, accepted) == (None, None)


def test_what_retrieval_settles_weighs_as_much_as_in_a_review() -> None:
    settled = list(range(1000))
    assert len(in_proportion(settled, 300, 1200)) == 250
    assert in_proportion(settled, 300, 1200) == in_proportion(settled, 300, 1200)
    assert sorted(in_proportion(settled, 1200, 1200)) == settled
    assert sorted(in_proportion(settled, 0, 0)) == settled


def test_what_is_kept_is_short_and_read_back_as_it_was() -> None:
    mix = Mix(intercept=-1.20319, labels={"scope": {"narrow": 0.25}}, found=0.61239)
    kept = as_kept(mix)
    assert kept["intercept"] == -1.2032
    assert "absent" not in kept
    assert Mix.model_validate(kept) == mix.model_copy(update={"intercept": -1.2032, "found": 0.6124})
