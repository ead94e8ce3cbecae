from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.domain.finding import Answer, Evidence
from app.domain.kinds import CiteKind, FindingStatus, TaskKind, ValueKind
from app.domain.listing import items_of
from app.domain.spans import Span
from app.domain.task import Mix, Task
from app.review.ask import MOST_NUMBERED, Asker
from app.review.ground import ground_list
from app.review.list_items import MOST_ITEMS, Lister
from app.review.sweep_windows import windows_of
from tests.conftest import paged
from tests.review.fake_model import FakeModel
from tests.review.made import MODEL, TASK, evidence, pack

OBLIGATIONS = TASK.model_copy(update={"kind": TaskKind.LIST, "title": "Obligations"})
AMOUNTS = OBLIGATIONS.model_copy(update={"value": ValueKind.MONEY, "settled_by_gate": True})
PERIODS = AMOUNTS.model_copy(update={"value": ValueKind.TIME})
ONLY_YES = Mix(intercept=0.0, probe=0.0, yes=1.0, peak=0.0, select=0.0)
ONLY_SHARES = Mix(intercept=0.0, probe=0.0, yes=0.0, peak=1.0, select=0.0)
ONLY_SCORES = Mix(intercept=0.0, probe=1.0, yes=0.0, peak=0.0, select=0.0)


def listed(
    held: Evidence,
    task: Task = OBLIGATIONS,
    model: FakeModel | None = None,
    mix: Mix = ONLY_YES,
    most_windows: int = 16,
) -> Answer:
    made = pack(task, mix=mix)
    lister = Lister(Asker(model or FakeModel(yes=9.0), made), made, MODEL, most_windows)
    return lister.answer(task, held, CancelToken())


def led(held: Evidence, leads: dict[int, int]) -> Evidence:
    """Where a sentence's list begins with another."""
    sentences = [s.model_copy(update={"lead": leads.get(place)}) for place, s in enumerate(held.sentences)]
    return held.model_copy(update={"sentences": tuple(sentences)})


def displays(answer: Answer) -> list[str]:
    return [item.display for item in items_of(answer.value)]


def test_a_list_whose_gate_settles_it_never_asks_the_model() -> None:
    model = FakeModel(yes=-9.0)
    answer = listed(evidence("Pay $5.", "Keep $1,200 in escrow."), AMOUNTS, model)
    assert (answer.status, answer.confidence) == (FindingStatus.FOUND, 1.0)
    assert displays(answer) == ["USD 5", "USD 1,200"]
    assert answer.display == "2 items: USD 5; USD 1,200"
    assert model.calls == answer.model_calls == 0


def test_items_of_one_sentence_share_its_citation_and_each_keeps_the_words_around_it() -> None:
    answer = listed(evidence("Pay $5 now and $7 later.", "Then pay $9."), AMOUNTS)
    items = items_of(answer.value)
    assert [item.citation for item in items] == [0, 0, 1]
    assert answer.quotes == (Span(0, 24), Span(25, 37))
    assert items[1].words == "Pay $5 now and $7 later."
    assert items[1].line == "USD 7: Pay $5 now and $7 later."
    assert items[1].value == {"amount": 7.0, "currency": "USD"}


def test_the_same_value_twice_in_one_sentence_is_one_item_and_in_two_sentences_two() -> None:
    answer = listed(evidence("A fee of $5, that is $5.00, is due.", "A fee of $5 is due."), AMOUNTS)
    assert displays(answer) == ["USD 5", "USD 5"]
    assert [item.citation for item in items_of(answer.value)] == [0, 1]


def test_words_are_cited_alone_where_the_task_cites_words() -> None:
    task = AMOUNTS.model_copy(update={"cite": CiteKind.WORDS})
    assert listed(evidence("Pay $5 now and $7 later."), task).quotes == (Span(4, 6), Span(15, 17))


def test_dates_and_lengths_of_time_stand_in_one_list_in_the_order_of_the_text() -> None:
    answer = listed(evidence("Within thirty (30) days after May 3, 2005, and for two years."), PERIODS)
    assert displays(answer) == ["30 days", "2005-05-03", "2 years"]


def test_nothing_that_passed_the_gate_is_absent_without_the_model() -> None:
    model = FakeModel(yes=9.0)
    answer = listed(evidence(), model=model)
    assert (answer.status, answer.confidence, model.calls) == (FindingStatus.ABSENT, 1.0, 0)


@pytest.mark.parametrize(
    ("yes", "status"),
    [(9.0, FindingStatus.FOUND), (-9.0, FindingStatus.ABSENT), (-0.3, FindingStatus.ABSTAINED)],
)
def test_the_model_says_whether_a_window_holds_items(yes: float, status: FindingStatus) -> None:
    answer = listed(evidence("A must mow.", "B must sow."), model=FakeModel(yes=yes))
    assert answer.status is status
    assert answer.model_calls == 2
    assert bool(answer.reason) == (status is FindingStatus.ABSTAINED)


def test_within_a_window_the_numbers_that_the_model_favours_are_the_items() -> None:
    answer = listed(
        evidence("Rain fell.", "A must mow.", "Snow fell."), model=FakeModel(picks=2), mix=ONLY_SHARES
    )
    assert displays(answer) == ["A must mow."]
    assert answer.selected == (1,)
    assert answer.reason is None


def test_what_is_neither_clear_nor_out_is_told_with_its_page_beside_what_was_found() -> None:
    held = evidence("A must mow.", "Perhaps B sows.", presence=0.8, scores=(3.0, 1.2))
    answer = listed(held, mix=ONLY_SCORES)
    assert displays(answer) == ["A must mow."]
    assert answer.reason == "1 more sentence may hold an item, and may not: page 1."


def test_what_a_probe_is_sure_of_is_settled_without_the_model() -> None:
    model = FakeModel(yes=-9.0)
    answer = listed(evidence("A must mow.", "B must sow.", presence=0.5, scores=(4.0, 5.0)), model=model)
    assert (displays(answer), model.calls) == (["A must mow.", "B must sow."], 0)
    assert answer.confidence == pytest.approx(
        (_logistic(4.0 - math.log(4)) + _logistic(5.0 - math.log(4))) / 2
    )


def test_without_a_probe_scores_settle_nothing() -> None:
    model = FakeModel(yes=9.0)
    assert listed(evidence("A must mow.", scores=(9.0,)), model=model).model_calls == model.calls == 2


def test_a_lead_in_is_read_with_its_items_and_is_none_itself() -> None:
    model = FakeModel(yes=9.0)
    answer = listed(led(evidence("A must:", "(a) mow;", "(b) sow."), {1: 0, 2: 0}), model=model)
    assert displays(answer) == ["(a) mow;", "(b) sow."]
    assert model.numbers == [("1", "2", "3")]


def test_a_lead_in_that_holds_a_value_is_an_item_too() -> None:
    answer = listed(led(evidence("Of $9 A pays:", "(a) $5;", "(b) $4."), {1: 0, 2: 0}), AMOUNTS)
    assert displays(answer) == ["USD 9", "USD 5", "USD 4"]


def test_a_sweep_that_would_read_too_much_says_what_was_not_read() -> None:
    held = evidence(*(f"Party {n} must mow." for n in range(3 * MOST_NUMBERED)))
    model = FakeModel(yes=9.0)
    answer = listed(held, model=model, most_windows=2)
    assert len(items_of(answer.value)) == 2 * MOST_NUMBERED
    assert model.calls == 4
    assert answer.reason == "6 more sentences were not read, the least likely ones: page 1."


def test_a_list_is_capped_and_says_how_many_it_leaves_out() -> None:
    held = evidence(*(f"Pay ${n}." for n in range(1, MOST_ITEMS + 4)))
    answer = listed(held, AMOUNTS)
    assert len(items_of(answer.value)) == MOST_ITEMS
    assert answer.reason == f"3 more are not listed, since a list holds {MOST_ITEMS} items at most."


def test_a_sweep_that_is_cancelled_stops_between_two_windows() -> None:
    cancel = CancelToken()

    class Stopping(FakeModel):
        def choose(self, choices, cancel):  # type: ignore[no-untyped-def]
            given = super().choose(choices, cancel)
            cancel.cancel()
            return given

    model = Stopping(yes=9.0)
    made = pack(OBLIGATIONS, mix=ONLY_YES)
    held = evidence(*(f"Party {n} must mow." for n in range(3 * MOST_NUMBERED)))
    with pytest.raises(Cancelled):
        Lister(Asker(model, made), made, MODEL).answer(OBLIGATIONS, held, cancel)
    assert model.calls == 2


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(1, 900), min_size=1, max_size=40),
    st.lists(st.integers(0, 3), min_size=40, max_size=40),
    st.data(),
)
def test_windows_hold_every_sentence_that_is_asked_about_once_and_stay_small(
    lengths: list[int], gaps: list[int], data: st.DataObject
) -> None:
    held = evidence(*("x" * length for length in lengths))
    places = [sum(gaps[: n + 1]) + n for n in range(len(lengths))]
    held = held.model_copy(
        update={
            "sentences": tuple(
                s.model_copy(update={"sentence": p}) for s, p in zip(held.sentences, places, strict=True)
            )
        }
    )
    asked = data.draw(st.lists(st.sampled_from(range(len(lengths))), unique=True))
    windows = windows_of(held, asked, MOST_NUMBERED, 2000)
    assert [i for window in windows for i in window] == sorted(asked)
    for window in windows:
        assert len(window) <= MOST_NUMBERED
        assert sum(lengths[i] for i in window) <= 2000 or len(window) == 1
    for first, second in pairwise(windows):
        together = len(first) + len(second) <= MOST_NUMBERED
        assert not (together and sum(lengths[i] for i in (*first, *second)) <= 2000)


def test_a_long_list_is_read_in_pieces_each_with_its_lead_in() -> None:
    held = led(evidence("A must:", *(f"({n}) mow {n};" for n in range(8))), dict.fromkeys(range(1, 9), 0))
    windows = windows_of(held, range(1, 9), MOST_NUMBERED, 2000)
    assert windows == ((0, 1, 2, 3, 4, 5), (0, 6, 7, 8))


def test_a_grounded_list_has_each_items_own_words() -> None:
    pages = paged("Pay $5 now.", "Keep $7.")
    held = evidence("Pay $5 now.", "Keep $7.")
    second = held.sentences[1].model_copy(update={"page": 2})
    held = held.model_copy(update={"sentences": (held.sentences[0], second)})
    finding = ground_list("f", listed(held, AMOUNTS), held, pages, ValueKind.MONEY)
    assert finding.status is FindingStatus.FOUND
    assert [(c.page, c.quote) for c in finding.citations] == [(1, "Pay $5 now."), (2, "Keep $7.")]


def test_a_list_with_an_item_whose_words_do_not_give_its_value_abstains_whole() -> None:
    held = evidence("Pay $5 now.", "Keep $7.")
    answer = listed(held, AMOUNTS)
    forged = answer.model_copy(
        update={
            "value": {
                "items": [{"display": "USD 6", "value": {"amount": 6.0, "currency": "USD"}, "citation": 0}]
            }
        }
    )
    finding = ground_list("f", forged, held, paged("Pay $5 now. Keep $7."), ValueKind.MONEY)
    assert (finding.status, finding.value, finding.citations) == (FindingStatus.ABSTAINED, None, ())
    nowhere = ground_list("f", answer, held, paged("Pay"), ValueKind.MONEY)
    assert nowhere.status is FindingStatus.ABSTAINED


def _logistic(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))
