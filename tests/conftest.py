"""What all tests share: a data folder of their own, with the real small model in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from app.domain.text import Page, canonical_text
from app.platform.paths import models_folder

# a busy machine is slow, not wrong
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

MODEL = "qwen2.5-coder-0.5b"
ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "verticals/samples/contracts"


@pytest.fixture(scope="session")
def model_file() -> Path:
    file = models_folder() / f"{MODEL}.gguf"
    if not file.is_file():
        pytest.fail(f"run `pincite models fetch {MODEL}` first; installer/bootstrap.py test does")
    return file


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_file: Path) -> Path:
    folder = tmp_path / "home"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / model_file.name).symlink_to(model_file)
    monkeypatch.setenv("PINCITE_HOME", str(folder))
    return folder


def paged(*texts: str) -> tuple[Page, ...]:
    pages: list[Page] = []
    start = 0
    for number, text in enumerate(texts, start=1):
        pages.append(Page(number=number, start=start, text=text, width=612, height=792))
        start += len(text) + 1
    assert canonical_text(tuple(pages)) == "\f".join(texts)
    return tuple(pages)
