"""What decisions teach is a fit that can be checked, and as strong as there are decisions."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain.ports import IndexedText
from app.domain.spans import Span
from app.domain.text import Sentence
from retrieval.learning import (
    MOST_ROWS,
    Lesson,
    Strength,
    _rows_of,  # pyright: ignore[reportPrivateUsage]
    fitted,
    fitted_presence,
    found_inside,
    out_of_fold,
    posterior_mode,
    presence_shape,
)
from retrieval.task_probes import sentence_features

WORDS = ("apple pie is sweet", "the sky was grey", "rain fell on stone", "a red car drove by")


def lesson(number: int, right: int | None = 2, answers: bool | None = True, many: int = 12) -> Lesson:
    """The right sentence alone speaks of rain; every vector but its own is noise."""
    rng = np.random.default_rng(number)
    texts = [f"{WORDS[place % 2]} {place}." for place in range(many)]
    vectors = rng.normal(size=(many, 8)).astype(np.float32)
    marks = np.zeros(many, dtype=bool)
    if right is not None:
        texts[right], marks[right] = f"{WORDS[2]} {number}.", True
        vectors[right] = np.eye(8)[0] * 3
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    sentences: list[Sentence] = []
    start = 0
    for ordinal, text in enumerate(texts):
        sentences.append(Sentence(ordinal=ordinal, page=1, span=Span(start, start + len(text))))
        start += len(text) + 1
    indexed = IndexedText(f"d{number}", "e", tuple(sentences), (), vectors, vectors[:0])
    base = np.full(many, -3.0, dtype=np.float32)
    known = np.ones(many, dtype=bool)
    features = sentence_features(indexed, " ".join(texts))
    return Lesson(f"d{number}", tuple(sentences), features, base, marks, known, answers)


def test_the_mode_is_where_likelihood_and_prior_pull_alike() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 200))
    right = (rng.random(40) < 0.3).astype(float)
    mean, weight = rng.normal(size=40), np.where(right, 1.0, 0.5)
    prior = rows @ rows.T
    dual = posterior_mode(prior, mean, right, weight)
    pull = weight * (right - 1.0 / (1.0 + np.exp(-(mean + prior @ dual))))
    assert np.abs(dual - pull).max() < 1e-3


@pytest.mark.parametrize("size", [1e-3, 1e3])
def test_the_mode_is_found_for_scores_of_any_size(size: float) -> None:
    right = np.array([1.0, 0.0, 0.0, 1.0])
    dual = posterior_mode(np.eye(4) * size, np.array([-30.0, 30.0, -5.0, 5.0]), right, np.ones(4))
    assert np.isfinite(dual).all()
    assert (np.sign(dual) == [1, -1, -1, 1]).all()


def test_other_documents_places_are_found_after_some_decisions() -> None:
    new = lesson(99, right=7)
    ranks: list[int] = []
    for many in (1, 4, 12):
        logits = fitted([lesson(number) for number in range(many)]).logits(new.base, new.features)
        ranks.append(int(np.argmax(logits)))
        assert logits.shape == new.base.shape
    assert ranks == [7, 7, 7]


def test_more_decisions_move_a_score_further() -> None:
    new = lesson(99, right=7)
    lead: list[float] = []
    for many in (1, 4, 16):
        logits = fitted([lesson(number) for number in range(many)]).logits(new.base, new.features)
        lead.append(float(logits[7] - np.delete(logits, 7).max()))
    assert lead == sorted(lead)


def test_a_narrow_prior_leaves_scores_as_they_were() -> None:
    tight = Strength(own=1e-4, near=1e-4, words=1e-4, slope=1e-4, bias=1e-4)
    new = lesson(99)
    correction = fitted([lesson(number) for number in range(5)], tight)
    assert np.allclose(correction.logits(new.base, new.features), new.base, atol=1e-3)


def test_no_lesson_is_scored_by_what_it_taught() -> None:
    lessons = [lesson(number) for number in range(8)]
    spoiled = [*lessons[:-1], lesson(7, right=5)]
    for place, (one, other) in enumerate(zip(out_of_fold(lessons), out_of_fold(spoiled), strict=True)):
        if place == 7:
            mine = fitted(lessons[:7]).logits(spoiled[7].base, spoiled[7].features)
            assert np.argmax(other) == np.argmax(mine) == 5
        else:
            assert one.shape == other.shape


def test_lessons_with_nothing_known_and_without_sentences_do_no_harm() -> None:
    from dataclasses import replace

    nothing = lesson(5, right=None)
    nothing = replace(nothing, known=np.zeros_like(nothing.known))
    lessons = [lesson(0), lesson(1), lesson(2), nothing]
    assert [len(one) for one in out_of_fold(lessons)] == [12, 12, 12, 12]
    bare = [lesson(number, right=None, answers=False) for number in range(4)]
    assert all((one == -3).all() for one in out_of_fold(bare))


def test_rows_are_bounded_however_many_documents_there_are() -> None:
    whole = lesson(0, many=200)
    for many in (1, 20, 200, 2000):
        rows = _rows_of(whole, MOST_ROWS / many, 0)
        assert 2 in rows
        assert len(set(rows.tolist())) == len(rows)
        assert (len(rows) - 1) * many <= max(MOST_ROWS, many)


def test_share_and_rank_are_of_the_right_sentences() -> None:
    one = lesson(0, many=12)
    logits = -np.arange(12, dtype=np.float32)
    assert found_inside(one, logits, 10_000) == (1.0, pytest.approx(1 / 3))
    assert found_inside(one, logits, 20) == (0.0, pytest.approx(1 / 3))


def test_presence_is_told_by_the_best_scores() -> None:
    shapes = np.array([presence_shape(np.array([z, z - 1, z - 2])) for z in (3, 2, 3, -3, -2, -3)])
    answers = np.array([True, True, True, False, False, False])
    weights = fitted_presence(shapes, answers)
    assert (shapes @ weights > 0).tolist() == answers.tolist()
