"""What this machine enforces on a process that reads untrusted files, found out by starting one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.platform.confinement import EVERYTHING, confine_this_process

_SECONDS = 30.0
_PROBE = (sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "
          "from app.platform.confinement_probe import main; main()",
          str(Path(__file__).parents[2]))  # fmt: skip


@dataclass(frozen=True)
class _Bounds:
    seconds: float = _SECONDS
    memory_bytes: int = 2 << 30


def enforced_here() -> frozenset[str]:
    """Out of ``EVERYTHING``; nothing of it where the process did not even run."""
    try:
        done = subprocess.run(
            _PROBE,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return EVERYTHING & set(done.stdout.split())


def main() -> None:
    """Be that process."""
    print(*sorted(confine_this_process(_Bounds())))


if __name__ == "__main__":
    main()
