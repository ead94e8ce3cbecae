"""A copy of a document with every citation highlighted, made by a limited child: the original is hostile."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from app.domain.errors import ExitCode, PinciteError
from app.domain.finding import Outcome
from app.domain.kinds import DecisionKind, OutcomeState
from app.domain.listing import cited_items
from app.platform.confinement import end_with_this_process
from app.reports.annotate_child import AnnotateLimits, Answer, Mark, Order, Refusal
from app.reports.reviewed_matter import ReviewedMatter
from app.reports.wording import (
    STATES,
    confidence_words,
    counted,
    one_line,
    printable,
    shortened,
    standing_value,
)

DEFAULT = AnnotateLimits()
ANNOTATOR = (sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "
             "from app.reports.annotate_child import main; main()",
             str(Path(__file__).parents[2]))  # fmt: skip

COLOURS = {
    OutcomeState.ACCEPTED: (0.64, 0.88, 0.69),
    OutcomeState.EDITED: (0.66, 0.80, 0.98),
    OutcomeState.UNDECIDED: (1.0, 0.87, 0.42),
    OutcomeState.REJECTED: (0.85, 0.85, 0.87),
}
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL")
_MOST_CHARACTERS = 2_000
_MOST_LISTED = 5
_PIECE = 1 << 16
_STOP_SECONDS = 2.0
_ANSWER_BYTES = 1_000
_REFUSED: dict[Refusal, tuple[str, str]] = {
    "not-pdf": ("only PDFs can be annotated", "Choose Word or Excel for this document."),
    "too-large": ("it is too large to annotate", "Choose Word or Excel for this document."),
    "locked": ("it needs a password", "Add a copy without a password, and review that."),
    "restricted": (
        "its owner does not allow comments in it",
        "Ask for a copy without that restriction, or choose Word or Excel.",
    ),
    "damaged": ("it is damaged", "Ask for the file again, or choose Word or Excel."),
}


class NotAnnotatable(PinciteError):
    """No annotated copy can be made of this document. ``why`` has no full stop."""

    code = "report.not-annotatable"

    def __init__(self, name: str, why: str, hint: str) -> None:
        super().__init__(f"{name} was not annotated: {why}.", hint)
        self.why = why


class PartlyAnnotated(PinciteError):
    """Some copies were written, others not."""

    code = "report.partial"
    exit_code = ExitCode.PARTIAL

    def __init__(self, written: int, failures: Sequence[NotAnnotatable]) -> None:
        listed = " ".join(failure.message for failure in failures[:_MOST_LISTED])
        more = f" And {len(failures) - _MOST_LISTED} more." if len(failures) > _MOST_LISTED else ""
        super().__init__(f"{counted(written, 'document')} annotated. {listed}{more}", failures[0].hint)


def annotated_pdf(
    original: Path,
    name: str,
    reviewed: ReviewedMatter,
    outcomes: Sequence[Outcome],
    limits: AnnotateLimits = DEFAULT,
    command: Sequence[str] = ANNOTATOR,
) -> bytes:
    """The PDF with one highlight for each citation of ``outcomes``, all of one document.

    ``command`` starts an annotator that takes limits and a path as arguments. Raises NotAnnotatable;
    whatever happens, nothing is left running.
    """
    marks = tuple(mark for outcome in outcomes for mark in _marks(outcome, reviewed))
    order = Order(marks=marks, at=reviewed.at).model_dump_json().encode() + b"\n"
    child = subprocess.Popen(
        [*command, limits.model_dump_json(), str(original)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    end_with_this_process(child)
    answer, data = _answered(child, order, name, limits)
    if answer.refusal is not None:
        raise NotAnnotatable(name, *_REFUSED[answer.refusal])
    if len(data) != answer.size or not data.startswith(b"%PDF-"):
        raise _stopped(name, "the program that annotates it stopped")
    return data


def _marks(outcome: Outcome, reviewed: ReviewedMatter) -> Iterator[Mark]:
    title = one_line(reviewed.title(outcome.finding.task))
    listed = cited_items(outcome.finding)
    for place, citation in enumerate(outcome.finding.citations):
        own = "; ".join(item.display for item, _ in listed if item.citation == place)
        comment = _comment(outcome, title, own)
        yield Mark(
            page=citation.page,
            boxes=citation.boxes,
            colour=COLOURS[outcome.state],
            subject=title,
            comment=comment,
        )


def _comment(outcome: Outcome, title: str, listed: str) -> str:
    """``listed`` are the items of a list that stand in these words; an edit speaks for the whole list."""
    decision = outcome.decision
    edited = decision is not None and decision.kind is DecisionKind.EDIT
    value = standing_value(outcome) if edited or not listed else listed
    lines = [f"{title}: {shortened(one_line(value), _MOST_CHARACTERS)}" if value else title]
    lines.append(STATES[outcome.state])
    if decision is not None and decision.kind is DecisionKind.EDIT:
        lines[-1] += f" (the finding was: {shortened(one_line(outcome.finding.display), _MOST_CHARACTERS)})"
    if decision is not None and decision.note:
        lines.append(f"Note: {shortened(printable(decision.note), _MOST_CHARACTERS)}")
    lines.append(f"Confidence: {confidence_words(outcome.finding.confidence)}")
    return "\n".join(lines)


def _answered(
    child: subprocess.Popen[bytes], order: bytes, name: str, limits: AnnotateLimits
) -> tuple[Answer, bytes]:
    """What the child says, within time and size; then it is gone."""
    pieces: queue.Queue[bytes | None] = queue.Queue(maxsize=64)
    threads = (
        threading.Thread(target=_feed, args=(child, order), daemon=True),
        threading.Thread(target=_pump, args=(child, pieces), daemon=True),
    )
    for thread in threads:
        thread.start()
    try:
        said = _gathered(pieces, name, limits)
    finally:
        _stop(child)
        while threads[1].is_alive():  # a full queue must not keep the pump from seeing the end
            with contextlib.suppress(queue.Empty):
                pieces.get(timeout=0.05)
        for thread in threads:
            thread.join()
    line, _, data = said.partition(b"\n")
    try:
        return Answer.model_validate_json(line[:_ANSWER_BYTES]), data
    except ValidationError:
        raise _stopped(name, "the program that annotates it stopped") from None


def _gathered(pieces: queue.Queue[bytes | None], name: str, limits: AnnotateLimits) -> bytes:
    until = time.monotonic() + limits.seconds
    said = bytearray()
    while True:
        try:
            piece = pieces.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise _stopped(name, "it took longer than is allowed") from None
        if piece is None:
            return bytes(said)
        said += piece
        if len(said) > limits.output_bytes:
            raise _stopped(name, "the copy became larger than is allowed")


def _feed(child: subprocess.Popen[bytes], order: bytes) -> None:
    assert child.stdin is not None
    with contextlib.suppress(OSError):  # the child may be gone before it has read everything
        child.stdin.write(order)
    with contextlib.suppress(OSError):
        child.stdin.close()


def _pump(child: subprocess.Popen[bytes], pieces: queue.Queue[bytes | None]) -> None:
    assert child.stdout is not None
    with child.stdout:
        while piece := os.read(child.stdout.fileno(), _PIECE):
            pieces.put(piece)
    pieces.put(None)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Terminate, wait, kill, wait."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _stopped(name: str, why: str) -> NotAnnotatable:
    return NotAnnotatable(name, why, _REFUSED["damaged"][1])
