"""From a matter on disk to files: all forms, where they may go, and what happens when they cannot."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import openpyxl
import pymupdf
import pytest

from app.domain.errors import (
    DiskFull,
    DocumentNotFound,
    ExitCode,
    MatterNotFound,
    PinciteError,
    VerificationFailed,
)
from app.domain.finding import Outcome
from app.domain.ports import ReadFile
from app.domain.record import EntryKind
from app.platform import files
from app.reports.annotated_pdf import NotAnnotatable, PartlyAnnotated
from app.reports.destination import ReportNotWritten
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from app.wiring.matters import read as reading
from app.wiring.reports import report_of, write_report
from tests.conftest import SAMPLES
from tests.reports.made import MODEL, PACK, found, linkplus_outcomes, quoted, read

FORMS = ("json", "csv", "xlsx", "docx", "pdf")
LINKPLUS = SAMPLES / "LinkPlus affiliate agreement.pdf"
EBIX = SAMPLES / "Ebix co-branding agreement.pdf"


def review(matter: SqliteMatter, path: Path, make: Callable[[ReadFile], Sequence[Outcome]]) -> None:
    """Put a file and outcomes in as a review does, ledger and all."""
    held = read(path)
    matter.seal(path)
    matter.put_document(held.document, held.pages)
    run = {"pack": PACK.model_dump(), "model": MODEL.model_dump(), "findings": 1, "quoted": 0.01}
    matter.append(EntryKind.RUN_STARTED, run)
    for outcome in make(held):
        finding = outcome.finding
        payload = {
            "finding": finding.id, "document": finding.document, "task": finding.task, "pack": PACK.id,
            "status": finding.status.value, "model": MODEL.id, "seconds": 2.0, "kwh": 0.00004,
            "measured": False, "machine": 0.0011, "quoted": 0.0013,
        }  # fmt: skip
        matter.put_finding(finding, payload)
        if outcome.decision is not None:
            matter.put_decision(outcome.decision)


def one_found(path: Path, beginning: str) -> Callable[[ReadFile], Sequence[Outcome]]:
    return lambda held: [found(held.document, "parties", "Acme", quoted(held.pages, beginning))]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports") / "Acme renewal"
    with_one = open_matter(folder, create=True)
    review(with_one, LINKPLUS, linkplus_outcomes)
    with_one.close()
    return folder


@pytest.fixture
def matter(made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One document with an outcome of every state."""
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "home"))
    return Path(shutil.copytree(made_once, tmp_path / "Acme renewal"))


@pytest.fixture
def two(matter: Path) -> Path:
    held = open_matter(matter, create=False)
    review(held, EBIX, one_found(EBIX, "About.com, Inc."))
    held.close()
    return matter


def text_document(matter: Path, folder: Path) -> None:
    """A document that no highlight can be put in."""
    path = folder / "notes.txt"
    path.write_text("Between Acme and Bolt.", encoding="utf-8")
    held = open_matter(matter, create=False)
    review(held, path, one_found(path, "Acme and Bolt"))
    held.close()


def left_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_written_whole_under_the_name_that_was_asked_for(
    matter: Path, out: Path, form: str
) -> None:
    place = out / f"report.{form}"
    place.write_bytes(b"an older report")
    assert write_report(matter, form, place) == (place,)
    assert left_in(out) == [place.name]
    begins = {"json": b"{", "csv": b"\xef\xbb\xbf", "xlsx": b"PK", "docx": b"PK", "pdf": b"%PDF-"}
    assert place.read_bytes().startswith(begins[form])


def test_the_forms_say_the_same_of_the_same_findings(matter: Path, out: Path) -> None:
    for form in FORMS:
        write_report(matter, form, out / f"r.{form}")
    found_ = json.loads((out / "r.json").read_text(encoding="utf-8"))["findings"]
    assert len(found_) == 7
    rows = list(csv.DictReader(io.StringIO((out / "r.csv").read_bytes().decode("utf-8-sig"))))
    assert [row["task"] for row in rows] == [one["task"] for one in found_]
    book = openpyxl.load_workbook(out / "r.xlsx")
    assert book["All findings"].max_row == 8
    assert book["Findings"]["B1"].value == "Parties"
    memo = docx.Document(str(out / "r.docx"))
    assert memo.paragraphs[1].text == "Acme renewal"
    assert any(cell.text.startswith("contracts 1.2.0") for row in memo.tables[0].rows for cell in row.cells)
    with pymupdf.open(out / "r.pdf") as copy:
        marks = sum(len(list(page.annots())) for page in copy)
    assert marks == sum(len(one["citations"]) for one in found_)


def test_costs_in_reports_come_from_the_ledger_and_name_the_source_of_prices(matter: Path, out: Path) -> None:
    write_report(matter, "xlsx", out / "r.xlsx")
    sheet = openpyxl.load_workbook(out / "r.xlsx")["Outcome costs"]
    names = [cell.value for cell in sheet[1]]
    total = dict(zip(names, (cell.value for cell in sheet[3]), strict=True))
    assert total["machine seconds"] == pytest.approx(14.0)
    assert total["machine"] == pytest.approx(7 * 0.0011)
    assert total["analyst seconds"] == pytest.approx(72.0)
    assert total["per accepted outcome"] == pytest.approx((7 * 0.0011 + 72 / 60) / 2)
    texts = [str(cell.value) for row in sheet.iter_rows(min_row=5) for cell in row]
    assert any("Analyst $60.00 an hour (assumed" in text for text in texts)


def test_only_decided_outcomes_and_only_one_document_if_that_is_asked_for(two: Path, out: Path) -> None:
    def tasks(**wanted: object) -> list[tuple[str, str]]:
        with reading(two) as held:
            report_of(held, "json", out / "r.json", **wanted)  # type: ignore[arg-type]
        made = json.loads((out / "r.json").read_text(encoding="utf-8"))["findings"]
        return [(one["document"]["name"], one["task"]) for one in made]

    assert [task for _, task in tasks(decided_only=True)] == ["parties", "governing-law", "insurance"]
    assert tasks(document=EBIX.name) == [(EBIX.name, "parties")]
    assert tasks(document=EBIX.name, decided_only=True) == []
    with pytest.raises(DocumentNotFound):
        tasks(document="no such")


def test_a_question_of_ones_own_is_a_column_under_its_own_words(matter: Path, out: Path) -> None:
    held = open_matter(matter, create=False)
    question = held.put_question("Who pays the freight?")
    review(
        held,
        LINKPLUS,
        lambda r: [found(r.document, question.id, "The buyer", quoted(r.pages, "Link Plus Corporation"))],
    )
    held.close()
    write_report(matter, "xlsx", out / "r.xlsx")
    header = [cell.value for cell in openpyxl.load_workbook(out / "r.xlsx")["Findings"][1]]
    assert "Who pays the freight?" in header


def test_inside_its_matter_a_workbook_leads_to_the_sealed_files(matter: Path, out: Path) -> None:
    (matter / "reports").mkdir()
    inside = matter / "reports/r.xlsx"
    write_report(matter, "xlsx", inside)
    link = openpyxl.load_workbook(inside)["All findings"]["A2"].hyperlink
    assert link is not None
    assert (inside.parent / str(link.target)).resolve().read_bytes() == LINKPLUS.read_bytes()
    write_report(matter, "xlsx", out / "r.xlsx")
    assert openpyxl.load_workbook(out / "r.xlsx")["All findings"]["A2"].hyperlink is None


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_matter_makes_a_report_or_says_why_not(tmp_path: Path, out: Path, form: str) -> None:
    open_matter(tmp_path / "empty", create=True).close()
    if form == "pdf":
        with pytest.raises(ReportNotWritten, match="nothing to highlight"):
            write_report(tmp_path / "empty", form, out / "r.pdf")
        assert left_in(out) == []
    else:
        assert write_report(tmp_path / "empty", form, out / f"r.{form}")


def test_into_a_folder_goes_one_pdf_for_each_document_with_citations(two: Path, out: Path) -> None:
    written = write_report(two, "pdf", out / "highlighted")
    assert [place.name for place in written] == [
        "LinkPlus affiliate agreement (annotated).pdf",
        "Ebix co-branding agreement (annotated).pdf",
    ]
    assert left_in(out / "highlighted") == sorted(place.name for place in written)
    assert write_report(two, "pdf", out / "highlighted") == written


def test_one_pdf_file_for_several_documents_is_refused_with_a_way_out(two: Path, out: Path) -> None:
    with pytest.raises(ReportNotWritten, match="2 documents have findings") as caught:
        write_report(two, "pdf", out / "all.pdf")
    assert str(out / "all") in caught.value.hint
    with reading(two) as held:
        assert report_of(held, "pdf", out / "one.pdf", document=EBIX.name) == (out / "one.pdf",)
    assert left_in(out) == ["one.pdf"]


def test_a_text_document_alone_cannot_be_annotated(tmp_path: Path, out: Path) -> None:
    open_matter(tmp_path / "m", create=True).close()
    text_document(tmp_path / "m", tmp_path)
    with pytest.raises(NotAnnotatable, match=r"notes\.txt was not annotated: only PDFs can be annotated"):
        write_report(tmp_path / "m", "pdf", out / "r.pdf")
    assert left_in(out) == []


def test_what_can_be_annotated_is_and_the_rest_is_told(matter: Path, tmp_path: Path, out: Path) -> None:
    text_document(matter, tmp_path)
    with pytest.raises(PartlyAnnotated, match=r"^1 document annotated\. notes\.txt was not") as caught:
        write_report(matter, "pdf", out)
    assert caught.value.exit_code is ExitCode.PARTIAL
    assert left_in(out) == ["LinkPlus affiliate agreement (annotated).pdf"]


@pytest.mark.parametrize("form", FORMS)
def test_a_changed_text_stops_every_form(matter: Path, out: Path, form: str) -> None:
    plain = sqlite3.connect(matter / "matter.sqlite3")
    plain.execute("UPDATE pages SET text = upper(text)")
    plain.commit()
    plain.close()
    with pytest.raises(VerificationFailed):
        write_report(matter, form, out / f"r.{form}")
    assert left_in(out) == []


def test_there_must_be_a_matter(tmp_path: Path, out: Path) -> None:
    with pytest.raises(MatterNotFound):
        write_report(tmp_path / "none", "csv", out / "r.csv")


@pytest.mark.parametrize("form", FORMS)
def test_a_folder_that_is_not_there_is_one_sentence_and_a_hint(matter: Path, out: Path, form: str) -> None:
    for place in (out / "no/r", out / f"no/r.{form}"):
        said = _refused(matter, form, place)
        assert said.message == f"There is no folder {out / 'no'}."
        assert said.hint
    assert left_in(out) == []


@pytest.mark.parametrize("form", [form for form in FORMS if form != "pdf"])
def test_a_folder_in_the_place_of_the_file_is_one_sentence_and_a_hint(
    matter: Path, out: Path, form: str
) -> None:
    said = _refused(matter, form, out)
    assert said.message == f"{out} is a folder."
    assert f"report.{form}" in said.hint


def test_a_file_in_the_place_of_the_folder_is_one_sentence_and_a_hint(matter: Path, out: Path) -> None:
    (out / "taken").write_text("x")
    assert _refused(matter, "pdf", out / "taken").message == f"{out / 'taken'} is a file."


@pytest.mark.parametrize("form", ["csv", "pdf"])
def test_a_folder_without_rights_is_said_before_and_while_writing(
    matter: Path, out: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = out / f"r.{form}"

    def denied(_path: Path, _data: bytes) -> None:
        raise PermissionError(errno.EACCES, "denied")

    with monkeypatch.context() as patched:
        patched.setattr("app.reports.destination.write_atomically", denied)
        assert str(out) in _refused(matter, form, place).message
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert str(out) in _refused(matter, form, place).message
    assert left_in(out) == []


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_an_impossible_name_is_one_sentence_and_a_hint(matter: Path, out: Path, name: str) -> None:
    assert _refused(matter, "csv", out / name).hint


@pytest.mark.parametrize("form", ["csv", "xlsx", "docx", "pdf"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    matter: Path, out: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    place = out / f"r.{form}"
    place.write_bytes(b"old")
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(DiskFull):
        write_report(matter, form, place)
    assert left_in(out) == [place.name]
    assert place.read_bytes() == b"old"


@pytest.mark.parametrize(
    "name", ["matter.sqlite3", "matter.sqlite3-wal", "matter.lock", "files", "files/x.csv", "index/x.csv"]
)
def test_a_report_never_takes_the_place_of_the_matters_own_files(matter: Path, name: str) -> None:
    before = (matter / "matter.sqlite3").read_bytes()
    for form in ("csv", "pdf"):
        assert "own files" in _refused(matter, form, matter / name).message
    assert (matter / "matter.sqlite3").read_bytes() == before


def _refused(matter: Path, form: str, place: Path) -> PinciteError:
    with pytest.raises(ReportNotWritten) as caught:
        write_report(matter, form, place)
    assert caught.value.code == "report.not-written"
    assert caught.value.hint
    return caught.value
