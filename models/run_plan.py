"""What of a model runs where on a machine, told by its header before llama.cpp is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from app.domain.base import Frozen
from models.backends import BackEnd, Device
from models.gguf_model import CELLS, F32, GgufModel
from models.machine import Machine

CONTEXT = 4096
"""Tokens of prompt and answer together; evidence is bounded, so more is never asked for."""

LEAST_CONTEXT = 2048
"""What Pincite's prompts need."""

BATCH = 512
SEQUENCES = 8
"""Texts that are held at once: two that stay and what forks from them."""

FEW_SEQUENCES = 5
"""The same for a model that remembers a text by a state, since each text has one of its own."""

SMALL_BATCH = 128
"""Where memory is short: the logits of a batch are most of what a small model computes in."""

PROGRAMME = 350 << 20
"""Bytes of the engine itself: Python, the embedder, the index's libraries."""

GPU_SPARE = 512 << 20
"""Bytes left free on a card, for its driver and whoever else draws on it."""


class Need(Frozen):
    """Bytes. ``text`` is what the model remembers a text by: keys and values, states."""

    weights: int
    text: int
    buffers: int
    programme: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.text + self.buffers + self.programme


class Bounds(Frozen):
    """What a plan takes at most. ``gpu_layers`` None: as many as fit; ``no_gpu``: why there may be none."""

    context: int = Field(default=CONTEXT, ge=1)
    batch: int = BATCH
    sequences: int = SEQUENCES
    kv_bits: Literal[8, 16] = 16
    gpu_layers: int | None = None
    no_gpu: str = ""


class RunPlan(Frozen):
    """How llama.cpp is started. ``layers`` counts the output as one, as llama.cpp does.

    ``hidden`` are back ends that this process must not wake. ``in_memory`` and ``on_gpu`` are bytes, the
    latter a card's own. ``no_gpu`` says why no GPU is used, and is empty if one is. ``instead`` says what
    became of the first plan, and is empty in that one.
    """

    context: int = Field(ge=1)
    batch: int = BATCH
    sequences: int = SEQUENCES
    kv_bits: Literal[8, 16] = 16
    threads: int = Field(ge=1)
    layers: int
    gpu_layers: int = 0
    back_end: str = ""
    hidden: tuple[str, ...] = ()
    need: Need
    in_memory: int
    on_gpu: int = 0
    fits: bool
    no_gpu: str = ""
    instead: str = ""
    sentence: str


def planned(model: GgufModel, title: str, machine: Machine, context: int = CONTEXT) -> RunPlan:
    """With ``context``, halved until it fits; where not even the least does, ``fits`` is false."""
    plan = bounded(model, title, machine, Bounds(context=min(context, model.context)))
    while not plan.fits and plan.context > LEAST_CONTEXT:
        plan = bounded(model, title, machine, Bounds(context=max(LEAST_CONTEXT, plan.context // 2)))
    return plan


def bounded(model: GgufModel, title: str, machine: Machine, bounds: Bounds, instead: str = "") -> RunPlan:
    """The one plan within these bounds; ``fits`` says whether the machine's memory takes it."""
    sequences = min(bounds.sequences, FEW_SEQUENCES) if any(model.state_layers) else bounds.sequences
    need = Need(
        weights=model.weights,
        text=model.text_memory(bounds.context, sequences, bounds.kv_bits),
        buffers=buffers(model, bounds.context, bounds.batch),
        programme=PROGRAMME,
    )
    works = None if bounds.no_gpu else next((one for one in machine.back_ends if one.state == "works"), None)
    devices = _devices(works)
    by_layer = tuple(
        model.layer_bytes[n] + model.layer_memory(n, bounds.context, sequences, bounds.kv_bits)
        for n in range(model.layers)
    )
    layers, on_gpu, moved = _offloaded(model, by_layer, need.buffers, devices, bounds.gpu_layers)
    own_memory = bool(devices) and not devices[0].shared_memory
    in_memory = need.total - (moved if own_memory else 0)
    draft = RunPlan(
        context=bounds.context,
        batch=bounds.batch,
        sequences=sequences,
        kv_bits=bounds.kv_bits,
        threads=machine.cores,
        layers=model.layers + 1,
        gpu_layers=layers,
        back_end=works.name if works and layers else "",
        hidden=tuple(one.key for one in machine.back_ends if one is not works or not layers),
        need=need,
        in_memory=in_memory,
        on_gpu=on_gpu if own_memory else 0,
        fits=in_memory <= machine.memory_free,
        no_gpu="" if layers else bounds.no_gpu or _why_not(machine, works, devices),
        instead=instead,
        sentence="",
    )
    return draft.model_copy(update={"sentence": _sentence(title, draft, devices, machine.memory_free)})


def buffers(model: GgufModel, context: int, batch: int) -> int:
    """Bytes that llama.cpp reserves at most to compute a batch.

    The logits of a batch (batch × vocabulary × 4), or the widest step of one layer if that is more: attention
    scores and their mask (batch × context × (heads + 1) × 4), which are not kept where llama.cpp takes flash
    attention, as it does wherever it can; and a few rows of activations. Checked against llama.cpp's own
    words in the tests.
    """
    logits = batch * (model.vocabulary + model.embedding) * F32
    cells = -(-context // CELLS) * CELLS
    scores = batch * cells * (max(model.heads) + 1) * F32 if any(model.attention_layers) else 0
    return max(logits, scores) + 8 * batch * model.embedding * F32


def _devices(back_end: BackEnd | None) -> tuple[Device, ...]:
    """Those that llama.cpp takes: cards, or one GPU without memory of its own where there is no card."""
    found = back_end.devices if back_end else ()
    return tuple(one for one in found if not one.shared_memory) or found[:1]


def _offloaded(
    model: GgufModel, by_layer: Sequence[int], computing: int, devices: Sequence[Device], most: int | None
) -> tuple[int, int, int]:
    """Layers on the GPU, ``most`` at most; bytes there; bytes that the machine's memory is spared.

    llama.cpp moves the output first, then layers from the last one on (``i_gpu_start`` in llama-model.cpp).
    """
    room = sum(max(0, one.free - max(GPU_SPARE, one.total // 20) - computing) for one in devices)
    layers = taken = spared = 0
    output = (model.output_bytes + model.repeated_bytes, model.output_bytes)
    for size, spares in [output, *((one, one) for one in reversed(by_layer))]:
        if taken + size > room or layers == most:
            break
        layers, taken, spared = layers + 1, taken + size, spared + spares
    return (layers, taken + computing * len(devices), spared) if layers else (0, 0, 0)


def _why_not(machine: Machine, chosen: BackEnd | None, devices: Sequence[Device]) -> str:
    if not machine.llama_cpp:
        return "llama.cpp is not installed"
    if chosen is not None:
        free = sum(one.free for one in devices)
        return f"not one layer fits into the {_gb(free)} that {chosen.name} has free"
    if not machine.back_ends:
        return "this llama.cpp was built for the processor only"
    return "; ".join(f"{one.name} is built in, but {one.reason}" for one in machine.back_ends)


def _sentence(title: str, plan: RunPlan, devices: Sequence[Device], free: int) -> str:
    if not plan.fits:
        return (
            f"{title} does not fit: with a context of {plan.context:,} it takes {_gb(plan.in_memory)} "
            f"of memory, and {_gb(free)} are free."
        )
    processor = f"the processor with {plan.threads} thread{'' if plan.threads == 1 else 's'}"
    where = processor
    if plan.gpu_layers:
        cards = ", ".join(one.name for one in devices)
        part = "all" if plan.gpu_layers == plan.layers else f"{plan.gpu_layers} of"
        rest = "" if plan.gpu_layers == plan.layers else f", the others on {processor}"
        where = f"{plan.back_end} ({cards}), {part} {plan.layers} layers{rest}"
    memory = f"it takes {_gb(plan.in_memory)} of the {_gb(free)} of memory that are free"
    if plan.on_gpu:
        memory += f", and {_gb(plan.on_gpu)} on the card"
    why = f"; no GPU is used because {plan.no_gpu}" if plan.no_gpu else ""
    instead = f"; {plan.instead}" if plan.instead else ""
    bits = "" if plan.kv_bits == 16 else f" kept in {plan.kv_bits} bits"
    return f"{title} runs on {where}, with a context of {plan.context:,}{bits}; {memory}{why}{instead}."


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
