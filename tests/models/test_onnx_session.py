"""Batches for ONNX models: every row once, little padding, and what one of them raises is told."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.onnx_session import batches, run_all


@given(st.lists(st.integers(1, 300), max_size=80), st.integers(1, 600))
def test_every_row_is_in_one_batch_that_is_small_and_of_like_lengths(lengths: list[int], most: int) -> None:
    found = batches(lengths, most)
    assert sorted(row for batch in found for row in batch) == list(range(len(lengths)))
    for batch in found:
        longest = lengths[batch[0]]
        assert all(longest >= lengths[row] >= longest / 2 for row in batch)
        assert len(batch) == 1 or longest * len(batch) <= most


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_all_batches_run_and_no_thread_is_left(threads: int) -> None:
    before = threading.active_count()
    done: list[int] = []
    run_all(done.extend, [[1], [2, 3], [4]], threads)
    assert sorted(done) == [1, 2, 3, 4]
    assert threading.active_count() == before


@pytest.mark.parametrize("threads", [1, 3])
def test_what_a_batch_raises_is_raised(threads: int) -> None:
    def run(rows: list[int]) -> None:
        if rows == [2]:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run_all(run, [[1], [2], [3]], threads)
