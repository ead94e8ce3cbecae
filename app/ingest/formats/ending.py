"""Exactly one end, whatever a parser does: what every reader of this package promises."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Concatenate, ParamSpec, TypeAlias

from app.domain.kinds import DocumentState
from app.ingest.formats.source import Source
from app.ingest.limits import Limits
from app.ingest.messages import Ended, Inside, PageRead

Message: TypeAlias = PageRead | Inside | Ended
_P = ParamSpec("_P")
_Reader: TypeAlias = Callable[Concatenate[Source, Limits, _P], Iterator[Message]]

DAMAGED = "The file is damaged and could not be read. Ask for it again."


class Refused(Exception):
    """This file ends here; ``ended`` says how. Raised inside a reader only."""

    def __init__(self, state: DocumentState, reason: str) -> None:
        super().__init__(reason)
        self.ended = Ended(state=state, reason=reason)


def too_many_pages(count: int, limits: Limits) -> Refused:
    """To raise."""
    return Refused(DocumentState.TOO_LARGE, f"The file has {count} pages; {limits.pages} are allowed.")


def locked() -> Refused:
    """To raise where an Office file is encrypted."""
    return Refused(DocumentState.LOCKED, "The file needs a password. Save a copy without it and add that.")


def ends_once(reader: _Reader[_P]) -> _Reader[_P]:
    """Nothing follows the reader's ``Ended``, and whatever it raises becomes one.

    The errors of the parsers have no common type, and their words may be the document's: they are dropped.
    """

    @functools.wraps(reader)
    def read(source: Source, limits: Limits, *rest: _P.args, **named: _P.kwargs) -> Iterator[Message]:
        pages = 0
        text = False
        try:
            for message in reader(source, limits, *rest, **named):
                if isinstance(message, PageRead):
                    pages += 1
                    text = text or bool(message.text.strip())
                yield message
                if isinstance(message, Ended):
                    return
            ended = Ended(state=DocumentState.DAMAGED, reason=DAMAGED)
        except Refused as refusal:
            ended = refusal.ended
            if text:
                ended = ended.model_copy(update={"state": DocumentState.PARTIAL})
        except MemoryError:
            ended = Ended(
                state=DocumentState.TOO_LARGE,
                reason="The file needs more memory than is allowed. Split it and add the parts.",
            )
        except Exception:
            ended = Ended(state=DocumentState.DAMAGED, reason=DAMAGED)
        yield _kept(pages) if text and ended.state is not DocumentState.PARTIAL else ended

    return read


def _kept(pages: int) -> Ended:
    """Pages that came before the end stay."""
    return Ended(
        state=DocumentState.PARTIAL,
        reason=f"The file could not be read after page {pages}; those before are kept.",
    )
