"""Exports all-MiniLM-L6-v2 to ONNX with pooling inside, and quantises it to int8.

Usage: python -m models.train.export_embedder SOURCE_FOLDER

``SOURCE_FOLDER`` holds the original's ``model.safetensors``, ``config.json`` and ``tokenizer.json``.
Writes ``models/minilm/{model.onnx,tokenizer.json}`` and the reference vectors that the tests hold the
int8 model to, prints the SHA-256 of each and the cosine between the two.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from transformers import AutoTokenizer, BertModel

from models.onnx_embedder import FOLDER, MOST_TOKENS, OnnxEmbedder

ORIGINAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
REFERENCE = Path(__file__).parents[2] / "tests/models/fixtures/minilm_reference.npz"

SENTENCES = (
    "This Agreement shall be governed by the laws of the State of Delaware.",
    "Neither party may assign this Agreement without the prior written consent of the other party.",
    "In no event shall either party's liability exceed the fees paid in the preceding twelve months.",
    "Distributor shall not sell competing products in the Territory during the Term.",
    "Either party may terminate this Agreement for convenience upon thirty (30) days' notice.",
    "Licensor may audit Licensee's books and records once per calendar year.",
    "All right, title and interest in the Work Product shall vest in the Company.",
    "The Contractor shall maintain commercial general liability insurance of $1,000,000.",
    "IN WITNESS WHEREOF, the parties have executed this Agreement.",
    "12.4",
    "Patient presents with shortness of breath and chest pain for three days.",
    "Metformin 500 mg by mouth twice daily.",
    "Total revenue increased by 12 % to $4.2 billion in fiscal 2023.",
    "Net cash provided by operating activities.",
    "Is there a clause on exclusivity?",
    "Der Vertrag unterliegt deutschem Recht.",
    "RENEWAL. This Agreement renews automatically for successive one (1) year terms unless either party "
    "gives written notice of non-renewal at least ninety (90) days before the end of the then-current term.",
)


class Pooled(torch.nn.Module):
    """Mean over real tokens, then unit length: what the original's pooling modules do."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def main() -> None:
    source = Path(sys.argv[1])
    digest = hashlib.sha256((source / "model.safetensors").read_bytes()).hexdigest()
    if digest != ORIGINAL_SHA256:
        sys.exit(f"model.safetensors has SHA-256 {digest}, not the original's.")
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = Pooled(BertModel.from_pretrained(source, attn_implementation="eager").eval())
    batch = tokenizer(
        list(SENTENCES), padding=True, truncation=True, max_length=MOST_TOKENS, return_tensors="pt"
    )
    with torch.inference_mode():
        wanted = model(batch["input_ids"], batch["attention_mask"]).numpy()

    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            model,
            (batch["input_ids"], batch["attention_mask"]),
            str(plain),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={
                "input_ids": {0: "n", 1: "t"},
                "attention_mask": {0: "n", 1: "t"},
                "vectors": {0: "n"},
            },
            opset_version=17,
            dynamo=False,
        )
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(
            str(ready),
            str(FOLDER / "model.onnx"),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,  # without VNNI, int8 products of full range overflow in 16 bits
        )
    onnx.checker.check_model(str(FOLDER / "model.onnx"))
    shutil.copyfile(source / "tokenizer.json", FOLDER / "tokenizer.json")
    REFERENCE.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(REFERENCE, sentences=np.array(SENTENCES), vectors=wanted.astype(np.float32))
    for name in ("model.onnx", "tokenizer.json"):
        content = (FOLDER / name).read_bytes()
        sys.stdout.write(f"{hashlib.sha256(content).hexdigest()}  {name}  {len(content)} bytes\n")
    cosine = (OnnxEmbedder().embed(SENTENCES) * wanted).sum(1)
    sys.stdout.write(f"cosine to the original: mean {cosine.mean():.4f}, least {cosine.min():.4f}\n")


if __name__ == "__main__":
    main()
