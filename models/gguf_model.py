"""What the figures of a GGUF header mean: layers, heads, memory of a text, bytes of each layer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

from pydantic import Field

from app.domain.base import Frozen
from models.gguf_tables import ARCHITECTURES, FILE_TYPES, Memory

MOST_LAYERS = 512
"""``LLAMA_MAX_LAYERS``; with more, llama.cpp aborts its process."""

MOST_EXPERTS = 1024
"""``LLAMA_MAX_EXPERTS``; with more, llama.cpp aborts its process."""

F16, F32 = 2, 4
Q8_BLOCK, Q8_BYTES = 32, 34
"""Elements and bytes of one block of ``q8_0``."""

CELLS = 256
"""llama.cpp rounds a context up to as many tokens."""

_LAYER = re.compile(r"blk\.(\d{1,4})\.")
_OUTPUT = ("output.", "output_norm.")
_MOST_NAME = 100


class Bad(Exception):
    """What is wrong with a header, to be said after "it is not a model that Pincite loads"."""


class TensorInfo(NamedTuple):
    """``offset`` counts from where tensors begin; ``size`` is in bytes."""

    name: str
    elements: int
    offset: int
    size: int


class Header(NamedTuple):
    """A header whose form is right; what its figures mean is not looked at yet."""

    values: Mapping[str, object]
    vocabulary: int
    markers: frozenset[str]
    tensors: Sequence[TensorInfo]
    file_bytes: int


class GgufModel(Frozen):
    """A model as its header tells of it. Tuples have one element for each layer; sizes are in bytes."""

    file_bytes: int
    architecture: str
    memory: Memory
    name: str
    parameters: int = Field(gt=0)
    quantisation: str
    layers: int
    heads: tuple[int, ...]
    kv_heads: tuple[int, ...]
    key_length: int
    value_length: int
    context: int
    embedding: int
    vocabulary: int
    tokenizer: str
    pre_tokenizer: str
    markers: frozenset[str]
    attention_layers: tuple[bool, ...]
    state_layers: tuple[bool, ...]
    state_bytes: int
    layer_bytes: tuple[int, ...]
    input_bytes: int
    output_bytes: int
    repeated_bytes: int
    """Where the words' vectors also serve as the output: what they take once more beside the last layers."""

    @property
    def recurrent(self) -> bool:
        """Whether a part of its memory is a state, which can be thrown away and not shortened."""
        return self.memory is not Memory.ATTENTION

    @property
    def weights(self) -> int:
        """All tensors."""
        return sum(self.layer_bytes) + self.input_bytes + self.output_bytes

    @property
    def takes_8_bits(self) -> bool:
        """Whether keys and values can be kept in q8_0: heads must be whole blocks (llama-context.cpp)."""
        whole = not (self.key_length % Q8_BLOCK or self.value_length % Q8_BLOCK)
        return whole and any(self.attention_layers)

    def layer_memory(self, layer: int, context: int, sequences: int = 1, kv_bits: int = 16) -> int:
        """What one layer remembers texts by that hold ``context`` tokens together.

        Keys and values in f16: heads × (key length + value length) × context × 2 (llama-kv-cache.cpp, cells
        padded to 256 as in llama-context.cpp); in q8_0 17/32 of that. A layer with a sliding
        window is counted as if it had none, so for Gemma this is an upper bound. States are f32, one for each
        sequence, and do not grow (llama-memory-recurrent.cpp).
        """
        cells = -(-context // CELLS) * CELLS
        elements = self.kv_heads[layer] * (self.key_length + self.value_length) * cells
        keys_values = elements * F16 if kv_bits == 16 else elements * Q8_BYTES // Q8_BLOCK
        return (
            self.attention_layers[layer] * keys_values
            + self.state_layers[layer] * self.state_bytes * sequences
        )

    def text_memory(self, context: int, sequences: int = 1, kv_bits: int = 16) -> int:
        """Of all layers."""
        return sum(self.layer_memory(layer, context, sequences, kv_bits) for layer in range(self.layers))


def model_of(header: Header) -> GgufModel:
    """Raises Bad for figures that cannot be, or that llama.cpp would abort on."""
    if header.values.get("split.count", 1) not in (0, 1):
        raise Bad("it is one part of several; join them first")
    architecture = header.values.get("general.architecture")
    if not isinstance(architecture, str) or architecture not in ARCHITECTURES:
        raise Bad("its architecture is none of " + ", ".join(sorted(ARCHITECTURES)))
    facts = _Facts(header.values, architecture)
    layers = facts.count("block_count", 1, MOST_LAYERS)
    _check_experts(facts)
    heads = facts.per_layer("attention.head_count", layers, 4096, (0,) * layers)
    kv_heads = facts.per_layer("attention.head_count_kv", layers, 4096, heads)
    embedding = facts.count("embedding_length", 1, 1 << 17)
    by_head = embedding // max(1, *heads)
    attention, states = _kinds(facts, layers, kv_heads)
    if not header.vocabulary:
        raise Bad("it has no vocabulary")
    return GgufModel(
        file_bytes=header.file_bytes,
        architecture=architecture,
        memory=ARCHITECTURES[architecture],
        name=_shown(header.values.get("general.name")),
        parameters=sum(tensor.elements for tensor in header.tensors),
        quantisation=_quantisation(header.values.get("general.file_type")),
        layers=layers,
        heads=heads,
        kv_heads=kv_heads,
        key_length=facts.count("attention.key_length", 0, 1 << 14, by_head),
        value_length=facts.count("attention.value_length", 0, 1 << 14, by_head),
        context=facts.count("context_length", 1, 1 << 27),
        embedding=embedding,
        vocabulary=header.vocabulary,
        tokenizer=_word(header.values.get("tokenizer.ggml.model"), "its tokenizer"),
        pre_tokenizer=_word(header.values.get("tokenizer.ggml.pre", ""), "its pre-tokenizer"),
        markers=header.markers,
        attention_layers=attention,
        state_layers=states,
        state_bytes=_state(facts, embedding) if any(states) else 0,
        **_bytes(header.tensors, layers),
    )


class _Facts:
    """Figures of one architecture, by the end of their keys."""

    def __init__(self, values: Mapping[str, object], architecture: str) -> None:
        self._values = values
        self._prefix = architecture
        self.architecture = architecture

    def count(self, key: str, least: int, most: int, default: int | None = None) -> int:
        value = self._values.get(f"{self._prefix}.{key}", default)
        if value is None:
            raise Bad(f"{key} is missing")
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Bad(f"{key} is no whole number from {least:,} to {most:,}")
        return value

    def per_layer(self, key: str, layers: int, most: int, default: tuple[int, ...]) -> tuple[int, ...]:
        """One figure for all, or one for each."""
        value = self._values.get(f"{self._prefix}.{key}")
        if value is None:
            return default
        if not isinstance(value, tuple):
            return (self.count(key, 0, most),) * layers
        figures: list[int] = [one for one in value if isinstance(one, int) and 0 <= one <= most]  # pyright: ignore[reportUnknownVariableType]
        if len(figures) != layers or len(value) != layers:  # pyright: ignore[reportUnknownArgumentType]
            raise Bad(f"{key} does not hold one figure for each of {layers} layers")
        return tuple(figures)


def _check_experts(facts: _Facts) -> None:
    experts = facts.count("expert_count", 0, MOST_EXPERTS, 0)
    used = facts.count("expert_used_count", 0, MOST_EXPERTS, 0)
    if used > experts or (experts and not used):
        raise Bad("the number of experts does not agree with that of experts used")


def _kinds(facts: _Facts, layers: int, kv_heads: Sequence[int]) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Which layers hold keys and values, which a state; as ``create_memory`` in llama-model.cpp."""
    memory = ARCHITECTURES[facts.architecture]
    everywhere, nowhere = (True,) * layers, (False,) * layers
    if memory is Memory.ATTENTION:
        return everywhere, nowhere
    if memory is Memory.RECURRENT:
        return nowhere, everywhere
    if facts.architecture == "falcon-h1":
        return everywhere, everywhere
    if facts.architecture == "qwen35":
        interval = facts.count("full_attention_interval", 1, MOST_LAYERS, 4)
        attention = tuple((layer + 1) % interval == 0 for layer in range(layers))
    else:
        attention = tuple(heads > 0 for heads in kv_heads)
    return attention, tuple(not one for one in attention)


def _state(facts: _Facts, embedding: int) -> int:
    """Bytes of one layer's state: ``n_embd_r`` and ``n_embd_s`` of llama-hparams.cpp, in f32."""
    if facts.architecture == "rwkv7":
        shifts = facts.count("token_shift_count", 0, 16, 2)
        return (shifts * embedding + embedding * facts.count("wkv.head_size", 1, 4096)) * F32
    if facts.architecture == "lfm2":
        return embedding * (facts.count("shortconv.l_cache", 1, 4096) - 1) * F32
    inner, size = facts.count("ssm.inner_size", 1, 1 << 20), facts.count("ssm.state_size", 1, 1 << 14)
    groups = facts.count("ssm.group_count", 0, 4096, 0)
    convolved = (facts.count("ssm.conv_kernel", 1, 4096) - 1) * (inner + 2 * groups * size)
    return (convolved + size * inner) * F32


class _Places(TypedDict):
    layer_bytes: tuple[int, ...]
    input_bytes: int
    output_bytes: int
    repeated_bytes: int


def _bytes(tensors: Sequence[TensorInfo], layers: int) -> _Places:
    by_layer, first, last, words, output = [0] * layers, 0, 0, 0, False
    for tensor in tensors:
        if inside := _LAYER.match(tensor.name):
            if int(inside[1]) >= layers:
                raise Bad(f"it has {layers} layers and a tensor of layer {int(inside[1])}")
            by_layer[int(inside[1])] += tensor.size
        elif tensor.name.startswith(_OUTPUT):
            output = output or tensor.name == "output.weight"
            last += tensor.size
        else:
            first += tensor.size
        words += tensor.size * (tensor.name == "token_embd.weight")
    if not all(by_layer) or not words:
        raise Bad("a layer or the words have no tensors")
    return _Places(
        layer_bytes=tuple(by_layer),
        input_bytes=first,
        output_bytes=last,
        repeated_bytes=0 if output else words,
    )


def _word(value: object, what: str) -> str:
    if not isinstance(value, str) or len(value) > 64 or not re.fullmatch(r"[\w.-]*", value, re.ASCII):
        raise Bad(f"{what} is not named")
    return value


def _quantisation(value: object) -> str:
    known = FILE_TYPES.get(value, "") if isinstance(value, int) else ""
    return known or "unknown"


def _shown(value: object) -> str:
    """A name that may be printed."""
    text = value if isinstance(value, str) else ""
    return "".join(one for one in text if one.isprintable())[:_MOST_NAME]
