"""The process that tries one back end: loads llama.cpp, starts each device, says what it found."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

from models.backends import REGISTERED, Device, library_folder

_GPU, _SHARED_GPU = 1, 2  # enum ggml_backend_dev_type


def main() -> None:
    """``KEY``: devices as JSON on standard output, whatever drivers print goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    devices = found(sys.argv[1])
    out.write(b"[" + b",".join(device.model_dump_json().encode() for device in devices) + b"]")
    out.flush()
    os._exit(0)  # drivers may crash when they are unloaded; what was asked is answered


def found(key: str) -> tuple[Device, ...]:
    """GPUs of the back end that could be started."""
    ggml = _library()
    registry = _registry(ggml, key)
    if not registry:
        return ()
    devices: list[Device] = []
    for number in range(ggml.ggml_backend_reg_dev_count(registry)):
        device = ggml.ggml_backend_reg_dev_get(registry, number)
        kind = ggml.ggml_backend_dev_type(device)
        if kind not in (_GPU, _SHARED_GPU):
            continue
        started = ggml.ggml_backend_dev_init(device, None)
        if not started:
            continue
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        name = ggml.ggml_backend_dev_description(device) or b""
        devices.append(
            Device(
                name=name.decode(errors="replace"),
                shared_memory=kind == _SHARED_GPU or key == "metal",  # Metal calls itself a card
                free=free.value,
                total=total.value,
            )
        )
        ggml.ggml_backend_free(started)
    return tuple(devices)


def _registry(ggml: Any, key: str) -> int | None:
    """None if it is not there. In a build with plug-ins it is loaded first, and no other with it."""
    if registry := ggml.ggml_backend_reg_by_name(REGISTERED[key].encode()):
        return registry
    for file in (library_folder() or Path()).glob(f"*ggml-{key}.*"):
        return ggml.ggml_backend_load(os.fsencode(file))
    return None


def _library() -> Any:
    from llama_cpp._ggml import libggml

    ggml: Any = libggml
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("ggml_backend_reg_by_name", pointer, [ctypes.c_char_p]),
        ("ggml_backend_load", pointer, [ctypes.c_char_p]),
        ("ggml_backend_reg_dev_count", ctypes.c_size_t, [pointer]),
        ("ggml_backend_reg_dev_get", pointer, [pointer, ctypes.c_size_t]),
        ("ggml_backend_dev_type", ctypes.c_int, [pointer]),
        ("ggml_backend_dev_init", pointer, [pointer, ctypes.c_char_p]),
        (
            "ggml_backend_dev_memory",
            None,
            [pointer, ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_size_t)],
        ),
        ("ggml_backend_dev_description", ctypes.c_char_p, [pointer]),
        ("ggml_backend_free", None, [pointer]),
    ):
        function = getattr(ggml, name)
        function.restype, function.argtypes = result, arguments
    return ggml
