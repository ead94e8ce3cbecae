from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Demo, Pincite, in_a_process
from tests.conftest import SAMPLES

KEYS = ["id", "name", "sha256", "pages", "state", "reason", "parent", "flags"]
EBIX = "Ebix co-branding agreement.pdf"


def test_a_damaged_file_is_listed_with_its_reason_and_the_others_are_ready(
    tmp_path: Path, pincite: Pincite
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a good.txt").write_text("This Agreement is governed by the laws of Ohio.")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that is a PDF")
    (folder / "sheet.xls").write_bytes(b"\xd0\xcf\x11\xe0 something")
    sample = next(SAMPLES.glob("Pelican*.pdf"))
    said = pincite("add", tmp_path / "m", folder, sample, "--json")
    assert said.code == 3
    documents = {document["name"]: document for document in said.json()["documents"]}
    assert list(said.json()) == ["documents"]
    assert {name: document["state"] for name, document in documents.items()} == {
        "a good.txt": "ready",
        "broken.pdf": "damaged",
        "sheet.xls": "unsupported",
        sample.name: "ready",
    }
    for document in documents.values():
        assert list(document) == KEYS
        assert (document["reason"] is None) is (document["state"] == "ready")
    assert documents[sample.name]["sha256"] == hashlib.sha256(sample.read_bytes()).hexdigest()
    assert documents[sample.name]["pages"] == 11
    held = pincite("documents", tmp_path / "m", "--json")
    assert held.code == 0
    assert held.json() == said.json()


def test_people_see_state_and_reason_of_each_file(tmp_path: Path, pincite: Pincite) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that is a PDF")
    said = pincite("add", tmp_path / "m", tmp_path / "broken.pdf")
    assert said.code == 3
    first, reason = said.out.splitlines()
    assert "broken.pdf" in first
    assert "damaged" in first
    assert reason.strip() == "The file is damaged and could not be opened."


def test_the_same_file_is_one_document(tmp_path: Path, pincite: Pincite) -> None:
    (tmp_path / "a.txt").write_text("The same words.")
    (tmp_path / "b.txt").write_text("The same words.")
    first = pincite("add", tmp_path / "m", tmp_path / "a.txt", "--json")
    again = pincite("add", tmp_path / "m", tmp_path / "b.txt", tmp_path / "a.txt", "--json")
    assert again.code == 0
    assert again.json()["documents"] == first.json()["documents"] * 2
    assert len(pincite("documents", tmp_path / "m", "--json").json()["documents"]) == 1


def test_a_matter_without_documents_says_what_to_do(tmp_path: Path, pincite: Pincite) -> None:
    (tmp_path / "empty").mkdir()
    assert pincite("add", tmp_path / "m", tmp_path / "empty", "--json").json() == {"documents": []}
    said = pincite("documents", tmp_path / "m")
    assert (said.code, said.out) == (0, "")
    assert "pincite add MATTER PATH..." in said.err


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no Unicode")
def test_a_file_whose_name_is_no_unicode_is_added_like_any_other(tmp_path: Path, pincite: Pincite) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_text("This Agreement is governed by the laws of Ohio.")
    said = pincite("add", tmp_path / "m", path, "--json")
    assert said.code == 0
    assert [document["name"] for document in said.json()["documents"]] == ["caf?.txt"]


def test_the_text_is_printed_as_it_is_and_nothing_else(demo: Demo, pincite: Pincite, tmp_path: Path) -> None:
    words = "First\r\nline\n\fsecond — page\u2028 𝔘 without a line break at the end"
    (tmp_path / "a.txt").write_bytes(words.encode())
    assert pincite("add", tmp_path / "m", tmp_path / "a.txt").code == 0
    said = in_a_process(demo.home, "text", tmp_path / "m", "a.txt")
    assert said.out == words
    assert pincite("text", tmp_path / "m", "a.txt", "--json").json() == {"text": words}


def test_a_document_is_named_by_id_beginning_or_name(demo: Demo, pincite: Pincite) -> None:
    first = pincite("documents", demo.matter, "--json").json()["documents"][0]
    assert first["name"] == EBIX
    texts = {pincite("text", demo.matter, key).out for key in (first["id"], first["id"][:4], EBIX)}
    assert len(texts) == 1
    assert len(texts.pop()) > 10_000


def test_a_document_without_text_says_why(tmp_path: Path, pincite: Pincite) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that is a PDF")
    pincite("add", tmp_path / "m", tmp_path / "broken.pdf")
    said = pincite("text", tmp_path / "m", "broken.pdf", "--json")
    assert said.code == 1
    assert said.error() == {
        "code": "document.not-readable",
        "message": "broken.pdf has no text.",
        "hint": "The file is damaged and could not be opened.",
    }


def test_search_finds_the_place_best_first(demo: Demo, pincite: Pincite) -> None:
    said = pincite("search", demo.matter, "which state's law governs this agreement", "--limit", 5, "--json")
    assert said.code == 0
    hits = said.json()
    assert 0 < len(hits) <= 5
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert any("laws of" in " ".join(hit["text"].split()) for hit in hits)
    for hit in hits:
        assert list(hit)[:6] == ["document", "page", "start", "end", "text", "score"]
        assert list(hit)[6:] == ["matches", "best", "section"]
        text = pincite("text", demo.matter, hit["document"]).out
        assert text[hit["start"] : hit["end"]] == hit["text"]
        assert text[: hit["start"]].count("\f") + 1 == hit["page"]


def test_search_stays_in_one_document_and_within_its_budget(demo: Demo, pincite: Pincite) -> None:
    words = ("liability and damages", "--document", EBIX, "--budget", 500, "--json")
    hits = pincite("search", demo.matter, *words).json()
    ids = {d["name"]: d["id"] for d in pincite("documents", demo.matter, "--json").json()["documents"]}
    assert {hit["document"] for hit in hits} == {ids[EBIX]}
    assert sum(len(hit["text"]) for hit in hits) <= 500


def test_search_stays_where_it_is_told_to_and_marks_what_matched(demo: Demo, pincite: Pincite) -> None:
    said = pincite("search", demo.matter, f'governing law document:"{EBIX}"', "--pages", "2-", "--json")
    hits = said.json()
    ids = {d["name"]: d["id"] for d in pincite("documents", demo.matter, "--json").json()["documents"]}
    text = pincite("text", demo.matter, ids[EBIX]).out
    assert hits
    assert {hit["document"] for hit in hits} == {ids[EBIX]}
    assert all(hit["page"] >= 2 for hit in hits)
    marked = {text[start:end].lower() for hit in hits for start, end in hit["matches"]}
    assert marked & {"governed", "law", "laws", "governing"}
    for hit in hits:
        first, last = hit["best"]
        assert hit["start"] <= first < last <= hit["end"]


def test_search_keeps_to_passages_that_name_a_day(demo: Demo, pincite: Pincite) -> None:
    hits = pincite("search", demo.matter, "agreement", "--date", "2005-07", "--json").json()
    assert hits
    assert all("july" in hit["text"].lower() and "2005" in hit["text"] for hit in hits)
    assert pincite("search", demo.matter, "agreement date:1901", "--json").json() == []


def test_a_search_of_dates_that_cannot_be_is_wrong_usage(demo: Demo, pincite: Pincite) -> None:
    said = pincite("search", demo.matter, "law", "--date", "2019-13", "--json")
    assert (said.code, said.json()["error"]["code"]) == (2, "search.invalid")


def test_a_search_of_pages_that_cannot_be_is_wrong_usage(demo: Demo, pincite: Pincite) -> None:
    said = pincite("search", demo.matter, "law", "--pages", "7-3", "--json")
    assert (said.code, said.json()["error"]["code"]) == (2, "search.invalid")


def test_search_tells_people_document_page_and_words(demo: Demo, pincite: Pincite) -> None:
    said = pincite("search", demo.matter, "governed by the laws", "--limit", 1)
    assert said.code == 0
    place, words = said.out.splitlines()
    assert "\x1b" not in said.out
    assert place.split(", p. ")[0].endswith(".pdf")
    assert words.startswith("  ")


def test_search_indexes_what_was_added_since(tmp_path: Path, pincite: Pincite) -> None:
    (tmp_path / "a.txt").write_text("The tenant pays rent of 900 dollars on the first of each month.")
    pincite("add", tmp_path / "m", tmp_path / "a.txt")
    said = in_a_process(tmp_path / "home", "search", tmp_path / "m", "monthly rent", "--json", "--quiet")
    assert (said.code, said.err) == (0, "")
    assert [hit["page"] for hit in said.json()] == [1]


def test_reread_offers_what_an_older_reader_read_and_reads_it_when_told(
    tmp_path: Path, pincite: Pincite
) -> None:
    (tmp_path / "a.txt").write_text("The same words.")
    pincite("add", tmp_path / "m", tmp_path / "a.txt")
    said = pincite("reread", tmp_path / "m")
    assert (said.code, said.out) == (0, "")
    assert "Nothing was read by an older reader." in said.err
    plain = sqlite3.connect(tmp_path / "m" / "matter.sqlite3")
    plain.execute("UPDATE documents SET reader = 0")
    plain.commit()
    plain.close()
    said = pincite("reread", tmp_path / "m")
    assert said.code == 0
    assert "a.txt" in said.out
    assert "pincite reread MATTER --outdated" in said.err
    read = pincite("reread", tmp_path / "m", "--outdated", "--json")
    assert (read.code, [document["state"] for document in read.json()["documents"]]) == (0, ["ready"])
    assert pincite("reread", tmp_path / "m", "--json").json() == {"documents": []}
