"""A pack learns probes from its gold, and keeps only what helps; what came with Pincite is not changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app import wiring
from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, GoldInvalid, GoldNotFound, PackReadOnly
from retrieval.task_probes import TaskProbes
from tests.verticals.made import put_pack
from tests.wiring.gold_made import leases, put_gold
from tests.wiring.learning_made import DECOY, caution, lease


def quiet(*_: object) -> None: ...


def learn(
    pack: Path | str, gold: Path | None = None, matter: Path | None = None
) -> dict[str, wiring.ProbeLearned]:
    found = wiring.learn_gold(str(pack), gold, matter, (), quiet, CancelToken())
    return {row.task: row for row in found.tasks}


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gold of leases, and the matter that it was read into."""
    return tmp_path_factory.mktemp("gold")


@pytest.fixture
def taught(read_once: Path, tmp_path: Path, home: Path) -> Path:
    """A pack with gold of its own and with the probe that it learned."""
    gold = read_once / "gold"
    if not gold.exists():
        leases(gold)
    pack = put_pack(tmp_path / "leases")
    shutil.copytree(gold, pack / "gold")
    return pack


def test_gold_becomes_the_packs_own_probe_and_finds_better(taught: Path, read_once: Path) -> None:
    before = wiring.pack_of(str(taught)).ref
    rows = learn(taught, matter=read_once / "matter")
    row = rows["deposit"]
    assert (row.learned, row.replaced, row.reason) == (True, False, None)
    assert (row.present, row.absent, row.presence) == (8, 2, False)
    assert row.before is not None
    assert row.after is not None
    assert row.before <= row.after == 1.0
    assert (rows["rent"].present, rows["rent"].learned) == (0, False)
    pack = wiring.pack_of(str(taught))
    assert pack.ref.sha256 != before.sha256
    assert pack.probes is not None
    assert TaskProbes.load(pack.probes).tasks == ("deposit",)
    assert not TaskProbes.load(pack.probes).tells_presence("deposit")
    assert wiring.pack_problems(str(taught)) == ()


def test_the_same_gold_teaches_the_same_to_the_last_bit(taught: Path, read_once: Path) -> None:
    learn(taught, matter=read_once / "matter")
    first = (taught / "probes.npz").read_bytes()
    assert learn(taught, matter=read_once / "matter")["deposit"].replaced
    assert (taught / "probes.npz").read_bytes() == first


def test_a_probe_stays_where_nothing_better_was_learned(taught: Path, read_once: Path) -> None:
    learn(taught, matter=read_once / "matter")
    first = (taught / "probes.npz").read_bytes()
    few = leases(taught.parent / "few", many=3, bare=0)
    row = learn(taught, few, read_once / "matter")["deposit"]
    assert (row.learned, row.kept) == (False, True)
    assert row.reason == "It needs 4 documents with right words, and has 3."
    texts = {f"lease {number}.txt": lease(number) for number in range(8)}
    clear = [{"file": name, "clauses": {"deposit": {"quotes": [DECOY]}}} for name in texts]
    gold = put_gold(taught.parent / "clear", clear, texts)
    row = learn(taught, gold, read_once / "matter")["deposit"]
    assert row.before == 1.0
    assert (row.learned, row.kept) == (False, True)
    assert row.reason == "Its words are not found better with a probe."
    assert (taught / "probes.npz").read_bytes() == first


def test_gold_that_is_wrong_changes_nothing(taught: Path) -> None:
    texts = {"a.txt": lease(1), "b.txt": lease(2), "c.txt": lease(3)}
    rows = [
        {"file": name, "clauses": {"deposit": {"quotes": ["no such words"]}}} for name in ("a.txt", "c.txt")
    ]
    rows.append({"file": "b.txt", "clauses": {"deposit": {"quotes": [caution(2)]}}})
    with pytest.raises(GoldInvalid) as error:
        learn(taught, put_gold(taught.parent / "wrong", rows, texts))
    assert error.value.message == (
        "a.txt, task deposit: quote 1 is not in the document's text; "
        "1 other document has words that are not there, too."
    )
    same = [{"file": name, "clauses": {"deposit": "absent"}} for name in ("a.txt", "b.txt")]
    twice = put_gold(taught.parent / "twice", same, {"a.txt": lease(1), "b.txt": lease(1)})
    with pytest.raises(GoldInvalid, match=r"b\.txt and a\.txt are the same file"):
        learn(taught, twice)
    assert not (taught / "probes.npz").exists()


def test_stopping_changes_nothing(taught: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        wiring.learn_gold(str(taught), None, None, (), quiet, cancel)
    assert not (taught / "probes.npz").exists()


def test_a_pack_that_came_with_pincite_is_not_changed(home: Path) -> None:
    with pytest.raises(PackReadOnly) as error:
        learn("contracts")
    assert error.value.message == "The pack contracts came with Pincite and is not changed."


def test_a_pack_without_gold_says_so_and_check_tells_what_is_wrong_with_gold(
    tmp_path: Path, home: Path
) -> None:
    pack = put_pack(tmp_path / "leases")
    with pytest.raises(GoldNotFound):
        learn(pack)
    put_gold(pack / "gold", [{"file": "a.txt", "clauses": {"pets": "absent"}}], {"a.txt": "A lease."})
    (problem,) = wiring.pack_problems(str(pack))
    assert problem == "gold: a.txt, task pets: the pack has no such task."
