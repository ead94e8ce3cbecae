"""From a fresh checkout to a working Pincite; standard library only.

Usage: python3 installer/bootstrap.py [--backend cpu|cuda|vulkan|metal] demo | test | install | run ...

Makes .venv, installs from hashed locks, builds llama.cpp once for this machine, then does what was asked.
Done a second time it touches neither the network nor pip.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "installer" / "locks"
VENV = ROOT / ".venv"
STAMP = VENV / "pincite-stamp.json"
BACKENDS = {
    "cpu": "",
    "cuda": "-DGGML_CUDA=on",
    "vulkan": "-DGGML_VULKAN=on",
    "metal": "-DGGML_METAL=on",
}
LLAMA = "llama.txt"


class Stop(Exception):
    """One sentence that says what is wrong, and one thing to do."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(f"{what}\n{todo}")


def main(arguments: list[str]) -> int:
    """The exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older Python is told so
        sys.stderr.write("Pincite needs Python 3.11 or newer.\nInstall it and run this with it.\n")
        return 1
    parser = argparse.ArgumentParser(prog="bootstrap.py", description=__doc__)
    default = "metal" if (sys.platform, platform.machine()) == ("darwin", "arm64") else "cpu"
    parser.add_argument(
        "--backend", choices=sorted(BACKENDS), default=default, help="what llama.cpp computes on"
    )
    parser.add_argument("command", choices=("demo", "test", "install", "run"))
    parser.add_argument(
        "rest", nargs=argparse.REMAINDER, help="for test: pytest's arguments; for run: pincite's"
    )
    options = parser.parse_args(arguments)
    try:
        install(options.backend, with_tests=options.command == "test")
        return act(options.command, options.rest)
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; run the same command again to go on.\n")
        return 130


def act(command: str, rest: list[str]) -> int:
    """What the user came for."""
    python = str(venv_python())
    if command == "install":
        say("Pincite is installed. `python3 installer/bootstrap.py demo` shows it at work.")
        return 0
    if command == "test":
        got = subprocess.run(
            [python, "-m", "app", "models", "fetch", "qwen2.5-coder-0.5b"], cwd=ROOT, check=False
        )
        return (
            got.returncode
            or subprocess.run([python, "-m", "pytest", *rest], cwd=ROOT, check=False).returncode
        )
    words = ["demo", *rest] if command == "demo" else rest
    return subprocess.run([python, "-m", "app", *words], check=False).returncode


def install(backend: str, with_tests: bool) -> None:
    """Bring .venv to what the locks say; nothing is done if it is there already."""
    wanted = state(backend, with_tests)
    held = read_stamp()
    if held == wanted or held == {**wanted, "tests": True}:
        return
    began = time.monotonic()
    need_compiler()
    if not venv_python().exists() or held.get("python") != wanted["python"]:
        say("Making .venv.")
        make_venv()
    STAMP.unlink(missing_ok=True)
    say("Installing libraries from the hashed lock (one to three minutes the first time).")
    pip("install", "--require-hashes", "-r", str(LOCKS / ("gpu.txt" if backend == "cuda" else "runtime.txt")))
    pip("install", "--require-hashes", "-r", str(LOCKS / "build.txt"))
    wheel = llama_wheel(backend)
    pip("install", "--no-deps", "--no-index", "--force-reinstall", str(wheel))
    pip("install", "--no-deps", "--no-index", "--no-build-isolation", "-e", str(ROOT))
    if with_tests:
        say("Installing what tests need.")
        pip("install", "--require-hashes", "-r", str(LOCKS / "dev.txt"))
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    say(f"Installed in {(time.monotonic() - began) / 60:.1f} minutes.")


def state(backend: str, with_tests: bool) -> dict[str, object]:
    """What an installation is made of; equal states need no work."""
    locks = "".join(path.read_text(encoding="utf-8") for path in sorted(LOCKS.glob("*.txt")))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return {
        "locks": hashlib.sha256((locks + project).encode()).hexdigest(),
        "backend": backend,
        "python": platform.python_version(),
        "tests": with_tests,
    }


def read_stamp() -> dict[str, object]:
    """The state that was installed last; empty if there is none."""
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def venv_python() -> Path:
    """The environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_venv() -> None:
    """Debian keeps the venv module in a package of its own."""
    shutil.rmtree(VENV, ignore_errors=True)
    command = [sys.executable, "-m", "venv", str(VENV)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    package = f"python3.{sys.version_info.minor}-venv"
    if not apt_install(package):
        raise Stop("Python's venv module is missing.", f"Run: sudo apt-get install -y {package}")
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        raise Stop("The environment .venv could not be made.", f"Run: {sys.executable} -m venv .venv")


def need_compiler() -> None:
    """llama.cpp is built here, for this machine's processor."""
    if any(shutil.which(name) for name in ("c++", "g++", "clang++", "cl")) or sys.platform == "win32":
        return  # on Windows CMake finds Visual Studio where the path does not name it
    if sys.platform == "darwin":
        raise Stop("A C++ compiler is missing.", "Run: xcode-select --install")
    if not apt_install("g++"):
        raise Stop("A C++ compiler is missing.", "Run: sudo apt-get install -y g++")


def apt_install(package: str) -> bool:
    """Whether a Debian package could be installed; only root may."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    say(f"Installing the system package {package}.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, capture_output=True, check=False)
    command = ["apt-get", "install", "-y", "-qq", package]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def pip(*words: str) -> None:
    """Run the environment's pip quietly; its last line explains a failure."""
    command = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input"]
    done = subprocess.run(
        [*command, *words, "--root-user-action", "ignore"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        why = lines[0].removeprefix("ERROR: ") if lines else "pip gave no reason"
        raise Stop(
            f"A library could not be installed: {why}", "Check the connection and run the same command again."
        )


def cache_folder() -> Path:
    """Where the built wheel is kept, outside the checkout."""
    home = os.environ.get("PINCITE_HOME")
    if home:
        return Path(home)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "pincite" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "pincite"
    return Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "pincite"


def wheel_key(backend: str) -> str:
    """What a built wheel depends on: source, backend, Python, machine and the processor's features."""
    lock = (LOCKS / LLAMA).read_text(encoding="utf-8")
    facts = f"{lock}{sys.implementation.cache_tag}{platform.system()}{platform.machine()}{cpu_flags()}"
    return f"{backend}-{hashlib.sha256(facts.encode()).hexdigest()[:16]}"


def cpu_flags() -> str:
    """A build for one processor crashes on one with fewer features."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    found = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", text, re.MULTILINE)
    return " ".join(sorted(found.group(1).split())) if found else ""


def llama_wheel(backend: str) -> Path:
    """The wheel of llama-cpp-python, built once."""
    folder = cache_folder() / "wheels" / wheel_key(backend)
    held = sorted(folder.glob("llama_cpp_python-*.whl"))
    if held:
        return held[0]
    say(f"Building llama.cpp for this machine ({backend}): five to ten minutes on two cores, once.")
    scratch = folder.with_name(folder.name + ".part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    build(backend, scratch)
    shutil.rmtree(folder, ignore_errors=True)
    scratch.replace(folder)
    return next(folder.glob("llama_cpp_python-*.whl"))


def build(backend: str, scratch: Path) -> None:
    """Run the build, showing how far ninja is; everything it says is kept in a log."""
    tools = venv_python().parent
    environment = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}",
        "CMAKE_ARGS": f"{BACKENDS[backend]} {os.environ.get('CMAKE_ARGS', '')}".strip(),
        "CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 1),
    }
    command = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "wheel", "-v", "--no-deps"]
    command += ["--no-build-isolation", "--require-hashes", "-r", str(LOCKS / LLAMA), "-w", str(scratch)]
    log = scratch / "build.log"
    shown = -1
    with log.open("w", encoding="utf-8") as out:
        child = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert child.stdout is not None
        for line in child.stdout:
            out.write(line)
            step = re.search(r"\[(\d+)/(\d+)\]", line)
            if step:
                shown = show_step(int(step[1]), int(step[2]), shown)
        failed = child.wait()
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    if failed or not list(scratch.glob("*.whl")):
        raise Stop("llama.cpp could not be built.", f"The reason stands at the end of {log}.")


def show_step(done: int, total: int, shown: int) -> int:
    """One line that grows on a terminal, one every tenth elsewhere; the tenth shown last."""
    tenth = 10 * done // max(total, 1)
    if sys.stderr.isatty():
        bar = "#" * (30 * done // max(total, 1))
        sys.stderr.write(f"\r  [{bar:<30}] {done}/{total}")
        sys.stderr.flush()
    elif tenth > shown:
        say(f"  {10 * tenth} % built")
    return max(tenth, shown)


def say(text: str) -> None:
    """To people; results go to standard output."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
