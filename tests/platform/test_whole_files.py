from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import DiskFull
from app.platform.files import PART_SUFFIX, disk_full_is_typed, sha256_of, write_atomically

OLD, NEW = b"the old file, whole", b"the new file, whole" * 100
WRITES_UNTIL_KILLED = """
import sys
from pathlib import Path
from app.platform.files import write_atomically
print("begun", flush=True)
number = 0
while True:
    number += 1
    write_atomically(Path(sys.argv[1]), (b"%08d" % number) * 50_000)
"""


def test_a_file_is_made_and_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "a"
    for data in (OLD, NEW, b""):
        write_atomically(file, data)
        assert file.read_bytes() == data
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("call", ["fsync", "write", "replace"])
@pytest.mark.parametrize(
    ("number", "raised"), [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EIO, OSError)]
)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, raised: type[Exception]
) -> None:
    file = tmp_path / "a"
    write_atomically(file, OLD)

    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        if call == "fsync":
            broken.setattr(os, "fsync", fails)
        elif call == "replace":
            broken.setattr(Path, "replace", fails)
        else:
            broken.setattr(Path, "open", fails)
        with pytest.raises(raised) as caught:
            write_atomically(file, NEW)
    if raised is DiskFull:
        assert (caught.value.code, caught.value.hint) == ("disk.full", "Free some space and try again.")
    else:
        assert caught.value.errno == number
    assert file.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(sys.platform == "win32", reason="limits on a process")
def test_a_file_that_grows_over_its_limit_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "a"
    write_atomically(file, OLD)
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from app.platform.files import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_atomically(Path(sys.argv[1]), bytes(5000))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=False
    )
    assert "File too large" in done.stderr
    assert file.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(sys.platform != "linux", reason="a device that is always full")
def test_a_full_disk_has_a_type_of_its_own() -> None:
    with pytest.raises(DiskFull), disk_full_is_typed(), Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killing_the_writer_leaves_one_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "a"
    write_atomically(file, b"%08d" % 0 * 50_000)
    for _ in range(5):
        before = file.read_bytes()
        child = subprocess.Popen(
            [sys.executable, "-c", WRITES_UNTIL_KILLED, str(file)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        with child:
            child.stdout.readline()
            while file.read_bytes() == before:
                assert child.poll() is None
            child.send_signal(signal.SIGKILL)
        data = file.read_bytes()
        assert data == data[:8] * 50_000
    beside = [path for path in tmp_path.iterdir() if path != file]
    assert all(path.name.startswith(".") and path.name.endswith(PART_SUFFIX) for path in beside)


def test_a_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
