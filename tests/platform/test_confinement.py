"""Real processes that give everything up and then try to take it back."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from app.platform import landlock
from app.platform.confinement_probe import enforced_here
from tests.conftest import ROOT, SAMPLES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what is tried here is Linux's")

PATIENCE_SECONDS = 60.0
START = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from types import SimpleNamespace
from app.platform import confinement, confinement_linux, landlock, seccomp
BOUNDS = SimpleNamespace(seconds=30.0, memory_bytes=4 << 30)
"""
TRY_ALL = """
import ctypes, json, mmap, os, resource, signal, socket, subprocess, threading, time
folder, confined = sys.argv[1], sys.argv[2] == "confined"
kernel = ctypes.CDLL(None, use_errno=True)
numbers = json.loads(sys.argv[3])

def call(name, *arguments):
    if kernel.syscall(numbers[name], *(ctypes.c_long(a) for a in arguments)) < 0:
        raise OSError(ctypes.get_errno(), name)

def forked():
    if os.fork() == 0:
        os._exit(0)
    os.wait()

def old_thread(work):
    problems = []
    def run():
        go.wait()
        try:
            work()
        except OSError as error:
            problems.append(error)
    go = threading.Event()
    thread = threading.Thread(target=run)
    thread.start()
    def let_go():
        go.set()
        thread.join()
        if problems:
            raise problems[0]
    return let_go

held = open(folder + "/held", "rb")
attempts = {
    "read a file": lambda: open("/etc/passwd").close(),
    "read what it had open by its name": lambda: open("/proc/self/fd/%d" % held.fileno()).close(),
    "write a new file": lambda: open(folder + "/new", "w").close(),
    "write an old file": lambda: open(folder + "/old", "r+").close(),
    "list a folder": lambda: os.listdir(folder),
    "make a folder": lambda: os.mkdir(folder + "/folder"),
    "remove a file": lambda: os.unlink(folder + "/removed"),
    "rename a file": lambda: os.rename(folder + "/renamed", folder + "/renamed2"),
    "link a file": lambda: os.link(folder + "/held", folder + "/linked"),
    "link a file by name": lambda: os.symlink(folder + "/held", folder + "/soft"),
    "cut a file": lambda: os.truncate(folder + "/old", 0),
    "change what it had open": lambda: os.fchmod(held.fileno(), 0o600),
    "change whose a file is": lambda: os.chmod(folder + "/old", 0o600),
    "go elsewhere": lambda: os.chdir("/"),
    "write a file from an old thread": old_thread(lambda: open(folder + "/threads", "w").close()),
    "make a TCP socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
    "make a UDP socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "make an IPv6 socket": lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close(),
    "make a unix socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close(),
    "make a netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "make a pair of sockets": lambda: [one.close() for one in socket.socketpair()],
    "make a socket from an old thread": old_thread(lambda: socket.socket().close()),
    "fork": forked,
    "run a program": lambda: subprocess.run(["/bin/true"], check=True),
    "spawn a program": lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),
    "signal its parent": lambda: os.kill(os.getppid(), 0),
    "signal its group": lambda: os.killpg(0, signal.SIGCONT),
    "map new code": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC).close(),
    "make a file in memory": lambda: os.close(os.memfd_create("x")),
    "type into a terminal": lambda: __import__("fcntl").ioctl(held, 0x5412, b"x"),
}
unheard_of = {
    "trace itself": lambda: call("ptrace", 0, 0, 0, 0),
    "trace its parent": lambda: call("ptrace", 16, os.getppid(), 0, 0),
    "read its parent's memory": lambda: call("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0),
    "write its parent's memory": lambda: call("process_vm_writev", os.getppid(), 0, 0, 0, 0, 0),
    "become another program": lambda: os.execv("/bin/true", ["true"]),
    "mount": lambda: call("mount", 0, 0, 0, 0, 0),
    "leave its namespaces": lambda: call("unshare", 0x10000000),
    "enter other namespaces": lambda: call("setns", held.fileno(), 0),
    "load a kernel program": lambda: call("bpf", 0, 0, 0),
    "use io_uring": lambda: call("io_uring_setup", 1, 0),
    "count events": lambda: call("perf_event_open", 0, 0, -1, -1, 0),
    "use the keyring": lambda: call("keyctl", 0, -3, 0, 0, 0),
    "handle page faults": lambda: call("userfaultfd", 0),
    "change its time limit": lambda: resource.setrlimit(resource.RLIMIT_CPU, (1, 1)),
    "give up its parent's death": lambda: call("prctl", 1, 0, 0, 0, 0),
    "clone without threads": lambda: call("clone", 17, 0, 0, 0, 0),
}
if confined:
    attempts.update(unheard_of)
    held_here = sorted(confinement.confine_this_process(BOUNDS))
else:
    held_here = []
said = {}
for name, attempt in attempts.items():
    try:
        attempt()
        said[name] = "done"
    except OSError as error:
        said[name] = type(error).__name__ if not error.errno == 38 else "ENOSYS"
    except ValueError as error:
        said[name] = "ValueError"
print(json.dumps({"held": held_here, "said": said}))
"""
NUMBERS = {
    "x86_64": {
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "mount": 165, "unshare": 272,
        "setns": 308, "bpf": 321, "perf_event_open": 298, "keyctl": 250, "userfaultfd": 323, "prctl": 157,
        "clone": 56,
    },
    "aarch64": {
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "mount": 40, "unshare": 97,
        "setns": 268, "bpf": 280, "perf_event_open": 241, "keyctl": 219, "userfaultfd": 282, "prctl": 167,
        "clone": 220,
    },
}  # fmt: skip
FILES = (
    "read a file", "read what it had open by its name", "write a new file", "write an old file",
    "list a folder", "make a folder", "remove a file", "rename a file", "link a file",
    "link a file by name", "cut a file",
)  # fmt: skip
BY_THE_FILTER = (
    "change what it had open", "change whose a file is", "go elsewhere", "write a file from an old thread",
    "make a TCP socket", "make a UDP socket", "make an IPv6 socket", "make a unix socket",
    "make a netlink socket", "make a pair of sockets", "make a socket from an old thread", "fork",
    "run a program", "spawn a program", "signal its parent", "signal its group", "map new code",
    "make a file in memory",
)  # fmt: skip
UNHEARD_OF = (
    "trace itself", "trace its parent", "read its parent's memory", "write its parent's memory",
    "become another program", "mount", "leave its namespaces", "enter other namespaces",
    "load a kernel program", "use io_uring", "count events", "use the keyring", "handle page faults",
    "change its time limit", "give up its parent's death", "clone without threads", "type into a terminal",
)  # fmt: skip


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", START + code, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def said(code: str, *arguments: str) -> Any:
    done = run(code, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def numbers() -> str:
    return json.dumps(NUMBERS.get(os.uname().machine, NUMBERS["x86_64"]) | {"io_uring_setup": 425})


def tried(folder: Path, confined: str) -> Any:
    for name in ("held", "old", "removed", "renamed"):
        (folder / name).write_text("x")
    return said(TRY_ALL, str(folder), confined, numbers())


@pytest.fixture(scope="module")
def confined(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tried(tmp_path_factory.mktemp("confined"), "confined")


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tried(tmp_path_factory.mktemp("free"), "free")


def need(held: list[str], *wanted: str) -> None:
    missing = [one for one in wanted if one not in held]
    if missing:
        pytest.skip(
            f"this kernel does not hold {', '.join(missing)}; it holds {', '.join(held) or 'nothing'}"
        )


def test_what_this_kernel_can_hold_is_held_and_named(confined: Any) -> None:
    held = set(confined["held"])
    assert {"memory", "time"} <= held
    assert ("files" in held) or landlock.version() == 0
    assert ("network" in held) == ("processes" in held)


@pytest.mark.parametrize("attempt", FILES)
def test_no_file_can_be_reached(confined: Any, free: Any, attempt: str) -> None:
    need(confined["held"], "files")
    assert free["said"][attempt] == "done"
    assert confined["said"][attempt] == "PermissionError"


@pytest.mark.parametrize("attempt", BY_THE_FILTER)
def test_no_socket_no_process_and_no_new_code_can_be_made(confined: Any, free: Any, attempt: str) -> None:
    need(confined["held"], "network", "processes")
    assert free["said"][attempt] == "done"
    assert confined["said"][attempt] == "PermissionError"


@pytest.mark.parametrize("attempt", UNHEARD_OF)
def test_what_only_an_attacker_wants_is_refused(confined: Any, attempt: str) -> None:
    need(confined["held"], "network", "processes")
    assert confined["said"][attempt] in {"PermissionError", "ENOSYS", "ValueError"}


def test_calls_by_the_numbers_of_another_architecture_end_the_process() -> None:
    done = run("""
import ctypes
if "processes" not in confinement.confine_this_process(BOUNDS): sys.exit(77)
ctypes.CDLL(None).syscall(0x40000000 | 39)
""")
    if done.returncode == 77:
        pytest.skip("this kernel has no seccomp filters")
    assert done.returncode == -signal.SIGSYS


@pytest.mark.parametrize(
    ("missing", "left"),
    [
        ("seccomp.filter_all_threads", ["files", "memory", "time"]),
        ("landlock.shut", ["files", "memory", "network", "processes", "time"]),
    ],
)
def test_a_kernel_that_lacks_one_lock_on_files_has_the_other(missing: str, left: list[str]) -> None:
    got = said(f"""
import json
{missing} = lambda: False
held = sorted(confinement.confine_this_process(BOUNDS))
try:
    open("/etc/passwd").close()
except PermissionError:
    print(json.dumps([held, "refused"]))
else:
    print(json.dumps([held, "done"]))
""")
    need(got[0], "files")
    assert got == [left, "refused"]


def test_a_kernel_that_lacks_everything_is_told_and_not_an_error() -> None:
    got = said("""
import json
seccomp.filter_all_threads = landlock.shut = lambda: False
print(json.dumps(sorted(confinement.confine_this_process(BOUNDS))))
""")
    assert got == ["memory", "time"]


def test_more_memory_than_is_allowed_is_not_given() -> None:
    got = said("""
import json
confinement.confine_this_process(SimpleNamespace(seconds=30.0, memory_bytes=1 << 30))
try:
    bytearray(3 << 29)
except MemoryError:
    print(json.dumps("refused"))
""")
    assert got == "refused"


def test_a_process_that_spins_is_ended() -> None:
    done = run("""
confinement.confine_this_process(SimpleNamespace(seconds=0.1, memory_bytes=4 << 30))
while True:
    pass
""")
    assert done.returncode in {-signal.SIGKILL, -signal.SIGXCPU}


def test_mupdf_still_reads_and_draws_as_before() -> None:
    sample = next(SAMPLES.glob("LinkPlus*.pdf"))
    code = """
import hashlib, json
from pathlib import Path
import pymupdf
from app.platform.mapped_file import map_file
data = map_file(Path(sys.argv[1]))
def all_of_it():
    with pymupdf.open(stream=data, filetype="pdf") as document:
        return [[page.get_text(), hashlib.sha256(page.get_pixmap().samples).hexdigest()] for page in document]
if sys.argv[2] == "confined":
    confinement.confine_this_process(BOUNDS)
print(json.dumps(all_of_it()))
"""
    confined, free = (said(code, str(sample), how) for how in ("confined", "free"))
    assert confined == free
    assert len(free) > 1
    assert all(text for text, _ in free)


def test_onnx_runtime_still_runs_with_two_threads_and_starts_new_ones() -> None:
    got = said(
        """
import json, os, threading
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it keeps a database open, and waits for it at the end
import numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
given = {one.name: numpy.ones((1, 16), dtype=numpy.int64) for one in session.get_inputs()}
before = session.run(None, given)[0]
confinement.confine_this_process(BOUNDS)
after = []
thread = threading.Thread(target=lambda: after.append(session.run(None, given)[0]))
thread.start()
thread.join()
print(json.dumps([before.size, bool(numpy.array_equal(before, after[0]))]))
""",
        str(ROOT / "models/minilm/model.onnx"),
    )
    assert got[0] > 0
    assert got[1] is True


DIES_WITH = """
import os
confinement.confine_this_process(BOUNDS, dies_with_starter=sys.argv[1] == "dies")
print("ready", flush=True)
sys.stdin.readline()
print("alive", flush=True)
"""


@pytest.mark.parametrize(("how", "answer"), [("dies", b""), ("stays", b"alive\n")])
def test_it_ends_with_the_thread_that_started_it_if_it_was_told_to(how: str, answer: bytes) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        child = subprocess.Popen(
            [sys.executable, "-I", "-c", START + DIES_WITH, how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    (child,) = started
    with child:
        assert child.stdout is not None
        assert child.stdin is not None
        if how == "stays":
            child.stdin.write(b"\n")
            child.stdin.flush()
        assert child.stdout.readline() == answer
        assert child.wait() == (0 if how == "stays" else -signal.SIGKILL)


def test_it_ends_with_its_parent_whatever_it_is_doing() -> None:
    middle = """
import os, subprocess, time
child = subprocess.Popen([sys.executable, "-I", "-c", sys.argv[1]], pass_fds=[int(sys.argv[2])])
os.close(int(sys.argv[2]))
time.sleep(600)
"""
    busy = (
        START
        + """
confinement.confine_this_process(BOUNDS)
print("ready", flush=True)
while True:
    pass
"""
    )
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", START + middle, busy, str(writing)],
        stdout=subprocess.PIPE,
        pass_fds=[writing],
    )
    os.close(writing)
    with process, os.fdopen(reading, "rb") as held_by_the_child:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.kill()
        ready, _, _ = select.select([held_by_the_child], [], [], PATIENCE_SECONDS)
        assert ready, "it went on without its parent"
        assert held_by_the_child.read() == b""


def test_what_a_process_between_started_ends_with_the_first_one() -> None:
    between = """
import os
from app.platform.confinement import end_with_starter
end_with_starter()
if not os.fork():
    confinement.confine_this_process(BOUNDS)
    print("ready", flush=True)
    while True:
        pass
os.wait()
"""
    first = """
import subprocess, time
subprocess.Popen([sys.executable, "-I", "-c", sys.argv[1]])
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-I", "-c", START + first, START + between], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.kill()
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE_SECONDS)
        assert ready, "it went on without the first one"
        assert process.stdout.read() == b""


def test_the_doctors_child_holds_what_a_reading_child_holds(confined: Any) -> None:
    assert sorted(enforced_here()) == confined["held"]
