"""Questions of the analyst's own, and matters made before there were any."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.errors import QuestionInvalid, QuestionNotFound
from app.domain.question import question_id
from app.domain.record import first_broken_link
from app.store.migrations import VERSION
from app.store.opening import open_matter, read_matter
from app.store.writer import SqliteMatter
from tests.store.made import DECISION, DOCUMENT, FINDING, TEXT, indexed

FIXTURES = Path(__file__).parent / "fixtures"
WHEN = "When does the agreement end?"
WHO = "Who may audit the books?"


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "m", create=True)
    yield held
    held.close()


def test_a_new_matter_has_no_questions(matter: SqliteMatter) -> None:
    assert matter.questions() == ()


def test_questions_come_in_the_order_they_were_first_asked(matter: SqliteMatter) -> None:
    before = datetime.now(UTC)
    asked = [matter.put_question(WHO), matter.put_question(WHEN)]
    assert [q.text for q in asked] == [WHO, WHEN]
    assert all(before <= q.at <= datetime.now(UTC) and not q.kept for q in asked)
    reader = read_matter(matter.folder)
    assert reader.questions() == tuple(asked)
    reader.close()


def test_a_question_asked_again_is_the_same_and_stays_kept(matter: SqliteMatter) -> None:
    first = matter.put_question(WHEN)
    matter.keep_question(first.id, kept=True)
    again = matter.put_question(f"  {WHEN.upper().removesuffix('?')} ")
    assert again == first.model_copy(update={"kept": True})
    assert matter.questions() == (again,)


def test_a_question_is_kept_and_let_go_of(matter: SqliteMatter) -> None:
    key = matter.put_question(WHEN).id
    for kept in (True, True, False):
        matter.keep_question(key, kept)
        assert [q.kept for q in matter.questions()] == [kept]


def test_keeping_a_question_that_was_not_asked_says_so(matter: SqliteMatter) -> None:
    with pytest.raises(QuestionNotFound):
        matter.keep_question(question_id(WHEN), kept=True)


@pytest.mark.parametrize("text", ["", "  \n ", "?!", "a" * 501, "half \ud800 a letter", "a bell \x07 rings"])
def test_what_is_no_question_is_refused_and_not_stored(matter: SqliteMatter, text: str) -> None:
    with pytest.raises(QuestionInvalid):
        matter.put_question(text)
    assert matter.questions() == ()


def test_a_question_is_not_written_to_the_ledger(matter: SqliteMatter) -> None:
    matter.put_question(WHEN)
    assert matter.entries() == ()


def test_a_matter_of_the_second_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Written by the code before there were questions; see ``make_fixture``."""
    folder = tmp_path / "old"
    folder.mkdir()
    shutil.copyfile(FIXTURES / "v2.sqlite3", folder / "matter.sqlite3")
    with closing(open_matter(folder, create=False)) as matter:
        assert VERSION >= 3
        assert matter.documents() == (DOCUMENT,)
        (outcome,) = matter.outcomes()
        assert outcome.finding.citations == FINDING.citations
        assert outcome.decision == DECISION
        assert matter.decisions(FINDING.id) == (DECISION,)
        assert matter.shapes(DOCUMENT.id)[0].end == len(TEXT)
        held = matter.indexed(DOCUMENT.id, "e" * 64)
        assert held is not None
        assert held.sentences == indexed().sentences
        assert matter.lexical("Delaware", None, 5)
        assert matter.questions() == ()
        question = matter.put_question(WHEN)
        assert matter.questions() == (question,)
        assert first_broken_link(list(matter.entries())) is None


def test_reading_a_matter_of_the_second_version_brings_it_up_to_date_too(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    shutil.copyfile(FIXTURES / "v2.sqlite3", folder / "matter.sqlite3")
    with closing(read_matter(folder)) as reader:
        assert reader.questions() == ()
