"""Numbers of the GGUF format: tensor types, file types, and the architectures that Pincite takes.

All as in the llama.cpp of llama-cpp-python 0.3.36: ggml.h, llama.h, llama-arch.cpp, gguf-py/constants.py.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Memory(StrEnum):
    """What a model remembers a text by: keys and values of every token, one state of fixed size, or both."""

    ATTENTION = "attention"
    RECURRENT = "recurrent"
    HYBRID = "hybrid"


class TensorType(NamedTuple):
    """``block`` neighbouring elements of a row take ``size`` bytes."""

    name: str
    block: int
    size: int


TENSOR_TYPES = {
    0: TensorType("F32", 1, 4),
    1: TensorType("F16", 1, 2),
    2: TensorType("Q4_0", 32, 18),
    3: TensorType("Q4_1", 32, 20),
    6: TensorType("Q5_0", 32, 22),
    7: TensorType("Q5_1", 32, 24),
    8: TensorType("Q8_0", 32, 34),
    9: TensorType("Q8_1", 32, 36),
    10: TensorType("Q2_K", 256, 84),
    11: TensorType("Q3_K", 256, 110),
    12: TensorType("Q4_K", 256, 144),
    13: TensorType("Q5_K", 256, 176),
    14: TensorType("Q6_K", 256, 210),
    15: TensorType("Q8_K", 256, 292),
    16: TensorType("IQ2_XXS", 256, 66),
    17: TensorType("IQ2_XS", 256, 74),
    18: TensorType("IQ3_XXS", 256, 98),
    19: TensorType("IQ1_S", 256, 50),
    20: TensorType("IQ4_NL", 32, 18),
    21: TensorType("IQ3_S", 256, 110),
    22: TensorType("IQ2_S", 256, 82),
    23: TensorType("IQ4_XS", 256, 136),
    24: TensorType("I8", 1, 1),
    25: TensorType("I16", 1, 2),
    26: TensorType("I32", 1, 4),
    27: TensorType("I64", 1, 8),
    28: TensorType("F64", 1, 8),
    29: TensorType("IQ1_M", 256, 56),
    30: TensorType("BF16", 1, 2),
    34: TensorType("TQ1_0", 256, 54),
    35: TensorType("TQ2_0", 256, 66),
    39: TensorType("MXFP4", 32, 17),
    40: TensorType("NVFP4", 64, 36),
    41: TensorType("Q1_0", 128, 18),
    42: TensorType("Q2_0", 64, 18),
}
"""By ggml's number. Numbers that are missing are types that llama.cpp no longer reads."""

FILE_TYPES = dict(
    enumerate(
        (
            *("F32", "F16", "Q4_0", "Q4_1", "", "", "", "Q8_0", "Q5_0", "Q5_1", "Q2_K", "Q3_K_S", "Q3_K_M"),
            *("Q3_K_L", "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K", "IQ2_XXS", "IQ2_XS", "Q2_K_S"),
            *("IQ3_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ3_M", "IQ2_S", "IQ2_M", "IQ4_XS", "IQ1_M"),
            *("BF16", "", "", "", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4", "Q1_0", "Q2_0"),
        )
    )
)
"""``general.file_type``; empty: not used any more."""

ARCHITECTURES = {
    "llama": Memory.ATTENTION,
    "qwen2": Memory.ATTENTION,
    "qwen3": Memory.ATTENTION,
    "gemma2": Memory.ATTENTION,
    "gemma3": Memory.ATTENTION,
    "gemma4": Memory.ATTENTION,
    "phi3": Memory.ATTENTION,
    "granite": Memory.ATTENTION,
    "mistral3": Memory.ATTENTION,
    "smollm3": Memory.ATTENTION,
    "olmo2": Memory.ATTENTION,
    "rwkv7": Memory.RECURRENT,
    "mamba": Memory.RECURRENT,
    "mamba2": Memory.RECURRENT,
    "granitehybrid": Memory.HYBRID,
    "falcon-h1": Memory.HYBRID,
    "lfm2": Memory.HYBRID,
    "nemotron_h": Memory.HYBRID,
    "qwen35": Memory.HYBRID,
}
"""Those whose memory Pincite can foretell. No other file reaches llama.cpp's loaders."""
