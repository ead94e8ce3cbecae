from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.kinds import DecisionKind, FindingStatus
from app.review.check_matter import Checked, check_matter
from app.store.connection import DATABASE
from app.store.opening import open_matter, read_matter
from app.store.writer import SqliteMatter
from tests.conftest import paged
from tests.review.made import sentences
from tests.store.made import DECISION, DOCUMENT, FINDING, PAGES, TEXT

FORGE = "DROP TRIGGER ledger_is_never_changed; DROP TRIGGER ledger_is_never_shortened;"
SECOND = FINDING.model_copy(
    update={"id": "0" * 16, "task": "insurance", "citations": (FINDING.citations[0],) * 2}
)
ENTRIES = 4


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A matter with two findings, three citations, a decision and a ledger of four entries."""
    matter = open_matter(tmp_path / "m", create=True)
    matter.put_document(DOCUMENT, PAGES)
    for finding in (FINDING, SECOND):
        matter.put_finding(finding, {"finding": finding.id, "status": finding.status.value})
    matter.put_decision(DECISION)
    matter.put_decision(DECISION.model_copy(update={"kind": DecisionKind.ACCEPT, "value": None}))
    matter.close()
    return tmp_path / "m"


def checked(folder: Path) -> Checked:
    matter = read_matter(folder)
    try:
        return check_matter(matter, ())
    finally:
        matter.close()


def tamper(folder: Path, script: str) -> None:
    plain = sqlite3.connect(folder / DATABASE)
    plain.executescript(script)
    plain.close()


def tamper_finding(folder: Path, finding: str, change: Callable[[Any], None]) -> None:
    plain = sqlite3.connect(folder / DATABASE)
    (body,) = plain.execute("SELECT body FROM findings WHERE id = ?", (finding,)).fetchone()
    content = json.loads(body)
    change(content)
    plain.execute("UPDATE findings SET body = ? WHERE id = ?", (json.dumps(content), finding))
    plain.commit()
    plain.close()


def cite_elsewhere(content: Any) -> None:
    content["citations"][1].update(start=1, end=len(TEXT) + 1)


def change_quote(content: Any) -> None:
    quote = content["citations"][1]["quote"]
    content["citations"][1]["quote"] = quote.replace("Delaware", "Nebraska")


def cite_another_page(content: Any) -> None:
    content["citations"][1]["page"] = 2


def test_a_whole_matter_has_no_problems(folder: Path) -> None:
    assert checked(folder) == Checked(citations=3, entries=ENTRIES, problems=())


@pytest.mark.parametrize("change", [cite_elsewhere, change_quote, cite_another_page])
def test_a_tampered_citation_is_found(folder: Path, change: Callable[[Any], None]) -> None:
    tamper_finding(folder, SECOND.id, change)
    assert checked(folder).problems == (f"citation 2 of finding {SECOND.id} is not what stands in the text",)


def test_a_text_that_was_changed_under_its_citations_is_found(folder: Path) -> None:
    tamper(folder, "UPDATE pages SET text = replace(text, 'Delaware', 'Nebraska')")
    assert len(checked(folder).problems) == 3


def test_a_finding_that_never_was_recorded_is_found(folder: Path) -> None:
    plain = sqlite3.connect(folder / DATABASE)
    body = FINDING.model_copy(update={"id": "9" * 16, "task": "forged"}).model_dump_json()
    plain.execute(
        "INSERT INTO findings (id, document, task, status, body) VALUES (?, ?, 'forged', 'found', ?)",
        ("9" * 16, DOCUMENT.id, body),
    )
    plain.commit()
    plain.close()
    assert checked(folder).problems == (f"finding {'9' * 16} is not in the ledger",)


def test_a_decision_does_not_stand_for_the_entry_of_its_finding(tmp_path: Path) -> None:
    matter = open_matter(tmp_path / "m", create=True)
    matter.put_document(DOCUMENT, PAGES)
    matter.put_finding(FINDING, {"finding": "another"})
    matter.put_decision(DECISION)
    assert check_matter(matter, ()).problems == (f"finding {FINDING.id} is not in the ledger",)
    matter.close()


def test_a_finding_whose_status_was_changed_is_found(folder: Path) -> None:
    tamper_finding(folder, SECOND.id, lambda content: content.update(status="absent", citations=[]))
    assert checked(folder).problems == (f"finding {SECOND.id} is not what the ledger says of it",)


@pytest.mark.parametrize(
    "script",
    [
        "UPDATE decisions SET kind = 'reject' WHERE position = 2",
        "DELETE FROM decisions WHERE position = 2",
        "DELETE FROM decisions",
        "INSERT INTO decisions SELECT 9, finding, 'reject', NULL, NULL, at, 0, 0 FROM decisions LIMIT 1",
    ],
)
def test_a_decision_that_was_changed_removed_or_slipped_in_is_found(folder: Path, script: str) -> None:
    tamper(folder, script)
    assert checked(folder).problems == (f"the decision on finding {FINDING.id} is not the one in the ledger",)


@pytest.mark.parametrize(
    ("script", "broken"),
    [
        ("UPDATE ledger SET payload = replace(payload, 'found', 'absent') WHERE sequence = 2", 2),
        ("UPDATE ledger SET at = '2020-01-01T00:00:00+00:00' WHERE sequence = 1", 1),
        ("""UPDATE ledger SET payload = '{"seconds": NaN}' WHERE sequence = 3""", 3),
        ("DELETE FROM ledger WHERE sequence = 3", 3),
        ("UPDATE ledger SET sequence = 9 WHERE sequence = 4", 4),
        ("UPDATE ledger SET hash = previous WHERE sequence = 1", 1),
    ],
)
def test_a_broken_chain_is_found_where_it_breaks(folder: Path, script: str, broken: int) -> None:
    tamper(folder, FORGE + script)
    assert f"ledger entry {broken} does not follow from the one before it" in checked(folder).problems


def test_entries_cut_off_at_the_end_are_missed_by_what_they_recorded(folder: Path) -> None:
    tamper(folder, FORGE + "DELETE FROM ledger WHERE sequence > 1")
    assert checked(folder).problems == (
        f"the decision on finding {FINDING.id} is not the one in the ledger",
        f"finding {SECOND.id} is not in the ledger",
    )


def test_problems_name_ids_and_never_words(folder: Path) -> None:
    tamper_finding(folder, SECOND.id, change_quote)
    tamper(folder, FORGE + "DELETE FROM ledger WHERE sequence < 3")
    problems = checked(folder).problems
    assert len(problems) == 4
    for word in (*TEXT.split(), "Nebraska", DOCUMENT.name, "State"):
        if word not in ("is", "the", "of"):
            assert word not in " ".join(problems)


def test_what_is_wrong_with_the_files_is_told_first(folder: Path) -> None:
    matter = read_matter(folder)
    assert check_matter(matter, ["document x: the original is gone"]).problems == (
        "document x: the original is gone",
    )
    matter.close()


def test_a_finding_that_failed_and_was_made_again_is_no_problem(folder: Path) -> None:
    matter = open_matter(folder, create=False)
    failed = FINDING.model_copy(
        update={"id": "5" * 16, "status": FindingStatus.FAILED, "citations": (), "reason": "it broke"}
    )
    matter.put_finding(failed, {"finding": failed.id, "status": "failed"})
    matter.put_finding(
        FINDING.model_copy(update={"id": failed.id}), {"finding": failed.id, "status": "found"}
    )
    assert check_matter(matter, ()).problems == ()
    matter.close()


def test_a_decision_that_was_taken_back_is_no_problem_and_the_one_before_it_stands(folder: Path) -> None:
    matter = open_matter(folder, create=False)
    for left in (DecisionKind.EDIT, None):
        matter.put_decision(DECISION.model_copy(update={"kind": DecisionKind.WITHDRAW, "value": None}))
        standing = matter.outcome(FINDING.id).decision
        assert (standing.kind if standing else None) == left
        assert check_matter(matter, ()).problems == ()
    matter.close()
    tamper(folder, "DELETE FROM decisions WHERE position = 4")
    assert len(checked(folder).problems) == 1


def test_a_text_is_read_once_however_many_findings_cite_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read = SqliteMatter.text

    def counted(matter: SqliteMatter, document: str) -> str:
        asked.append(document)
        return read(matter, document)

    monkeypatch.setattr(SqliteMatter, "text", counted)
    matter = open_matter(folder, create=False)
    check_matter(matter, ())
    matter.close()
    assert asked == [DOCUMENT.id]


def test_a_citation_on_a_later_page_counts_from_the_start_of_the_document(tmp_path: Path) -> None:
    texts = ("One page.", "Another page.")
    indexed, text = sentences(*texts)
    matter = open_matter(tmp_path / "m", create=True)
    matter.put_document(DOCUMENT, paged(*texts))
    start, end = indexed.sentences[1].span
    citation = FINDING.citations[0].model_copy(
        update={"page": 2, "start": start, "end": end, "quote": text[start:end]}
    )
    matter.put_finding(FINDING.model_copy(update={"citations": (citation,)}), {"finding": FINDING.id})
    assert check_matter(matter, ()).problems == ()
    matter.close()
