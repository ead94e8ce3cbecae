"""How commands speak: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from pydantic import JsonValue

from app.domain.cancel import CancelToken
from app.domain.work import Progress, Report


@dataclass
class Speech:
    """Set by the options before a command runs."""

    as_json: bool = False
    quiet: bool = False


SPEECH = Speech()


def say(text: str = "") -> None:
    """A line of the result, for people."""
    if not SPEECH.as_json:
        sys.stdout.write(text + "\n")


def give(value: JsonValue) -> None:
    """The result as one JSON value, if that was asked for."""
    if SPEECH.as_json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def note(text: str) -> None:
    """A remark beside the result."""
    if not SPEECH.quiet:
        sys.stderr.write(text + "\n")


@contextmanager
def working() -> Generator[tuple[Report, CancelToken]]:
    """A progress bar on standard error, and a token that Ctrl-C sets."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    cancel = CancelToken()

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        cancel.cancel()

    before = signal.signal(signal.SIGINT, interrupted)
    console = Console(stderr=True, quiet=SPEECH.quiet)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Bars(*columns, console=console, transient=True) as bars:
            known: dict[str, TaskID] = {}

            def report(progress: Progress) -> None:
                if progress.what not in known:
                    known[progress.what] = bars.add_task(progress.what, total=progress.total or None)
                bars.update(known[progress.what], completed=progress.done, total=progress.total or None)

            yield report, cancel
    finally:
        signal.signal(signal.SIGINT, before)
