from __future__ import annotations

import subprocess
import sys

HEAVY = ("chromadb", "llama_cpp", "onnxruntime", "pymupdf", "PySide6", "numpy", "torch")


def modules_after(code: str) -> set[str]:
    script = f"{code}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_entry_point_loads_nothing_heavy() -> None:
    assert not modules_after("import app.__main__").intersection(HEAVY)


def test_importing_the_whole_command_line_loads_nothing_heavy() -> None:
    loaded = modules_after("import app.cli.main, app.wiring")
    assert not loaded.intersection(set(HEAVY) - {"numpy"})


def test_the_window_is_painted_before_any_model_of_the_domain_loads() -> None:
    loaded = modules_after("import app.desktop.application")
    assert not loaded.intersection({"pydantic", "numpy", "app.wiring", "app.domain.finding"})
