"""A question goes by its own words where people read, and by its id where scripts do."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from app.domain.cost import RateCard
from app.domain.finding import Finding
from app.domain.kinds import DocumentState, FindingStatus
from app.domain.text import Document
from app.store.opening import open_matter
from tests.cli.conftest import Pincite
from tests.conftest import paged

QUESTION = "Who pays the rent?"


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Path, str]:
    """A matter in which a question was asked, and the id of its task."""
    digest = hashlib.sha256(b"lease").hexdigest()
    document = Document(id=digest[:16], name="lease.txt", sha256=digest, pages=1, state=DocumentState.READY)
    matter = open_matter(tmp_path / "m", True, RateCard())
    matter.put_document(document, paged("The rent is high."))
    task = matter.put_question(QUESTION).id
    finding = Finding(id="f1", document=document.id, task=task, status=FindingStatus.ABSENT)
    matter.put_finding(finding, {"finding": "f1", "document": document.id, "task": task, "status": "absent"})
    matter.close()
    return tmp_path / "m", task


def test_findings_are_told_by_the_question(asked: tuple[Path, str], pincite: Pincite) -> None:
    matter, task = asked
    said = pincite("findings", matter)
    assert QUESTION in said.out
    assert task not in said.out
    assert [finding["task"] for finding in pincite("findings", matter, "--json").json()["findings"]] == [task]


def test_costs_are_told_by_the_question(asked: tuple[Path, str], pincite: Pincite) -> None:
    matter, task = asked
    said = pincite("costs", matter)
    assert QUESTION in said.out
    assert task not in said.out
    assert [row["key"] for row in pincite("costs", matter, "--json").json()["rows"]] == [task]
