"""Comparing documents behind an open desk: only what is new is read, it can be stopped, it gives way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.domain.finding import Decision
from app.domain.kinds import DecisionKind
from app.domain.text import Page
from app.review.repeats import Repeats, SameDocuments
from app.store.reader import SqliteMatterReader
from app.wiring.desk import Desk
from tests.desktop.bulk_made import FOUND, made_matter

AT = datetime(2026, 11, 25, tzinfo=UTC)
WORDS = " ".join(f"word{number}" for number in range(80))


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Iterator[Desk]:
    held = Desk(tmp_path / "m", create=True)
    yield held
    held.close()


def add(desk: Desk, *texts: str) -> list[str]:
    held = len(desk.documents())
    files = [desk.folder.parent / f"contract {held + place}.txt" for place in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    return [d.id for d in desk.add(files, lambda _: None, lambda _: None, CancelToken())]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Documents whose pages were read from the matter."""
    asked: list[str] = []
    pages = SqliteMatterReader.pages

    def noted(self: SqliteMatterReader, document: str) -> tuple[Page, ...]:
        asked.append(document)
        return pages(self, document)

    monkeypatch.setattr(SqliteMatterReader, "pages", noted)
    return asked


def test_a_copy_is_found_and_only_new_documents_are_read_the_next_time(desk: Desk, read: list[str]) -> None:
    first, second = add(desk, WORDS, WORDS + "\n")
    read.clear()
    (same,) = desk.repeats(CancelToken()).same
    assert same.documents == (first, second)
    assert read == [first, second]
    (third,) = add(desk, WORDS + "\n\n")
    read.clear()
    assert desk.repeats(CancelToken()).same[0].documents == (first, second, third)
    assert read == [third]


def test_a_matter_of_one_document_is_not_compared(desk: Desk, read: list[str]) -> None:
    add(desk, WORDS)
    read.clear()
    assert desk.repeats(CancelToken()) == Repeats()
    assert read == []


def test_it_stops_when_it_is_told_to(desk: Desk) -> None:
    add(desk, WORDS, WORDS + "\n")
    stopped = CancelToken()
    stopped.cancel()
    with pytest.raises(Cancelled):
        desk.repeats(stopped)


def test_it_rests_while_a_review_runs_and_only_then(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    add(desk, WORDS, WORDS + "\n")
    now = count(start=0.0, step=1.0)
    rests: list[float] = []
    monkeypatch.setattr(
        "app.wiring.desk.time", SimpleNamespace(monotonic=lambda: next(now), sleep=rests.append)
    )
    desk.repeats(CancelToken())
    assert rests == []
    with desk._working:  # pyright: ignore[reportPrivateUsage]
        desk.repeats(CancelToken())
    assert rests


def test_a_long_document_does_not_hold_up_who_stops_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token is looked at between pages too."""
    add(desk, WORDS, WORDS + "\n")
    token = CancelToken()
    seen: list[int] = []
    one = SqliteMatterReader.pages

    def endless(self: SqliteMatterReader, document: str) -> Iterator[Page]:
        for number in range(1, 10_000):
            seen.append(number)
            if number == 3:
                token.cancel()
            yield one(self, document)[0]

    monkeypatch.setattr(SqliteMatterReader, "pages", endless)
    with pytest.raises(Cancelled):
        desk.repeats(token)
    assert len(seen) == 3


def test_what_would_be_carried_is_told_before_anything_is_recorded(home: Path, tmp_path: Path) -> None:
    folder = made_matter(tmp_path / "m", [[FOUND], [FOUND]], ["term"])
    held = Desk(folder, create=False)
    first, second = (outcome.finding for outcome in held.outcomes())
    held.decide([Decision(finding=first.id, kind=DecisionKind.ACCEPT, at=AT)])
    repeats = Repeats(same=(SameDocuments(documents=(first.document, second.document)),))
    (decision,) = held.carriable(repeats, AT)
    assert (decision.finding, decision.kind) == (second.id, DecisionKind.ACCEPT)
    assert decision.note == "carried from Agreement 0.txt"
    assert held.outcome(second.id).decision is None
    held.close()
