"""From a fresh checkout to a working Pincite; standard library only.

Usage: python3 installer/bootstrap.py [--backend cpu|cuda|vulkan|metal|all] demo | test | install | run ...

Makes .venv, installs from hashed locks, builds llama.cpp once for this machine, then does what was asked.
Done a second time it touches neither the network nor pip.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
import zipfile
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
    "all": "-DGGML_BACKEND_DL=on -DGGML_CPU_ALL_VARIANTS=on -DGGML_NATIVE=off"
    " -DCMAKE_INSTALL_BINDIR=llama_cpp/lib",
}
"""``all``: plug-ins, one for each generation of processors. llama.cpp installs them where programs go."""

PLUG_INS = {"cuda": "nvcc", "vulkan": "glslc"}
"""GPUs that ``all`` takes along where this tool to build them is there."""
LLAMA = "llama.txt"
WINDOW_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""What Qt loads on Linux and does not bring along, with Debian's package of each."""

MOST_REASON = 200
"""Characters of what pip said that a person is shown."""


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
    parser.add_argument(
        "--backend",
        choices=sorted(BACKENDS),
        help="what llama.cpp computes on; else what is installed, else metal on Apple silicon or cpu",
    )
    parser.add_argument("command", choices=("demo", "test", "install", "run"))
    parser.add_argument(
        "rest", nargs=argparse.REMAINDER, help="for test: pytest's arguments; for run: pincite's"
    )
    options = parser.parse_args(arguments)
    try:
        install(options.backend or usual_backend(), with_tests=options.command == "test")
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


def usual_backend() -> str:
    """What is installed, else what this kind of machine has for certain."""
    held = read_stamp().get("backend")
    if isinstance(held, str) and held in BACKENDS:
        return held
    return "metal" if (sys.platform, platform.machine()) == ("darwin", "arm64") else "cpu"


def install(backend: str, with_tests: bool) -> None:
    """Bring .venv to what the locks say; nothing is done if it is there already."""
    wanted = state(backend, with_tests)
    held = read_stamp()
    if held == wanted or held == {**wanted, "tests": True}:
        return
    began = time.monotonic()
    if not held_wheel(backend):
        need_compiler()
    want_window_libraries()
    # another back end has another ONNX runtime, and two of them in one environment break each other
    if not venv_python().exists() or any(held.get(key) != wanted[key] for key in ("python", "backend")):
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


def want_window_libraries() -> None:
    """The window needs them; without them the command line still works, so nothing stops here."""
    if not sys.platform.startswith("linux"):
        return
    missing = [package for library, package in WINDOW_LIBRARIES.items() if not loads(library)]
    if missing and not apt_install(*missing):
        say(f"The window needs system libraries. Run: sudo apt-get install -y {' '.join(missing)}")


def loads(library: str) -> bool:
    """Whether the system has a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def apt_install(*packages: str) -> bool:
    """Whether Debian packages could be installed; only root may."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    say(f"Installing from the system's packages: {', '.join(packages)}.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, capture_output=True, check=False)
    command = ["apt-get", "install", "-y", "-qq", *packages]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def pip(*words: str) -> None:
    """Run the environment's pip quietly; a failure is explained by its most telling line."""
    command = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input"]
    done = subprocess.run(
        [*command, *words, "--root-user-action", "ignore"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Stop(
            f"A library could not be installed: {reason(done.stderr)}",
            "Check the connection and run the same command again.",
        )


def reason(said: str) -> str:
    """Why pip failed, in one short line: its own error, else the last exception's, else its last words."""
    lines = [line.strip() for line in said.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("note:", "hint:"))]
    own = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")]
    raised = [line for line in lines if re.match(r"[\w.]*(?:Error|Exception)\b", line)]
    other = [line for line in lines if "error" in line.lower()]
    telling = own[:1] or raised[-1:] or other[-1:] or lines[-1:] or ["pip gave no reason"]
    # an index's address may hold a password
    line = re.sub(r"\S*://\S*|host='[^']*'", "(address)", telling[0])
    return line if len(line) <= MOST_REASON else line[: MOST_REASON - 1] + "…"


def cache_folder() -> Path:
    """Where the built wheel is kept, outside the checkout."""
    home = os.environ.get("PINCITE_HOME")
    if home:
        return Path(home).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "Pincite" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "Pincite"
    return Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "Pincite"


def wheel_key(backend: str) -> str:
    """What a built wheel depends on: source, backend, Python, machine, its features and the user's flags."""
    lock = (LOCKS / LLAMA).read_text(encoding="utf-8")
    facts = f"{lock}{sys.implementation.cache_tag}{platform.system()}{platform.machine()}"
    facts += "".join(plug_ins()) if backend == "all" else cpu_flags()
    facts += os.environ.get("CMAKE_ARGS", "")
    return f"{backend}-{hashlib.sha256(facts.encode()).hexdigest()[:16]}"


def plug_ins() -> tuple[str, ...]:
    """GPUs that can be built for here."""
    return tuple(name for name, tool in PLUG_INS.items() if shutil.which(tool))


def build_options(backend: str) -> str:
    """CMake's, the user's last: a later one wins."""
    parts = (backend, *(plug_ins() if backend == "all" else ()))
    options = [BACKENDS[part] for part in parts]
    if "vulkan" in parts and old_vulkan_headers():
        options.append(shlex.quote(f"-DVulkan_INCLUDE_DIR={ROOT / 'installer' / 'vulkan'}"))
    return " ".join([*options, os.environ.get("CMAKE_ARGS", "")]).strip()


def old_vulkan_headers(headers: Path = Path("/usr/include/vulkan/vulkan_core.h")) -> bool:
    """Whether the system's are there and lack what llama.cpp names; a Vulkan SDK has its own."""
    if "VULKAN_SDK" in os.environ or not headers.is_file():
        return False
    return "VK_EXT_layer_settings" not in headers.read_text(encoding="utf-8", errors="replace")


def cpu_flags() -> str:
    """A build for one processor crashes on one with fewer features."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    found = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", text, re.MULTILINE)
    return " ".join(sorted(found.group(1).split())) if found else ""


def wheel_folder(backend: str) -> Path:
    """Where the wheel for this machine and back end is kept."""
    return cache_folder() / "wheels" / wheel_key(backend)


def held_wheel(backend: str) -> Path | None:
    """The wheel that was built before, if there is one."""
    return next(iter(sorted(wheel_folder(backend).glob("llama_cpp_python-*.whl"))), None)


def llama_wheel(backend: str) -> Path:
    """The wheel of llama-cpp-python, built once."""
    held = held_wheel(backend)
    if held:
        return held
    folder = wheel_folder(backend)
    all_kinds = f"every processor, GPUs: {', '.join(plug_ins()) or 'none'}, once; that takes long."
    one = f"this machine ({backend}): five to ten minutes on two cores, once."
    say(f"Building llama.cpp for {all_kinds if backend == 'all' else one}")
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
        "CMAKE_ARGS": build_options(backend),
        "CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 1),
    }
    command = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "wheel", "-v", "--no-deps"]
    command += ["--no-build-isolation", "--require-hashes", "-r", str(LOCKS / LLAMA), "-w", str(scratch)]
    log = scratch / "build.log"
    shown = -1
    child = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    with log.open("w", encoding="utf-8") as out, child:
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
    if backend == "all" and not processors(next(scratch.glob("*.whl"))):
        raise Stop("llama.cpp was built without its plug-ins.", "Run it again with `--backend cpu`.")


def processors(wheel: Path) -> list[str]:
    """Kinds of processors that a wheel with plug-ins has one for, beside llama.cpp's own libraries."""
    with zipfile.ZipFile(wheel) as held:
        found = (re.fullmatch(r"llama_cpp/lib/(?:lib)?ggml-cpu-(\w+)\.\w+", name) for name in held.namelist())
        return sorted(match[1] for match in found if match)


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
