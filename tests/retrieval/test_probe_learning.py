"""A probe learned from gold finds what it was taught on documents it was not taught, or is not kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.domain.spans import Span
from retrieval.learning import out_of_fold
from retrieval.probe_learning import (
    FEWEST_ABSENT,
    FEWEST_PLACES,
    FEWEST_PRESENT,
    MANY_PRESENT,
    STRENGTH,
    Case,
    probe_of,
)
from retrieval.task_probes import TEXT_WEIGHT, TaskProbes, save_probes
from tests.retrieval.test_learning import lesson

EMBEDDER = "e" * 64
QUICK = replace(STRENGTH, rows=100)


def case(number: int, right: int | None = 2, many: int = 200) -> Case:
    """Of a document longer than the evidence; its text's fit says nothing of any sentence."""
    held = lesson(number, right=right, answers=right is not None, many=many)
    fit = np.full(many, -3.0, dtype=np.float32)
    gold = () if right is None else (held.sentences[right].span,)
    return Case(replace(held, base=TEXT_WEIGHT * fit), fit, gold, (None,) * many)


def cases(present: int, absent: int) -> list[Case]:
    there = [case(number, right=150 + number) for number in range(present)]
    return [*there, *(case(100 + number, right=None) for number in range(absent))]


def test_what_gold_teaches_is_found_in_other_documents_and_survives_the_file(tmp_path: Path) -> None:
    tried = probe_of(cases(8, 2))
    assert (tried.before, tried.after, tried.reason) == (0.0, 1.0, None)
    assert tried.probe is not None
    save_probes(tmp_path / "probes.npz", EMBEDDER, {"rain": tried.probe})
    held = TaskProbes.load(tmp_path / "probes.npz")
    assert held.tasks == ("rain",)
    assert not held.tells_presence("rain")
    first = (tmp_path / "probes.npz").read_bytes()
    save_probes(tmp_path / "probes.npz", EMBEDDER, {"rain": held.probe("rain")})
    assert (tmp_path / "probes.npz").read_bytes() == first


def test_presence_is_told_from_enough_of_both_or_from_many_that_have_it() -> None:
    for present, absent, told in (
        (FEWEST_PRESENT - 1, FEWEST_ABSENT, False),
        (FEWEST_PRESENT, FEWEST_ABSENT - 1, False),
        (FEWEST_PRESENT, FEWEST_ABSENT, True),
        (MANY_PRESENT, 0, True),
    ):
        tried = probe_of(cases(present, absent), QUICK)
        assert tried.presence is told
        assert tried.probe is not None
        assert bool(np.isfinite(tried.probe.presence).all()) is told


def test_too_few_cases_or_one_group_alone_teach_nothing() -> None:
    tried = probe_of(cases(FEWEST_PLACES - 1, 5))
    assert tried.probe is None
    assert (
        tried.reason == f"It needs {FEWEST_PLACES} documents with right words, and has {FEWEST_PLACES - 1}."
    )
    alike = [replace(one, lesson=replace(one.lesson, group="drafts")) for one in cases(6, 0)]
    assert probe_of(alike).probe is None


def test_a_group_is_never_scored_by_what_it_taught() -> None:
    grouped = [replace(one.lesson, group="drafts") for one in cases(4, 0)]
    for unseen, one in zip(out_of_fold(grouped), grouped, strict=True):
        assert (unseen == one.base).all()
    others = out_of_fold([*grouped, *(one.lesson for one in cases(8, 0)[4:])])
    assert all((unseen != one.base).any() for unseen, one in zip(others, grouped, strict=False))


def test_gold_outside_every_sentence_says_nothing_of_the_others() -> None:
    lost = [_outside(case(60 + number, right=None)) for number in range(3)]
    few, more = probe_of(cases(6, 0)), probe_of([*cases(6, 0), *lost])
    assert (few.before, few.after, more.before, more.after) == (0.0, 1.0, 0.0, 1.0)
    assert probe_of(lost).reason == f"It needs {FEWEST_PLACES} documents with right words, and has 0."


def _outside(one: Case) -> Case:
    unknown = np.zeros_like(one.lesson.known)
    lesson_of_nothing = replace(one.lesson, known=unknown, answers=True)
    return replace(one, lesson=lesson_of_nothing, gold=(Span(1_000_000, 1_000_009),))
