"""GGUF files made by hand: a tiny model that llama.cpp loads, and headers that are wrong on purpose."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY, UINT64 = 4, 5, 6, 7, 8, 9, 10
F32 = 0
_FORMS = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<B", UINT64: "<Q"}

CHATML = ("<|im_start|>", "<|im_end|>")


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def value(kind: int, held: Any) -> bytes:
    if kind == STRING:
        return text(held)
    if kind == ARRAY:
        of, elements = held
        return struct.pack("<IQ", of, len(elements)) + b"".join(value(of, one) for one in elements)
    return struct.pack(_FORMS[kind], held)


def key(name: str | bytes, kind: int, held: Any) -> bytes:
    return text(name) + struct.pack("<I", kind) + value(kind, held)


@dataclass(frozen=True)
class Tensor:
    name: str
    data: np.ndarray[Any, np.dtype[np.float32]]
    kind: int = F32

    def info(self, offset: int) -> bytes:
        shape = self.data.shape[::-1]
        return (
            text(self.name)
            + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
            + struct.pack("<IQ", self.kind, offset)
        )


@dataclass(frozen=True)
class Gguf:
    """``keys`` are encoded already, so that a test can put anything there."""

    keys: Mapping[str, bytes]
    tensors: Sequence[Tensor]
    version: int = 3
    counts: tuple[int, int] | None = None
    alignment: int = 32
    more: Sequence[bytes] = field(default=())

    def having(self, name: str, kind: int, held: Any) -> Gguf:
        """With this key set."""
        return replace(self, keys={**self.keys, name: key(name, kind, held)})

    def without(self, name: str) -> Gguf:
        return replace(self, keys={one: raw for one, raw in self.keys.items() if one != name})

    def header(self) -> bytes:
        keys = [*self.keys.values(), *self.more]
        counts = self.counts or (len(self.tensors), len(keys))
        out = b"GGUF" + struct.pack("<IQQ", self.version, *counts) + b"".join(keys)
        offset = 0
        for tensor in self.tensors:
            out += tensor.info(offset)
            offset += self._padded(tensor.data.nbytes)
        return out

    def bytes(self) -> bytes:
        head = self.header()
        out = bytearray(head + b"\0" * (self._padded(len(head)) - len(head)))
        for tensor in self.tensors:
            raw = tensor.data.astype("<f4").tobytes()
            out += raw + b"\0" * (self._padded(len(raw)) - len(raw))
        return bytes(out)

    def write(self, file: Path) -> Path:
        file.write_bytes(self.bytes())
        return file

    def _padded(self, size: int) -> int:
        return -(-size // self.alignment) * self.alignment


WIDTH, HEADS = 32, 4


def vocabulary(markers: Iterable[str] = CHATML) -> dict[str, bytes]:
    """Byte tokens, so that every text is words of it; the markers are control tokens."""
    words = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *markers]
    kinds = [2, 3, 3, *[6] * 256, *[3 for _ in markers]]
    return {
        "tokenizer.ggml.model": key("tokenizer.ggml.model", STRING, "llama"),
        "tokenizer.ggml.tokens": key("tokenizer.ggml.tokens", ARRAY, (STRING, words)),
        "tokenizer.ggml.scores": key("tokenizer.ggml.scores", ARRAY, (FLOAT32, [0.0] * len(words))),
        "tokenizer.ggml.token_type": key("tokenizer.ggml.token_type", ARRAY, (INT32, kinds)),
        "tokenizer.ggml.bos_token_id": key("tokenizer.ggml.bos_token_id", UINT32, 1),
        "tokenizer.ggml.eos_token_id": key("tokenizer.ggml.eos_token_id", UINT32, 2),
    }


def tiny_llama(
    layers: int = 2, markers: Sequence[str] = CHATML, context: int = 8192, width: int = WIDTH
) -> Gguf:
    """Two key-value heads of four, random weights; about 100 kB. llama.cpp loads and runs it."""
    random = np.random.default_rng(7)
    words, spread = 259 + len(markers), 0.2 * (WIDTH / width) ** 0.5

    def weights(name: str, *shape: int) -> Tensor:
        return Tensor(name, random.normal(0, spread, shape).astype(np.float32))

    def ones(name: str) -> Tensor:
        return Tensor(name, np.ones(width, dtype=np.float32))

    tensors = [weights("token_embd.weight", words, width), ones("output_norm.weight")]
    for layer in range(layers):
        at = f"blk.{layer}."
        tensors += [
            ones(at + "attn_norm.weight"),
            weights(at + "attn_q.weight", width, width),
            weights(at + "attn_k.weight", width // 2, width),
            weights(at + "attn_v.weight", width // 2, width),
            weights(at + "attn_output.weight", width, width),
            ones(at + "ffn_norm.weight"),
            weights(at + "ffn_gate.weight", 2 * width, width),
            weights(at + "ffn_up.weight", 2 * width, width),
            weights(at + "ffn_down.weight", width, 2 * width),
        ]
    figures = {
        "context_length": context,
        "embedding_length": width,
        "block_count": layers,
        "feed_forward_length": 2 * width,
        "attention.head_count": HEADS,
        "attention.head_count_kv": HEADS // 2,
        "rope.dimension_count": width // HEADS,
    }
    return _made("llama", figures, markers, tensors)


def tiny_mamba(layers: int = 2, markers: Sequence[str] = CHATML) -> Gguf:
    """Fully recurrent: no keys and values, a state of fixed size."""
    random = np.random.default_rng(11)
    words, inner, state, rank, kernel = 259 + len(markers), 2 * WIDTH, 4, 2, 4

    def weights(name: str, *shape: int) -> Tensor:
        return Tensor(name, random.normal(0, 0.2, shape).astype(np.float32))

    tensors = [
        weights("token_embd.weight", words, WIDTH),
        Tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32)),
    ]
    for layer in range(layers):
        at = f"blk.{layer}."
        tensors += [
            Tensor(at + "attn_norm.weight", np.ones(WIDTH, dtype=np.float32)),
            weights(at + "ssm_in.weight", 2 * inner, WIDTH),
            weights(at + "ssm_conv1d.weight", inner, kernel),
            weights(at + "ssm_conv1d.bias", inner),
            weights(at + "ssm_x.weight", rank + 2 * state, inner),
            weights(at + "ssm_dt.weight", inner, rank),
            weights(at + "ssm_dt.bias", inner),
            Tensor(at + "ssm_a", -np.ones((inner, state), dtype=np.float32)),
            Tensor(at + "ssm_d", np.ones(inner, dtype=np.float32)),
            weights(at + "ssm_out.weight", WIDTH, inner),
        ]
    figures = {
        "context_length": 8192,
        "embedding_length": WIDTH,
        "block_count": layers,
        "feed_forward_length": 0,
        "attention.head_count": 0,
        "ssm.conv_kernel": kernel,
        "ssm.inner_size": inner,
        "ssm.state_size": state,
        "ssm.time_step_rank": rank,
    }
    return _made("mamba", figures, markers, tensors)


def _made(
    architecture: str, figures: Mapping[str, int], markers: Sequence[str], tensors: Sequence[Tensor]
) -> Gguf:
    norm = f"{architecture}.attention.layer_norm_rms_epsilon"
    keys = {
        "general.architecture": key("general.architecture", STRING, architecture),
        "general.name": key("general.name", STRING, "Tiny"),
        "general.file_type": key("general.file_type", UINT32, 0),
        norm: key(norm, FLOAT32, 1e-5),
    }
    for name, figure in figures.items():
        whole = f"{architecture}.{name}"
        keys[whole] = key(whole, UINT32, figure)
    return Gguf({**keys, **vocabulary(markers)}, tensors)
