"""Back ends that are plug-ins: the processor's best variant, and of the GPUs only those that were asked for.

A build with ``GGML_BACKEND_DL`` computes on nothing until a plug-in is loaded. ggml's own
``ggml_backend_load_all_from_path`` loads whatever lies in the folder, and so wakes drivers that were found
broken. In a build that has its back ends inside there are no such files for them, and nothing is done.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from models.backends import NAMES, PROCESSOR, REGISTERED, library_folder

_ENDINGS = {".so", ".dll", ".dylib"}


def load_back_ends(hidden: Iterable[str]) -> None:
    """Into this process, once each: the GPUs that are not hidden, then the processor.

    A plug-in that cannot be loaded is left out; without any for the processor llama.cpp loads no model.
    """
    ggml, folder = library(), library_folder() or Path()
    for key in (*(key for key in NAMES if key not in set(hidden)), PROCESSOR):
        load(ggml, folder, key)


def load(ggml: Any, folder: Path, key: str) -> int | None:
    """The back end's registry: that of the build, or of its plug-in, loaded now; None if there is none."""
    if registry := ggml.ggml_backend_reg_by_name(REGISTERED[key].encode()):
        return registry
    file = best(plug_ins(folder, key))
    return ggml.ggml_backend_load(os.fsencode(file)) if file is not None else None


def plug_ins(folder: Path, key: str) -> tuple[Path, ...]:
    """Files of a back end: one, or one for each kind of processor (``libggml-cpu-haswell.so``)."""
    if not folder.is_dir():
        return ()
    found = (file for file in folder.iterdir() if file.suffix in _ENDINGS and not file.is_symlink())
    return tuple(
        sorted(file for file in found if f"{file.stem.removeprefix('lib')}-".startswith(f"ggml-{key}-"))
    )


def best(files: Sequence[Path]) -> Path | None:
    """The one whose instructions this machine has and which uses most of them, as ggml scores them."""
    scored = [(score(file), file) for file in files]
    return max((one for one in scored if one[0]), default=(0, None), key=lambda one: one[0])[1]


def score(file: Path) -> int:
    """0 if it does not run here, 1 for a plug-in of which there is but one kind."""
    try:
        plug_in = ctypes.CDLL(str(file))
    except OSError:
        return 0
    scores = getattr(plug_in, "ggml_backend_score", None)
    return 1 if scores is None else int(scores())


def refusal(file: Path) -> str:
    """What the system says where it does not load a plug-in, one line; empty if it does."""
    try:
        ctypes.CDLL(str(file))
    except OSError as error:
        return str(error).partition("\n")[0]
    return ""


def _of_llama() -> Any:
    """Where it is no Windows, a symbol is looked up in a library and in those that it needs."""
    if sys.platform == "win32":
        from llama_cpp._ggml import libggml

        return libggml
    import llama_cpp

    binding: Any = llama_cpp.llama_cpp
    return ctypes.CDLL(binding._lib._name)


def library() -> Any:
    """The ggml that llama.cpp computes with, and the types of what is called here.

    ``llama_cpp._ggml`` is not it: a wheel holds copies in the place of links, so ``libggml.so`` and the
    ``libggml.so.0`` that llama.cpp needs are loaded both, and each has back ends of its own.
    """
    ggml = _of_llama()
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
