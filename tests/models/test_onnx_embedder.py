from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.domain.errors import ModelDamaged
from models.onnx_embedder import FOLDER, OnnxEmbedder

REFERENCE = Path(__file__).parent / "fixtures/minilm_reference.npz"


def test_the_int8_model_stays_close_to_the_original() -> None:
    held = np.load(REFERENCE)
    sentences = [str(sentence) for sentence in held["sentences"]]
    together = OnnxEmbedder().embed(sentences)
    alone = np.vstack([OnnxEmbedder().embed([sentence]) for sentence in sentences[:4]])
    for found in (together, alone):
        likeness = (found * held["vectors"][: len(found)]).sum(1)
        assert likeness.mean() >= 0.99
        assert likeness.min() >= 0.98


def test_vectors_are_of_unit_length_and_follow_their_texts() -> None:
    vectors = OnnxEmbedder().embed(["a short one", "a longer one that says more " * 30, "a short one"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert float(vectors[0] @ vectors[2]) > 0.999 > float(vectors[0] @ vectors[1])
    assert OnnxEmbedder().embed([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_how_many_cores_there_are() -> None:
    texts = [f"The fee of service {number} is due. " * (1 + number % 7) for number in range(40)]
    assert np.array_equal(OnnxEmbedder(threads=1).embed(texts), OnnxEmbedder(threads=4).embed(texts))


def test_a_changed_model_file_is_refused(tmp_path: Path) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    content = bytearray((tmp_path / "model.onnx").read_bytes())
    content[-1] ^= 1
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ModelDamaged):
        OnnxEmbedder(tmp_path).embed(["words"])
