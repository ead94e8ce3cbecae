"""A plan that does not hold is followed by a smaller one, which says so; and there is an end to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.machine import Machine
from models.replanning import MOST_PLANS, Cause, Failure, after, none_left
from models.run_plan import CONTEXT, FEW_SEQUENCES, LEAST_CONTEXT, SMALL_BATCH, RunPlan, planned
from models.run_record import RunRecord
from tests.conftest import ROOT
from tests.models.gguf_made import tiny_llama
from tests.models.starved import SHA256
from tests.models.test_run_plan import BROKEN, GB, card, machine, seven_billion

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def failed(plan: RunPlan, cause: Cause = "memory") -> Failure:
    return Failure(plan=plan, cause=cause, at=NOW)


def all_after(first: RunPlan, seen: Machine, causes: Sequence[Cause] = ("memory",) * 20) -> list[RunPlan]:
    """The plans that follow, each after the one before did not hold either."""
    failures, plans = [failed(first, causes[0])], []
    for cause in causes[1:]:
        plan = after(failures, seven_billion(), "eight", seen)
        if plan is None:
            break
        plans.append(plan)
        failures.append(failed(plan, cause))
    return plans


def test_first_fewer_layers_then_shorter_texts_then_the_processor() -> None:
    seen = machine(16 * GB, card(12 * GB))
    plans = all_after(planned(seven_billion(), "eight", seen), seen)
    assert [(p.gpu_layers, p.context, p.sequences, p.batch, p.kv_bits) for p in plans] == [
        (16, CONTEXT, 8, 512, 16),
        (8, CONTEXT, 8, 512, 16),
        (8, LEAST_CONTEXT, FEW_SEQUENCES, 512, 16),
        (0, CONTEXT, 8, 512, 16),
        (0, LEAST_CONTEXT, 8, 512, 16),
        (0, LEAST_CONTEXT, FEW_SEQUENCES, SMALL_BATCH, 16),
        (0, LEAST_CONTEXT, FEW_SEQUENCES, SMALL_BATCH, 8),
    ]
    assert len(plans) < MOST_PLANS


def test_the_sentence_says_what_became_of_the_first_plan() -> None:
    seen = machine(16 * GB, card(12 * GB))
    plans = all_after(planned(seven_billion(), "eight", seen), seen)
    assert plans[0].sentence.startswith(
        "eight runs on CUDA (A card), 16 of 33 layers, the others on the processor with 8 threads, with a"
    )
    assert plans[0].sentence.endswith(
        "; this is plan 2, since the first (CUDA with all 33 layers, a context of 4,096) ran out of memory."
    )
    assert plans[3].sentence.endswith(
        "; no GPU is used because CUDA ran out of memory; this is plan 5, since the first "
        "(CUDA with all 33 layers, a context of 4,096) ran out of memory."
    )
    assert "a context of 2,048 kept in 8 bits" in plans[-1].sentence


@pytest.mark.parametrize(
    ("cause", "why"),
    [("device", "CUDA failed while it computed"), ("died", "the engine ended while CUDA was used")],
)
def test_a_device_that_failed_is_not_asked_again(cause: Cause, why: str) -> None:
    seen = machine(16 * GB, card(12 * GB))
    plan = all_after(planned(seven_billion(), "eight", seen), seen, (cause, "memory"))[0]
    assert (plan.gpu_layers, plan.context, plan.no_gpu, plan.hidden) == (0, CONTEXT, why, ("cuda",))


def test_the_machine_is_looked_at_again_for_each_plan() -> None:
    first = planned(seven_billion(), "eight", machine(16 * GB, card(12 * GB)))
    now = after([failed(first)], seven_billion(), "eight", machine(16 * GB, BROKEN))
    assert now is not None
    assert now.no_gpu == "CUDA is built in, but its driver did not answer within 30 seconds"
    less = after([failed(first)], seven_billion(), "eight", machine(16 * GB, card(3 * GB)))
    assert less is not None
    assert 0 < less.gpu_layers < 16


def test_a_plan_that_does_not_fit_by_its_figures_is_passed_over() -> None:
    roomy = machine(16 * GB)
    first = planned(seven_billion(), "eight", roomy)
    short = machine(all_after(first, roomy)[1].in_memory)
    plan = after([failed(first)], seven_billion(), "eight", short)
    assert plan is not None
    assert (plan.batch, plan.context) == (SMALL_BATCH, LEAST_CONTEXT)
    assert after([failed(first)], seven_billion(), "eight", machine(GB)) is None


def test_when_no_plan_is_left_the_last_one_is_named() -> None:
    seen = machine(16 * GB)
    first = planned(seven_billion(), "eight", seen)
    plans = [first, *all_after(first, seen)]
    assert none_left([failed(plan) for plan in plans], "eight").message == (
        "eight does not run here: the last of 4 plans that were tried, the processor, a context of 2,048 "
        "kept in 8 bits, ran out of memory."
    )


@given(
    st.integers(0, 40 * GB),
    st.integers(0, 40 * GB),
    st.booleans(),
    st.lists(st.sampled_from(["memory", "refused", "device", "died"]), min_size=20, max_size=20),
)
def test_each_plan_takes_less_than_one_before_and_there_is_an_end(
    free: int, on_card: int, shared: bool, causes: list[Cause]
) -> None:
    seen = machine(free, card(on_card, shared=shared))
    plans = all_after(planned(seven_billion(), "eight", seen), seen, causes)
    assert len(plans) < MOST_PLANS
    tried = [planned(seven_billion(), "eight", seen), *plans]
    taken = [(p.gpu_layers, p.context, p.sequences, p.batch, p.kv_bits) for p in tried]
    assert len(set(taken)) == len(taken)
    assert all(later[0] <= earlier[0] for earlier, later in pairwise(taken))
    assert all(plan.fits and plan.instead and plan.sentence.endswith(".") for plan in plans)


def starved(file: Path, folder: Path, *figures: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.models.starved", file, folder, *map(str, figures)],
        cwd=ROOT,
        env={**os.environ, "MALLOC_ARENA_MAX": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """64 MiB of keys and values at a context of 32,768, and rows of logits of 64 kB."""
    marks = ["<|im_start|>", "<|im_end|>", *(f"<|{n}|>" for n in range(16_000))]
    model = tiny_llama(layers=32, markers=marks, context=32_768)
    return model.write(tmp_path_factory.mktemp("deep") / "deep.gguf")


FIRST = "this is plan 2, since the first (the processor, a context of 32,768) ran out of memory."


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bounds a process by its address space")
def test_where_memory_runs_out_at_the_start_a_smaller_plan_answers_the_same(
    deep: Path, tmp_path: Path
) -> None:
    more, less = (starved(deep, tmp_path / str(context), context, 0, 0) for context in (32_768, 2048))
    assert more["peak"] - less["peak"] > 30 << 20
    bound = starved(deep, tmp_path / "bound", 32_768, (more["peak"] + less["peak"]) // 2, 0)
    assert bound["context"] == 2048
    assert bound["sentence"].endswith(FIRST)
    assert bound["scores"] == pytest.approx(less["scores"], abs=1e-4)
    (known,) = RunRecord(tmp_path / "bound", SHA256).failures()
    assert (known.cause, known.plan.context) == ("memory", 32_768)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bounds a process by its address space")
def test_where_memory_runs_out_while_reading_what_was_asked_is_asked_again(
    deep: Path, tmp_path: Path
) -> None:
    free = starved(deep, tmp_path / "free", 32_768, 0, 1 << 40)
    bound = starved(deep, tmp_path / "bound", 32_768, 0, 4 << 20)
    assert (free["context"], bound["context"]) == (32_768, 2048)
    assert bound["sentence"].endswith(FIRST)
    assert bound["scores"] == pytest.approx(free["scores"], abs=1e-2)


def test_eight_bits_are_offered_only_where_heads_are_whole_blocks() -> None:
    roomy = machine(16 * GB)
    odd = seven_billion(key_length=72, value_length=72)
    failures = [failed(planned(odd, "odd", roomy))]
    while (plan := after(failures, odd, "odd", roomy)) is not None:
        failures.append(failed(plan))
    assert [one.plan.kv_bits for one in failures] == [16, 16, 16]
    wide = seven_billion()
    assert wide.text_memory(4096, 1, 8) * 32 == wide.text_memory(4096) * 17
