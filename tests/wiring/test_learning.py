"""A pack learns from decisions; what it learned is the engine's to use and nobody's to lose work by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app import wiring
from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, MatterNotFound, TaskNotFound
from app.domain.finding import Evidence
from app.domain.kinds import DecisionKind
from app.store.opening import open_matter, read_matter
from app.wiring.learning import learned_file, usable_learned
from models.onnx_embedder import OnnxEmbedder
from retrieval.learned import Learned, load_learned, save_learned
from retrieval.retriever import MatterRetriever
from retrieval.vector_index import VectorIndex
from tests.conftest import paged
from tests.verticals.made import FILES, put_pack
from tests.wiring.learning_made import (
    AROUND,
    DECOY,
    add,
    caution,
    decide,
    decided_matter,
    find,
    lease,
)


def quiet(*_: object) -> None: ...


def unopened() -> VectorIndex:
    raise AssertionError("evidence needs no vector index")


@pytest.fixture
def pack(tmp_path: Path, home: Path) -> str:
    return str(put_pack(tmp_path / "leases"))


@pytest.fixture(scope="module")
def embedder() -> OnnxEmbedder:
    return OnnxEmbedder()


@pytest.fixture
def new(tmp_path: Path, home: Path) -> Path:
    """A matter of a lease that nobody decided anything on."""
    add(tmp_path / "new", {"new.txt": lease(13)})
    wiring.index_matter(tmp_path / "new", quiet, CancelToken())
    return tmp_path / "new"


def learn(pack: str, *matters: Path, tasks: tuple[str, ...] = ()) -> dict[str, wiring.TaskLearned]:
    return {row.task: row for row in wiring.learn(pack, matters, tasks, quiet, CancelToken())}


def evidence(pack: str, folder: Path, embedder: OnnxEmbedder, task: str = "deposit") -> Evidence:
    """As the engine's own retriever gives it."""
    held = wiring.pack_of(pack)
    matter = read_matter(folder)
    try:
        retriever = MatterRetriever(matter, embedder, unopened, None, usable_learned(held.ref.id))
        (wanted,) = wiring.tasks_of(held, [task])
        return retriever.evidence(matter.documents()[0].id, wanted, 5000)
    finally:
        matter.close()


def ranks(given: Evidence) -> list[str]:
    return [one.text.strip() for one in sorted(given.sentences, key=lambda one: -one.score)]


def test_the_decided_kind_of_sentence_is_found_higher(
    pack: str, new: Path, tmp_path: Path, embedder: OnnxEmbedder
) -> None:
    before = ranks(evidence(pack, new, embedder))
    row = learn(pack, decided_matter(tmp_path / "m"))["deposit"]
    after = ranks(evidence(pack, new, embedder))
    assert before[0] == DECOY
    assert after[0] == caution(13)
    assert row.learned
    assert (row.counts.accepted, row.counts.edited, row.counts.absent) == (7, 1, 2)
    assert row.before is not None
    assert row.after is not None
    assert row.after >= row.before


def test_a_rejected_sentence_sinks(pack: str, new: Path, tmp_path: Path, embedder: OnnxEmbedder) -> None:
    """The same accepted places, with and without rejections of what the pack's own words lead to."""
    behind: list[float] = []
    for rejected in (0, 3):
        folder = tmp_path / f"m{rejected}"
        texts = {f"lease {number}.txt": lease(number).replace(DECOY, "") for number in range(4)}
        texts |= {f"odd {number}.txt": lease(number, deposit=False) for number in range(4, 7)}
        add(folder, texts)
        for number in range(4):
            decide(folder, find(folder, f"lease {number}.txt", caution(number)), DecisionKind.ACCEPT)
        for number in range(4, 4 + rejected):
            decide(folder, find(folder, f"odd {number}.txt", DECOY), DecisionKind.REJECT)
        row = learn(pack, folder)["deposit"]
        assert (row.learned, row.counts.rejected) == (True, rejected)
        score = {one.text.strip(): one.score for one in evidence(pack, new, embedder).sentences}
        behind.append(score[caution(13)] - score[DECOY])
    assert behind[1] > behind[0] + 1


def test_nothing_is_learned_from_what_nobody_decided(pack: str, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    add(folder, {f"lease {number}.txt": lease(number) for number in range(4)})
    for number in range(4):
        find(folder, f"lease {number}.txt", caution(number))
    row = learn(pack, folder)["deposit"]
    assert (row.learned, row.counts.total, row.before) == (False, 0, None)
    assert not learned_file("leases").exists()


def test_too_few_decisions_say_how_many_are_needed(pack: str, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    add(folder, {"lease 0.txt": lease(0), "lease 1.txt": lease(1)})
    decide(folder, find(folder, "lease 0.txt", caution(0)), DecisionKind.ACCEPT)
    decide(folder, find(folder, "lease 1.txt", DECOY), DecisionKind.REJECT)
    row = learn(pack, folder)["deposit"]
    assert not row.learned
    assert row.reason == "It needs 2 documents with an accepted or edited place, and has 1."
    assert (row.counts.accepted, row.counts.rejected) == (1, 1)


def test_a_withdrawn_decision_teaches_nothing_and_a_later_one_replaces(pack: str, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    add(folder, {f"lease {number}.txt": lease(number) for number in range(3)})
    for number in range(3):
        finding = find(folder, f"lease {number}.txt", caution(number))
        decide(folder, finding, DecisionKind.ACCEPT)
        if number == 0:
            decide(folder, finding, DecisionKind.WITHDRAW, 1)
        if number == 1:
            decide(folder, finding, DecisionKind.REJECT, 1)
    counts = learn(pack, folder)["deposit"].counts
    assert (counts.accepted, counts.rejected, counts.total) == (1, 1, 2)


def test_decisions_on_another_packs_task_of_the_same_name_are_not_ours(pack: str, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    add(folder, {"lease 0.txt": lease(0)})
    decide(folder, find(folder, "lease 0.txt", caution(0), pack="mortgages"), DecisionKind.ACCEPT)
    assert learn(pack, folder)["deposit"].counts.total == 0


def test_words_that_moved_are_skipped_and_never_mistaken(pack: str, tmp_path: Path) -> None:
    folder = decided_matter(tmp_path / "m", many=4)
    matter = open_matter(folder, create=False)
    for name in ("lease 0.txt", "bare 0.txt"):
        matter.put_document(matter.document(name), paged("Read anew, and longer. " + matter.text(
            matter.document(name).id)))  # fmt: skip
    matter.close()
    counts = learn(pack, folder)["deposit"].counts
    assert (counts.accepted, counts.edited, counts.absent, counts.skipped) == (2, 1, 2, 1)


def test_a_copy_teaches_nothing_twice(pack: str, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    add(folder, {"a.txt": lease(0), "b.txt": lease(1), "c.txt": lease(1) + "\n"})
    for name, number in (("a.txt", 0), ("b.txt", 1), ("c.txt", 1)):
        decide(folder, find(folder, name, caution(number)), DecisionKind.ACCEPT)
    counts = learn(pack, folder)["deposit"].counts
    assert (counts.accepted, counts.skipped) in {(2, 1), (3, 0)}  # readers may keep the last line end


def test_several_matters_teach_together_and_the_newest_decision_counts(pack: str, tmp_path: Path) -> None:
    for name, kind, day in (("one", DecisionKind.ACCEPT, 0), ("two", DecisionKind.REJECT, 1)):
        add(tmp_path / name, {"same.txt": lease(0), f"{name}.txt": lease(day + 1)})
        decide(tmp_path / name, find(tmp_path / name, "same.txt", caution(0)), kind, day)
        decide(tmp_path / name, find(tmp_path / name, f"{name}.txt", caution(day + 1)), DecisionKind.ACCEPT)
    for order in (("one", "two"), ("two", "one")):
        counts = learn(pack, *(tmp_path / name for name in order))["deposit"].counts
        assert (counts.accepted, counts.rejected) == (2, 1)


def test_learning_that_does_not_help_is_not_adopted(pack: str, tmp_path: Path) -> None:
    """Every lease cites another kind of sentence, so that none teaches anything of the others."""
    folder = tmp_path / "m"
    add(folder, {f"lease {number}.txt": lease(number) for number in range(8)})
    decide(folder, find(folder, "lease 0.txt", DECOY), DecisionKind.ACCEPT)
    for number in range(1, 8):
        decide(folder, find(folder, f"lease {number}.txt", AROUND[number]), DecisionKind.ACCEPT)
    row = learn(pack, folder)["deposit"]
    assert not row.learned
    assert row.reason == "Its places are found better without; it is left as it is."
    assert usable_learned("leases") is None


def test_presence_becomes_known_with_enough_of_both(
    pack: str, new: Path, tmp_path: Path, embedder: OnnxEmbedder
) -> None:
    folder = decided_matter(tmp_path / "m", many=10)
    assert not learn(pack, folder)["deposit"].presence
    assert not evidence(pack, new, embedder).learned
    bare = {f"more {number}.txt": lease(30 + number, deposit=False) for number in range(8)}
    add(folder, bare)
    for name in bare:
        decide(folder, find(folder, name, None), DecisionKind.ACCEPT)
    assert learn(pack, folder)["deposit"].presence
    add(tmp_path / "without", {"bare.txt": lease(44, deposit=False) + "\n\nSigned in May."})
    wiring.index_matter(tmp_path / "without", quiet, CancelToken())
    assert evidence(pack, new, embedder).learned
    there = evidence(pack, new, embedder).presence
    gone = evidence(pack, tmp_path / "without", embedder).presence
    assert there is not None
    assert gone is not None
    assert there > 0.5 > gone


def test_the_same_decisions_teach_the_same_to_the_last_bit(pack: str, tmp_path: Path) -> None:
    folder = decided_matter(tmp_path / "m", many=4)
    learn(pack, folder)
    first = learned_file("leases").read_bytes()
    learn(pack, folder)
    assert learned_file("leases").read_bytes() == first


def test_learning_changes_no_finding(pack: str, tmp_path: Path) -> None:
    folder = decided_matter(tmp_path / "m", many=3)
    before = wiring.outcomes_of(folder)
    learn(pack, folder)
    assert wiring.outcomes_of(folder) == before


def damaged(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def of_another_pack(file: Path) -> None:
    held = load_learned(file, "leases")
    assert held is not None
    save_learned(file, replace(held, pack="mortgages"))


def of_nothing_finite(file: Path) -> None:
    held = load_learned(file, "leases")
    assert held is not None
    one = held.corrections["deposit"]
    spoiled = replace(one, dense=np.full_like(one.dense, np.nan))
    save_learned(file, replace(held, corrections={"deposit": spoiled}))


@pytest.mark.parametrize("harm", [damaged, empty, of_another_pack, of_nothing_finite])
def test_a_damaged_file_is_survived_and_said(
    pack: str, new: Path, tmp_path: Path, embedder: OnnxEmbedder, harm: type
) -> None:
    before = evidence(pack, new, embedder)
    folder = decided_matter(tmp_path / "m", many=4)
    learn(pack, folder)
    harm(learned_file("leases"))
    assert evidence(pack, new, embedder) == before
    assert wiring.learned_of(wiring.pack_of(pack)).state == "damaged"
    assert learn(pack, folder)["deposit"].learned
    assert wiring.learned_of(wiring.pack_of(pack)).used == ("deposit",)


def test_what_another_embedder_taught_is_not_used(
    pack: str, new: Path, tmp_path: Path, embedder: OnnxEmbedder
) -> None:
    before = evidence(pack, new, embedder)
    learn(pack, decided_matter(tmp_path / "m", many=4))
    held = usable_learned("leases")
    assert held is not None
    save_learned(learned_file("leases"), Learned(held.pack, "e" * 64, held.corrections, held.bases))
    assert evidence(pack, new, embedder) == before
    assert wiring.learned_of(wiring.pack_of(pack)).outdated == ("deposit",)


def test_a_task_whose_text_changed_does_not_use_what_it_learned(
    pack: str, new: Path, tmp_path: Path, embedder: OnnxEmbedder
) -> None:
    learn(pack, decided_matter(tmp_path / "m", many=4))
    assert ranks(evidence(pack, new, embedder))[0] == caution(13)
    file = Path(pack) / "tasks/deposit.toml"
    file.write_text(FILES["tasks/deposit.toml"].replace("What is held.", "Money held by someone."))
    assert ranks(evidence(pack, new, embedder))[0] == DECOY
    shown = wiring.learned_of(wiring.pack_of(pack))
    assert (shown.state, shown.used, shown.outdated) == ("outdated", (), ("deposit",))


def test_forgetting_forgets(pack: str, new: Path, tmp_path: Path, embedder: OnnxEmbedder) -> None:
    before = evidence(pack, new, embedder)
    learn(pack, decided_matter(tmp_path / "m", many=4))
    assert evidence(pack, new, embedder) != before
    assert wiring.forget(pack, ["rent"]) == ()
    assert evidence(pack, new, embedder) != before
    assert wiring.forget(pack) == ("deposit",)
    assert not learned_file("leases").exists()
    assert evidence(pack, new, embedder) == before
    assert wiring.forget(pack) == ()


def test_learning_one_task_leaves_what_others_learned(pack: str, tmp_path: Path) -> None:
    folder = decided_matter(tmp_path / "m", many=4)
    for number in range(4):
        decide(folder, find(folder, f"lease {number}.txt", AROUND[1], task="rent"), DecisionKind.ACCEPT)
    learn(pack, folder, tasks=("deposit",))
    learn(pack, folder, tasks=("rent",))
    held = usable_learned("leases")
    assert held is not None
    assert set(held.corrections) == {"deposit", "rent"}


def test_the_file_holds_no_words(pack: str, tmp_path: Path) -> None:
    learn(pack, decided_matter(tmp_path / "m", many=4))
    with np.load(learned_file("leases"), allow_pickle=False) as held:
        told = " ".join(str(held[name]) for name in held.files if held[name].dtype.kind in "US")
    assert "deposit" in told
    assert "aution" not in told


def test_nothing_is_changed_by_what_fails(pack: str, tmp_path: Path) -> None:
    folder = decided_matter(tmp_path / "m", many=3)
    learn(pack, folder)
    before = learned_file("leases").read_bytes()
    cancelled = CancelToken()
    cancelled.cancel()
    with pytest.raises(Cancelled):
        wiring.learn(pack, [folder], (), quiet, cancelled)
    with pytest.raises(MatterNotFound):
        learn(pack, tmp_path / "nowhere")
    with pytest.raises(TaskNotFound):
        learn(pack, folder, tasks=("parking",))
    assert learned_file("leases").read_bytes() == before
