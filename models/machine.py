"""What this machine has to run a model on."""

from __future__ import annotations

import os
from collections.abc import Callable

from pydantic import Field

from app.domain.base import Frozen
from models.backends import BackEnd, built_in, library_folder, probe


class Machine(Frozen):
    """``cores`` are physical ones; memory is in bytes, ``memory_free`` what could be had without swapping."""

    cores: int = Field(ge=1)
    memory_total: int
    memory_free: int
    llama_cpp: bool
    back_ends: tuple[BackEnd, ...] = ()


def this_machine(ask: Callable[[str], BackEnd] = probe) -> Machine:
    """As it is now. Each GPU back end of the build is asked in a process of its own."""
    import psutil

    folder = library_folder()
    memory = psutil.virtual_memory()
    return Machine(
        cores=psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        memory_total=memory.total,
        memory_free=memory.available,
        llama_cpp=folder is not None,
        back_ends=tuple(ask(key) for key in built_in(folder)),
    )
