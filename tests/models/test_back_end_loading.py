"""Plug-ins: of the processor's kinds the best that runs here, of the GPUs only those that were asked for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from models.back_end_loading import best, library, load, plug_ins, refusal, score
from models.backends import NAMES, built_in, library_folder
from tests.conftest import ROOT

COMPILER = shutil.which("cc") or shutil.which("c++")
needs_compiler = pytest.mark.skipif(
    COMPILER is None or sys.platform == "win32", reason="makes shared libraries"
)


def made(folder: Path, kind: str, scores: int | None) -> Path:
    """A shared library that ggml would score so."""
    source = folder / "plug_in.c"
    source.write_text("" if scores is None else f"int ggml_backend_score(void) {{ return {scores}; }}")
    file = folder / f"libggml-cpu-{kind}.so"
    assert COMPILER is not None
    subprocess.run([COMPILER, "-x", "c", "-shared", "-fPIC", "-o", file, source], check=True)
    return file


def test_plug_ins_are_known_by_their_names(tmp_path: Path) -> None:
    for name in (
        "libggml-cpu-haswell.so", "libggml-cpu-x64.so", "ggml-cpu-zen4.dll", "libggml-vulkan.so",
        "libggml.so", "libggml-base.so", "libggml-cpuless.so", "libggml-cpu-x64.so.0", "ggml-cpu-x64.txt",
    ):  # fmt: skip
        (tmp_path / name).touch()
    assert {file.name for file in plug_ins(tmp_path, "cpu")} == {
        "libggml-cpu-haswell.so", "libggml-cpu-x64.so", "ggml-cpu-zen4.dll",
    }  # fmt: skip
    assert [file.name for file in plug_ins(tmp_path, "vulkan")] == ["libggml-vulkan.so"]
    assert plug_ins(tmp_path, "cuda") == plug_ins(tmp_path / "none", "cpu") == ()


@needs_compiler
def test_the_best_kind_that_runs_here_is_taken(tmp_path: Path) -> None:
    kinds = [made(tmp_path, kind, scores) for kind, scores in (("x64", 1), ("haswell", 64), ("zen4", 0))]
    assert best(kinds) == kinds[1]
    assert best([kinds[2]]) is None
    assert best(kinds[::2]) == kinds[0]


@needs_compiler
def test_a_plug_in_of_which_there_is_one_kind_needs_no_score(tmp_path: Path) -> None:
    assert score(made(tmp_path, "only", None)) == 1


def test_what_cannot_be_loaded_is_left_out(tmp_path: Path) -> None:
    broken = tmp_path / "libggml-cuda.so"
    broken.write_text("no library")
    assert score(broken) == 0
    assert "libggml-cuda.so" in refusal(broken)
    assert load(library(), tmp_path, "cuda") is None


PROGRAM = """
import json, sys
from models.back_end_loading import library, load_back_ends
from models.backends import NAMES, REGISTERED
load_back_ends(sys.argv[1:])
ggml = library()
print(json.dumps([key for key in REGISTERED if ggml.ggml_backend_reg_by_name(REGISTERED[key].encode())]))
"""


def test_what_is_hidden_is_not_loaded_and_the_processor_always_is() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *NAMES],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    folder = library_folder()
    assert folder is not None
    has_plug_ins = any("ggml-cpu-" in file.name for file in plug_ins(folder, "cpu"))
    assert set(json.loads(done.stdout)) == {"cpu", *(() if has_plug_ins else built_in(folder))}


ONE_GGML = """
import re
from models.back_end_loading import library
library()
maps = open("/proc/self/maps", encoding="utf-8").read()
print(len(set(re.findall(r"libggml\\.so\\S*", maps))))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads what a process has loaded")
def test_back_ends_are_loaded_into_the_ggml_that_llama_cpp_computes_with() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ONE_GGML],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "1"
