from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.kinds import TaskKind
from app.domain.task import Task, Topic
from app.review.workload import UNKNOWN, Done, done, loads_of, weight_of, work_of
from tests.review.made import TASK

EXTRACT = TASK
LIST = TASK.model_copy(update={"id": "amounts", "kind": TaskKind.LIST})
RULED = TASK.model_copy(update={"id": "dates", "kind": TaskKind.LIST, "settled_by_gate": True})
TOPICS = tuple(Topic(title=f"T{n}", ask="What is paid?", queries=("pays",)) for n in range(5))
SUMMARY = TASK.model_copy(update={"id": "in-short", "kind": TaskKind.SUMMARY, "topics": TOPICS})
KINDS = (EXTRACT, LIST, RULED, SUMMARY)
USUAL = 3.0
times = st.floats(0.01, 600)


def seconds_each(task: Task, before: list[Done]) -> float:
    (load,) = loads_of([task], before, USUAL)
    return sum(load.history) / len(load.history) if load.history else load.default_seconds


def test_before_anything_was_made_a_list_a_summary_and_a_rule_are_not_quoted_like_a_clause() -> None:
    clause, listed, ruled, summed_up = (seconds_each(task, []) for task in KINDS)
    assert clause == USUAL
    assert ruled < clause / 10
    assert listed > 2 * clause
    assert summed_up > len(TOPICS) * clause


def test_a_summary_of_more_topics_is_more_work() -> None:
    one = SUMMARY.model_copy(update={"topics": TOPICS[:1]})
    assert weight_of(SUMMARY) == pytest.approx(len(TOPICS) * weight_of(one))


@given(st.sampled_from(KINDS), st.lists(times, min_size=1, max_size=5), st.lists(times, max_size=5))
def test_a_kind_goes_by_its_own_findings_whatever_others_took(
    task: Task, own: list[float], others: list[float]
) -> None:
    other = next(one for one in KINDS if work_of(one) != work_of(task))
    before = [done(other, seconds) for seconds in others] + [done(task, seconds) for seconds in own]
    (load,) = loads_of([task, task], before, USUAL)
    assert (load.findings, load.history) == (2, tuple(own))


@given(st.sampled_from(KINDS), st.lists(times, min_size=1, max_size=9))
def test_a_kind_that_was_never_made_here_goes_by_how_fast_the_machine_made_others(
    task: Task, clauses: list[float]
) -> None:
    before = [Done(work=UNKNOWN, weight=1.0, seconds=seconds) for seconds in clauses]
    assert seconds_each(task, before) == pytest.approx(weight_of(task) * sum(clauses) / len(clauses))


def test_findings_of_a_task_that_is_not_known_any_more_count_as_usual_ones() -> None:
    assert done(None, 4.0) == Done(work=UNKNOWN, weight=1.0, seconds=4.0)


def test_each_finding_is_in_the_load_of_its_kind_and_in_no_other() -> None:
    loads = loads_of([EXTRACT, SUMMARY, EXTRACT, RULED, LIST, EXTRACT], [], USUAL)
    assert [(load.work, load.findings) for load in loads] == [
        ("extract", 3),
        ("summary", 1),
        ("list by rule", 1),
        ("list", 1),
    ]
