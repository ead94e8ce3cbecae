"""From a fresh checkout to a working Pincite, without a network, a compiler or a real .venv."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shlex
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

FILE = ROOT / "installer/bootstrap.py"
LOCKS = sorted((ROOT / "installer/locks").glob("*.txt"))
SYSTEMS = ("linux", "darwin", "win32")
HASH_MISMATCH = """
WARNING: Retrying (Retry(total=4)) after connection broken
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
    typer from https://files.example/typer.whl:
ERROR: something that follows from it
"""
MISSING_EDITABLES = """
  error: subprocess-exited-with-error

  × Preparing editable metadata (pyproject.toml) did not run successfully.
  │ exit code: 1
  ╰─> [20 lines of output]
      Traceback (most recent call last):
        File "/x/.venv/lib/site-packages/hatchling/build.py", line 44, in get_requires
      ModuleNotFoundError: No module named 'editables'
      [end of output]

  note: This error originates from a subprocess, and is likely not a problem with pip.
error: metadata-generation-failed
hint: See above for details.
"""
PASSWORD_IN_ADDRESS = """
Looking in indexes
pip._vendor.requests.exceptions.ConnectionError: HTTPSConnectionPool(host='pypi.corp', port=443): \
https://me:hunter2@pypi.corp/simple
"""
FAILURES = [
    (HASH_MISMATCH, "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."),
    (MISSING_EDITABLES, "ModuleNotFoundError: No module named 'editables'"),
    ("/x/.venv/bin/python: No module named pip\n", "No module named pip"),
    ("one\nan Error without a form\nlast words\n", "an Error without a form"),
    (PASSWORD_IN_ADDRESS, "pip._vendor.requests.exceptions.ConnectionError: HTTPSConnectionPool("),
    ("OSError: " + "x" * 5000, "OSError: xxx"),
    ("", "pip gave no reason"),
]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The installer, with a .venv, a cache and a stamp of its own, and nothing that it needs missing."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv/pincite-stamp.json")
    monkeypatch.setattr(module, "need_compiler", lambda: None)
    return module


@pytest.fixture
def pip_calls(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An installation that succeeds at once; what pip was told."""
    calls: list[str] = []

    def make_venv() -> None:
        bootstrap.venv_python().parent.mkdir(parents=True, exist_ok=True)
        bootstrap.venv_python().touch()

    def build(_: str, scratch: Path) -> None:
        (scratch / "llama_cpp_python-1-py3.whl").write_text("whole")

    monkeypatch.setattr(bootstrap, "make_venv", make_venv)
    monkeypatch.setattr(bootstrap, "build", build)
    monkeypatch.setattr(bootstrap, "pip", lambda *words: calls.append(" ".join(words)))
    return calls


@pytest.fixture
def fake_python(bootstrap: ModuleType) -> Callable[[str], None]:
    """Puts a program where the environment's interpreter would be."""

    def put(code: str) -> None:
        python = bootstrap.venv_python()
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(f"#!{sys.executable}\nimport sys\n{code}\n", encoding="utf-8")
        python.chmod(0o755)

    return put


def requirements(lock: Path) -> list[tuple[Requirement, list[str]]]:
    """Each with its hashes."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(Requirement(line.split("--hash=")[0]), line.split("--hash=")[1:]) for line in lines]


def test_it_imports_nothing_that_python_does_not_bring() -> None:
    tree = ast.parse(FILE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert len(names) > 5
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_python_that_is_too_old_can_still_read_it_and_is_told_so(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ast.parse(FILE.read_text(encoding="utf-8"), feature_version=(3, 7))
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    assert bootstrap.main(["install"]) == 1
    assert "Python 3.11 or newer" in capsys.readouterr().err


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_of_a_lock_is_pinned_and_hashed_and_names_no_address(lock: Path) -> None:
    assert "://" not in lock.read_text(encoding="utf-8")
    held = requirements(lock)
    assert held
    for requirement, hashes in held:
        assert [spec.operator for spec in requirement.specifier] == ["=="], requirement
        assert requirement.url is None
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", one) for one in hashes), requirement


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("lock", "wanted"), [("runtime", "onnxruntime"), ("gpu", "onnxruntime-gpu")])
def test_a_lock_installs_exactly_one_onnx_runtime(system: str, lock: str, wanted: str) -> None:
    installed = [
        requirement.name
        for requirement, _ in requirements(ROOT / f"installer/locks/{lock}.txt")
        if requirement.marker is None or requirement.marker.evaluate({"sys_platform": system})
    ]
    assert [name for name in installed if name.startswith("onnxruntime")] == [wanted]


def test_locks_of_one_environment_agree_on_versions() -> None:
    for set_of_locks in (("runtime", "build", "dev", "llama"), ("gpu", "build", "dev", "llama")):
        versions: dict[str, set[str]] = {}
        for name in set_of_locks:
            for requirement, _ in requirements(ROOT / f"installer/locks/{name}.txt"):
                if requirement.marker is None or requirement.marker.evaluate():
                    versions.setdefault(requirement.name, set()).add(str(requirement.specifier))
        assert {name: held for name, held in versions.items() if len(held) > 1} == {}


def test_a_wheel_is_kept_for_one_backend_one_processor_and_one_set_of_flags(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {bootstrap.wheel_key(backend) for backend in bootstrap.BACKENDS}
    assert len(keys) == len(bootstrap.BACKENDS) == 5
    assert bootstrap.wheel_key("cpu") in keys
    monkeypatch.setattr(bootstrap, "cpu_flags", lambda: "sse2")
    old = bootstrap.wheel_key("cpu")
    monkeypatch.setattr(bootstrap, "cpu_flags", lambda: "sse2 avx2")
    new = bootstrap.wheel_key("cpu")
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_NATIVE=off")
    assert len({*keys, old, new, bootstrap.wheel_key("cpu")}) == 8


def test_the_first_run_installs_from_hashed_locks_and_the_second_does_nothing(
    bootstrap: ModuleType,
    pip_calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bootstrap.main(["install"]) == 0
    from_index = [call for call in pip_calls if "--no-index" not in call]
    assert len(from_index) == 2
    assert all("--require-hashes -r" in call for call in from_index)
    assert "runtime.txt" in from_index[0]

    def must_not_run(*_: object) -> None:
        raise AssertionError("a second run has nothing to do")

    for step in ("pip", "build", "make_venv", "need_compiler"):
        monkeypatch.setattr(bootstrap, step, must_not_run)
    capsys.readouterr()
    assert bootstrap.main(["install"]) == 0
    assert "Installing" not in capsys.readouterr().err


def test_what_tests_need_comes_on_top_and_serves_a_plain_installation_too(
    bootstrap: ModuleType, pip_calls: list[str]
) -> None:
    bootstrap.install("cpu", with_tests=False)
    plain = len(pip_calls)
    bootstrap.install("cpu", with_tests=True)
    assert "dev.txt" in pip_calls[-1]
    assert len(pip_calls) > plain
    held = len(pip_calls)
    bootstrap.install("cpu", with_tests=False)
    bootstrap.install("cpu", with_tests=True)
    assert len(pip_calls) == held


def test_a_changed_lock_or_backend_is_installed_anew(
    bootstrap: ModuleType, pip_calls: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bootstrap.install("cpu", with_tests=False)
    held = len(pip_calls)
    bootstrap.install("cuda", with_tests=False)
    assert "gpu.txt" in pip_calls[held]
    locks = tmp_path / "locks"
    locks.mkdir()
    for lock in LOCKS:
        (locks / lock.name).write_text(lock.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    monkeypatch.setattr(bootstrap, "LOCKS", locks)
    held = len(pip_calls)
    bootstrap.install("cuda", with_tests=False)
    assert len(pip_calls) > held


@pytest.mark.parametrize("stamp", ["", "{", '{"locks": "of another version"}'])
def test_a_stamp_that_is_damaged_or_old_counts_as_none(
    bootstrap: ModuleType, pip_calls: list[str], stamp: str
) -> None:
    bootstrap.VENV.mkdir()
    bootstrap.STAMP.write_text(stamp)
    bootstrap.install("cpu", with_tests=False)
    assert pip_calls
    assert json.loads(bootstrap.STAMP.read_text())["backend"] == "cpu"


@pytest.mark.parametrize("stop", ["Stop", "KeyboardInterrupt"])
def test_an_installation_that_stopped_in_the_middle_is_gone_on_with(
    bootstrap: ModuleType, pip_calls: list[str], monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    def stops(*words: str) -> None:
        if "-e" in words:
            raise bootstrap.Stop("It broke.", "Mend it.") if stop == "Stop" else KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(bootstrap, "pip", stops)
        assert bootstrap.main(["install"]) == (1 if stop == "Stop" else 130)
    assert not bootstrap.STAMP.exists()
    assert bootstrap.main(["install"]) == 0
    assert any("-e" in call for call in pip_calls)


@pytest.mark.skipif(sys.platform == "win32", reason="a script as the interpreter")
@pytest.mark.parametrize(("said", "reason"), FAILURES)
def test_a_step_of_pip_that_fails_gives_one_sentence_and_one_thing_to_do(
    bootstrap: ModuleType,
    fake_python: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
    reason: str,
) -> None:
    fake_python(f"sys.stderr.write({said!r}); sys.exit(1)")
    monkeypatch.setattr(bootstrap, "install", lambda *_, **__: bootstrap.pip("install", "x"))
    assert bootstrap.main(["install"]) == 1
    what, todo = capsys.readouterr().err.splitlines()
    assert what.startswith("A library could not be installed: ")
    assert reason in what
    assert len(what) < 250
    assert "hunter2" not in what
    assert "pypi.corp" not in what
    assert "://" not in what
    assert todo == "Check the connection and run the same command again."


@pytest.mark.skipif(sys.platform == "win32", reason="a script as the interpreter")
def test_a_step_of_pip_that_succeeds_says_nothing(
    bootstrap: ModuleType, fake_python: Callable[[str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    fake_python("sys.stderr.write('WARNING: and errors of no consequence')")
    bootstrap.pip("install", "x")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_an_interrupted_build_leaves_no_half_wheel_in_use(
    bootstrap: ModuleType, pip_calls: list[str], monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def interrupted(_: str, scratch: Path) -> None:
        (scratch / "llama_cpp_python-1-py3.whl").write_text("half")
        raise stop

    with monkeypatch.context() as broken:
        broken.setattr(bootstrap, "build", interrupted)
        with pytest.raises(stop):
            bootstrap.llama_wheel("cpu")
    assert bootstrap.llama_wheel("cpu").read_text() == "whole"
    assert [path.name for path in (bootstrap.cache_folder() / "wheels").iterdir()] == [
        bootstrap.wheel_key("cpu")
    ]


def test_a_wheel_is_built_once(
    bootstrap: ModuleType, pip_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bootstrap.llama_wheel("cpu")
    monkeypatch.setattr(bootstrap, "build", lambda *_: pytest.fail("it is built already"))
    assert bootstrap.llama_wheel("cpu") == first


@pytest.mark.skipif(sys.platform == "win32", reason="a script as the interpreter")
@pytest.mark.parametrize(
    "ends",
    [
        "sys.exit(1)",  # after a half wheel
        "import os; os.remove(wheel)",  # without one
    ],
)
def test_a_build_that_fails_names_its_log_and_is_not_used(
    bootstrap: ModuleType,
    fake_python: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ends: str,
) -> None:
    fake_python(
        "wheel = sys.argv[-1] + '/llama_cpp_python-1-py3.whl'\n"
        "open(wheel, 'w').write('half')\n"
        "print('[1/2] compiling')\nprint('error: no such instruction')\n" + ends
    )
    monkeypatch.setattr(bootstrap, "install", lambda *_, **__: bootstrap.llama_wheel("cpu"))
    assert bootstrap.main(["install"]) == 1
    *_, what, todo = capsys.readouterr().err.splitlines()
    assert what == "llama.cpp could not be built."
    log = re.search(r"at the end of (.*)\.$", todo)
    assert log is not None
    assert "no such instruction" in Path(log[1]).read_text()
    assert not (bootstrap.cache_folder() / "wheels" / bootstrap.wheel_key("cpu")).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a script as the interpreter")
def test_a_build_gets_the_backends_and_the_users_flags(
    bootstrap: ModuleType, fake_python: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMAKE_ARGS", "-DMINE=on")
    monkeypatch.setattr(bootstrap, "old_vulkan_headers", lambda: False)
    fake_python(
        "import os\nopen(sys.argv[-1] + '/llama_cpp_python-1-py3.whl', 'w').write(os.environ['CMAKE_ARGS'])\n"
    )
    assert bootstrap.llama_wheel("vulkan").read_text() == "-DGGML_VULKAN=on -DMINE=on"


def test_a_build_for_every_processor_takes_along_the_gpus_whose_tools_are_there(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "old_vulkan_headers", lambda: False)
    tools = {"glslc"}
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: name if name in tools else None)
    options = shlex.split(bootstrap.build_options("all"))
    assert {"-DGGML_BACKEND_DL=on", "-DGGML_CPU_ALL_VARIANTS=on", "-DGGML_NATIVE=off"} < set(options)
    assert "-DGGML_VULKAN=on" in options
    assert "-DGGML_CUDA=on" not in options
    tools.add("nvcc")
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=off")
    options = shlex.split(bootstrap.build_options("all"))
    assert options.index("-DGGML_CUDA=on") < options.index("-DGGML_CUDA=off")
    assert "-DGGML_VULKAN=on" not in shlex.split(bootstrap.build_options("cpu"))


def test_a_wheel_for_every_processor_is_taken_by_any_of_them_and_others_are_not(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {backend: bootstrap.wheel_key(backend) for backend in ("all", "cpu")}
    monkeypatch.setattr(bootstrap, "cpu_flags", lambda: "sse2 only")
    assert bootstrap.wheel_key("all") == before["all"]
    assert bootstrap.wheel_key("cpu") != before["cpu"]
    monkeypatch.setattr(bootstrap, "plug_ins", lambda: ("another",))
    assert bootstrap.wheel_key("all") != before["all"]


@pytest.mark.parametrize(("text", "old"), [("VK_EXT_layer_settings", False), ("VK_VERSION_1_3", True)])
def test_headers_of_vulkan_that_lack_a_type_get_it_from_here(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, old: bool
) -> None:
    monkeypatch.delenv("VULKAN_SDK", raising=False)
    headers = tmp_path / "vulkan_core.h"
    assert not bootstrap.old_vulkan_headers(headers)
    headers.write_text(text)
    assert bootstrap.old_vulkan_headers(headers) == old
    monkeypatch.setattr(bootstrap, "old_vulkan_headers", lambda: old)
    asked = shlex.split(bootstrap.build_options("vulkan"))
    assert (f"-DVulkan_INCLUDE_DIR={ROOT / 'installer/vulkan'}" in asked) == old
    assert (ROOT / "installer/vulkan/vulkan/vulkan.hpp").is_file()
    monkeypatch.setenv("VULKAN_SDK", "/sdk")
    assert shlex.split(bootstrap.build_options("cpu")) == []


def test_a_wheel_without_its_plug_ins_is_seen(bootstrap: ModuleType, tmp_path: Path) -> None:
    wheel = tmp_path / "llama_cpp_python-1-py3.whl"
    names = ["llama_cpp/lib/libggml.so", "bin/libggml-cpu-x64.so", "llama_cpp/lib/libggml-cpu.so.0"]
    with zipfile.ZipFile(wheel, "w") as out:
        for name in names:
            out.writestr(name, "")
    assert bootstrap.processors(wheel) == []
    with zipfile.ZipFile(wheel, "a") as out:
        for name in ("llama_cpp/lib/libggml-cpu-haswell.so", "llama_cpp/lib/ggml-cpu-x64.dll"):
            out.writestr(name, "")
    assert bootstrap.processors(wheel) == ["haswell", "x64"]


def test_a_build_without_a_terminal_shows_every_tenth_once(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = -1
    for done in range(1, 41):
        shown = bootstrap.show_step(done, 40, shown)
    assert re.findall(r"(\d+) % built", capsys.readouterr().err) == [str(n) for n in range(0, 101, 10)]


@pytest.mark.parametrize(
    ("system", "todo"), [("darwin", "xcode-select"), ("linux", "apt-get install -y g++")]
)
def test_a_missing_compiler_is_said_before_anything_is_installed(
    monkeypatch: pytest.MonkeyPatch,
    bootstrap: ModuleType,
    pip_calls: list[str],
    capsys: pytest.CaptureFixture[str],
    system: str,
    todo: str,
) -> None:
    spec = importlib.util.spec_from_file_location("fresh_bootstrap", FILE)
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    monkeypatch.setattr(fresh.shutil, "which", lambda _: None)
    monkeypatch.setattr(fresh.sys, "platform", system)
    monkeypatch.setattr(bootstrap, "need_compiler", fresh.need_compiler)
    monkeypatch.setattr(bootstrap, "Stop", fresh.Stop)
    assert bootstrap.main(["install"]) == 1
    what, hint = capsys.readouterr().err.splitlines()
    assert what == "A C++ compiler is missing."
    assert todo in hint
    assert pip_calls == []


@pytest.mark.skipif(sys.platform == "win32", reason="a script as the interpreter")
@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (("run", "documents", "m", "--json"), [["-m", "app", "documents", "m", "--json"]], 3),
        (("demo",), [["-m", "app", "demo"]], 3),
        (("test", "-k", "one"), [["-m", "app", "models", "fetch", "qwen2.5-coder-0.5b"]], 3),
    ],
)
def test_what_was_asked_for_is_run_and_its_exit_code_comes_back(
    bootstrap: ModuleType,
    fake_python: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    told: list[list[str]],
    code: int,
) -> None:
    monkeypatch.setattr(bootstrap, "install", lambda *_, **__: None)
    notes = tmp_path / "told"
    fake_python(f"print(sys.argv[1:], file=open({str(notes)!r}, 'a')); sys.exit({code})")
    assert bootstrap.main(list(words)) == code
    assert [ast.literal_eval(line) for line in notes.read_text().splitlines()] == told


def test_tests_run_after_their_model_is_there(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[Any] = []
    commands: list[list[str]] = []

    class Done:
        returncode = 0

    def run(command: list[str], **_: object) -> Done:
        commands.append(command[1:])
        return Done()

    monkeypatch.setattr(
        bootstrap, "install", lambda backend, with_tests: installed.append((backend, with_tests))
    )
    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    assert bootstrap.main(["--backend", "cpu", "test", "-k", "one"]) == 0
    assert installed == [("cpu", True)]
    assert commands == [["-m", "app", "models", "fetch", "qwen2.5-coder-0.5b"], ["-m", "pytest", "-k", "one"]]
