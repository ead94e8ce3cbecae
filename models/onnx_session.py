"""Opens an ONNX model that came with this build, and runs batches on all cores."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from app.domain.errors import ModelDamaged

Run = Callable[[list[int]], None]
"""Computes the rows that it is given, and puts the results where they belong."""


def open_session(file: Path, sha256: str, name: str) -> Any:
    """On the processor, one thread a run: ``run_all`` gives each core a batch. Raises ModelDamaged."""
    import onnxruntime

    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelDamaged(
            f"The {name}'s file is not the one that Pincite was built with.", "Install Pincite again."
        )
    runtime = cast(Any, onnxruntime)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def batches(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Rows of like length together, longest first; a batch, padded, has at most ``most`` tokens, or one row.

    What a small batch computes stays in a core's cache from layer to layer. At most half of a row is padding.
    """
    found: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        longest = lengths[found[-1][0]] if found else 0
        if found and longest * (len(found[-1]) + 1) <= most and 2 * lengths[row] >= longest:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def run_all(run: Run, parts: Sequence[list[int]], threads: int) -> None:
    """Every batch, as many at a time as there are ``threads``; 0: as there are cores that may be used."""
    at_a_time = min(threads or _cores(), len(parts))
    if at_a_time < 2:
        for part in parts:
            run(part)
        return
    with ThreadPoolExecutor(at_a_time, "onnx") as pool:
        for _ in pool.map(run, parts):  # raises what a batch raised
            pass


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
