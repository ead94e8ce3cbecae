from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.fusion import fuse

rankings = st.lists(st.lists(st.integers(0, 20), unique=True, max_size=12), max_size=4)


def test_a_score_is_the_sum_of_reciprocal_ranks() -> None:
    fused = dict(fuse([["a", "b"], ["b", "c"]]))
    assert fused == {
        "a": pytest.approx(1 / 61),
        "b": pytest.approx(1 / 62 + 1 / 61),
        "c": pytest.approx(1 / 62),
    }


def test_what_both_rankings_hold_beats_what_only_one_puts_first() -> None:
    assert [item for item, _ in fuse([["a", "b"], ["c", "b"]])] == ["b", "a", "c"]


def test_ties_keep_the_order_in_which_items_were_first_seen() -> None:
    assert [item for item, _ in fuse([["x", "p"], ["y", "q"]])] == ["x", "y", "p", "q"]


def test_a_smaller_constant_makes_the_first_places_count_for_more() -> None:
    lists = [["a", "b", "c"], ["d", "b", "c"], ["e", "c", "b"]]
    assert fuse(lists, k=60)[0][0] == "b"
    assert dict(fuse([["a"]], k=0)) == {"a": 1.0}


@settings(max_examples=200, deadline=None)
@given(rankings)
def test_everything_ranked_comes_out_once_best_first(lists: list[list[int]]) -> None:
    fused = fuse(lists)
    assert {item for item, _ in fused} == {item for ranking in lists for item in ranking}
    assert len({item for item, _ in fused}) == len(fused)
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 50), unique=True, min_size=1, max_size=20))
def test_a_single_ranking_keeps_its_order(ranking: list[int]) -> None:
    assert [item for item, _ in fuse([ranking])] == ranking
    assert [item for item, _ in fuse([ranking, ranking, []])] == ranking
