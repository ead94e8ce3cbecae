"""all-MiniLM-L6-v2 as int8 ONNX: sentences to unit vectors on the processor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.onnx_session import batches, open_session, run_all

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

FOLDER = Path(__file__).parent / "minilm"
MODEL_SHA256 = "781b487aee581f1ed03d702b51913edfcfb1f7ce0f3e22b6876ce11f0897f8d2"
MOST_TOKENS = 256
"""What the original was trained for; longer text is cut."""

_BATCH_TOKENS = 512


class OnnxEmbedder:
    """Loads on first use. A vector depends slightly on its batch: int8 scales are taken per batch."""

    def __init__(self, folder: Path = FOLDER, threads: int = 0) -> None:
        """``threads`` 0: as many as there are cores."""
        self._folder = folder
        self._threads = threads

    @property
    def identity(self) -> str:
        """SHA-256 of the model file that this class was written for; checked when it is loaded."""
        return MODEL_SHA256

    @property
    def dimensions(self) -> int:
        """Of every vector."""
        return 384

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), 384), float32, unit rows. Texts of like length share a batch."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        encoded = self._tokenizer.encode_batch(list(texts))
        lengths = [len(one.ids) for one in encoded]
        session = self._session

        def run(rows: list[int]) -> None:
            ids = np.zeros((len(rows), lengths[rows[0]]), dtype=np.int64)
            mask = np.zeros_like(ids)
            for place, row in enumerate(rows):
                ids[place, : lengths[row]] = encoded[row].ids
                mask[place, : lengths[row]] = 1
            vectors[rows] = session.run(["vectors"], {"input_ids": ids, "attention_mask": mask})[0]

        run_all(run, batches(lengths, _BATCH_TOKENS), self._threads)
        return vectors

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length=MOST_TOKENS)
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        return open_session(self._folder / "model.onnx", MODEL_SHA256, "embedder")
