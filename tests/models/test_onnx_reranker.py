from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import ModelDamaged
from models.onnx_reranker import FOLDER, OnnxReranker

QUESTION = "What did the company pay for acquisitions in fiscal 2019?"
ANSWER = "In 2019 we acquired three businesses for cash of $41.5 million, net of cash acquired."
OTHERS = (
    "The company pays its directors an annual fee in fiscal quarters.",
    "Governing law. This Agreement is governed by the laws of Delaware.",
    "Basis of presentation " + "and principles of consolidation " * 40,
)


def test_the_passage_that_answers_scores_best_wherever_it_stands() -> None:
    reranker = OnnxReranker()
    for place in range(len(OTHERS) + 1):
        texts = [*OTHERS[:place], ANSWER, *OTHERS[place:]]
        assert int(reranker.scores(QUESTION, texts).argmax()) == place


def test_no_texts_have_no_scores_and_endless_ones_have_one() -> None:
    reranker = OnnxReranker()
    assert reranker.scores("anything", []).shape == (0,)
    assert reranker.scores("many words " * 500, ["longer still " * 5000, ""]).shape == (2,)


def test_a_changed_model_file_is_refused(tmp_path: Path) -> None:
    content = bytearray((FOLDER / "model.onnx").read_bytes())
    content[-1] ^= 1
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ModelDamaged):
        OnnxReranker(tmp_path).scores("words", ["more words"])
