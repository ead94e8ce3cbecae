"""Each back end is tried in a child: whatever its driver does there, this process goes on and knows why."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from models.backends import (
    CANNOT_LOAD,
    HIDING,
    NAMES,
    Device,
    built_in,
    hidden,
    library_folder,
    probe,
    processor,
)

CARD = {"name": "A card", "shared_memory": False, "free": 8_000_000_000, "total": 9_000_000_000}


def child(program: str) -> list[str]:
    """A driver that does this."""
    return [sys.executable, "-I", "-c", program]


def test_a_back_end_that_works_tells_its_devices() -> None:
    found = probe("cuda", child(f"print({json.dumps([CARD])!r})"))
    assert (found.state, found.reason, found.name) == ("works", "", "CUDA")
    assert found.devices == (Device(**CARD),)


def test_a_back_end_is_asked_by_its_name() -> None:
    device = "{'name': sys.argv[1], 'shared_memory': True, 'free': 0, 'total': 0}"
    program = f"import sys, json; print(json.dumps([{device}]))"
    assert probe("vulkan", child(program)).devices[0].name == "vulkan"


def test_a_driver_that_crashes_takes_only_the_child_down() -> None:
    found = probe("cuda", child("import os; os.abort()"))
    assert found.state == "broken"
    assert "ended the process" in found.reason


def test_a_driver_that_hangs_is_ended() -> None:
    found = probe("vulkan", child("import threading; threading.Event().wait()"), seconds=0.5)
    assert found.state == "timed-out"
    assert found.reason == "its driver did not answer within 0.5 seconds"


def test_a_library_that_the_system_does_not_load_is_said_with_its_reason() -> None:
    program = f"print('libcudart.so.12: cannot open'); raise SystemExit({CANNOT_LOAD})"
    found = probe("cuda", child(program))
    assert (found.state, found.reason) == (
        "broken", "its library cannot be loaded (libcudart.so.12: cannot open)"
    )  # fmt: skip


@pytest.mark.parametrize("said", ["", "no JSON", '[{"name": 1}]', "{}"])
def test_an_answer_that_cannot_be_understood_is_none(said: str) -> None:
    assert probe("cuda", child(f"print({said!r})")).state == "broken"


def test_a_back_end_without_a_device_says_so() -> None:
    assert probe("cuda", child("print('[]')")).state == "no-device"


def test_a_child_that_cannot_be_started_is_no_crash(tmp_path: Path) -> None:
    assert probe("cuda", [str(tmp_path / "none")]).state == "broken"


def test_the_others_are_hidden_from_the_one_that_is_asked() -> None:
    program = (
        "import os, json; print(json.dumps([{'name': ' '.join(sorted(k for k in os.environ)), "
        "'shared_memory': True, 'free': 0, 'total': 0}]))"
    )
    seen = set(probe("cuda", child(program)).devices[0].name.split())
    assert "GGML_DISABLE_VULKAN" in seen
    assert "CUDA_VISIBLE_DEVICES" not in seen - set(os.environ)
    assert hidden(("cuda", "metal")) == dict(HIDING["cuda"])


def test_what_a_build_has_is_seen_without_loading_it(tmp_path: Path) -> None:
    for name in ("libllama.so", "libggml.so", "libggml-cpu.so", "libggml-vulkan.so", "libggml-cuda.so.0"):
        (tmp_path / name).touch()
    (tmp_path / "ggml-metal.dll").touch()
    assert built_in(tmp_path) == ("cuda", "metal", "vulkan")
    assert built_in(tmp_path / "none") == built_in(None) == ()


def test_the_llama_cpp_that_is_here_loads_and_its_back_ends_answer() -> None:
    assert processor() is not None
    for key in built_in(library_folder()):
        assert probe(key).state in ("works", "no-device")


def test_a_back_end_that_the_build_lacks_has_no_device() -> None:
    lacking = next(key for key in NAMES if key not in built_in(library_folder()))
    assert probe(lacking).state == "no-device"
