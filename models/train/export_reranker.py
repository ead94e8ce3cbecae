"""Exports a trained reranker to ONNX and quantises it to int8.

Usage: python -m models.train.export_reranker SOURCE_FOLDER CHECKPOINT OUT_FOLDER
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from transformers import BertModel

from models.train.reranker import Pairs, Reranker, batch_of

NAMES = ["input_ids", "attention_mask", "token_type_ids"]


def main() -> None:
    source, checkpoint, out = map(Path, sys.argv[1:4])
    bert = BertModel.from_pretrained(source, add_pooling_layer=False, attn_implementation="eager")
    model = Reranker(bert)
    state = torch.load(checkpoint)
    model.load_state_dict(state["model"])
    model.eval()
    pairs = Pairs(source)
    batch = batch_of(
        [pairs.ids("Who may assign it?", text) for text in ("Neither party.", "Fees are due at once.")]
    )
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            model,
            batch,
            str(plain),
            input_names=NAMES,
            output_names=["scores"],
            dynamic_axes={**{name: {0: "n", 1: "t"} for name in NAMES}, "scores": {0: "n"}},
            opset_version=17,
            dynamo=False,
        )
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(
            str(ready),
            str(out / "model.onnx"),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            extra_options={"MatMulConstBOnly": True},
        )
    onnx.checker.check_model(str(out / "model.onnx"))
    content = (out / "model.onnx").read_bytes()
    sys.stdout.write(
        f"{hashlib.sha256(content).hexdigest()}  {len(content)} bytes, {state['seen']} groups seen\n"
    )


if __name__ == "__main__":
    main()
