"""The installation with a plug-in for Vulkan, made without a network, a compiler or Vulkan."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT

FILE = ROOT / "installer/vulkan_for_tests.py"
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a script as the interpreter")


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """With a cache and an installed .venv of its own, and nothing that it needs missing."""
    monkeypatch.syspath_prepend(FILE.parent)
    for name in ("bootstrap", "vulkan_for_tests"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import vulkan_for_tests as maker

    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(maker.bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(maker.bootstrap, "STAMP", tmp_path / "stamp.json")
    monkeypatch.setattr(maker, "lacking", lambda _: ())
    (tmp_path / "stamp.json").write_text(json.dumps({"tests": True}))
    return maker


@pytest.fixture
def tools(maker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Programs in the place of pip and CMake; what they were told, line by line."""
    folder, told = maker.bootstrap.venv_python().parent, tmp_path / "told"
    folder.mkdir(parents=True)
    monkeypatch.setattr(maker, "libraries", lambda _: tmp_path / "libraries")
    source = tmp_path / "llama_cpp_python-1.tar.gz"
    with tarfile.open(source, "w:gz") as out:
        (tmp_path / "llama_cpp_python-1").mkdir()
        out.add(tmp_path / "llama_cpp_python-1", "llama_cpp_python-1")

    def put(build: str = "made('whole')") -> Path:
        programs = {
            "python": f"shutil.copy({str(source)!r}, sys.argv[-1])",
            "cmake": f"({build}) if '--build' in sys.argv else None",
        }
        for name, code in programs.items():
            (folder / name).write_text(
                f"#!{sys.executable}\nimport pathlib, shutil, sys\n"
                f"print({name!r}, *sys.argv[1:], file=open({str(told)!r}, 'a'))\n"
                "def made(text):\n"
                "    file = pathlib.Path(sys.argv[2], 'bin/libggml-vulkan.so')\n"
                "    file.parent.mkdir(parents=True)\n    file.write_text(text)\n"
                f"{code}\n"
            )
            (folder / name).chmod(0o755)
        return told

    return put


def test_it_imports_nothing_that_python_does_not_bring() -> None:
    tree = ast.parse(FILE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert names - sys.stdlib_module_names == {"bootstrap"}


def test_the_plug_in_is_built_once_from_the_locked_source_alone(
    maker: ModuleType, tools: Callable[[str], Path]
) -> None:
    told = tools()
    file = maker.plug_in()
    assert file.read_text() == "whole"
    got, configured, built = told.read_text().splitlines()
    assert "--require-hashes" in got
    assert "llama.txt" in got
    assert "-DGGML_VULKAN=ON" in configured
    assert "-DGGML_BACKEND_DL=ON" in configured
    assert built.endswith("--target ggml-vulkan")
    assert maker.plug_in() == file
    assert len(told.read_text().splitlines()) == 3
    assert {one.name for one in file.parent.iterdir()} == {"build.log", file.name}
    assert [one.name for one in file.parent.parent.iterdir()] == [file.parent.name]


def test_it_is_built_anew_for_another_source_and_other_options(
    maker: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = {maker.key()}
    monkeypatch.setattr(maker, "OPTIONS", ("-DOTHER=ON",))
    keys.add(maker.key())
    (tmp_path / maker.bootstrap.LLAMA).write_text("llama-cpp-python==1")
    monkeypatch.setattr(maker.bootstrap, "LOCKS", tmp_path)
    keys.add(maker.key())
    assert len(keys) == 3


@pytest.mark.parametrize("build", ["made('half') or sys.exit(1)", "None"])
def test_a_build_that_fails_ends_with_its_log_and_leaves_no_plug_in(
    maker: ModuleType, tools: Callable[[str], Path], capsys: pytest.CaptureFixture[str], build: str
) -> None:
    tools(build)
    assert maker.main([]) == 1
    *_, what, todo = capsys.readouterr().err.splitlines()
    assert what == "The plug-in for Vulkan could not be built."
    assert Path(todo.removeprefix("The reason stands at the end of ").removesuffix(".")).is_file()
    tools()
    assert maker.plug_in().read_text() == "whole"


def test_what_is_missing_is_named_and_has_an_exit_code_of_its_own(
    maker: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(maker, "lacking", lambda _: ("glslc", "spirv-headers"))
    monkeypatch.setattr(maker.bootstrap, "apt_install", lambda *_: False)
    assert maker.main([]) == maker.MISSING == 69
    assert capsys.readouterr().err.splitlines() == [
        "Tests on Vulkan need what Debian calls glslc spirv-headers.",
        "Run: sudo apt-get install -y glslc spirv-headers",
    ]


def test_what_the_system_can_bring_is_installed(maker: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    held: set[str] = set()
    monkeypatch.setattr(maker, "lacking", lambda some: tuple(one for one in some if one not in held))
    monkeypatch.setattr(maker.bootstrap, "apt_install", lambda *some: held.update(some) is None)
    maker.need(*maker.PACKAGES)
    assert held == set(maker.PACKAGES)


def test_without_pincite_s_own_installation_nothing_is_built(
    maker: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    maker.bootstrap.STAMP.unlink()
    assert maker.main([]) == 1
    assert "bootstrap.py test" in capsys.readouterr().err


@pytest.mark.parametrize("has", [True, False])
def test_an_installation_that_has_vulkan_is_taken_as_it_is(
    maker: ModuleType,
    tools: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    has: bool,
) -> None:
    tools()
    lib = tmp_path / "libraries/llama_cpp/lib"
    lib.mkdir(parents=True)
    if has:
        (lib / "libggml-vulkan.so").touch()
    monkeypatch.setattr(maker, "installation", lambda plug_in, _: plug_in)
    assert (maker.with_vulkan() == maker.bootstrap.venv_python()) == has


def test_the_installation_has_all_that_venv_has_and_its_own_llama_cpp(
    maker: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(maker.bootstrap, "venv_python", lambda: Path(sys.executable))
    plug_in = tmp_path / "plug_in.so"
    plug_in.write_text("a plug-in")
    python = maker.installation(plug_in, tmp_path / "made")
    code = (
        "import typer; from importlib.metadata import version; from importlib.util import find_spec; "
        "print(find_spec('llama_cpp').origin, version('llama-cpp-python'))"
    )
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    origin, version = done.stdout.split()
    own = Path(origin).parent
    assert own.is_relative_to(tmp_path / "made")
    assert (own / "lib/libggml-vulkan.so").read_text() == "a plug-in"
    assert (own / "lib/libllama.so").is_file()
    assert version
