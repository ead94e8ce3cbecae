"""Opens an ONNX model that came with this build."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast

from app.domain.errors import ModelDamaged


def open_session(file: Path, sha256: str, threads: int, name: str) -> Any:
    """On the processor; ``threads`` 0: as many as there are cores. Raises ModelDamaged for other bytes."""
    import onnxruntime

    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelDamaged(
            f"The {name}'s file is not the one that Pincite was built with.", "Install Pincite again."
        )
    runtime = cast(Any, onnxruntime)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
