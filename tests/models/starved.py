"""A process of its own that answers with a tiny model in little address space, and tells how it went.

``FILE FOLDER CONTEXT LIMIT LATER``: context of the first plan; bytes of address space at most, 0 for any;
and so many more than it has once it answered for the first time, 0 for any.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.finding import ModelRef
from app.domain.ports import Choice, Prompt
from models.llama_generator import LlamaModel
from models.replanning import Failure, plan_after, plan_here
from models.run_plan import RunPlan
from models.run_record import RunRecord

SHA256 = "5" * 64
PROMPT = Prompt(system="You review.", shared="[1] The sky is blue.\n", user="Which sentence?", begin="[")
LONG = "a long answer " * 12


def main() -> None:
    file, folder, context, limit, later = sys.argv[1:]
    if int(limit):
        bound(int(limit))

    def first_with_context(file: Path, title: str, failures: Sequence[Failure]) -> RunPlan:
        return plan_after(file, title, failures) if failures else plan_here(file, title, int(context))

    record = RunRecord(Path(folder), SHA256)
    model = LlamaModel(Path(file), ModelRef(id="tiny", sha256=SHA256), plan=first_with_context, record=record)
    asked = [Choice(prompt=PROMPT, options=("1", "2"))]
    scores = model.choose(asked, CancelToken())
    if int(later):
        bound(address_space("VmSize") + int(later))
        scores += model.choose([Choice(prompt=PROMPT, options=(LONG,))], CancelToken())
    told = {
        "scores": [score for each in scores for score in each],
        "context": model.run_plan.context,
        "sentence": model.run_plan.sentence,
        "peak": address_space("VmPeak"),
    }
    sys.stdout.write(json.dumps(told))


def bound(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def address_space(which: str) -> int:
    """Bytes."""
    found = re.search(rf"{which}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) << 10


if __name__ == "__main__":
    main()
