from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, EngineFailed, PinciteError
from app.domain.finding import Evidence, Finding
from app.domain.kinds import FindingStatus
from app.engine import supervisor as room
from app.engine.protocol import EvidenceJob, SearchJob
from app.engine.supervisor import EngineSupervisor
from app.review.review_matter import WorkItem
from tests.engine.fake_engine import ROOT, SECRET, asked, fake_engine, fake_program

NEVER = CancelToken()
FAILED, ABSENT = FindingStatus.FAILED, FindingStatus.ABSENT
FAKE_THAT_NEVER_COMES_UP = "sys.exit(1)"
FAKE_THAT_TALKS_GARBAGE = 'print(\'{"kind": "made"}\', flush=True); sys.stdin.read()'
FAKE_THAT_TALKS_GARBAGE_ONCE = """
from pathlib import Path
from tests.engine.fake_engine import main
before = Path(sys.argv[1] + ".began")
if not before.exists():
    before.touch()
    print("neither JSON nor sense", flush=True)
main(sys.argv[1])
"""
FAKE_THAT_DIES_AFTER_EVERY_FINDING = """
from app.domain.cost import Energy, Usage
from app.engine.child import failed_finding
from app.engine.protocol import REQUEST, Begun, Made
item = REQUEST.validate_json(sys.stdin.buffer.readline()).items[0]
usage = Usage(seconds=1, energy=Energy(kwh=0, measured=False))
for event in (Begun(item=item), Made(finding=failed_finding(item, "made by a fake"), usage=usage)):
    print(event.model_dump_json(), flush=True)
"""
FAKE_THAT_STOPS_WHEN_ASKED = "print(flush=True); sys.stdin.read(); open(sys.argv[1], 'w').write('asked')"
FAKE_THAT_STOPS_WHEN_TERMINATED = """
import signal, time
def end(*_):
    open(sys.argv[1], "w").write("terminated")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print(flush=True)
while True:
    time.sleep(600)
"""
FAKE_THAT_NEVER_STOPS = """
import signal, time
signal.signal(signal.SIGTERM, lambda *_: open(sys.argv[1], "w").write("survived"))
print(flush=True)
while True:
    time.sleep(600)
"""
OWNER = """
from pathlib import Path
from app.domain.cancel import CancelToken
from app.engine.supervisor import EngineSupervisor
from app.review.review_matter import WorkItem
from tests.engine.fake_engine import fake_engine
engine = EngineSupervisor(fake_engine(Path(sys.argv[1])))
items = [WorkItem(finding=task, document="d", task=task) for task in ("fine", "hangs")]
for finding, _ in engine.review(items, CancelToken()):
    print(engine.pid, flush=True)
"""


def items(*tasks: str) -> list[WorkItem]:
    return [WorkItem(finding=f"{n}", document="d", task=task) for n, task in enumerate(tasks)]


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.01)


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "home"))
    return tmp_path / "notes"


@pytest.fixture(autouse=True)
def _a_lost_answer_fails_its_test_instead_of_hanging_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    patience = CancelToken()
    monkeypatch.setattr(sys.modules[__name__], "NEVER", patience)
    watch = threading.Timer(120, patience.cancel)
    watch.start()
    yield
    watch.cancel()
    watch.join()


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    before = set(psutil.Process().children(recursive=True))
    yield
    assert set(psutil.Process().children(recursive=True)) <= before


@pytest.fixture
def engine(notes: Path) -> Iterator[EngineSupervisor]:
    held = EngineSupervisor(fake_engine(notes))
    yield held
    held.close()


@pytest.fixture
def fake(notes: Path) -> Iterator[Callable[[str], EngineSupervisor]]:
    """Makes engines out of one fake program's text."""
    made: list[EngineSupervisor] = []

    def make(code: str) -> EngineSupervisor:
        made.append(EngineSupervisor(fake_program(code, str(notes))))
        return made[-1]

    yield make
    for one in made:
        one.close()


def made_by(engine: EngineSupervisor, *tasks: str) -> list[Finding]:
    return [finding for finding, _ in engine.review(items(*tasks), NEVER)]


def test_a_review_gives_one_finding_for_every_item_in_order(engine: EngineSupervisor) -> None:
    got = list(engine.review(items("fine", "prints", "fine"), NEVER))
    assert [finding.id for finding, _ in got] == ["0", "1", "2"]
    assert [usage.seconds for _, usage in got] == [1.5] * 3
    assert made_by(engine) == []


def test_one_engine_serves_many_jobs(engine: EngineSupervisor, notes: Path) -> None:
    made_by(engine, "fine")
    first = engine.pid
    assert first is not None
    (hit,) = engine.search(SearchJob(query="q"), NEVER)
    assert hit.text == "said"
    given = engine.evidence(EvidenceJob(documents=("a", "b"), task="t", budget=3), NEVER)
    assert [(one.document, one.presence) for one in given] == [("a", 0.25), ("b", 0.25)]
    ((indexed, usage),) = engine.index(["doc"], NEVER)
    assert indexed.document == "doc"
    assert np.array_equal(indexed.passage_vectors, np.full((1, 3), 0.7, dtype=np.float32))
    assert usage.seconds == 1.5
    assert engine.pid == first
    assert asked(notes) == ["0", "q", "a", "b", "doc"]


def test_a_crash_of_the_engine_costs_only_the_finding_it_died_over(
    engine: EngineSupervisor, notes: Path
) -> None:
    got = made_by(engine, "fine", "dies", "fine", "dies", "fine")
    assert [(finding.id, finding.status) for finding in got] == [
        ("0", ABSENT),
        ("1", FAILED),
        ("2", ABSENT),
        ("3", FAILED),
        ("4", ABSENT),
    ]
    assert got[1].reason == "The engine stopped while working on it, twice."
    assert asked(notes) == ["0", "1", "1", "2", "3", "3", "4"]


def test_an_engine_that_dies_once_is_started_again_and_nothing_is_done_twice(
    engine: EngineSupervisor, notes: Path
) -> None:
    got = made_by(engine, "fine", "dies-once", "fine", "dies-once", "fine")
    assert [finding.status for finding in got] == [ABSENT] * 5
    assert asked(notes) == ["0", "1", "1", "2", "3", "3", "4"]


def test_deaths_between_findings_do_not_add_up_while_there_is_progress(
    fake: Callable[[str], EngineSupervisor],
) -> None:
    got = made_by(fake(FAKE_THAT_DIES_AFTER_EVERY_FINDING), *["fine"] * 4)
    assert [finding.id for finding in got] == ["0", "1", "2", "3"]


def test_a_document_over_which_the_engine_dies_once_is_indexed(engine: EngineSupervisor, notes: Path) -> None:
    got = [indexed.document for indexed, _ in engine.index(["a", "dies-once", "b"], NEVER)]
    assert got == ["a", "dies-once", "b"]
    assert asked(notes) == ["a", "dies-once", "dies-once", "b"]


def test_a_document_over_which_the_engine_keeps_dying_leaves_those_before_it(
    engine: EngineSupervisor,
) -> None:
    indexing = engine.index(["a", "dies", "b"], NEVER)
    assert next(indexing)[0].document == "a"
    with pytest.raises(EngineFailed):
        next(indexing)


@pytest.mark.parametrize("code", [FAKE_THAT_NEVER_COMES_UP, FAKE_THAT_TALKS_GARBAGE])
def test_an_engine_that_is_none_is_said_to_have_failed(
    fake: Callable[[str], EngineSupervisor], code: str
) -> None:
    engine = fake(code)
    for use in (
        lambda: made_by(engine, "fine"),
        lambda: list(engine.index(["d"], NEVER)),
        lambda: engine.search(SearchJob(query="q"), NEVER),
        lambda: engine.evidence(EvidenceJob(documents=("d",), task="t", budget=1), NEVER),
    ):
        with pytest.raises(EngineFailed) as caught:
            use()
        assert "pincite doctor" in caught.value.hint


def test_garbage_on_the_pipe_costs_a_restart_and_nothing_else(
    fake: Callable[[str], EngineSupervisor], notes: Path
) -> None:
    got = made_by(fake(FAKE_THAT_TALKS_GARBAGE_ONCE), "fine", "fine")
    assert [finding.status for finding in got] == [ABSENT, ABSENT]
    assert asked(notes)[-2:] == ["0", "1"]


def test_what_was_cancelled_before_it_began_starts_no_engine(engine: EngineSupervisor, notes: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    for use in (
        lambda: list(engine.review(items("fine"), cancel)),
        lambda: list(engine.index(["d"], cancel)),
        lambda: engine.search(SearchJob(query="q"), cancel),
    ):
        with pytest.raises(Cancelled):
            use()
    assert engine.pid is None
    assert asked(notes) == []


def test_cancelling_keeps_what_was_made_and_the_engine_takes_the_next_job(
    engine: EngineSupervisor, notes: Path
) -> None:
    cancel = CancelToken()
    watch = threading.Thread(target=lambda: (wait_until(lambda: asked(notes) == ["0", "1"]), cancel.cancel()))
    watch.start()
    review = engine.review(items("fine", "waits", "fine"), cancel)
    assert next(review)[0].id == "0"
    with pytest.raises(Cancelled):
        next(review)
    watch.join()
    kept = engine.pid
    assert kept is not None
    assert len(made_by(engine, "fine")) == 1
    assert engine.pid == kept


def test_an_engine_that_does_not_stop_when_cancelled_is_stopped(
    engine: EngineSupervisor, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_CANCEL_SECONDS", 0.3)
    cancel = CancelToken()
    review = engine.review(items("fine", "hangs"), cancel)
    next(review)
    wait_until(lambda: "1" in asked(notes))
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(review)
    assert engine.pid is None
    assert made_by(engine, "fine")[0].status is ABSENT


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_an_engine_that_dies_after_it_was_cancelled_is_not_started_again(
    engine: EngineSupervisor, notes: Path
) -> None:
    cancel = CancelToken()

    def cancel_and_kill() -> None:
        wait_until(lambda: asked(notes) == ["0"])
        cancel.cancel()
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)

    watch = threading.Thread(target=cancel_and_kill)
    watch.start()
    with pytest.raises(Cancelled):
        list(engine.review(items("hangs", "fine"), cancel))
    watch.join()
    assert engine.pid is None
    assert asked(notes) == ["0"]


def test_who_stops_listening_in_the_middle_gets_none_of_it_later(engine: EngineSupervisor) -> None:
    for _ in engine.review(items("fine", "fine", "fine"), NEVER):
        break
    assert [finding.id for finding in made_by(engine, "fine")] == ["0"]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM")
@pytest.mark.parametrize(
    ("code", "last"),
    [
        (FAKE_THAT_STOPS_WHEN_ASKED, "asked"),
        (FAKE_THAT_STOPS_WHEN_TERMINATED, "terminated"),
        (FAKE_THAT_NEVER_STOPS, "survived"),
    ],
)
def test_an_engine_is_asked_then_terminated_then_killed(
    fake: Callable[[str], EngineSupervisor],
    notes: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    last: str,
) -> None:
    monkeypatch.setattr(room, "_ASK_SECONDS", 5.0 if last == "asked" else 0.4)
    engine = fake(code)
    running: list[psutil.Process] = []
    start = engine._start

    def start_and_note() -> None:
        start()
        running.append(psutil.Process(engine.pid))

    monkeypatch.setattr(engine, "_start", start_and_note)
    # its first line is no event, so every start of it ends in the ladder
    with pytest.raises(EngineFailed):
        made_by(engine, "fine")
    assert notes.read_text() == last
    assert len(running) == room.MOST_DEATHS
    assert not any(process.is_running() for process in running)


def test_an_engine_that_dies_while_it_reads_goes_on_with_what_is_left(
    engine: EngineSupervisor, notes: Path
) -> None:
    wanted = [
        Evidence(document=name, task=how, sentences=())
        for name, how in (("a", "fine"), ("b", "dies-once"), ("c", "fine"))
    ]
    assert [said.yes for said in engine.read(wanted, NEVER)] == [1.5, 1.5, 1.5]
    assert asked(notes) == ["a", "b", "b", "c"]
    with pytest.raises(EngineFailed):
        list(engine.read([Evidence(document="d", task="dies", sentences=())], NEVER))


def test_closing_twice_or_before_the_start_does_nothing(engine: EngineSupervisor) -> None:
    engine.close()
    made_by(engine, "fine")
    engine.close()
    engine.close()
    assert engine.pid is None


@pytest.mark.parametrize("name", ["raises", "raises from"])
def test_the_words_of_an_exception_never_reach_the_owner(
    engine: EngineSupervisor, tmp_path: Path, name: str
) -> None:
    (failed,) = made_by(engine, name)
    assert failed.status is FAILED
    said = [failed.model_dump_json()]
    for use in (
        lambda: list(engine.index([name], NEVER)),
        lambda: engine.search(SearchJob(query=name), NEVER),
        lambda: engine.evidence(EvidenceJob(documents=("d",), task=name, budget=1), NEVER),
    ):
        with pytest.raises(PinciteError) as caught:
            use()
        assert caught.value.code == "engine.failed"
        said += [caught.value.message, caught.value.hint, str(caught.value)]
    said += [file.read_text() for file in (tmp_path / "home/logs").iterdir()]
    assert "a fake engine began" in said[-1]
    assert SECRET not in "".join(said)


def test_a_typed_error_arrives_with_its_code_and_way_out(engine: EngineSupervisor) -> None:
    with pytest.raises(PinciteError) as caught:
        made_by(engine, "has no model")
    assert (caught.value.code, caught.value.hint) == ("model.damaged", "Fetch it again.")
    assert made_by(engine, "fine")[0].status is ABSENT


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_the_death_of_the_owner_ends_the_engine(notes: Path) -> None:
    owner = subprocess.Popen(fake_program(OWNER, str(notes)), stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert owner.stdout is not None
    engine = psutil.Process(int(owner.stdout.readline()))
    wait_until(lambda: asked(notes) == ["fine", "hangs"])
    owner.kill()
    owner.wait()
    owner.stdout.close()
    wait_until(lambda: not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE)
