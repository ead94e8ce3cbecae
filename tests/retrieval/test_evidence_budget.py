from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.spans import Span
from app.domain.text import Sentence
from retrieval.evidence_budget import LEAST, LIKELY, likely, within_budget

lengths = st.lists(st.integers(1, 400), min_size=1, max_size=40)


def sentences_of(lengths: list[int]) -> list[Sentence]:
    held: list[Sentence] = []
    start = 0
    for ordinal, length in enumerate(lengths):
        held.append(Sentence(ordinal=ordinal, page=1, span=Span(start, start + length)))
        start += length + 1
    return held


@settings(max_examples=300, deadline=None)
@given(lengths, st.integers(1, 2000), st.data())
def test_sentences_stay_within_the_budget_unless_it_is_a_single_one(
    lengths: list[int], budget: int, data: st.DataObject
) -> None:
    ranked = data.draw(st.permutations(range(len(lengths))))
    kept = within_budget(ranked, sentences_of(lengths), budget)
    assert kept[0] == ranked[0]
    assert sum(lengths[index] for index in kept) <= budget or kept == [ranked[0]]
    assert len(set(kept)) == len(kept)
    assert kept == [index for index in ranked if index in kept]


@settings(max_examples=200, deadline=None)
@given(lengths, st.integers(1, 2000))
def test_what_was_left_out_would_not_have_fitted_but_for_a_scrap(lengths: list[int], budget: int) -> None:
    kept = within_budget(range(len(lengths)), sentences_of(lengths), budget)
    left = budget - sum(lengths[index] for index in kept)
    assert left < 20 or all(lengths[index] > left for index in range(len(lengths)) if index not in kept)


def test_one_long_sentence_does_not_end_the_search() -> None:
    assert within_budget([0, 1, 2], sentences_of([100, 900, 50]), 200) == [0, 2]


def test_the_best_sentence_is_kept_however_small_the_budget() -> None:
    assert within_budget([1, 0], sentences_of([5, 600]), 10) == [1]


def test_nothing_ranked_is_nothing_kept() -> None:
    assert within_budget([], sentences_of([5]), 100) == []


@settings(max_examples=200, deadline=None)
@given(lengths, st.integers(1, 2000), st.data())
def test_what_is_likely_is_kept_up_to_twice_the_budget(
    lengths: list[int], budget: int, data: st.DataObject
) -> None:
    scores = data.draw(
        st.lists(st.floats(-20, 20), min_size=len(lengths), max_size=len(lengths)).map(
            lambda s: sorted(s)[::-1]
        )
    )
    kept = likely(range(len(lengths)), scores, sentences_of(lengths), budget)
    assert kept[0] == 0
    assert sum(lengths[index] for index in kept) <= 2 * budget or kept == [0]
    assert all(scores[index] > LIKELY or index < LEAST for index in kept)
    wanted = [index for index in range(len(lengths)) if scores[index] > LIKELY or index < LEAST]
    if sum(lengths[index] for index in wanted) + 20 <= 2 * budget:
        assert kept == wanted
