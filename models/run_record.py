"""How each model was last started, kept in a file: what did not hold is known to the next process.

A driver that runs out of memory often ends the process instead of saying so, and so does an operating system.
Whoever starts next finds a run here that was begun and never ended, and takes a smaller plan.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from app.domain.base import Frozen
from app.domain.errors import DiskFull
from app.platform.files import write_atomically
from models.replanning import Failure
from models.run_plan import RunPlan

_log = logging.getLogger(__name__)

REMEMBERED = timedelta(hours=1)
"""Memory is short for a while. After that the first plan is tried again."""

State = Literal["starting", "runs", "ended"]


class Run(Frozen):
    """One process that started a model. ``process`` is its id, ``boot`` when the machine was started."""

    state: State
    process: int
    boot: int
    plan: RunPlan
    failures: tuple[Failure, ...] = ()


class RunRecord:
    """Of one model, by its SHA-256. Without a folder, of this process alone.

    A file that cannot be read or written counts as none: the record saves time, and nothing depends on it.
    """

    def __init__(self, folder: Path | None = None, sha256: str = "") -> None:
        self._file = folder / f"{sha256[:16]}.json" if folder is not None else None
        self._held: Run | None = None
        self._writing = threading.Lock()

    def failures(self) -> tuple[Failure, ...]:
        """What did not hold of late, the oldest first."""
        run = self._held or self._read()
        if run is None:
            return ()
        now = datetime.now(UTC)
        failures = run.failures if run.failures and now - run.failures[-1].at < REMEMBERED else ()
        if _left_behind(run):  # when it ended is not known: it counts from the next start on
            failures = (*failures, Failure(plan=run.plan, cause="died", at=now))
        return failures

    def instead(self) -> str:
        """The sentence of the plan it last ran by, if that was not the first; empty after a while."""
        run = self._held or self._read()
        return run.plan.sentence if run is not None and run.plan.instead and self.failures() else ""

    def starting(self, plan: RunPlan, failures: Sequence[Failure]) -> None:
        """Before llama.cpp is asked for anything."""
        self._keep(
            Run(state="starting", process=os.getpid(), boot=_boot(), plan=plan, failures=tuple(failures))
        )

    def failed(self, failure: Failure) -> None:
        """The plan that was started did not hold; another may be started at once."""
        with self._writing:
            run = self._held
        assert run is not None
        self._keep(run.model_copy(update={"state": "ended", "failures": (*run.failures, failure)}))

    def forget(self) -> None:
        """No plan is left: whoever makes room and tries again begins with the first."""
        run = self._held or self._read()
        if run is not None:
            self._keep(run.model_copy(update={"state": "ended", "failures": ()}))

    def runs(self) -> None:
        """Once something was read with the plan."""
        self._becomes("runs")

    def ended(self) -> None:
        """When the model is let go, and when the process is about to end; from any thread."""
        self._becomes("ended")

    def _becomes(self, state: State) -> None:
        with self._writing:
            run = self._held
        if run is not None and run.state not in (state, "ended"):
            self._keep(run.model_copy(update={"state": state}))

    def _keep(self, run: Run) -> None:
        with self._writing:
            self._held = run
            if self._file is None:
                return
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(self._file, run.model_dump_json().encode())
            except (OSError, DiskFull) as error:
                _log.warning("the run of a model could not be recorded (%s)", type(error).__name__)

    def _read(self) -> Run | None:
        if self._file is None:
            return None
        try:
            return Run.model_validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return None


def _left_behind(run: Run) -> bool:
    """Whether its process ended over it.

    On the processor only a start counts: whoever ends the engine in the middle of a review means no plan.
    Nor does a machine that was switched off.
    """
    import psutil

    if run.state == "ended" or (run.state == "runs" and not run.plan.gpu_layers):
        return False
    return abs(run.boot - _boot()) < 60 and not psutil.pid_exists(run.process)


def _boot() -> int:
    """Seconds of the epoch; a clock that is set moves it a little."""
    import psutil

    return int(psutil.boot_time())
