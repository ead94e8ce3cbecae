"""The reranker as int8 ONNX: a query and passages to scores, read together, on the processor."""

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

FOLDER = Path(__file__).parent / "reranker"
TOKENIZER = Path(__file__).parent / "minilm" / "tokenizer.json"
MODEL_SHA256 = "7a5630d69e220fa86b8e67a24627a3e27b60d0e16ee01b295fee6a4ba39b1c3d"
MOST_TOKENS, MOST_QUERY = 160, 40
_BATCH_TOKENS = 320
_CLS, _SEP = 101, 102


class OnnxReranker:
    """Loads on first use. A score depends slightly on its batch: int8 scales are taken per batch."""

    def __init__(self, folder: Path = FOLDER, threads: int = 0) -> None:
        self._folder = folder
        self._threads = threads

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts),), higher is better; comparable for one query only. Long texts are cut."""
        import numpy as np

        asked = self._tokenizer.encode(query, add_special_tokens=False).ids[:MOST_QUERY]
        front = [_CLS, *asked, _SEP]
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        rows = [[*front, *one.ids[: MOST_TOKENS - len(front) - 1], _SEP] for one in encoded]
        lengths = [len(row) for row in rows]
        found = np.zeros(len(rows), dtype=np.float32)
        session = self._session

        def run(chosen: list[int]) -> None:
            shape = (len(chosen), lengths[chosen[0]])
            ids, mask, types = (np.zeros(shape, dtype=np.int64) for _ in range(3))
            for place, row in enumerate(chosen):
                ids[place, : lengths[row]] = rows[row]
                mask[place, : lengths[row]] = 1
                types[place, len(front) : lengths[row]] = 1
            fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
            found[chosen] = session.run(["scores"], fed)[0]

        run_all(run, batches(lengths, _BATCH_TOKENS), self._threads)
        return found

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(TOKENIZER))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        return open_session(self._folder / "model.onnx", MODEL_SHA256, "reranker")
