"""A process of its own that answers by a plan, and tells what it answered and by which plan.

``FILE FOLDER LAYERS``: where runs are recorded; layers on the GPU in the first plan: a number, "planned" for
what the machine's plan says, "none".
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.domain.cancel import CancelToken
from app.domain.finding import ModelRef
from app.domain.ports import Choice, Prompt
from models import llama_context
from models.gguf import read_gguf
from models.llama_context import Step
from models.llama_generator import LlamaModel
from models.machine import this_machine
from models.replanning import Failure, plan_after
from models.run_plan import Bounds, RunPlan, bounded
from models.run_record import RunRecord

SHA256 = "6" * 64
TEXTS = ("[1] The sky is blue.\n[2] Delaware law governs.\n", "[1] It ends in May.\n")
QUESTIONS = ("Which law?", "When does it end?", "Of the sky?")
_OFFLOADED = re.compile(rb"offloaded (\d+)/(\d+) layers to GPU")
OPTIONS = ("1", "2", "No")


def main() -> None:
    file, folder, layers = sys.argv[1:]

    def first_as_told(file: Path, title: str, failures: Sequence[Failure]) -> RunPlan:
        if failures or layers == "planned":
            return plan_after(file, title, failures)
        told = Bounds(no_gpu="it is compared") if layers == "none" else Bounds(gpu_layers=int(layers))
        return bounded(read_gguf(file), title, this_machine(), told)

    offloaded = listened()
    record = RunRecord(Path(folder), SHA256)
    model = LlamaModel(Path(file), ModelRef(id="tiny", sha256=SHA256), plan=first_as_told, record=record)
    asked = [
        Choice(prompt=Prompt(system="You review.", shared=text, user=question, begin="["), options=OPTIONS)
        for text in TEXTS
        for question in QUESTIONS
    ]
    together = model.choose(asked, CancelToken())
    told = {
        "together": together,
        "alone": [model.choose([choice], CancelToken())[0] for choice in asked[::4]],
        "again": model.choose(asked, CancelToken()) == together,
        "written": model.write(asked[0].prompt, 'root ::= "Ohio" | "Utah"', 8, CancelToken()),
        "rows": rows(model),
        "offloaded": offloaded,
        "plan": model.run_plan.model_dump(mode="json"),
    }
    model.close()
    sys.stdout.write(json.dumps(told))


def listened() -> list[list[int]]:
    """Each time that llama.cpp has loaded a model: layers that it really put on a GPU, and all of them."""
    import llama_cpp

    found: list[list[int]] = []
    ours: Any = llama_context.HEARING.hear

    def hear(level: int, line: bytes, _data: object) -> None:
        ours(level, line)
        found.extend([int(one), int(every)] for one, every in _OFFLOADED.findall(line))

    callback: Any = llama_cpp.llama_log_callback
    heard = callback(hear)
    llama_context.listening = lambda: heard
    return found


def rows(model: LlamaModel) -> list[list[float]]:
    """Logits of all words after each word of a text, read from the first one on."""
    held: Any = model._llama  # pyright: ignore[reportPrivateUsage]
    model._anew()  # pyright: ignore[reportPrivateUsage]
    words = held.tokens(TEXTS[0])
    (found,) = held.read([Step(0, 0, words, last=len(words))], CancelToken())
    model._anew()  # pyright: ignore[reportPrivateUsage]
    return [row.tolist() for row in found]


if __name__ == "__main__":
    main()
