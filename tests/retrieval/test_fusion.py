from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.fusion import mix

scores = st.integers(-100, 100).map(float)
rankings = st.lists(
    st.dictionaries(st.integers(0, 20), scores, max_size=12).map(
        lambda held: sorted(held.items(), key=lambda pair: -pair[1])
    ),
    min_size=1,
    max_size=4,
)


def test_a_score_is_the_mean_of_where_it_stands_between_last_and_first() -> None:
    mixed = dict(mix([[("a", 9.0), ("b", 6.0), ("c", 5.0)], [("b", 0.8), ("d", 0.4)]]))
    assert mixed == {
        "a": pytest.approx(0.5),
        "b": pytest.approx(0.125 + 0.5),
        "c": pytest.approx(0.0),
        "d": pytest.approx(0.0),
    }


def test_how_far_apart_scores_are_counts() -> None:
    near = [("a", 1.0), ("b", 0.99), ("z", 0.0)]
    far = [("a", 1.0), ("b", 0.01), ("z", 0.0)]
    other = [("b", 1.0), ("a", 0.5), ("z", 0.0)]
    assert mix([near, other])[0][0] == "b"
    assert mix([far, other])[0][0] == "a"


def test_an_empty_ranking_changes_no_order_and_a_lone_item_is_first_of_its_own() -> None:
    assert [item for item, _ in mix([[("a", 2.0), ("b", 1.0)], []])] == ["a", "b"]
    assert mix([[("a", -7.0)]]) == [("a", 1.0)]
    assert mix([[], []]) == []


def test_ties_keep_the_order_in_which_items_were_first_seen() -> None:
    assert [item for item, _ in mix([[("x", 1.0), ("p", 0.0)], [("y", 1.0), ("q", 0.0)]])] == list("xypq")


@settings(max_examples=200, deadline=None)
@given(rankings)
def test_everything_ranked_comes_out_once_best_first(lists: list[list[tuple[int, float]]]) -> None:
    mixed = mix(lists)
    assert {item for item, _ in mixed} == {item for ranking in lists for item, _ in ranking}
    assert len({item for item, _ in mixed}) == len(mixed)
    found = [score for _, score in mixed]
    assert found == sorted(found, reverse=True)
    assert all(0.0 <= score <= 1.0 + 1e-9 for score in found)
