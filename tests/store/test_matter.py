from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import MatterBusy, MatterDamaged, MatterNotFound, MatterTooNew
from app.domain.kinds import DecisionKind, FindingStatus
from app.domain.record import first_broken_link
from app.platform.files import sha256_of
from app.store.opening import open_matter, read_matter
from app.store.writer import SqliteMatter
from tests.store.made import DECISION, DOCUMENT, FINDING, PAGES, TEXT, indexed

FIXTURES = Path(__file__).parent / "fixtures"
ANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
WRITES_FOR_EVER = """
import sys
from pathlib import Path
from app.store.opening import open_matter
from tests.store.made import DOCUMENT, FINDING, PAGES
matter = open_matter(Path(sys.argv[1]), create=True)
matter.put_document(DOCUMENT, PAGES)
for number in range(100_000):
    finding = FINDING.model_copy(update={"id": f"{int(sys.argv[2]):04}{number:012}"})
    matter.put_finding(finding, {"finding": finding.id})
    print(finding.id, flush=True)
"""


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "m", create=True)
    held.put_document(DOCUMENT, PAGES)
    yield held
    held.close()


def test_what_was_put_in_comes_out_unchanged(matter: SqliteMatter) -> None:
    matter.put_indexed(indexed())
    matter.put_finding(FINDING, {"finding": FINDING.id})
    reader = read_matter(matter.folder)
    assert reader.documents() == (DOCUMENT,)
    assert reader.pages(DOCUMENT.id) == PAGES
    assert reader.text(DOCUMENT.id) == TEXT
    held = reader.indexed(DOCUMENT.id, "e" * 64)
    assert held is not None
    assert held.sentences == indexed().sentences
    assert held.passages == indexed().passages
    assert np.array_equal(held.sentence_vectors, indexed().sentence_vectors)
    assert reader.indexed(DOCUMENT.id, "f" * 64) is None
    assert reader.outcome("ffff").finding == FINDING
    reader.close()


def test_a_missing_or_changed_original_is_noticed(matter: SqliteMatter, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"words")
    digest, sealed = matter.seal(tmp_path / "a")
    matter.put_document(DOCUMENT.model_copy(update={"id": digest[:16], "sha256": digest}), PAGES)
    missing = f"document {DOCUMENT.id}: the original is gone"
    assert matter.integrity() == [missing]
    sealed.chmod(0o600)
    sealed.write_bytes(b"other words")
    assert matter.integrity() == [missing, f"document {digest[:16]}: the original was changed"]


def test_a_finding_and_its_ledger_entry_come_together(matter: SqliteMatter) -> None:
    matter.put_finding(FINDING, {"finding": FINDING.id})
    matter.put_decision(DECISION)
    assert [entry.kind.value for entry in matter.entries()] == ["finding", "decision"]
    assert first_broken_link(list(matter.entries())) is None
    assert "Delaware" not in str([entry.payload for entry in matter.entries()])


def test_a_decided_finding_is_never_overwritten(matter: SqliteMatter) -> None:
    matter.put_finding(FINDING, {"finding": FINDING.id})
    matter.put_decision(DECISION)
    matter.put_finding(FINDING.model_copy(update={"display": "Ohio"}), {"finding": FINDING.id})
    (outcome,) = matter.outcomes()
    assert outcome.finding.display == "Delaware"
    assert outcome.decision is not None
    assert outcome.decision.value == "State of Delaware"


def test_a_failed_finding_is_replaced_when_it_is_made_again(matter: SqliteMatter) -> None:
    failed = FINDING.model_copy(
        update={"status": FindingStatus.FAILED, "citations": (), "reason": "it broke"}
    )
    matter.put_finding(failed, {"finding": FINDING.id})
    matter.put_finding(FINDING, {"finding": FINDING.id})
    assert [o.finding.status for o in matter.outcomes()] == [FindingStatus.FOUND]


def test_the_last_decision_counts_and_all_are_kept(matter: SqliteMatter) -> None:
    matter.put_finding(FINDING, {"finding": FINDING.id})
    matter.put_decision(DECISION)
    again = DECISION.model_copy(update={"kind": DecisionKind.REJECT, "value": None, "note": None})
    matter.put_decision(again)
    (outcome,) = matter.outcomes()
    assert outcome.decision is not None
    assert outcome.decision.kind is DecisionKind.REJECT
    assert sum(entry.kind.value == "decision" for entry in matter.entries()) == 2


def test_a_matter_has_one_writer_and_any_number_of_readers(matter: SqliteMatter) -> None:
    with pytest.raises(MatterBusy):
        open_matter(matter.folder, create=False)
    first, second = read_matter(matter.folder), read_matter(matter.folder)
    matter.put_finding(FINDING, {"finding": FINDING.id})
    assert first.outcomes() == second.outcomes() == matter.outcomes() != ()
    first.close()
    second.close()


def test_the_same_bytes_are_sealed_once(matter: SqliteMatter, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"words")
    (tmp_path / "b").write_bytes(b"words")
    digest, sealed = matter.seal(tmp_path / "a")
    assert matter.seal(tmp_path / "b") == (digest, sealed)
    assert sha256_of(sealed) == digest


def test_a_digest_is_another_whenever_the_passage_vectors_are(matter: SqliteMatter) -> None:
    assert matter.vector_digests("e" * 64) == {}
    matter.put_indexed(indexed())
    first = matter.vector_digests("e" * 64)
    assert list(first) == [DOCUMENT.id]
    assert matter.vector_digests("f" * 64) == {}
    moved = indexed()
    moved.passage_vectors[0, 7] = 0.5
    matter.put_indexed(moved)
    second = matter.vector_digests("e" * 64)
    assert second != first
    assert second[DOCUMENT.id].rows == 1
    matter.put_document(DOCUMENT, PAGES)
    assert matter.vector_digests("e" * 64) == {}


def test_the_generation_changes_with_every_write_and_with_nothing_else(matter: SqliteMatter) -> None:
    reader = read_matter(matter.folder)
    before = (matter.generation(), reader.generation())
    assert (matter.documents(), reader.documents()) == ((DOCUMENT,), (DOCUMENT,))
    assert (matter.generation(), reader.generation()) == before
    matter.put_indexed(indexed())
    assert matter.generation() != before[0]
    assert reader.generation() != before[1]
    with reader.at_one_moment():
        inside = reader.generation()
        matter.put_document(DOCUMENT, PAGES)
        assert reader.generation() == inside
        assert list(reader.vector_digests("e" * 64)) == [DOCUMENT.id]
    assert reader.generation() != inside
    assert reader.vector_digests("e" * 64) == {}
    reader.close()


@ANY
@given(st.text(max_size=40))
def test_any_text_is_a_valid_search(query: str) -> None:
    for hit in SHARED.lexical(query, None, 5):
        assert hit.document == DOCUMENT.id


@pytest.fixture(scope="module", autouse=True)
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    global SHARED
    SHARED = open_matter(tmp_path_factory.mktemp("shared") / "m", create=True)
    SHARED.put_document(DOCUMENT, PAGES)
    SHARED.put_indexed(indexed())
    yield
    SHARED.close()


SHARED: SqliteMatter


def test_words_are_found_whatever_their_form() -> None:
    assert [hit.passage for hit in SHARED.lexical("governing LAW", DOCUMENT.id, 5)] == [0]
    assert SHARED.lexical("zebra", None, 5) == ()


def test_a_matter_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    shutil.copyfile(FIXTURES / "v1.sqlite3", folder / "matter.sqlite3")
    with open_matter_closing(folder) as matter:
        assert matter.documents() == (DOCUMENT,)
        (outcome,) = matter.outcomes()
        assert outcome.finding.citations == FINDING.citations
        assert outcome.decision == DECISION
        matter.put_indexed(indexed())
        assert matter.lexical("Delaware", None, 5)
        assert first_broken_link(list(matter.entries())) is None


def test_a_matter_of_the_fifth_version_gets_digests_of_its_vectors(tmp_path: Path) -> None:
    shutil.copyfile(FIXTURES / "v5.sqlite3", tmp_path / "matter.sqlite3")
    with open_matter_closing(tmp_path) as matter:
        migrated = matter.vector_digests("e" * 64)
        assert migrated[DOCUMENT.id].rows == 1
        (outcome,) = matter.outcomes()
        assert (outcome.finding.citations, outcome.decision) == (FINDING.citations, DECISION)
        assert matter.lexical("Delaware", None, 5)
        matter.put_indexed(indexed())
        assert matter.vector_digests("e" * 64) == migrated


def test_a_matter_of_the_sixth_version_is_searched_as_before(tmp_path: Path) -> None:
    shutil.copyfile(FIXTURES / "v6.sqlite3", tmp_path / "matter.sqlite3")
    with open_matter_closing(tmp_path) as matter:
        (outcome,) = matter.outcomes()
        assert (outcome.finding.citations, outcome.decision) == (FINDING.citations, DECISION)
        held = matter.indexed(DOCUMENT.id, "e" * 64)
        assert held is not None
        assert held.passages == indexed().passages
        assert [hit.passage for hit in matter.lexical("Delaware", None, 5)] == [0]
        matter.put_document(DOCUMENT, PAGES)
        assert matter.lexical("Delaware", None, 5) == ()


def open_matter_closing(folder: Path):
    from contextlib import closing

    return closing(open_matter(folder, create=False))


def test_what_is_no_matter_or_too_new_says_so(tmp_path: Path) -> None:
    with pytest.raises(MatterNotFound):
        read_matter(tmp_path)
    (tmp_path / "matter.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(MatterDamaged):
        open_matter(tmp_path, create=False)
    new = tmp_path / "new"
    open_matter(new, create=True).close()
    plain = sqlite3.connect(new / "matter.sqlite3")
    plain.execute("PRAGMA user_version = 99")
    plain.commit()
    plain.close()
    with pytest.raises(MatterTooNew):
        open_matter(new, create=False)


def test_the_ledger_cannot_be_changed_in_place(matter: SqliteMatter) -> None:
    matter.put_finding(FINDING, {"finding": FINDING.id})
    plain = sqlite3.connect(matter.folder / "matter.sqlite3")
    with pytest.raises(sqlite3.DatabaseError):
        plain.execute("UPDATE ledger SET payload = '{}'")
    plain.close()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killing_the_writer_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for run in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITES_FOR_EVER, str(tmp_path / "m"), str(run)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout is not None
        for _ in range(7 + 5 * run):
            acknowledged.append(child.stdout.readline().strip())
        os.kill(child.pid, signal.SIGKILL)
        child.stdout.close()
        child.wait()
    matter = open_matter(tmp_path / "m", create=False)
    held = {outcome.finding.id for outcome in matter.outcomes()}
    assert set(acknowledged) <= held
    assert first_broken_link(list(matter.entries())) is None
    assert {str(entry.payload["finding"]) for entry in matter.entries()} == held
    matter.close()
