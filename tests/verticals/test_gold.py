"""gold.json is read strictly, and its errors name document and task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import GoldInvalid, GoldNotFound
from app.domain.gold import GoldAnswer, GoldSpan
from verticals.gold import MOST_BYTES, MOST_DOCUMENTS, load_gold

TASKS = ("rent", "late-fees")
GOOD: dict[str, Any] = {"file": "a.txt", "clauses": {"Late Fees": {"quotes": ["a fee of"]}, "rent": "absent"}}


def put(folder: Path, rows: object) -> Path:
    (folder / "a.txt").write_text("There is a fee of EUR 5.", encoding="utf-8")
    (folder / "gold.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def test_a_clauses_name_or_id_is_a_task_and_absent_is_said_in_two_ways(tmp_path: Path) -> None:
    (one,) = load_gold(put(tmp_path, [GOOD]), TASKS)
    assert (one.file, one.group) == ("a.txt", "a.txt")
    assert one.answers == {"late-fees": GoldAnswer(quotes=("a fee of",)), "rent": GoldAnswer()}
    (other,) = load_gold(put(tmp_path, [{**GOOD, "clauses": {"rent": {"spans": []}}}]), TASKS)
    assert other.answers == {"rent": GoldAnswer()}


def test_labels_in_the_form_of_cuad_are_gold_as_they_are(tmp_path: Path) -> None:
    span = {"start": 9, "end": 17, "text": "a fee of", "occurrences": 1}
    row = {
        "file": "a.txt",
        "source_filename": "a.pdf",
        "chars": 24,
        "clauses": {"Late Fees": {"answer": "EUR 5", "spans": [span]}, "Rent": {"answer": "", "spans": []}},
    }
    (one,) = load_gold(put(tmp_path, [row]), TASKS)
    assert one.answers["late-fees"].spans == (GoldSpan(start=9, end=17, text="a fee of"),)


def clause(**marked: object) -> list[dict[str, Any]]:
    return [{"file": "a.txt", "clauses": {"rent": marked}}]


WRONG: dict[str, tuple[object, str]] = {
    "no list": ({"documents": []}, "gold.json: input should be a valid list."),
    "nothing": ([], "gold.json: list should have at least 1 item"),
    "an unknown key": ([{**GOOD, "labels": 1}], "a.txt: labels: extra inputs are not permitted."),
    "no clauses": ([{"file": "a.txt"}], "a.txt: clauses: field required."),
    "no file": ([{"clauses": {}}], "document 1: file: field required."),
    "an unknown key of a task": (clause(span=[]), "a.txt, task rent: span: extra inputs"),
    "a word that is not absent": (
        [{"file": "a.txt", "clauses": {"rent": "gone"}}],
        "a.txt, task rent: it is neither",
    ),
    "figures as text": (clause(spans=[{"start": "1", "end": 2}]), "a.txt, task rent: spans.0.start: "),
    "a place before the text": (clause(spans=[{"start": -1, "end": 2}]), "a.txt, task rent: spans.0.start: "),
    "a span without width": (clause(spans=[{"start": 3, "end": 3}]), "a.txt, task rent: a span ends where"),
    "a quote without words": (clause(quotes=[" \n"]), "a.txt, task rent: a quote has no words."),
    "an unknown task": ([{"file": "a.txt", "clauses": {"pets": "absent"}}], "a.txt, task pets: the pack has"),
    "a task twice": (
        [{"file": "a.txt", "clauses": {"rent": "absent", "Rent": "absent"}}],
        "a.txt, task Rent: the task is named twice.",
    ),
    "a document twice": ([GOOD, GOOD], "a.txt stands in gold.json twice."),
    "a document that is not there": ([{**GOOD, "file": "b.txt"}], "There is no document b.txt beside"),
    "a folder for a document": ([{**GOOD, "file": "sub"}], "There is no document sub beside"),
    "more documents than may be": ([GOOD] * (MOST_DOCUMENTS + 1), "gold.json: list should have at most"),
}


@pytest.mark.parametrize(("rows", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_document_and_task(tmp_path: Path, rows: object, said: str) -> None:
    (tmp_path / "sub").mkdir()
    with pytest.raises(GoldInvalid) as error:
        load_gold(put(tmp_path, rows), TASKS)
    assert error.value.message.startswith(said)


@pytest.mark.parametrize(
    "name",
    [
        *("../a.txt", "/etc/passwd", "x/../a.txt", "..", ".", "./a.txt", "x//a.txt", "C:a.txt", "x\\a.txt"),
        *("a.txt\x1b[2J", "gold.json", "a.txt/"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(GoldInvalid, match="is no path below the folder of gold") as error:
        load_gold(put(tmp_path, [{**GOOD, "file": name}]), TASKS)
    assert error.value.message.isprintable()


@pytest.mark.parametrize("linked", ["document", "folder", "gold"])
def test_links_are_refused(tmp_path: Path, linked: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/b.txt").write_text("elsewhere", encoding="utf-8")
    folder = tmp_path / "gold"
    folder.mkdir()
    name = {"document": "b.txt", "folder": "in/b.txt", "gold": "a.txt"}[linked]
    put(folder, [{**GOOD, "file": name}])
    if linked == "gold":
        (folder / "gold.json").rename(tmp_path / "out/gold.json")
        (folder / "gold.json").symlink_to(tmp_path / "out/gold.json")
    elif linked == "folder":
        (folder / "in").symlink_to(tmp_path / "out", target_is_directory=True)
    else:
        (folder / "b.txt").symlink_to(tmp_path / "out/b.txt")
    with pytest.raises(GoldInvalid, match="is a link"):
        load_gold(folder, TASKS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'[{"file": "a.txt",\n"clauses": }]', "gold.json, line 2: the file is not JSON."),
        (b'[{"file": "a", "file": "b", "clauses": {}}]', "has a key twice"),
        (b'[{"file": "\xff\xfe"}]', "not UTF-8"),
        (b"[" * 200_000, "gold.json"),
        (b" " * (MOST_BYTES + 1), "is larger than 32 MiB"),
        (b"[" + b"9" * 5000 + b"]", "gold.json"),
    ],
    ids=["no JSON", "a key twice", "no UTF-8", "nested beyond measure", "too large", "digits without end"],
)
def test_what_is_no_gold_file_is_refused_whole(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "gold.json").write_bytes(data)
    with pytest.raises(GoldInvalid) as error:
        load_gold(tmp_path, TASKS)
    assert said in error.value.message


def test_a_folder_without_gold_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GoldNotFound) as error:
        load_gold(tmp_path, TASKS)
    assert "--gold" in error.value.hint
