"""The next plan, where one did not hold: fewer layers on the GPU, then shorter texts, then the processor.

What a header and a driver tell is a forecast. Memory is taken by others between the forecast and the start,
drivers keep some for themselves, and a device can be lost. Each further plan is drawn up from the machine as
it then is, takes less than the one before, and says what became of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from app.domain.base import Frozen
from app.domain.errors import ModelDoesNotFit
from models.gguf import read_gguf
from models.gguf_model import GgufModel
from models.machine import Machine, this_machine
from models.run_plan import (
    CONTEXT,
    FEW_SEQUENCES,
    LEAST_CONTEXT,
    SMALL_BATCH,
    Bounds,
    RunPlan,
    bounded,
    planned,
)

MOST_PLANS = 8
"""So many are tried, the first one with them."""

LEAST_SHARE = 4
"""Layers on the GPU are halved until less than a quarter of the model is there; then it is not worth it."""

Cause = Literal["memory", "refused", "device", "died"]
"""``refused``: llama.cpp did not start and did not speak of memory. ``died``: the process ended over it."""

_WHAT = MappingProxyType(
    {
        "memory": "ran out of memory",
        "refused": "was not taken by llama.cpp",
        "device": "failed while it computed",
        "died": "ended the engine",
    }
)
_WHY_NO_GPU = MappingProxyType(
    {
        "memory": "{} ran out of memory",
        "refused": "llama.cpp did not start on {}",
        "device": "{} failed while it computed",
        "died": "the engine ended while {} was used",
    }
)


class Failure(Frozen):
    """A plan that did not hold. ``at`` is in UTC."""

    plan: RunPlan
    cause: Cause
    at: datetime


Plans = Callable[[Path, str, Sequence[Failure]], RunPlan]
"""The plan for a file under a title, after these failures. Raises as ``plan_after`` does."""


def plan_here(file: Path, title: str, context: int = CONTEXT) -> RunPlan:
    """The first plan for this file on this machine, now. Raises what ``plan_after`` raises."""
    return _that_fits(planned(read_gguf(file), title, this_machine(), context))


def plan_after(file: Path, title: str, failures: Sequence[Failure]) -> RunPlan:
    """For this file on this machine, now. Raises ModelHeaderInvalid, and ModelDoesNotFit in words."""
    model, machine = read_gguf(file), this_machine()
    if not failures:
        return _that_fits(planned(model, title, machine))
    plan = after(failures, model, title, machine)
    if plan is None:
        raise none_left(failures, title)
    return plan


def after(failures: Sequence[Failure], model: GgufModel, title: str, machine: Machine) -> RunPlan | None:
    """The largest plan below the one that failed last which fits this machine; None if there is none."""
    if len(failures) >= MOST_PLANS:
        return None
    first, last = failures[0], failures[-1]
    instead = f"this is plan {len(failures) + 1}, since the first ({_where(first.plan)}) {_WHAT[first.cause]}"
    below = _below(last, first.plan.context, model.takes_8_bits)
    plans = (bounded(model, title, machine, bounds, instead) for bounds in below)
    return next((plan for plan in plans if plan.fits), None)


def none_left(failures: Sequence[Failure], title: str) -> ModelDoesNotFit:
    """What there is to say when no plan is left."""
    last = failures[-1]
    return ModelDoesNotFit(
        f"{title} does not run here: the last of {len(failures)} plans that were tried, {_where(last.plan)}, "
        f"{_WHAT[last.cause]}.",
        "Close other programmes, or use a smaller model.",
    )


def _below(failed: Failure, context: int, eight_bits: bool) -> Iterator[Bounds]:
    """Bounds that ask for less and less. ``context`` is what the processor begins with."""
    plan = failed.plan
    held = Bounds(
        context=plan.context,
        batch=plan.batch,
        sequences=plan.sequences,
        kv_bits=plan.kv_bits,
        gpu_layers=plan.gpu_layers,
        no_gpu=plan.no_gpu,
    )
    if plan.gpu_layers:
        if failed.cause in ("memory", "refused"):  # a device that failed is not asked again
            yield from _less_on_gpu(plan, held)
        reason = _WHY_NO_GPU[failed.cause].format(plan.back_end)
        held = Bounds(context=context, no_gpu=reason)
        yield held
    yield from _less_text(held, eight_bits)


def _less_on_gpu(plan: RunPlan, held: Bounds) -> Iterator[Bounds]:
    if plan.gpu_layers > max(1, plan.layers // LEAST_SHARE):
        held = held.model_copy(update={"gpu_layers": plan.gpu_layers // 2})
        yield held
    short = {"context": min(LEAST_CONTEXT, plan.context), "sequences": min(FEW_SEQUENCES, plan.sequences)}
    if held.context > short["context"] or held.sequences > short["sequences"]:
        yield held.model_copy(update=short)


def _less_text(held: Bounds, eight_bits: bool) -> Iterator[Bounds]:
    """On the processor. 8 bits come last: they read more slowly (ADR 0020) and move the figures a little."""
    if held.context > LEAST_CONTEXT:
        held = held.model_copy(update={"context": LEAST_CONTEXT})
        yield held
    if held.sequences > FEW_SEQUENCES or held.batch > SMALL_BATCH:
        held = held.model_copy(update={"sequences": FEW_SEQUENCES, "batch": SMALL_BATCH})
        yield held
    if held.kv_bits == 16 and eight_bits:
        yield held.model_copy(update={"kv_bits": 8})


def _where(plan: RunPlan) -> str:
    """In few words."""
    if not plan.gpu_layers:
        where = "the processor"
    elif plan.gpu_layers == plan.layers:
        where = f"{plan.back_end} with all {plan.layers} layers"
    else:
        where = f"{plan.back_end} with {plan.gpu_layers} of {plan.layers} layers"
    bits = "" if plan.kv_bits == 16 else f" kept in {plan.kv_bits} bits"
    return f"{where}, a context of {plan.context:,}{bits}"


def _that_fits(plan: RunPlan) -> RunPlan:
    if not plan.fits:
        raise ModelDoesNotFit(plan.sentence, "Close other programmes, or use a smaller model.")
    return plan
