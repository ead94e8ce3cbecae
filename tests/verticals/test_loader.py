from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import PackInvalid, PackNotFound
from app.domain.kinds import CiteKind, ValueKind
from app.domain.task import Mix
from tests.verticals.made import FILES, put_pack
from verticals import loader
from verticals.loader import bundled_packs, check_pack, find_pack, load_pack

PACK, RENT = FILES["pack.toml"], FILES["tasks/rent.toml"]
MIX = '{"intercept": 0.5, "probe": 2.0, "yes": 0.1, "peak": 0.0, "select": 1.0}'

LONG = "Tenant leaves a deposit of three rents with the landlord."

BROKEN: dict[str, tuple[dict[str, str | bytes | None], str]] = {
    "an unknown key": ({"pack.toml": f'{PACK}titel = "Leases"\n'}, "pack.toml, line 7: titel: "),
    "an unknown key of a task": (
        {"tasks/rent.toml": RENT.replace("value =", "valeu =")},
        "tasks/rent.toml, line 9: valeu: ",
    ),
    "an unknown key in a table": (
        {"tasks/rent.toml": f"{RENT}sure = 0.9\n"},
        "tasks/rent.toml, line 14: thresholds.sure: ",
    ),
    "a missing key": ({"pack.toml": PACK.replace("title", "#title")}, "pack.toml, line 1: title: "),
    "bad TOML": (
        {"pack.toml": PACK.replace('"1.0.0"', "1.0.0")},
        "pack.toml, line 2: the file is not TOML",
    ),
    "TOML that stops": ({"pack.toml": f'{PACK}x = """never'}, "pack.toml, line 7: the file is not TOML"),
    "a missing manifest": ({"pack.toml": None}, "pack.toml, line 1: the file is missing"),
    "a missing prompt": ({"prompts/select.txt": None}, "prompts/select.txt, line 1: the file is missing"),
    "a manifest that is not UTF-8": (
        {"pack.toml": PACK.replace("Nobody", "Ren\xe9").encode("latin-1")},
        "pack.toml, line 6: the file is not UTF-8",
    ),
    "a prompt that is not UTF-8": (
        {"prompts/present.txt": b"{evidence}\n\xff\xfe\n"},
        "prompts/present.txt, line 2: the file is not UTF-8",
    ),
    "a placeholder that nothing fills": (
        {"prompts/select.txt": "{evidence}\n\nLooking for {name}.\n"},
        "prompts/select.txt, line 3: there is no {name}",
    ),
    "a document's words among the instructions": (
        {"prompts/system.txt": "Be careful.\n{evidence}\n"},
        "prompts/system.txt, line 2: there is no {evidence}",
    ),
    "a prompt without the document's words": (
        {"prompts/value.txt": "{question}\n"},
        "prompts/value.txt, line 1: it has no {evidence}",
    ),
    "a prompt that has no statement": (
        {"prompts/choose.txt": "{evidence}\n{question}\n"},
        "prompts/choose.txt, line 1: it has no {statement}",
    ),
    "a choice among nothing": (
        {"tasks/rent.toml": f'kind = "choose"\n{RENT}'},
        "tasks/rent.toml, line 1: ",
    ),
    "a label without a statement": (
        {"tasks/rent.toml": f'kind = "choose"\n{RENT}\n[[labels]]\nid = "low"\ntitle = "Low"\n'},
        "tasks/rent.toml, line 16: labels.0.statement: ",
    ),
    "a wrong key in the second label": (
        {
            "tasks/rent.toml": f'kind = "choose"\n{RENT}\n'
            '[[labels]]\nid = "low"\ntitle = "Low"\nstatement = "It is low."\n'
            '[[labels]]\nid = "Very High"\ntitle = "High"\nstatement = "It is high."\n'
        },
        "tasks/rent.toml, line 21: labels.1.id: ",
    ),
    "a summary's topic that nothing is looked for": (
        {"tasks/rent.toml": f'kind = "summary"\n{RENT}\n[[topics]]\ntitle = "Rent"\nask = "How much?"\n'},
        "tasks/rent.toml, line 16: topics.0: ",
    ),
    "a summary's topic whose task is not there": (
        {
            "tasks/rent.toml": f'kind = "summary"\n{RENT}\n'
            '[[topics]]\ntitle = "Rent"\nask = "How much?"\ntask = "deposit"\n'
            '[[topics]]\ntitle = "Pets"\nask = "Which?"\ntask = "pets"\n'
        },
        "tasks/rent.toml, line 23: there is no task pets",
    ),
    "a summary of a summary": (
        {"tasks/rent.toml": f'kind = "summary"\n{RENT}\n[[topics]]\ntitle = "R"\nask = "?"\ntask = "rent"\n'},
        "tasks/rent.toml, line 19: there is no task rent",
    ),
    "topics of another kind of task": (
        {"tasks/rent.toml": f'{RENT}\n[[topics]]\ntitle = "R"\nask = "?"\ntask = "deposit"\n'},
        "tasks/rent.toml, line 1: ",
    ),
    "a prompt of a summary with a place of another": (
        {"prompts/summary.txt": "{evidence}\n{statement}\n"},
        "prompts/summary.txt, line 2: there is no {statement}",
    ),
    "no tasks": (
        {"tasks/rent.toml": None, "tasks/deposit.toml": None},
        "tasks, line 1: a pack needs at least one task",
    ),
    "a value of the wrong type": (
        {"pack.toml": f'{PACK}evidence_budget = "long"\n'},
        "pack.toml, line 7: evidence_budget: ",
    ),
    "a budget beyond all measure": (
        {"pack.toml": f"{PACK}evidence_budget = 50000\n"},
        "pack.toml, line 7: evidence_budget: ",
    ),
    "a wrong type in a table": (
        {"tasks/rent.toml": RENT.replace("found = 0.7", "found = 7")},
        "tasks/rent.toml, line 13: thresholds.found: ",
    ),
    "a wrong type in a dotted key": (
        {"tasks/deposit.toml": f'{FILES["tasks/deposit.toml"]}thresholds.found = "x"\n'},
        "tasks/deposit.toml, line 6: thresholds.found: ",
    ),
    "a kind of value that there is not": (
        {"tasks/rent.toml": RENT.replace('"money"', '"colour"')},
        "tasks/rent.toml, line 9: value: ",
    ),
    "a scheme of codes that nobody knows": (
        {"tasks/rent.toml": RENT.replace('value = "money"', 'value = "code"\nscheme = "icd-11"')},
        "tasks/rent.toml, line 10: scheme: input should be 'bic', 'cpt', ",
    ),
    "a scheme for what is no code": (
        {"tasks/rent.toml": RENT.replace('value = "money"', 'value = "money"\nscheme = "isin"')},
        "tasks/rent.toml, line 1: only a task with the value code has a scheme",
    ),
    "a unit that is not read": (
        {"tasks/rent.toml": RENT.replace('value = "money"', 'value = "number"\nunits = ["furlong"]')},
        "tasks/rent.toml, line 1: furlong is not a unit that is read",
    ),
    "a boolean without yes and no": (
        {"tasks/rent.toml": RENT.replace('value = "money"', 'value = "boolean"')},
        "tasks/rent.toml, line 1: a task with the value boolean is of kind choose",
    ),
    "a task that searches for nothing": (
        {"tasks/deposit.toml": FILES["tasks/deposit.toml"].replace('["security deposit"]', "[]")},
        "tasks/deposit.toml, line 5: queries: ",
    ),
    "more examples than are looked at": (
        {"tasks/deposit.toml": FILES["tasks/deposit.toml"] + f"examples = {[LONG] * 6}\n"},
        "tasks/deposit.toml, line 6: examples: ",
    ),
    "an example that is no sentence": (
        {"tasks/deposit.toml": FILES["tasks/deposit.toml"] + f"examples = [\n  {LONG!r},\n  'deposit',\n]\n"},
        "tasks/deposit.toml, line 6: examples.1: ",
    ),
    "a file name that is no id": ({"tasks/Late Fees.toml": RENT}, "tasks/Late Fees.toml, line 1: id: "),
    "a version that is none": (
        {"pack.toml": PACK.replace("1.0.0", "newest")},
        "pack.toml, line 2: version: ",
    ),
    "calibration that is no JSON": (
        {"calibration.json": f'{{"a": {MIX},\n"b"}}'},
        "calibration.json, line 2: the file is not JSON",
    ),
    "calibration that maps nothing": (
        {"calibration.json": "[]"},
        "calibration.json, line 1: it does not map models to mixes",
    ),
    "calibration by unknown weights": (
        {"calibration.json": '{"a": {"weight": 1.0}}'},
        "calibration.json, line 1: it does not map models to mixes",
    ),
    "calibration that is not UTF-8": (
        {"calibration.json": b"\xff{}"},
        "calibration.json, line 1: the file is not UTF-8",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_error_names_file_and_line(tmp_path: Path, what: str) -> None:
    changed, said = BROKEN[what]
    put_pack(tmp_path, **changed)
    with pytest.raises(PackInvalid) as error:
        load_pack(tmp_path)
    assert error.value.message.startswith(said)
    assert error.value.hint
    assert check_pack(tmp_path) == (error.value.message,)


@pytest.mark.parametrize("name", FILES)
def test_a_folder_where_a_file_should_be_is_an_error_of_the_pack(tmp_path: Path, name: str) -> None:
    put_pack(tmp_path, **{name: None})
    (tmp_path / name).mkdir(parents=True)
    if name.startswith("tasks/"):
        assert len(load_pack(tmp_path).tasks) == 1
        return
    with pytest.raises(PackInvalid, match=f"^{name}, line 1: the file is missing or cannot be read"):
        load_pack(tmp_path)


@pytest.mark.parametrize("place", ["tasks/linked.toml", "data", "prompts/nowhere.txt"])
def test_a_pack_holds_no_links(tmp_path: Path, place: str) -> None:
    put_pack(tmp_path / "pack")
    outside = tmp_path / "outside"
    if place == "data":
        outside.mkdir()
    elif place == "tasks/linked.toml":
        outside.write_text(RENT)
    (tmp_path / "pack" / place).symlink_to(outside)
    with pytest.raises(PackInvalid, match=f"^{place}, line 1: a pack holds no links"):
        load_pack(tmp_path / "pack")
    assert len(check_pack(tmp_path / "pack")) == 1


def test_a_pack_that_holds_too_much_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_pack(tmp_path)
    monkeypatch.setattr(loader, "MOST_FILES", len(FILES) - 1)
    with pytest.raises(PackInvalid, match="more than a pack may"):
        load_pack(tmp_path)
    monkeypatch.setattr(loader, "MOST_FILES", len(FILES))
    load_pack(tmp_path)
    monkeypatch.setattr(loader, "MOST_BYTES", 100)
    with pytest.raises(PackInvalid, match="more than a pack may"):
        load_pack(tmp_path)


def test_checking_lists_the_problem_of_every_file(tmp_path: Path) -> None:
    put_pack(
        tmp_path,
        **{
            "pack.toml": PACK.replace("version", "vresion"),
            "tasks/rent.toml": "title = ",
            "tasks/deposit.toml": b"\xff",
            "prompts/select.txt": "{evidence} {nmae}",
            "prompts/value.txt": None,
            "calibration.json": "[]",
        },
    )
    assert {problem.split(",")[0] for problem in check_pack(tmp_path)} == {
        "pack.toml",
        "tasks/rent.toml",
        "tasks/deposit.toml",
        "prompts/select.txt",
        "prompts/value.txt",
        "calibration.json",
    }
    put_pack(tmp_path / "bare", **{"tasks/rent.toml": None, "tasks/deposit.toml": None, "pack.toml": "x"})
    assert [problem.split(",")[0] for problem in check_pack(tmp_path / "bare")] == ["pack.toml", "tasks"]


def test_a_whole_pack_is_loaded_with_everything_in_it(tmp_path: Path) -> None:
    put_pack(tmp_path, **{"calibration.json": f'{{"{"a" * 64}": {MIX}}}', "probes.npz": b"any"})
    pack = load_pack(tmp_path)
    assert check_pack(tmp_path) == ()
    assert (pack.ref.id, pack.ref.version, pack.title) == ("leases", "1.0.0", "Leases")
    assert [task.id for task in pack.tasks] == ["deposit", "rent"]
    rent = pack.tasks[1]
    assert (rent.value, rent.cite) == (ValueKind.MONEY, CiteKind.SENTENCE)
    assert (rent.thresholds.absent, rent.thresholds.found) == (0.2, 0.7)
    assert rent.queries == ("rent of", "per month")
    assert pack.prompts.system == "You review leases."
    assert pack.probes == tmp_path / "probes.npz"
    assert pack.mixes == {"a" * 64: Mix(intercept=0.5, probe=2.0, yes=0.1, peak=0.0, select=1.0)}


def test_probes_and_calibration_are_not_needed(tmp_path: Path) -> None:
    pack = load_pack(put_pack(tmp_path))
    assert pack.probes is None
    assert pack.mixes == {}


def test_a_packs_digest_changes_with_every_file_and_with_nothing_else(tmp_path: Path) -> None:
    first = load_pack(put_pack(tmp_path / "first", **{"notes/gold.csv": "a,b"})).ref.sha256
    assert load_pack(put_pack(tmp_path / "second", **{"notes/gold.csv": "a,b"})).ref.sha256 == first
    digests = {first}
    for name in (*FILES, "notes/gold.csv"):
        folder = put_pack(tmp_path / name.replace("/", "-"), **{"notes/gold.csv": "a,b"})
        with (folder / name).open("a") as stream:
            stream.write("\n")
        digests.add(load_pack(folder).ref.sha256)
    assert len(digests) == len(FILES) + 2
    moved = put_pack(tmp_path / "moved", **{"notes/silver.csv": "a,b"})
    added = put_pack(tmp_path / "added", **{"notes/gold.csv": "a,b", "more": ""})
    assert not {load_pack(moved).ref.sha256, load_pack(added).ref.sha256} & digests


def test_a_pack_is_found_by_its_bundled_id_or_by_its_folder(tmp_path: Path) -> None:
    assert find_pack("contracts") == bundled_packs()["contracts"]
    assert find_pack(str(put_pack(tmp_path))) == tmp_path
    for key in ("no-such-pack", str(tmp_path / "prompts"), ""):
        with pytest.raises(PackNotFound):
            find_pack(key)
