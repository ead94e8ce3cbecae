"""Makes the hashed locks in ``installer/locks`` from pyproject.toml; needs uv and a package index.

Usage: python3 installer/make_locks.py

Locks hold versions and hashes, no addresses. The GPU lock leaves onnxruntime out: its module folder is
onnxruntime-gpu's too, and two of them in one environment break each other.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "installer" / "locks"
LLAMA = "llama-cpp-python"
OPTIONS = (
    *("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"),
    *("--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.11"),
)
BUILD = ("cmake", "editables", "hatchling", "ninja", "scikit-build-core", "packaging", "pathspec", "pluggy")


def main() -> None:
    """All locks, anew."""
    project = str(ROOT / "pyproject.toml")
    lock("runtime.txt", project, "--no-emit-package", LLAMA)
    with tempfile.TemporaryDirectory() as folder:
        override = Path(folder) / "override.txt"
        override.write_text("onnxruntime ; sys_platform == 'never'\n", encoding="utf-8")
        lock("gpu.txt", project, "--extra", "gpu", "--override", str(override), "--no-emit-package", LLAMA)
        build = Path(folder) / "build.in"
        build.write_text("\n".join(BUILD) + "\n", encoding="utf-8")
        lock("build.txt", str(build))
        version = re.search(rf"{LLAMA}==([0-9.]+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        assert version is not None
        llama = Path(folder) / "llama.in"
        llama.write_text(f"{LLAMA}=={version[1]}\n", encoding="utf-8")
        lock("llama.txt", str(llama), "--no-deps")
        tests = Path(folder) / "tests.in"
        tests.write_text("\n".join(extra("dev")) + "\n", encoding="utf-8")
        lock("dev.txt", str(tests), "--constraint", str(LOCKS / "runtime.txt"))


def extra(name: str) -> list[str]:
    """What an extra of the project asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["project"]["optional-dependencies"][name]


def lock(name: str, source: str, *options: str) -> None:
    """One lock; versions that a lock holds already are kept where they fit."""
    command = ["uv", "pip", "compile", source, *OPTIONS, *options, "--output-file", str(LOCKS / name)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(f"{name} could not be made.")


if __name__ == "__main__":
    main()
