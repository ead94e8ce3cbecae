"""Logs that hold ids, figures and places in the code, never words of a document."""

from __future__ import annotations

import logging
import sys
import traceback
from logging.handlers import RotatingFileHandler

from app.platform.paths import logs_folder

# Only our own loggers: what a library logs may hold the text it was given.
_OURS = ("app", "models", "retrieval", "verticals")
_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"
_MOST_BYTES = 2_000_000
_KEPT_FILES = 3


class PlacesFormatter(logging.Formatter):
    """Prints an exception as its type and the places it went through.

    An exception's own text, the source lines and the stack's locals may hold a document's words: they
    are never printed, also not where an exception is given as an argument of the message.
    """

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """One line, then the places of the exception if there is one."""
        if isinstance(record.args, tuple):
            record = logging.makeLogRecord(record.__dict__)
            record.args = tuple(_nameless(argument) for argument in record.args or ())
        record.message = record.getMessage()
        record.asctime = self.formatTime(record)
        lines = [self.formatMessage(record)]
        if record.exc_info and record.exc_info[1] is not None:
            lines.extend(_places(record.exc_info[1]))
        return "\n".join(lines)


class _QuietFile(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say nothing: a full disk must not print a record, and must not stop the work."""


def set_up_logging(verbose: bool, name: str = "pincite") -> None:
    """Log to ``<name>.log`` in the logs folder, and with ``verbose`` to standard error too.

    Two processes must not share a name: they would rotate the file under each other. Never raises: a
    folder that cannot be written means no log. Called again, it replaces what it set up before.
    """
    handlers: list[logging.Handler] = [_file_handler(name)]
    if verbose:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(PlacesFormatter())
    for old in {old for ours in _OURS for old in logging.getLogger(ours).handlers}:
        old.close()
    for ours in _OURS:
        logger = logging.getLogger(ours)
        logger.setLevel(logging.DEBUG if verbose else logging.INFO)
        logger.handlers[:] = handlers


def _file_handler(name: str) -> logging.Handler:
    try:
        folder = logs_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return _QuietFile(
            folder / f"{name}.log", maxBytes=_MOST_BYTES, backupCount=_KEPT_FILES, encoding="utf-8"
        )
    except OSError:
        return logging.NullHandler()


def _nameless(argument: object) -> object:
    return type(argument).__name__ if isinstance(argument, BaseException) else argument


def _places(error: BaseException) -> list[str]:
    lines: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        lines.append(f"  {type(link).__module__}.{type(link).__qualname__}")
        for frame, line in traceback.walk_tb(link.__traceback__):
            lines.append(f"    {frame.f_code.co_filename}:{line} in {frame.f_code.co_name}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return lines
