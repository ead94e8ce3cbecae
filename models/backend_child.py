"""The process that tries one back end: loads llama.cpp, starts each device, says what it found."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from models.back_end_loading import best, library, load, plug_ins, refusal
from models.backends import CANNOT_LOAD, PROCESSOR, Device, library_folder

_GPU, _SHARED_GPU = 1, 2  # enum ggml_backend_dev_type


class CannotLoad(Exception):
    """The system does not load the back end's library, and says this."""


def main() -> None:
    """``KEY``: devices as JSON on standard output, whatever drivers print goes to standard error.

    A library that cannot be loaded: what the system says to that instead, and exit code CANNOT_LOAD.
    """
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    code = 0
    try:
        devices = found(sys.argv[1])
        said = b"[" + b",".join(device.model_dump_json().encode() for device in devices) + b"]"
    except CannotLoad as refused:
        said, code = str(refused).encode(), CANNOT_LOAD
    out.write(said)
    out.flush()
    os._exit(code)  # drivers may crash when they are unloaded; what was asked is answered


def found(key: str) -> tuple[Device, ...]:
    """GPUs of the back end that could be started; for the processor its variant, where a build has several.

    Raises CannotLoad, and LookupError if nothing computes on the processor.
    """
    ggml, folder = library(), library_folder() or Path()
    registry = load(ggml, folder, key)
    if key == PROCESSOR:
        return _variant(registry, folder)
    if not registry:
        said = next((said for said in map(refusal, plug_ins(folder, key)) if said), "")
        if said:
            raise CannotLoad(said)
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


def _variant(registry: int | None, folder: Path) -> tuple[Device, ...]:
    if not registry:
        raise LookupError("nothing computes on the processor")
    file = best(plug_ins(folder, PROCESSOR))
    _, dash, name = file.stem.partition(f"ggml-{PROCESSOR}-") if file is not None else ("", "", "")
    return (Device(name=name, shared_memory=True, free=0, total=0),) if dash else ()
