"""A matter's documents are read anew by a newer reader, and the analyst's work stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import wiring
from app.domain.cancel import CancelToken
from app.domain.finding import Decision
from app.domain.kinds import DecisionKind, DocumentState, OutcomeState
from app.ingest.limits import Limits
from app.review.anchor import settle
from app.review.check_matter import check_matter
from app.store.opening import open_matter, read_matter
from app.wiring.desk import Desk
from app.wiring.reading import add_to
from tests.conftest import paged
from tests.store.made import DECISION, FINDING

LAW = "This Agreement is governed by the laws of Delaware."
ACCEPT = DECISION.model_copy(update={"kind": DecisionKind.ACCEPT, "value": None, "note": None})


def quiet(*_: object) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A document that an older reader read with a line less, and a decision on words in it."""
    (tmp_path / "a.txt").write_text(f"A line that the old reader missed.\n\n{LAW}")
    (tmp_path / "other.txt").write_text("Another file.")
    wiring.add_files(tmp_path / "m", [tmp_path / "a.txt", tmp_path / "other.txt"], quiet, CancelToken())
    old_reading(tmp_path / "m", LAW, LAW)
    return tmp_path / "m"


def old_reading(folder: Path, text: str, quote: str, finding_id: str = FINDING.id) -> None:
    matter = open_matter(folder, create=False)
    document = matter.document("a.txt")
    matter.put_document(document, paged(text), 0, settle)
    start = text.index(quote)
    citation = FINDING.citations[0].model_copy(
        update={"start": start, "end": start + len(quote), "quote": quote}
    )
    finding = FINDING.model_copy(
        update={"id": finding_id, "task": finding_id, "document": document.id, "citations": (citation,)}
    )
    matter.put_finding(finding, {"finding": finding.id, "status": "found"})
    matter.put_decision(ACCEPT.model_copy(update={"finding": finding.id}))
    matter.close()


def problems(folder: Path) -> tuple[str, ...]:
    matter = read_matter(folder)
    try:
        return check_matter(matter, matter.integrity()).problems
    finally:
        matter.close()


def history(folder: Path, finding: str) -> list[Decision]:
    matter = read_matter(folder)
    try:
        return list(matter.decisions(finding))
    finally:
        matter.close()


def test_only_what_an_older_reader_read_is_offered(folder: Path) -> None:
    assert [document.name for document in wiring.outdated_of(folder)] == ["a.txt"]
    desk = Desk(folder, create=False)
    assert desk.outdated() == wiring.outdated_of(folder)
    desk.close()
    wiring.read_again(folder, ["a.txt"], {}, quiet, CancelToken())
    assert wiring.outdated_of(folder) == ()


def test_the_decision_stays_and_the_citation_follows_its_words(folder: Path) -> None:
    wiring.read_again(folder, ["a.txt"], {}, quiet, CancelToken())
    (outcome,) = wiring.outcomes_of(folder)
    assert outcome.decision == ACCEPT
    text = wiring.text_of(folder, "a.txt")
    (citation,) = outcome.finding.citations
    assert text.startswith("A line that the old reader missed.")
    assert text[citation.start : citation.end] == citation.quote == LAW
    assert problems(folder) == ()


def test_words_that_the_new_reading_does_not_have_are_another_look(folder: Path) -> None:
    old_reading(folder, f"{LAW} What was never there.", "What was never there.", "e" * 16)
    wiring.read_again(folder, ["a.txt"], {}, quiet, CancelToken())
    states = {outcome.finding.id: outcome.state for outcome in wiring.outcomes_of(folder)}
    assert states == {FINDING.id: OutcomeState.ACCEPTED, "e" * 16: OutcomeState.FAILED}
    assert [decision.kind for decision in history(folder, "e" * 16)] == [
        DecisionKind.ACCEPT,
        DecisionKind.WITHDRAW,
    ]
    assert problems(folder) == ()


def test_a_reading_that_comes_to_less_takes_nothing_away(folder: Path) -> None:
    """Here it is refused for its pages."""
    matter = open_matter(folder, create=False)
    document = matter.document("a.txt")
    try:
        limits = Limits(file_bytes=10)
        (got,) = add_to(matter, (), quiet, quiet, CancelToken(), [document.id], limits=limits)
        assert got.state is DocumentState.READY
        assert matter.text(document.id) == LAW
        assert matter.unread() == ()
    finally:
        matter.close()
    (outcome,) = wiring.outcomes_of(folder)
    assert outcome.decision == ACCEPT


@pytest.mark.usefixtures("home")
def test_search_is_of_the_new_text_and_not_of_the_old(folder: Path) -> None:
    def found(query: str) -> list[str]:
        hits = wiring.search_matter(folder, query, ["a.txt"], "", None, None, 5, None, quiet, CancelToken())
        return [hit.text for hit in hits]

    assert not any("reader missed" in text for text in found("the line that the old reader missed"))
    wiring.read_again(folder, ["a.txt"], {}, quiet, CancelToken())
    assert "reader missed" in found("the line that the old reader missed")[0]
