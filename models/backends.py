"""The back ends that this llama.cpp was built with, each tried in a process of its own.

A broken driver crashes or hangs whoever asks it; that must never be the window or the engine. As Ollama does,
each back end gets a child and a time limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import Field, TypeAdapter, ValidationError

from app.domain.base import Frozen

NAMES = MappingProxyType(
    {"cuda": "CUDA", "hip": "ROCm", "metal": "Metal", "sycl": "SYCL", "vulkan": "Vulkan", "opencl": "OpenCL"}
)
"""By the end of the library's name (``libggml-cuda.so``), the one that is preferred first."""

PROCESSOR = "cpu"
REGISTERED = MappingProxyType({**NAMES, "metal": "MTL", PROCESSOR: "CPU"})
"""As ggml's registry calls them (``GGML_…_NAME`` in its sources)."""

HIDING: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "cuda": {"CUDA_VISIBLE_DEVICES": "-1"},
        "hip": {"HIP_VISIBLE_DEVICES": "-1"},
        "vulkan": {"GGML_DISABLE_VULKAN": "1"},
        "sycl": {"ONEAPI_DEVICE_SELECTOR": "*:cpu"},
    }
)
"""Variables that keep a back end from touching its driver. Metal and OpenCL have none."""

CANNOT_LOAD = 3
"""Exit code of a child whose back end is a library that the system does not load; it prints why."""

SECONDS = 90.0 if sys.platform == "win32" else 30.0
_PROBE = (sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "
          "from models.backend_child import main; main()", str(Path(__file__).parents[1]))  # fmt: skip


class Device(Frozen):
    """A card, or a GPU that shares the machine's memory. ``free`` and ``total`` are bytes."""

    name: str
    shared_memory: bool
    free: int = Field(ge=0)
    total: int = Field(ge=0)


class BackEnd(Frozen):
    """One that the build has. ``reason`` says in words what is wrong; empty if it works."""

    key: str
    name: str
    state: Literal["works", "no-device", "broken", "timed-out"]
    reason: str = ""
    devices: tuple[Device, ...] = ()


_DEVICES: TypeAdapter[tuple[Device, ...]] = TypeAdapter(tuple[Device, ...])


def library_folder() -> Path | None:
    """Where the libraries of llama.cpp lie, found without loading them; None if it is not installed."""
    found = find_spec("llama_cpp")
    return None if found is None or found.origin is None else Path(found.origin).parent / "lib"


def built_in(folder: Path | None) -> tuple[str, ...]:
    """Keys of the GPU back ends whose libraries are there, the preferred one first."""
    if folder is None or not folder.is_dir():
        return ()
    stems = {file.name.split(".", 1)[0].removeprefix("lib") for file in folder.iterdir()}
    return tuple(key for key in NAMES if f"ggml-{key}" in stems)


def processor(command: Sequence[str] = _PROBE, seconds: float = SECONDS) -> str | None:
    """The variant that this machine's processor gets, empty in a build for one kind; None if nothing loads.

    Every back end is hidden that can be.
    """
    try:
        done = _run([*command, PROCESSOR], seconds, tuple(HIDING))
        if done.returncode:
            return None
        return " ".join(device.name for device in _DEVICES.validate_json(done.stdout))
    except (OSError, subprocess.TimeoutExpired, ValidationError):
        return None


def probe(key: str, command: Sequence[str] = _PROBE, seconds: float = SECONDS) -> BackEnd:
    """Ask the back end for its devices, in a child that may die or hang."""
    others = tuple(name for name in HIDING if name != key)
    try:
        done = _run([*command, key], seconds, others)
    except subprocess.TimeoutExpired:
        return _failed(key, "timed-out", f"its driver did not answer within {seconds:g} seconds")
    except OSError as error:
        return _failed(key, "broken", f"it could not be tried: {error.strerror}")
    if done.returncode == CANNOT_LOAD:
        why = done.stdout.decode(errors="replace").strip()
        return _failed(key, "broken", f"its library cannot be loaded ({why})")
    if done.returncode:
        return _failed(key, "broken", f"its driver ended the process that tried it ({done.returncode})")
    try:
        devices = _DEVICES.validate_json(done.stdout)
    except ValidationError:
        return _failed(key, "broken", "its driver gave no answer that can be understood")
    if not devices:
        return _failed(key, "no-device", "it finds no device")
    return BackEnd(key=key, name=NAMES[key], state="works", devices=devices)


def hidden(keys: Sequence[str]) -> dict[str, str]:
    """Variables that hide these back ends from a process that has not loaded llama.cpp yet."""
    return {name: value for key in keys for name, value in HIDING.get(key, {}).items()}


def _run(command: Sequence[str], seconds: float, hide: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """Killed when the time is over."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=seconds,
        check=False,
        env={**os.environ, **hidden(hide)},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _failed(key: str, state: Literal["no-device", "broken", "timed-out"], reason: str) -> BackEnd:
    return BackEnd(key=key, name=NAMES[key], state=state, reason=reason)
