"""`pincite packs learn --gold` and `pincite packs eval`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.pack_gold import with_own_gold
from tests.cli.conftest import Pincite
from tests.conftest import MODEL
from tests.models.gguf_made import tiny_llama
from tests.verticals.made import FILES, put_pack
from tests.wiring.gold_made import leases, put_gold
from tests.wiring.learning_made import lease
from verticals.loader import load_pack


def test_an_author_learns_from_gold_and_measures(pincite: Pincite, tmp_path: Path) -> None:
    pack, matter = put_pack(tmp_path / "leases"), tmp_path / "m"
    leases(pack / "gold", many=4, bare=1)
    only = ("--task", "deposit", "--matter", matter)
    alone = pincite("packs", "eval", pack, "--retrieval-only", *only, "--json")
    assert alone.code == 0, alone.out
    value = alone.json()
    assert list(value) == [
        *("pack", "model", "documents", "failures", "learned", "currency", "indexing", "tasks", "total"),
    ]
    assert (value["model"], value["documents"], value["failures"]) == (None, 5, [])
    (row,) = value["tasks"]
    assert list(row) == ["task", "present", "absent", "evidence", "review"]
    assert (row["task"], row["present"], row["absent"], row["review"]) == ("deposit", 4, 1, None)
    assert row["evidence"]["inside"] == {"1000": 1.0, "2000": 1.0, "4000": 1.0}
    # nobody labelled the task before: its own text says how likely each lease has one
    assert 0.8 <= row["evidence"]["presence"] <= 1.0
    assert row["evidence"]["base_rate"] == 0.8

    said = pincite("packs", "learn", pack, "--gold", "--matter", matter, "--json")
    assert said.code == 0, said.out
    assert list(said.json()) == ["pack", "documents", "failures", "tasks"]
    row = next(row for row in said.json()["tasks"] if row["task"] == "deposit")
    assert list(row) == [
        *("task", "cases", "learned", "replaced", "reason", "presence", "before", "after"),
    ]
    assert row["cases"] == {"present": 4, "absent": 1}
    assert (row["learned"], row["replaced"], row["presence"]) == (True, False, False)

    words = ("packs", "eval", pack, *only, "--model", MODEL)
    made = pincite(*words, "--json")
    assert made.code == 0, made.out
    value = made.json()
    review = value["total"]["review"]
    assert review["findings"] == 5
    assert review["right"] + review["missed"] == 4
    assert review["precision"] == review["right"] / max(
        review["right"] + review["false"] + review["wrong_words"], 1
    )
    assert (review["failed"], review["settled"]) == (0, 0.0)
    assert review["machine"] > 0
    assert value["tasks"][0]["review"] == review
    again = pincite(*words)
    assert again.code == 0
    assert "deposit" in again.out
    assert f"Findings by {MODEL}, machine cost in USD" in again.out


def test_an_author_calibrates_a_model_and_what_was_fitted_travels_with_the_pack(
    pincite: Pincite, tmp_path: Path
) -> None:
    manifest = FILES["pack.toml"] + "accepted_error = 0.2\n"
    pack, matter = put_pack(tmp_path / "leases", **{"pack.toml": manifest}), tmp_path / "m"
    leases(pack / "gold", many=10, bare=10)
    # with random weights: what it says tells nothing, and is fitted all the same
    file = tiny_llama().write(tmp_path / "Tiny-F32.gguf")
    assert pincite("models", "import", file, "--json").code == 0
    words = ("packs", "calibrate", pack, "--matter", matter, "--model", "tiny-f32")
    few = pincite(*words, "--cases", 2)
    assert (few.code, few.out) == (
        0,
        "20 cases of 20 documents: retrieval settles 0, tiny-f32 read 2 of the other 20.\n"
        "Nothing is changed. Of the cases that the model read, 2, too few answer or too few do not.\n",
    )
    assert not (pack / "calibration.json").exists()

    made = pincite(*words, "--json")
    assert made.code == 0, made.out
    value = made.json()
    assert list(value) == [
        *(
            "pack",
            "model",
            "documents",
            "failures",
            "cases",
            "unclear",
            "read",
            "calibration",
            "kept",
            "reason",
        ),
    ]
    # without probes retrieval tells nothing of presence: the model reads all of them
    assert (value["documents"], value["cases"], value["unclear"], value["read"]) == (20, 20, 20, 20)
    card = value["calibration"]["card"]
    assert (card["documents"], card["read"], card["by_folds"], card["accepted_error"]) == (20, 20, True, 0.2)
    assert len(card["log_loss"]) == 3
    assert [row[0] for row in card["risk"]] == [1.0, 0.95, 0.9, 0.85, 0.7, 0.5]
    assert value["kept"] is (card["log_loss"][2] < card["log_loss"][1])
    assert (pack / "calibration.json").exists() is value["kept"]
    if value["kept"]:
        (held,) = load_pack(pack).mixes.values()
        assert held.card is not None
        assert held.yes == round(value["calibration"]["yes"], 4)


def test_one_line_says_what_was_learned_and_what_cannot_be_read_makes_it_done_in_part(
    pincite: Pincite, tmp_path: Path
) -> None:
    pack = put_pack(tmp_path / "leases")
    texts = {"a.txt": lease(1), "b.txt": lease(2, deposit=False), "broken.pdf": "%PDF-1.7 and no more"}
    rows = [{"file": name, "clauses": {"deposit": "absent"}} for name in texts]
    gold, matter = put_gold(tmp_path / "gold", rows, texts), tmp_path / "m"
    said = pincite("packs", "learn", pack, "--gold", gold, "--matter", matter)
    assert (said.code, said.out) == (
        3,
        "deposit: not learned from 0 present, 2 absent. It needs 4 documents with right words, and has 0.\n",
    )
    assert "1 other task has no gold." in said.err
    assert "broken.pdf was left out: " in said.err
    said = pincite("packs", "eval", pack, "--gold", gold, "--matter", matter, "--retrieval-only", "--json")
    assert said.code == 3
    assert [one["file"] for one in said.json()["failures"]] == ["broken.pdf"]
    assert (said.json()["total"]["present"], said.json()["total"]["absent"]) == (0, 2)


def test_what_cannot_be_done_is_said_before_anything_is_read(
    pincite: Pincite, tmp_path: Path, home: Path
) -> None:
    pack = put_pack(tmp_path / "leases")
    for words, code in (
        (("learn", "contracts", "--gold"), "pack.read-only"),
        (("learn", pack, "--gold"), "gold.not-found"),
        (("eval", pack, "--retrieval-only"), "gold.not-found"),
        (("eval", pack, "--gold", tmp_path / "nowhere"), "gold.not-found"),
        (("eval", pack, "--task", "nope"), "task.not-found"),
        (("calibrate", "contracts"), "pack.read-only"),
        (("calibrate", pack), "gold.not-found"),
    ):
        said = pincite("packs", *words, "--json")
        assert (said.code, said.error()["code"]) == (1, code)
    put_gold(pack / "gold", [{"file": "a.txt", "clauses": {"rent": "absent"}}], {"a.txt": "A lease."})
    (home / f"models/{MODEL}.gguf").unlink()
    said = pincite("packs", "eval", pack, "--model", MODEL, "--json")
    assert (said.code, said.error()["code"]) == (1, "model.not-installed")


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["learn", "P", "--gold"], ["learn", "P", "--gold", ""]),
        (["learn", "--gold", "--task", "t", "P"], ["learn", "--gold", "", "--task", "t", "P"]),
        (["eval", "P", "--gold", "D"], ["eval", "P", "--gold", "D"]),
        (["eval", "P"], ["eval", "P"]),
    ],
)
def test_gold_without_a_folder_is_the_packs_own(words: list[str], read: list[str]) -> None:
    assert with_own_gold(words) == read


def test_words_after_two_dashes_are_no_options() -> None:
    words = ["search", "m", "--", "--gold"]
    assert with_own_gold(words) == words


def test_learning_is_from_one_thing_at_a_time(pincite: Pincite, tmp_path: Path) -> None:
    pack = put_pack(tmp_path / "leases")
    for words in (("--gold", "--forget"), ("--gold", "--from", tmp_path), ("--forget", "--matter", tmp_path)):
        said = pincite("packs", "learn", pack, *words, "--json")
        assert (said.code, said.error()["code"]) == (2, "usage")
