from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.domain.errors import MatterBusy
from app.platform.locks import FileLock

HOLDS = """
import sys
from pathlib import Path
from app.platform.locks import FileLock
with FileLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
print("given back", flush=True)
sys.stdin.close()
"""


@contextmanager
def another_holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "held\n"
            yield child
        finally:
            child.kill()


def test_a_lock_that_another_process_holds_is_busy_until_it_is_given_back(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    with another_holder(tmp_path / "lock") as other:
        with pytest.raises(MatterBusy) as caught:
            lock.acquire()
        assert caught.value.hint
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.close()
        assert other.stdout.readline() == "given back\n"
        with lock, pytest.raises(MatterBusy):
            FileLock(tmp_path / "lock").acquire()


def test_the_death_of_its_holder_gives_a_lock_back(tmp_path: Path) -> None:
    with another_holder(tmp_path / "lock") as other:
        other.kill()
        other.wait()
        with FileLock(tmp_path / "lock"):
            pass


def test_who_was_refused_holds_nothing_and_may_try_again(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first.acquire()
    with pytest.raises(MatterBusy):
        second.acquire()
    second.release()
    with pytest.raises(MatterBusy):
        FileLock(tmp_path / "lock").acquire()
    first.release()
    first.release()
    with second:
        pass


def test_an_error_inside_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), FileLock(tmp_path / "lock"):
        _ = 1 / 0
    with FileLock(tmp_path / "lock"):
        assert (tmp_path / "lock").read_bytes() == b""


def test_a_lock_in_a_folder_that_is_not_there_is_not_called_busy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "none" / "lock").acquire()
