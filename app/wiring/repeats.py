"""What repeats in a matter, and decisions carried to copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.finding import Outcome
from app.domain.kinds import DocumentState
from app.domain.text import Document, Page
from app.domain.work import Progress, Report
from app.review.carry import carried
from app.review.repeats import Fingerprint, Repeats, fingerprint_of, repeats_among
from app.store.reader import SqliteMatterReader
from app.wiring.matters import current, read, written


def _unheard(_: Progress) -> None:
    """For callers that show no progress."""


class KnownFingerprints:
    """Keeps what was read of each document, so that only a new or changed one is read the next time."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, Fingerprint]] = {}

    def of(
        self, matter: SqliteMatterReader, document: Document, cancel: CancelToken | None = None
    ) -> Fingerprint:
        """Of a readable document, read anew if its text or its state is another one than before.

        Raises Cancelled, also in the middle of a long document.
        """
        text = matter.text(document.id).encode(errors="surrogatepass")
        seal = blake2b(text, key=document.state.value.encode()).digest()
        held = self._known.get(document.id)
        if held is not None and held[0] == seal:
            return held[1]
        whole = document.state is DocumentState.READY
        pages = _unless(cancel, matter.pages(document.id))
        fingerprint = fingerprint_of(document.id, pages, whole)
        self._known[document.id] = (seal, fingerprint)
        return fingerprint


def _unless(cancel: CancelToken | None, pages: Iterable[Page]) -> Iterator[Page]:
    for page in pages:
        if cancel is not None:
            cancel.check()
        yield page


def repeats_of(folder: Path, report: Report = _unheard, cancel: CancelToken | None = None) -> Repeats:
    """Pages and documents that repeat. Raises MatterNotFound, Cancelled."""
    with read(folder) as matter:
        return matter_repeats(matter, None, report, cancel)


def matter_repeats(
    matter: SqliteMatterReader,
    known: KnownFingerprints | None = None,
    report: Report = _unheard,
    cancel: CancelToken | None = None,
) -> Repeats:
    """The same of an open matter; with ``known`` kept from one call to the next, soon. Raises Cancelled."""
    held = known or KnownFingerprints()
    readable = [document for document in matter.documents() if document.state.readable]
    fingerprints: list[Fingerprint] = []
    for done, document in enumerate(readable):
        if cancel is not None:
            cancel.check()
        report(Progress(what="comparing documents", done=done, total=len(readable)))
        fingerprints.append(held.of(matter, document, cancel))
    report(Progress(what="comparing documents", done=len(readable), total=len(readable)))
    return repeats_among(fingerprints, cancel)


def carry_decisions(
    folder: Path, at: datetime, report: Report = _unheard, cancel: CancelToken | None = None
) -> tuple[Repeats, tuple[Outcome, ...]]:
    """Record what can be carried to copies, all or none; the outcomes that changed. Raises Cancelled."""
    with written(folder, create=False) as matter:
        repeats = matter_repeats(matter, None, report, cancel)
        names = {document.id: document.name for document in matter.documents()}
        decisions = carried(current(matter), repeats, names, at)
        matter.put_decisions(decisions)
        return repeats, tuple(matter.outcome(decision.finding) for decision in decisions)
