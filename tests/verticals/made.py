"""The smallest pack there can be, for tests to break."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "pack.toml": """\
id = "leases"
version = "1.0.0"
title = "Leases"
description = "What a landlord asks."
licence = "CC0-1.0"
attribution = "Nobody"
""",
    "tasks/rent.toml": """\
order = 2
title = "Rent"
description = "What is paid each month."
question = "Does the lease state the rent?"
queries = [
  "rent of",
  "per month",
]
value = "money"

[thresholds]
absent = 0.2
found = 0.7
""",
    "tasks/deposit.toml": """\
order = 1
title = "Deposit"
description = "What is held."
question = "Is there a deposit?"
queries = ["security deposit"]
""",
    "prompts/system.txt": "You review leases.\n",
    "prompts/select.txt": "{evidence}\n{title}: {description} {question}\n",
    "prompts/present.txt": "{evidence}\n{question}\n",
    "prompts/value.txt": "{evidence}\n{title} {question}\n",
}


def put_pack(folder: Path, **changed: str | bytes | None) -> Path:
    """Writes ``FILES``; ``changed`` replaces some by content or, with None, leaves them out."""
    files: dict[str, str | bytes | None] = {**FILES, **changed}
    for name, content in files.items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
