"""An engine for tests. It is a fake: it makes findings at once, without a model or a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from app.domain.cancel import CancelToken
from app.domain.cost import Energy, Usage
from app.domain.errors import EngineFailed
from app.domain.finding import Citation, Finding
from app.domain.kinds import FindingStatus
from app.domain.ports import IndexedText
from app.review.review_matter import ReviewEngine, WorkItem
from tests.store.made import TEXT, indexed

EMBEDDER = "e" * 64
INDEXING = Usage(seconds=4.0, energy=Energy(kwh=0.002, measured=True))
ASKING = Usage(seconds=2.0, energy=Energy(kwh=0.001, measured=False))


def always_found(item: WorkItem) -> FindingStatus:
    return FindingStatus.FOUND


class FakeEngine:
    """``status`` says how each item ends; ``breaks_at`` items in, the engine is gone."""

    def __init__(
        self, status: Callable[[WorkItem], FindingStatus] = always_found, breaks_at: int | None = None
    ) -> None:
        self.indexed: list[str] = []
        self.reviewed: list[WorkItem] = []
        self._status = status
        self._breaks_at = breaks_at

    def index(self, documents: Sequence[str], cancel: CancelToken) -> Iterator[tuple[IndexedText, Usage]]:
        for document in documents:
            cancel.check()
            self.indexed.append(document)
            yield indexed(document, EMBEDDER), INDEXING

    def review(self, items: Sequence[WorkItem], cancel: CancelToken) -> Iterator[tuple[Finding, Usage]]:
        for number, item in enumerate(items):
            cancel.check()
            if number == self._breaks_at:
                raise EngineFailed("The engine stopped.", "Run the review again.")
            self.reviewed.append(item)
            yield finding(item, self._status(item)), ASKING


def finding(item: WorkItem, status: FindingStatus) -> Finding:
    found = status is FindingStatus.FOUND
    return Finding(
        id=item.finding,
        document=item.document,
        task=item.task,
        status=status,
        value={"jurisdiction": "Delaware"} if found else None,
        display="Delaware" if found else "",
        confidence=0.9,
        citations=(Citation(page=1, start=0, end=len(TEXT), quote=TEXT),) if found else (),
        reason=None if found or status is FindingStatus.ABSENT else "why",
    )


_: ReviewEngine = FakeEngine()
