"""What runs where is told from figures alone, in one sentence, and promises no memory that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ModelDoesNotFit, ModelHeaderInvalid
from models import replanning
from models.backends import BackEnd, Device
from models.gguf import read_gguf
from models.gguf_model import GgufModel
from models.gguf_tables import Memory
from models.machine import Machine, this_machine
from models.replanning import plan_here
from models.run_plan import CONTEXT, GPU_SPARE, LEAST_CONTEXT, planned
from tests.models.gguf_made import tiny_llama, tiny_mamba

GB = 1_000_000_000


def machine(free: int = 16 * GB, *back_ends: BackEnd, cores: int = 8) -> Machine:
    return Machine(cores=cores, memory_total=32 * GB, memory_free=free, llama_cpp=True, back_ends=back_ends)


def card(free: int, *, shared: bool = False, key: str = "cuda", name: str = "CUDA") -> BackEnd:
    device = Device(name="A card", shared_memory=shared, free=free, total=free)
    return BackEnd(key=key, name=name, state="works", devices=(device,))


BROKEN = BackEnd(
    key="cuda", name="CUDA", state="timed-out", reason="its driver did not answer within 30 seconds"
)
EMPTY = BackEnd(key="vulkan", name="Vulkan", state="no-device", reason="it finds no device")


def seven_billion(**more: object) -> GgufModel:
    """The shape of Llama 3.1 8B in Q4_K_M: 32 layers, 8 key-value heads of 128."""
    facts = {
        "file_bytes": 4_920_000_000, "architecture": "llama", "memory": Memory.ATTENTION, "name": "Eight",
        "parameters": 8_030_000_000, "quantisation": "Q4_K_M", "layers": 32, "heads": (32,) * 32,
        "kv_heads": (8,) * 32, "key_length": 128, "value_length": 128, "context": 131_072, "embedding": 4096,
        "vocabulary": 128_256, "tokenizer": "gpt2", "pre_tokenizer": "llama-bpe", "markers": frozenset[str](),
        "attention_layers": (True,) * 32, "state_layers": (False,) * 32, "state_bytes": 0,
        "layer_bytes": (132_000_000,) * 32, "input_bytes": 296_000_000, "output_bytes": 400_000_000,
        "repeated_bytes": 0,
    }  # fmt: skip
    return GgufModel.model_validate({**facts, **more})


def test_without_a_gpu_the_sentence_says_why() -> None:
    plan = planned(seven_billion(), "eight", machine())
    assert plan.sentence == (
        "eight runs on the processor with 8 threads, with a context of 4,096; it takes 6.2 GB of the 16.0 GB "
        "of memory that are free; no GPU is used because this llama.cpp was built for the processor only."
    )
    assert (plan.fits, plan.gpu_layers, plan.layers, plan.threads) == (True, 0, 33, 8)


def test_keys_and_values_of_eight_billion_at_4096_are_half_a_gibibyte() -> None:
    # 32 layers × 8 heads × (128 + 128) × 4096 × 2 bytes
    assert planned(seven_billion(), "eight", machine()).need.text == 1 << 29


def test_a_broken_driver_is_named_and_kept_away_from_the_engine() -> None:
    plan = planned(seven_billion(), "eight", machine(16 * GB, BROKEN, EMPTY))
    assert plan.no_gpu == (
        "CUDA is built in, but its driver did not answer within 30 seconds; "
        "Vulkan is built in, but it finds no device"
    )
    assert plan.hidden == ("cuda", "vulkan")


def test_a_card_with_room_takes_all_layers() -> None:
    plan = planned(seven_billion(), "eight", machine(2 * GB, card(12 * GB), EMPTY))
    assert (plan.gpu_layers, plan.layers, plan.back_end, plan.no_gpu) == (33, 33, "CUDA", "")
    assert plan.hidden == ("vulkan",)
    assert plan.on_gpu < 12 * GB - GPU_SPARE
    assert plan.sentence.startswith(
        "eight runs on CUDA (A card), all 33 layers, with a context of 4,096; it takes"
    )


def test_a_small_card_takes_the_last_layers_and_the_processor_the_others() -> None:
    plan = planned(seven_billion(), "eight", machine(16 * GB, card(4 * GB)))
    assert 1 < plan.gpu_layers < 33
    assert f"CUDA (A card), {plan.gpu_layers} of 33 layers, the others on the processor with 8 threads" in (
        plan.sentence
    )
    assert plan.on_gpu <= 4 * GB - GPU_SPARE
    assert plan.in_memory < planned(seven_billion(), "eight", machine()).in_memory


def test_a_card_without_room_is_not_woken_and_the_reason_says_so() -> None:
    plan = planned(seven_billion(), "eight", machine(16 * GB, card(GB)))
    assert (plan.gpu_layers, plan.hidden) == (0, ("cuda",))
    assert plan.no_gpu == "not one layer fits into the 1.0 GB that CUDA has free"


def test_a_gpu_that_shares_the_memory_saves_none() -> None:
    shared = planned(
        seven_billion(), "eight", machine(16 * GB, card(12 * GB, shared=True, key="metal", name="Metal"))
    )
    assert (shared.gpu_layers, shared.on_gpu) == (33, 0)
    assert shared.in_memory == planned(seven_billion(), "eight", machine()).in_memory


def test_cards_come_before_a_gpu_that_shares_memory() -> None:
    devices = (
        Device(name="Shared", shared_memory=True, free=16 * GB, total=16 * GB),
        Device(name="Own", shared_memory=False, free=12 * GB, total=12 * GB),
    )
    both = BackEnd(key="vulkan", name="Vulkan", state="works", devices=devices)
    assert "Vulkan (Own), all 33" in planned(seven_billion(), "eight", machine(16 * GB, both)).sentence


def test_words_that_serve_twice_are_held_twice_on_a_card() -> None:
    tied = seven_billion(output_bytes=16_384, repeated_bytes=296_000_000)
    plan = planned(tied, "eight", machine(16 * GB, card(12 * GB)))
    assert plan.on_gpu > 296_000_000 + sum(tied.layer_bytes)
    assert plan.in_memory >= tied.input_bytes


def test_a_context_that_does_not_fit_is_made_smaller_before_it_is_refused() -> None:
    full = planned(seven_billion(), "eight", machine()).in_memory
    plan = planned(seven_billion(), "eight", machine(full - 1))
    assert (plan.fits, plan.context) == (True, LEAST_CONTEXT)
    plan = planned(seven_billion(), "eight", machine(3 * GB))
    assert (plan.fits, plan.context) == (False, LEAST_CONTEXT)
    assert plan.sentence == (
        "eight does not fit: with a context of 2,048 it takes 5.9 GB of memory, and 3.0 GB are free."
    )


def test_no_model_gets_a_longer_context_than_it_was_trained_for() -> None:
    assert planned(seven_billion(context=1024), "eight", machine()).context == 1024
    assert planned(seven_billion(), "eight", machine(32 * GB), context=65_536).context == 65_536
    assert planned(seven_billion(), "eight", machine(), context=65_536).context == 32_768


def test_a_recurrent_model_takes_the_same_memory_at_any_length(tmp_path: Path) -> None:
    model = read_gguf(tiny_mamba().write(tmp_path / "mamba.gguf"))
    assert planned(model, "m", machine(), 8192).need.text == planned(model, "m", machine(), 512).need.text


def test_a_machine_without_llama_cpp_is_told_apart() -> None:
    bare = Machine(cores=1, memory_total=GB, memory_free=16 * GB, llama_cpp=False)
    plan = planned(seven_billion(), "eight", bare)
    assert plan.no_gpu == "llama.cpp is not installed"
    assert "with 1 thread," in plan.sentence


@given(st.integers(0, 40 * GB), st.integers(0, 40 * GB), st.integers(256, 131_072), st.booleans())
def test_a_plan_never_promises_memory_that_is_not_there(
    free: int, on_card: int, context: int, shared: bool
) -> None:
    plan = planned(seven_billion(), "eight", machine(free, card(on_card, shared=shared)), context)
    assert plan.context <= max(context, 256)
    assert 0 <= plan.gpu_layers <= plan.layers
    assert plan.on_gpu <= max(0, on_card - GPU_SPARE)
    assert plan.fits == (plan.in_memory <= free)
    assert bool(plan.no_gpu) == (plan.gpu_layers == 0)
    assert plan.sentence.endswith(".")


def test_a_model_that_does_not_fit_here_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tiny_llama().write(tmp_path / "tiny.gguf")
    assert plan_here(file, "tiny").context == CONTEXT
    monkeypatch.setattr(replanning, "this_machine", lambda: machine(1000))
    with pytest.raises(ModelDoesNotFit, match="tiny does not fit"):
        plan_here(file, "tiny")
    file.write_bytes(b"GGUF")
    with pytest.raises(ModelHeaderInvalid):
        plan_here(file, "tiny")


def test_this_machine_is_seen_as_it_is() -> None:
    asked: list[str] = []

    def ask(key: str) -> BackEnd:
        asked.append(key)
        return BROKEN

    seen = this_machine(ask)
    assert seen.cores >= 1
    assert 0 < seen.memory_free <= seen.memory_total
    assert len(seen.back_ends) == len(asked)
