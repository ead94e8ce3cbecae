from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.finding import Evidence
from app.domain.kinds import FindingStatus
from app.domain.task import Task
from app.engine.child import MOST_IN_A_ROW
from app.engine.protocol import (
    Begun,
    CancelJob,
    Ended,
    EvidenceJob,
    Given,
    Hits,
    Indexed,
    IndexJob,
    Job,
    Made,
    ReadJob,
    ReviewJob,
    SearchJob,
)
from app.review.review_matter import WorkItem
from tests.engine.fake_engine import SECRET, Line, asked, line_to

ANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
HARMLESS = ("fine", "raises", "raises from", "is not readable", "has no model", "prints")
LAST = SearchJob(query="the last")


def review(*tasks: str) -> ReviewJob:
    return ReviewJob(
        items=tuple(WorkItem(finding=f"{n}", document="d", task=task) for n, task in enumerate(tasks))
    )


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


@pytest.fixture
def line(notes: Path) -> Iterator[Line]:
    with line_to(notes) as held:
        yield held


jobs = st.one_of(
    st.lists(st.sampled_from(HARMLESS), max_size=5).map(lambda tasks: review(*tasks)),
    st.lists(st.sampled_from(HARMLESS), max_size=3).map(lambda names: IndexJob(documents=tuple(names))),
    st.sampled_from(HARMLESS).map(lambda query: SearchJob(query=query)),
    st.sampled_from(HARMLESS).map(lambda task: EvidenceJob(documents=("a", "b"), task=task, budget=9)),
    st.lists(st.sampled_from(HARMLESS), max_size=3).map(
        lambda tasks: ReadJob(evidence=tuple(Evidence(document="d", task=t, sentences=()) for t in tasks))
    ),
)


@ANY
@given(jobs=st.lists(jobs, max_size=3), garbage=st.booleans(), cancelled=st.booleans())
def test_every_job_ends_with_exactly_one_terminal_event(
    line: Line, jobs: list[Job], garbage: bool, cancelled: bool
) -> None:
    noise: list[CancelJob | bytes] = [b"{}"] * garbage + [CancelJob()] * cancelled
    line.say(*jobs, *noise)
    for job in jobs:
        *events, ended = line.until_the_end()
        assert isinstance(ended, Ended)
        if ended.ending == "done" and isinstance(job, ReviewJob):
            assert [type(event) for event in events] == [Begun, Made] * len(job.items)
        assert bool(ended.message) is (ended.ending == "failed")
    # if anything had been left over, it would come before this one's only hit and end
    line.say(LAST)
    assert [type(event) for event in line.until_the_end()] == [Hits, Ended]


def test_a_job_that_is_cancelled_before_it_began_ends_as_cancelled(line: Line, notes: Path) -> None:
    # the child is still starting: the job and the wish to stop it reach it together
    line.say(review("waits"), CancelJob())
    *_, ended = line.until_the_end()
    assert ended == Ended(ending="cancelled")
    line.say(LAST)
    assert [type(event) for event in line.until_the_end()] == [Hits, Ended]
    assert asked(notes)[-1] == "the last"


def test_a_wish_to_stop_that_comes_too_late_does_not_stop_the_next_job(line: Line) -> None:
    line.say(review("fine"))
    assert line.until_the_end()[-1] == Ended(ending="done")
    line.say(CancelJob(), review("fine"))
    assert line.until_the_end()[-1] == Ended(ending="done")


def test_each_kind_of_job_gets_its_answers(line: Line) -> None:
    line.say(
        IndexJob(documents=("a", "b")),
        review("fine"),
        SearchJob(query="q"),
        EvidenceJob(documents=("a", "b"), task="t", budget=5),
    )
    kinds = [[type(event) for event in line.until_the_end()] for _ in range(4)]
    assert kinds == [[Indexed, Indexed, Ended], [Begun, Made, Ended], [Hits, Ended], [Given, Given, Ended]]


def test_a_task_that_came_with_the_job_comes_before_the_packs(line: Line) -> None:
    own = Task(id="fine", title="t", description="d", question="Is it own?", queries=("q",))
    line.say(review("fine", "prints").model_copy(update={"tasks": (own,)}))
    made = [event.finding.display for event in line.until_the_end() if isinstance(event, Made)]
    assert made == ["Is it own?", ""]


def test_a_finding_that_breaks_is_failed_and_the_others_are_made(line: Line) -> None:
    line.say(review("raises", "is not readable", "fine"))
    made = [event.finding for event in line.until_the_end() if isinstance(event, Made)]
    assert [finding.status for finding in made] == [
        FindingStatus.FAILED,
        FindingStatus.FAILED,
        FindingStatus.ABSENT,
    ]
    assert made[0].reason == "Something went wrong inside Pincite (ValueError)."
    assert made[1].reason == "This one has no text."


def test_what_breaks_every_finding_ends_the_job_with_its_own_words(line: Line, notes: Path) -> None:
    line.say(review("fine", "has no model", "fine"))
    ended = line.until_the_end()[-1]
    assert ended == Ended(
        ending="failed", code="model.damaged", message="The model is damaged.", hint="Fetch it again."
    )
    assert asked(notes) == ["0", "1"]


def test_a_server_that_is_down_ends_the_job_and_is_not_asked_again(line: Line, notes: Path) -> None:
    line.say(review("fine", "has no server", "fine"))
    ended = line.until_the_end()[-1]
    assert isinstance(ended, Ended)
    assert (ended.code, ended.message) == ("server.not-reachable", "The server does not answer.")
    assert asked(notes) == ["0", "1"]


def test_answers_that_cannot_be_used_fail_their_findings_until_there_are_too_many_in_a_row(
    line: Line, notes: Path
) -> None:
    nearly = ["is not understood"] * (MOST_IN_A_ROW - 1)
    line.say(review(*nearly, "asks the model", *nearly), review(*nearly, "fine", "is not understood", "fine"))
    *events, ended = line.until_the_end()
    made = [event.finding.status for event in events if isinstance(event, Made)]
    assert (ended, made.count(FindingStatus.FAILED)) == (Ended(ending="done"), 2 * len(nearly))
    *events, ended = line.until_the_end()
    assert isinstance(ended, Ended)
    assert (ended.code, ended.message) == ("server.answer-invalid", "The server was not understood.")
    made = [event.finding.status for event in events if isinstance(event, Made)]
    assert made == [FindingStatus.FAILED] * len(nearly) + [FindingStatus.ABSENT]


def test_the_words_of_an_exception_never_leave_the_child(line: Line, notes: Path, tmp_path: Path) -> None:
    line.say(
        review("raises", "raises from"),
        IndexJob(documents=("raises",)),
        SearchJob(query="raises from"),
        EvidenceJob(documents=("d",), task="raises", budget=5),
    )
    ends = [line.until_the_end()[-1] for _ in range(4)]
    assert [end.code for end in ends if isinstance(end, Ended)] == ["", *["engine.failed"] * 3]
    line.hang_up()
    assert SECRET.encode() not in line.heard
    logs = "".join(file.read_text() for file in (tmp_path / "home/logs").iterdir())
    assert "builtins.ValueError" in logs
    assert "builtins.KeyError" in logs
    assert "SECRET" not in logs


def test_what_libraries_print_is_not_taken_for_an_event(line: Line) -> None:
    line.say(review("prints", "prints"), SearchJob(query="prints"))
    assert [type(event) for event in line.until_the_end()] == [Begun, Made, Begun, Made, Ended]
    assert [type(event) for event in line.until_the_end()] == [Hits, Ended]
    assert line.hang_up() == 0
    assert b"chatter" not in line.heard


def test_a_request_that_cannot_be_read_is_passed_over(line: Line) -> None:
    line.say(b"not JSON", b'{"kind": "unheard-of"}', b"\xff\xfe", review("fine"))
    assert line.until_the_end()[-1] == Ended(ending="done")


@pytest.mark.parametrize("task", ["fine", "hangs"])
def test_closing_its_input_ends_the_child_whatever_it_does(line: Line, task: str) -> None:
    line.say(review(task))
    assert isinstance(line.next(), Begun)
    assert line.hang_up() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT")
def test_the_interrupt_of_a_terminal_is_left_to_the_owner(line: Line) -> None:
    line.say(review("fine"))
    line.until_the_end()
    line.process.send_signal(signal.SIGINT)
    line.say(review("fine"))
    assert line.until_the_end()[-1] == Ended(ending="done")
