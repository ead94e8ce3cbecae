from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.onnx_embedder import OnnxEmbedder
from retrieval.query_adapter import QueryAdapter

ASKED = (
    (
        "What happens if we pay late?",
        "Overdue amounts bear interest at one percent per month until they are received.",
        "Payment terms are described in the order form that the parties have signed.",
    ),
    (
        "Who may end the lease early?",
        "The tenant can give up the premises before the term is over by three months' written notice.",
        "The lease of the premises begins on the first of May and was registered early.",
    ),
    (
        "How many people did the company employ at year end?",
        "Headcount stood at 4,210 on 31 December, 3 % below the figure of the year before.",
        "People at the company value year-end celebrations and the company's history.",
    ),
    (
        "Can they sell our data?",
        "Recipient shall not disclose or transfer for value any Customer Information to third parties.",
        "They can call our data centre on working days to ask for the sales team.",
    ),
)


@pytest.fixture(scope="module")
def adapter() -> QueryAdapter:
    return QueryAdapter.load()


def test_questions_move_towards_what_answers_them_more_than_towards_what_sounds_like_them(
    adapter: QueryAdapter,
) -> None:
    embedder = OnnxEmbedder()
    gained: list[float] = []
    for question, answer, other in ASKED:
        query, right, wrong = embedder.embed([question, answer, other])
        moved = adapter.adapted(query, embedder.identity)
        assert np.linalg.norm(moved) == pytest.approx(1.0, abs=1e-5)
        gained.append(float((moved - query) @ (right - wrong)))
    assert sum(gained) > 0
    assert sum(gain > 0 for gain in gained) > len(gained) / 2


def test_vectors_of_another_embedder_stay_as_they_are(adapter: QueryAdapter) -> None:
    vector = np.full(384, 384**-0.5, dtype=np.float32)
    assert adapter.adapted(vector, "f" * 64) is vector
    short = np.ones(1, dtype=np.float32)
    assert adapter.adapted(short, adapter.embedder) is short


def test_a_file_that_holds_no_square_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "moves.npz"
    np.savez(file, embedder=np.array("e"), moves=np.zeros((2, 3)))
    with pytest.raises(ValueError, match="does not hold a square"):
        QueryAdapter.load(file)
