"""What did not hold is known to the next process, for a while; who ended cleanly leaves nothing to fear."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.replanning import Failure
from models.run_plan import RunPlan, planned
from models.run_record import REMEMBERED, Run, RunRecord
from tests.models.test_run_plan import GB, card, machine, seven_billion

SHA256 = "7" * 64
ON_GPU = planned(seven_billion(), "eight", machine(16 * GB, card(12 * GB)))
ON_PROCESSOR = planned(seven_billion(), "eight", machine(16 * GB))


def known(folder: Path) -> tuple[Failure, ...]:
    """To a process that starts now."""
    return RunRecord(folder, SHA256).failures()


def left_by_a_process_that_is_gone(folder: Path, plan: RunPlan, *, state: str = "starting") -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    record = RunRecord(folder, SHA256)
    record.starting(plan, ())
    if state == "runs":
        record.runs()
    (file,) = folder.iterdir()
    run = Run.model_validate_json(file.read_bytes())
    file.write_text(run.model_copy(update={"process": gone.pid}).model_dump_json())


def test_a_process_that_ended_over_a_start_is_held_against_its_plan(tmp_path: Path) -> None:
    left_by_a_process_that_is_gone(tmp_path, ON_PROCESSOR)
    (failure,) = known(tmp_path)
    assert (failure.cause, failure.plan) == ("died", ON_PROCESSOR)


@pytest.mark.parametrize(("plan", "count"), [(ON_GPU, 1), (ON_PROCESSOR, 0)])
def test_in_the_middle_of_reading_only_a_gpu_is_suspected(tmp_path: Path, plan: RunPlan, count: int) -> None:
    left_by_a_process_that_is_gone(tmp_path, plan, state="runs")
    assert len(known(tmp_path)) == count


def test_who_ended_cleanly_leaves_nothing_to_fear(tmp_path: Path) -> None:
    record = RunRecord(tmp_path, SHA256)
    record.starting(ON_GPU, ())
    record.runs()
    ender = threading.Thread(target=record.ended)
    ender.start()
    ender.join()
    record.runs()
    (file,) = tmp_path.iterdir()
    assert Run.model_validate_json(file.read_bytes()).state == "ended"
    assert known(tmp_path) == ()


def test_one_that_is_still_running_is_not_suspected(tmp_path: Path) -> None:
    RunRecord(tmp_path, SHA256).starting(ON_GPU, ())
    assert known(tmp_path) == ()


def test_a_machine_that_was_switched_off_is_not_held_against_the_plan(tmp_path: Path) -> None:
    left_by_a_process_that_is_gone(tmp_path, ON_GPU)
    (file,) = tmp_path.iterdir()
    run = Run.model_validate_json(file.read_bytes())
    file.write_text(run.model_copy(update={"boot": run.boot - 3600}).model_dump_json())
    assert known(tmp_path) == ()


def test_what_did_not_hold_is_forgotten_after_a_while(tmp_path: Path) -> None:
    record = RunRecord(tmp_path, SHA256)
    record.starting(ON_GPU, ())
    now = datetime.now(UTC)
    record.failed(Failure(plan=ON_GPU, cause="memory", at=now))
    assert [failure.at for failure in known(tmp_path)] == [now]
    record.starting(ON_PROCESSOR, known(tmp_path))
    assert len(known(tmp_path)) == 1
    record.starting(ON_GPU, ())
    record.failed(Failure(plan=ON_GPU, cause="memory", at=now - REMEMBERED - timedelta(seconds=1)))
    assert known(tmp_path) == ()


def test_when_no_plan_is_left_the_next_try_begins_with_the_first(tmp_path: Path) -> None:
    left_by_a_process_that_is_gone(tmp_path, ON_PROCESSOR)
    assert known(tmp_path)
    RunRecord(tmp_path, SHA256).forget()
    assert known(tmp_path) == ()
    RunRecord(tmp_path / "none", SHA256).forget()
    assert not (tmp_path / "none").exists()


def test_a_record_that_cannot_be_read_or_written_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / f"{SHA256[:16]}.json").write_text("{")
    assert known(tmp_path) == ()
    (tmp_path / "file").touch()
    record = RunRecord(tmp_path / "file", SHA256)
    record.starting(ON_GPU, ())
    assert record.failures() == ()


def test_without_a_folder_it_lives_as_long_as_its_process() -> None:
    record = RunRecord()
    record.starting(ON_GPU, ())
    record.failed(Failure(plan=ON_GPU, cause="memory", at=datetime.now(UTC)))
    assert len(record.failures()) == 1
    assert RunRecord().failures() == ()
