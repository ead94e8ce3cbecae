from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from app.reports.findings_csv import COLUMNS
from tests.cli.conftest import Demo, Pincite


def test_a_json_report_holds_the_findings_as_they_are_printed(
    demo: Demo, pincite: Pincite, tmp_path: Path
) -> None:
    out = tmp_path / "report.json"
    said = pincite("report", demo.matter, "--format", "json", "--out", out, "--json")
    assert said.code == 0
    assert isinstance(said.json(), dict)
    assert json.loads(out.read_text(encoding="utf-8"))["findings"] == demo.said.json()["findings"]


def test_a_csv_report_has_one_row_for_every_finding(demo: Demo, pincite: Pincite, tmp_path: Path) -> None:
    out = tmp_path / "report.csv"
    assert pincite("report", demo.matter, "--format", "csv", "--out", out).code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    findings = demo.said.json()["findings"]
    assert [(row["document"], row["task"], row["status"]) for row in rows] == [
        (finding["document"]["name"], finding["task"], finding["status"]) for finding in findings
    ]


def test_an_xlsx_report_opens_and_holds_quotes_and_costs(
    demo: Demo, pincite: Pincite, tmp_path: Path
) -> None:
    out = tmp_path / "report.xlsx"
    said = pincite("report", demo.matter, "--format", "xlsx", "--out", out)
    assert said.code == 0
    assert str(out) in said.out
    book = openpyxl.load_workbook(out)
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    book.close()
    citations = [c for finding in demo.said.json()["findings"] for c in finding["citations"]]
    assert citations
    everything = "\n".join(cells)
    assert all(citation["quote"][:60] in everything for citation in citations)
    assert "machine seconds" in cells


@pytest.mark.parametrize("place", ["no folder/report.csv", "."])
def test_a_report_that_cannot_be_written_says_so_and_leaves_nothing(
    demo: Demo, pincite: Pincite, tmp_path: Path, place: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    said = pincite("report", demo.matter, "--format", "csv", "--out", folder / place, "--json")
    assert said.code == 1
    assert said.error()["code"] == "report.not-written"
    assert list(folder.iterdir()) == []


def test_a_whole_matter_verifies(demo: Demo, pincite: Pincite) -> None:
    said = pincite("verify", demo.matter, "--json")
    assert said.code == 0
    value = said.json()
    assert (value["whole"], value["problems"]) == (True, [])
    assert value["citations"] == sum(len(f["citations"]) for f in demo.said.json()["findings"])
    assert value["entries"] > 45
    assert "0 problems" in pincite("verify", demo.matter).out


def test_a_changed_text_fails_the_verification_and_no_report_is_written(
    own_matter: Path, pincite: Pincite, tmp_path: Path
) -> None:
    plain = sqlite3.connect(own_matter / "matter.sqlite3")
    plain.execute("UPDATE pages SET text = upper(text) WHERE number = 1")
    plain.commit()
    plain.close()
    said = pincite("verify", own_matter, "--json")
    assert said.code == 1
    assert said.json()["whole"] is False
    assert any("is not what stands in the text" in problem for problem in said.json()["problems"])
    out = tmp_path / "report.csv"
    refused = pincite("report", own_matter, "--format", "csv", "--out", out, "--json")
    assert (refused.code, refused.error()["code"]) == (1, "verify.failed")
    assert not out.exists()


def test_repair_builds_the_index_again_and_the_matter_is_whole(own_matter: Path, pincite: Pincite) -> None:
    pincite("search", own_matter, "law", "--quiet")
    said = pincite("verify", own_matter, "--repair", "--json")
    assert (said.code, said.json()["whole"]) == (0, True)
    assert pincite("search", own_matter, "governing law", "--json").json()
