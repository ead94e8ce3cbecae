"""Whatever a file holds, its header is understood or refused: no crash, and no memory that only it claims."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.errors import ModelHeaderInvalid
from models import gguf
from models.gguf import read_gguf
from models.gguf_tables import ARCHITECTURES, Memory
from tests.models.gguf_made import (
    ARRAY,
    BOOL,
    FLOAT32,
    INT32,
    STRING,
    UINT32,
    UINT64,
    Gguf,
    Tensor,
    key,
    text,
    tiny_llama,
    tiny_mamba,
)

TINY = tiny_llama()
WHOLE = TINY.bytes()
HEADER = len(TINY.header())


def refused(file: Path) -> str:
    with pytest.raises(ModelHeaderInvalid) as error:
        read_gguf(file)
    assert error.value.code == "model.header-invalid"
    return error.value.message


def test_a_tiny_model_is_what_it_was_made_as(tmp_path: Path) -> None:
    file = TINY.write(tmp_path / "tiny.gguf")
    model = read_gguf(file)
    assert (model.architecture, model.memory, model.recurrent) == ("llama", Memory.ATTENTION, False)
    assert (model.name, model.quantisation, model.file_bytes) == ("Tiny", "F32", len(WHOLE))
    assert (model.layers, model.heads, model.kv_heads) == (2, (4, 4), (2, 2))
    assert (model.key_length, model.value_length, model.embedding) == (8, 8, 32)
    assert (model.context, model.vocabulary, model.tokenizer) == (8192, 261, "llama")
    assert model.markers == {"<s>", "</s>", "<|im_start|>", "<|im_end|>"}
    assert model.parameters == sum(tensor.data.size for tensor in TINY.tensors)
    assert model.weights == 4 * model.parameters
    assert model.repeated_bytes == 4 * 261 * 32


def test_keys_and_values_follow_the_formula(tmp_path: Path) -> None:
    model = read_gguf(TINY.write(tmp_path / "tiny.gguf"))
    assert model.text_memory(1024) == 2 * (2 * (8 + 8) * 1024 * 2)
    assert model.text_memory(1000) == model.text_memory(1024)


def test_a_recurrent_model_remembers_by_a_state_that_does_not_grow(tmp_path: Path) -> None:
    model = read_gguf(tiny_mamba().write(tmp_path / "tiny.gguf"))
    assert (model.memory, model.recurrent) == (Memory.RECURRENT, True)
    assert model.text_memory(256) == model.text_memory(65_536) == 2 * 4 * (3 * 64 + 4 * 64)


def test_a_hybrid_has_states_where_it_has_no_heads(tmp_path: Path) -> None:
    made = tiny_llama(layers=3).having("general.architecture", STRING, "granitehybrid")
    figures = {
        "context_length": 4096,
        "embedding_length": 32,
        "block_count": 3,
        "attention.head_count": 4,
        "ssm.conv_kernel": 4,
        "ssm.inner_size": 64,
        "ssm.state_size": 4,
        "ssm.group_count": 1,
    }
    for name, figure in figures.items():
        made = made.having(f"granitehybrid.{name}", UINT32, figure)
    made = made.having("granitehybrid.attention.head_count_kv", ARRAY, (INT32, [0, 2, 0]))
    model = read_gguf(made.write(tmp_path / "hybrid.gguf"))
    assert model.attention_layers == (False, True, False)
    assert model.state_layers == (True, False, True)
    state = 4 * (3 * (64 + 2 * 4) + 4 * 64)
    assert model.text_memory(256) == 2 * state + 2 * (8 + 8) * 256 * 2


def test_the_real_small_model_is_read(model_file: Path) -> None:
    model = read_gguf(model_file)
    assert (model.architecture, model.quantisation, model.layers) == ("qwen2", "Q4_K_M", 24)
    assert (set(model.heads), set(model.kv_heads), model.key_length) == ({14}, {2}, 64)
    assert (model.embedding, model.context, model.vocabulary) == (896, 32_768, 151_936)
    assert (model.tokenizer, model.pre_tokenizer) == ("gpt2", "qwen2")
    assert {"<|im_start|>", "<|im_end|>"} <= model.markers
    assert 0 < model.file_bytes - model.weights < gguf.MOST_HEADER_BYTES


WRONG: dict[str, tuple[Callable[[], Gguf], str]] = {
    "version 1": (lambda: replace(TINY, version=1), "version 1"),
    "version 4": (lambda: replace(TINY, version=4), "version 4"),
    "big-endian": (lambda: replace(TINY, version=3 << 24), "version 50331648"),
    "no tensors": (lambda: replace(TINY, tensors=()), "0 tensors"),
    "huge tensors": (lambda: replace(TINY, counts=(1 << 63, 15)), "tensors"),
    "huge keys": (lambda: replace(TINY, counts=(20, 1 << 63)), "keys"),
    "key twice": (lambda: replace(TINY, more=[TINY.keys["general.name"]]), "there already"),
    "key empty": (lambda: replace(TINY, more=[key("", UINT32, 1)]), "empty"),
    "key long": (lambda: replace(TINY, more=[key("k" * 300, UINT32, 1)]), "300 bytes"),
    "key of no text": (lambda: replace(TINY, more=[key(b"\xff\xfe", UINT32, 1)]), "UTF-8"),
    "text of no text": (lambda: TINY.having("general.name", STRING, b"\xff"), "UTF-8"),
    "text beyond all": (
        lambda: replace(TINY, more=[text("k") + struct.pack("<IQ", STRING, 1 << 62)]), "bytes long",
    ),
    "unknown type": (lambda: replace(TINY, more=[text("k") + struct.pack("<I", 13)]), "unknown type 13"),
    "half true": (lambda: TINY.having("k", BOOL, 2), "neither true nor false"),
    "arrays in arrays": (
        lambda: replace(TINY, more=[text("k") + struct.pack("<IIQ", ARRAY, ARRAY, 1)]), "array of arrays",
    ),
    "array beyond all": (
        lambda: replace(TINY, more=[text("k") + struct.pack("<IIQ", ARRAY, UINT32, 1 << 60)]), "claims",
    ),
    "alignment 0": (lambda: TINY.having("general.alignment", UINT32, 0), "alignment"),
    "alignment 48": (lambda: TINY.having("general.alignment", UINT32, 48), "alignment"),
    "alignment huge": (lambda: TINY.having("general.alignment", UINT32, 1 << 31), "alignment"),
    "alignment true": (lambda: TINY.having("general.alignment", BOOL, 1), "alignment"),
    "a part of several": (lambda: TINY.having("split.count", UINT32, 3), "one part of several"),
    "no architecture": (lambda: TINY.without("general.architecture"), "architecture"),
    "foreign architecture": (lambda: TINY.having("general.architecture", STRING, "clip"), "architecture"),
    "no layers": (lambda: TINY.having("llama.block_count", UINT32, 0), "block_count"),
    "layers that llama.cpp aborts on": (
        lambda: TINY.having("llama.block_count", UINT32, 513), "block_count",
    ),
    "layers that are a fraction": (
        lambda: TINY.having("llama.block_count", FLOAT32, 2.5), "block_count",
    ),
    "experts that llama.cpp aborts on": (
        lambda: TINY.having("llama.expert_count", UINT32, 5000), "expert_count",
    ),
    "experts of which none is used": (lambda: TINY.having("llama.expert_count", UINT32, 8), "experts"),
    "heads for other layers": (
        lambda: TINY.having("llama.attention.head_count_kv", ARRAY, (INT32, [2])), "each of 2 layers",
    ),
    "negative heads": (
        lambda: TINY.having("llama.attention.head_count_kv", ARRAY, (INT32, [2, -2])), "each of 2 layers",
    ),
    "a layer too much": (
        lambda: replace(TINY, tensors=[*TINY.tensors, Tensor("blk.2.x", np.ones(32, np.float32))]),
        "tensor of layer 2",
    ),
    "a layer without tensors": (
        lambda: replace(TINY, tensors=TINY.tensors[:11]), "have no tensors",
    ),
    "tensor twice": (
        lambda: replace(TINY, tensors=[*TINY.tensors, TINY.tensors[0]]), "there already",
    ),
    "tensor with a long name": (
        lambda: replace(TINY, tensors=[*TINY.tensors, Tensor("t" * 64, np.ones(32, np.float32))]), "64 bytes",
    ),
    "tensor of five dimensions": (
        lambda: replace(TINY, tensors=[Tensor("t", np.ones((1, 1, 1, 1, 32), np.float32))]), "5 dimensions",
    ),
    "tensor of a dead type": (
        lambda: replace(TINY, tensors=[Tensor("t", np.ones(32, np.float32), kind=4)]), "unknown type 4",
    ),
    "row that fits no block": (
        lambda: replace(TINY, tensors=[Tensor("t", np.ones(33, np.float32), kind=12)]), "Q4_K",
    ),
    "no vocabulary": (lambda: TINY.without("tokenizer.ggml.tokens"), "words"),
    "words without types": (
        lambda: TINY.having("tokenizer.ggml.token_type", ARRAY, (INT32, [1])), "types of words",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_refused_and_named(tmp_path: Path, what: str) -> None:
    make, words = WRONG[what]
    message = refused(make().write(tmp_path / "wrong.gguf"))
    assert message.startswith("wrong.gguf is not a model that Pincite loads: ")
    assert words in message


def test_a_gap_between_tensors_is_refused(tmp_path: Path) -> None:
    raw = bytearray(WHOLE)
    raw[HEADER - 8 : HEADER] = struct.pack("<Q", 1 << 40)  # the last tensor's offset
    file = tmp_path / "gap.gguf"
    file.write_bytes(raw)
    assert "is said to begin at 1,099,511,627,776" in refused(file)


def test_a_shape_whose_size_would_overflow_is_refused(tmp_path: Path) -> None:
    last = TINY.tensors[-1]
    shape = struct.pack("<I2Q", 2, *last.data.shape[::-1])
    huge = struct.pack("<I2Q", 2, 1 << 32, 1 << 32)
    at = WHOLE.rindex(shape, 0, HEADER)
    file = tmp_path / "huge.gguf"
    file.write_bytes(WHOLE[:at] + huge + WHOLE[at + len(huge) :])
    assert "impossible shape" in refused(file)


def test_tensors_that_end_behind_the_file_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "short.gguf"
    file.write_bytes(WHOLE[:-4])
    assert f"it is {len(WHOLE) - 4:,} bytes long, and its tensors end at {len(WHOLE):,}" in refused(file)


def test_a_header_beyond_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = TINY.write(tmp_path / "tiny.gguf")
    monkeypatch.setattr(gguf, "MOST_HEADER_BYTES", HEADER - 1)
    assert "its header is longer than" in refused(file)
    monkeypatch.setattr(gguf, "MOST_HEADER_BYTES", HEADER)
    assert read_gguf(file).layers == 2


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "none.gguf")
    assert "no plain file" in refused(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.gguf")
        assert "no plain file" in refused(tmp_path / "pipe.gguf")


def test_claims_of_a_file_cost_no_memory(tmp_path: Path) -> None:
    claims = [
        text("k") + struct.pack("<IIQ", ARRAY, UINT64, gguf.MOST_ELEMENTS),
        text("k") + struct.pack("<IIQ", ARRAY, STRING, gguf.MOST_ELEMENTS),
        text("tokenizer.ggml.token_types") + struct.pack("<IIQ", ARRAY, UINT32, gguf.MOST_ELEMENTS),
        text("k") + struct.pack("<IQ", STRING, gguf.MOST_STRING_BYTES),
    ]
    tracemalloc.start()
    try:
        for number, claim in enumerate(claims):
            file = tmp_path / f"{number}.gguf"
            file.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + claim)
            refused(file)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def understood_or_refused(raw: bytes) -> None:
    """As ``read_gguf``, on bytes: a file for each of a thousand examples would wear the disk."""
    with contextlib.suppress(gguf.Bad):
        gguf.model_of(gguf._header(io.BytesIO(raw), len(raw)))  # pyright: ignore[reportPrivateUsage]


@given(st.binary(max_size=400))
@example(b"")
@example(b"GGUF")
def test_any_bytes_are_refused(raw: bytes) -> None:
    header = b"GGUF\x03\0\0\0"
    one_of_each = header + b"\x01" + b"\0" * 7 + b"\x01" + b"\0" * 7
    for content in (raw, header + raw, one_of_each + raw):
        with pytest.raises(gguf.Bad):
            gguf.model_of(gguf._header(io.BytesIO(content), len(content)))  # pyright: ignore[reportPrivateUsage]


@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(gguf.Bad):
        gguf._header(io.BytesIO(WHOLE[:length]), length)  # pyright: ignore[reportPrivateUsage]


@given(st.lists(st.tuples(st.integers(0, HEADER - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_header_with_other_bytes_is_understood_or_refused(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(WHOLE)
    for place, byte in changes:
        raw[place] = byte
    understood_or_refused(bytes(raw))


@given(st.integers(0, HEADER - 8), st.sampled_from([0, 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1]))
def test_a_header_with_other_counts_is_understood_or_refused(place: int, count: int) -> None:
    understood_or_refused(WHOLE[:place] + struct.pack("<Q", count) + WHOLE[place + 8 :])


ARCHITECTURE_KEYS = ("block_count", "attention.head_count", "attention.head_count_kv", "embedding_length")


@given(
    st.sampled_from(sorted(ARCHITECTURES)),
    st.dictionaries(
        st.sampled_from([*ARCHITECTURE_KEYS, "ssm.inner_size", "ssm.state_size", "wkv.head_size"]),
        st.integers(0, 2**32 - 1) | st.integers(0, 600),
    ),
)
def test_any_figures_are_understood_or_refused(architecture: str, figures: dict[str, int]) -> None:
    made = TINY.having("general.architecture", STRING, architecture)
    for name, figure in figures.items():
        made = made.having(f"{architecture}.{name}", UINT32, figure)
    understood_or_refused(made.bytes())
