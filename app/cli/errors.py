"""Errors as the command line shows them: a sentence and a hint, or one JSON value; never a traceback."""

from __future__ import annotations

import json
import logging
import sys
import traceback
import uuid

from app.domain.errors import ExitCode, PinciteError

_log = logging.getLogger(__name__)


def show_error(code: str, message: str, hint: str, as_json: bool) -> None:
    """JSON goes to standard output, words for people to standard error."""
    if as_json:
        error = {"code": code, "message": message, "hint": hint}
        sys.stdout.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"{message}\n{hint}\n")


def exit_for(error: PinciteError, as_json: bool) -> ExitCode:
    """Show a typed error; the exit code it ends the command with."""
    show_error(error.code, error.message, error.hint, as_json)
    return error.exit_code


def exit_for_unexpected(error: Exception, as_json: bool) -> ExitCode:
    """Log class and places only (the message may hold a document's text); show a reference to them."""
    reference = uuid.uuid4().hex[:8]
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames)
    _log.error("%s %s at %s", reference, type(error).__name__, places)
    show_error(
        "unexpected", "Something went wrong inside Pincite.", f"Report reference {reference}.", as_json
    )
    return ExitCode.ERROR
