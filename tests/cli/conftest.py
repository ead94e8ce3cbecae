"""What the command line's tests share: one matter, reviewed once, and commands run in this process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.domain.errors import MatterBusy
from app.platform.locks import FileLock
from tests.conftest import MODEL, ROOT

SECRET = "SECRET WORDS of a document"


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one JSON value of standard output; with anything beside it this fails."""
        return json.loads(self.out)

    def error(self) -> dict[str, str]:
        """The error of standard output, after a look at its form."""
        value = self.json()
        assert list(value) == ["error"]
        assert list(value["error"]) == ["code", "message", "hint"]
        assert all(isinstance(text, str) and text.strip() for text in value["error"].values())
        assert "Traceback" not in self.out + self.err
        return value["error"]


Pincite = Callable[..., Said]


def environment(home: Path) -> dict[str, str]:
    """Of a process of its own. Threads that wait by spinning would starve the tests beside this one."""
    return {**os.environ, "PINCITE_HOME": str(home), "OMP_WAIT_POLICY": "passive"}


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "app", *map(str, words)]


def in_a_process(home: Path, *words: object) -> Said:
    """Its output as it is: no line ends are translated."""
    done = subprocess.run(command(*words), capture_output=True, cwd=ROOT, env=environment(home), check=False)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def pincite(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path) -> Pincite:
    """Runs a command in this process. The network lock has no way back: it would hold for all tests."""
    monkeypatch.setattr(main, "lock_network", lambda: None)
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")

    def run(*words: object) -> Said:
        capsys.readouterr()
        code = main.run([str(word) for word in words])
        return Said(int(code), *capsys.readouterr())

    return run


@dataclass(frozen=True)
class Demo:
    """The sample contracts, reviewed by `pincite demo --json` in a process of its own."""

    home: Path
    said: Said

    @property
    def matter(self) -> Path:
        return self.home / "demo"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, model_file: Path) -> Demo:
    """Made once, whichever of pytest's workers comes first. Read only."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    home, held = root / "demo-home", root / "demo.json"
    until = time.monotonic() + 600
    while not held.exists():
        assert time.monotonic() < until, "the worker that makes the demo does not come to an end"
        try:
            with FileLock(root / "demo.lock"):
                if not held.exists():
                    _make_demo(home, held, model_file)
        except MatterBusy:
            time.sleep(0.1)
    return Demo(home, Said(**json.loads(held.read_text(encoding="utf-8"))))


def _make_demo(home: Path, held: Path, model_file: Path) -> None:
    (home / "models").mkdir(parents=True)
    (home / "models" / model_file.name).symlink_to(model_file)
    said = in_a_process(home, "demo", "--model", MODEL, "--json")
    part = held.with_suffix(".part")
    part.write_text(json.dumps(said.__dict__), encoding="utf-8")
    part.replace(held)


@pytest.fixture
def own_matter(demo: Demo, tmp_path: Path) -> Path:
    """A copy of the reviewed matter that a test may change."""
    return Path(shutil.copytree(demo.matter, tmp_path / "own matter"))
