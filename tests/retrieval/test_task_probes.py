from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.domain.errors import PackInvalid
from app.domain.ports import IndexedText
from retrieval.task_probes import (
    BUCKETS,
    TEXT_WEIGHT,
    TaskProbes,
    hashed_words,
    presence,
    sentence_features,
)
from tests.review.made import sentences

EMBEDDER = "e" * 64
WIDTH = 3 * 384 + 4


def arrays(**changed: Any) -> dict[str, Any]:
    """Probes of two tasks that like the words "governed" and "assign"; ``changed`` replaces some arrays."""
    words = np.zeros((2, BUCKETS), dtype=np.int8)
    words[0, hashed_words("governed")] = 100
    words[1, hashed_words("assign")] = 100
    return {
        "tasks": np.array(["governing-law", "anti-assignment"]),
        "embedder": np.array(EMBEDDER),
        "dense": np.zeros((2, WIDTH), dtype=np.float16),
        "words": words,
        "words_scale": np.array([0.1, 0.1], dtype=np.float32),
        "bias": np.array([-1.0, -2.0], dtype=np.float32),
        "presence": np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], dtype=np.float32),
        **changed,
    }


def saved(path: Path, **changed: Any) -> Path:
    held = {name: array for name, array in arrays(**changed).items() if array is not None}
    np.savez(path, allow_pickle=True, **held)
    return path


def unfit(indexed: IndexedText) -> NDArray[np.float32]:
    """Sentences that fit the task's text all alike."""
    return np.zeros(len(indexed.sentences), dtype=np.float32)


@pytest.fixture
def probes(tmp_path: Path) -> TaskProbes:
    return TaskProbes.load(saved(tmp_path / "probes.npz"))


def test_a_sentence_scores_by_its_words(probes: TaskProbes) -> None:
    indexed, text = sentences("It is governed by Ohio.", "Rain fell today.", "None may assign it.")
    law = probes.scores("governing-law", indexed, text, unfit(indexed))
    assignment = probes.scores("anti-assignment", indexed, text, unfit(indexed))
    assert law is not None
    assert assignment is not None
    assert int(np.argmax(law.sentences)) == 0
    assert int(np.argmax(assignment.sentences)) == 2
    assert law.sentences[1] == pytest.approx(-1.0)
    words = len(hashed_words("It is governed by Ohio."))
    assert law.sentences[0] == pytest.approx(-1.0 + 10.0 / math.sqrt(words), rel=1e-3)


def test_presence_is_the_calibrated_probability_of_the_best_sentences(probes: TaskProbes) -> None:
    there, text = sentences("It is governed by Ohio.", "Rain fell today.")
    found = probes.scores("governing-law", there, text, unfit(there))
    assert found is not None
    assert found.presence == pytest.approx(1 / (1 + math.exp(-float(found.sentences.max()))))
    gone, text = sentences("Snow fell.", "Rain fell today.")
    missed = probes.scores("governing-law", gone, text, unfit(gone))
    assert missed is not None
    assert missed.presence == pytest.approx(1 / (1 + math.exp(1.0)))


def test_a_task_without_a_probe_has_no_score(probes: TaskProbes) -> None:
    indexed, text = sentences("It is governed by Ohio.")
    assert probes.scores("insurance", indexed, text, unfit(indexed)) is None


def test_probes_of_another_embedder_have_no_score(probes: TaskProbes) -> None:
    indexed, text = sentences("It is governed by Ohio.", embedder="d" * 64)
    assert probes.scores("governing-law", indexed, text, unfit(indexed)) is None


def test_a_document_without_sentences_has_no_score(probes: TaskProbes) -> None:
    indexed, text = sentences()
    assert probes.scores("governing-law", indexed, text, unfit(indexed)) is None


def test_another_document_is_scored_anew(probes: TaskProbes) -> None:
    first, first_text = sentences("It is governed by Ohio.", "Rain fell today.")
    second, second_text = sentences("Rain fell today.", "It is governed by Ohio.")
    for indexed, text, best in ((first, first_text, 0), (second, second_text, 1), (first, first_text, 0)):
        found = probes.scores("governing-law", indexed, text, unfit(indexed))
        assert found is not None
        assert int(np.argmax(found.sentences)) == best


def test_features_hold_a_sentence_its_neighbours_and_its_place() -> None:
    indexed, text = sentences("One two.", "Three four five.", "Six.")
    features = sentence_features(indexed, text)
    vectors = indexed.sentence_vectors
    assert features.dense.shape == (3, WIDTH)
    assert np.array_equal(features.dense[1, :384], vectors[1])
    assert np.array_equal(features.dense[1, 384:768], vectors[0])
    assert np.array_equal(features.dense[1, 768:1152], vectors[2])
    assert not features.dense[0, 384:768].any()
    assert not features.dense[2, 768:1152].any()
    assert features.dense[1, 1152:] == pytest.approx([1 / 2, math.exp(-0.1), 1 / 2, math.log(17) / 7])
    for row, start in enumerate(features.starts):
        end = [*features.starts, len(features.data)][row + 1]
        assert np.square(features.data[start:end]).sum() == pytest.approx(1.0)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_words_are_hashed_alike_whatever_their_case_and_never_to_nothing(text: str) -> None:
    buckets = hashed_words(text)
    assert buckets
    assert buckets == sorted(set(buckets))
    assert all(0 <= bucket < BUCKETS for bucket in buckets)
    ascii_only = text.encode("ascii", "ignore").decode()
    assert hashed_words(ascii_only.upper()) == hashed_words(ascii_only.lower())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=5))
def test_presence_is_a_probability_however_extreme_the_logits(logits: list[float]) -> None:
    weights = np.array([3.0, 2.0, 1.0, -1.0], dtype=np.float32)
    extreme = np.array(logits, dtype=np.float32)
    assert 0 <= presence(extreme, -extreme, weights) <= 1


def test_the_fit_to_the_tasks_text_is_added_and_tells_of_presence_too(tmp_path: Path) -> None:
    presences = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]], dtype=np.float32)
    probes = TaskProbes.load(saved(tmp_path / "probes.npz", presence=presences))
    indexed, text = sentences("Snow fell.", "Rain fell today.")
    fit = np.array([0.0, 4.0], dtype=np.float32)
    plain, fitting = (probes.scores("governing-law", indexed, text, given) for given in (0 * fit, fit))
    assert plain is not None
    assert fitting is not None
    assert fitting.sentences - plain.sentences == pytest.approx(TEXT_WEIGHT * fit)
    assert fitting.presence == pytest.approx(1 / (1 + math.exp(-4)))


WRONG: dict[str, dict[str, Any]] = {
    "no tasks": {"tasks": None},
    "no embedder": {"embedder": None},
    "no scale": {"words_scale": None},
    "a scale that is a single figure": {"words_scale": np.float32(1.0)},
    "a task too few": {"tasks": np.array(["governing-law"])},
    "directions of one task only": {"dense": np.zeros((1, WIDTH), dtype=np.float16)},
    "a flat direction": {"dense": np.zeros(WIDTH, dtype=np.float16)},
    "words in other buckets": {"words": np.zeros((2, 99), dtype=np.int8)},
    "a bias too many": {"bias": np.zeros(3, dtype=np.float32)},
    "another calibration": {"presence": np.zeros((2, 2), dtype=np.float32)},
    "words where figures should be": {"dense": np.array([["a"], ["b"]])},
    "an object that would be run when it is read": {"bias": np.array([print, print])},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_hold_probes_is_an_error_of_the_pack(tmp_path: Path, wrong: str) -> None:
    path = saved(tmp_path / "probes.npz", **WRONG[wrong])
    with pytest.raises(PackInvalid) as error:
        TaskProbes.load(path)
    assert error.value.message == "probes.npz does not hold task probes."
    assert error.value.hint


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "one array", "cut", "flipped"])
def test_a_damaged_file_of_probes_is_an_error_of_the_pack(tmp_path: Path, damage: str) -> None:
    path = saved(tmp_path / "probes.npz")
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "one array":
        np.save(tmp_path / "array.npy", np.zeros(3))
        path.write_bytes((tmp_path / "array.npy").read_bytes())
    else:
        middle = len(content) // 2
        flipped = content[:middle] + bytes(byte ^ 0xFF for byte in content[middle:])
        path.write_bytes(
            {"empty": b"", "text": b"tasks = 2", "cut": content[:middle], "flipped": flipped}[damage]
        )
    with pytest.raises(PackInvalid):
        TaskProbes.load(path)


def test_probes_from_before_there_were_lists_have_no_gates(probes: TaskProbes) -> None:
    assert probes.gate("governing-law") is None


def test_a_gate_comes_with_the_recall_that_was_measured_for_it(tmp_path: Path) -> None:
    gates = np.array([[-1.5, 0.97], [np.nan, np.nan]], dtype=np.float32)
    held = TaskProbes.load(saved(tmp_path / "probes.npz", gates=gates))
    assert held.gate("governing-law") == pytest.approx((-1.5, 0.97))
    assert held.gate("anti-assignment") is None
    assert held.gate("parties") is None


def test_gates_that_are_not_one_a_task_are_no_probes(tmp_path: Path) -> None:
    with pytest.raises(PackInvalid):
        TaskProbes.load(saved(tmp_path / "probes.npz", gates=np.zeros((1, 2), dtype=np.float32)))
