"""A model from a file or a share: header checked, copied and hashed in one go, there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.errors import (
    DiskFull,
    FileMissing,
    ImportIncomplete,
    MatterBusy,
    ModelDamaged,
    ModelHeaderInvalid,
    ModelInUse,
)
from app.domain.work import Progress, Report
from app.platform.files import PART_SUFFIX, disk_full_is_typed
from app.platform.locks import FileLock
from models.catalog import CatalogModel
from models.chat import ChatFamily, missing_marks, recognised
from models.gguf import read_gguf
from models.gguf_model import GgufModel
from models.library import ModelLibrary

_CHUNK = 4 << 20
_MEGABYTE = 1_000_000
SPARE_BYTES = 64 << 20
"""What must stay free on the disk."""

_AMISS = "Take another id with `--as ID`."


class ModelImport:
    """One import. ``name`` is the id it shall have, ``chat`` its family; None: told by the file.

    A copy that was interrupted is thrown away by the next import: what is left of it proves nothing.
    """

    def __init__(
        self, library: ModelLibrary, source: Path, name: str | None = None, chat: ChatFamily | None = None
    ) -> None:
        self._library = library
        self._source = source
        self._name = name
        self._chat = chat

    def run(self, report: Report, cancel: CancelToken) -> CatalogModel:
        """What was installed; the same file again changes nothing.

        Raises FileMissing, ModelHeaderInvalid, ImportIncomplete, DiskFull, ModelDamaged, ModelNotAllowed,
        ModelInUse, Cancelled; nothing is left behind then.
        """
        if not self._source.exists():
            raise FileMissing(f"There is no file {self._source.name}.", "Check the path.")
        header = read_gguf(self._source)
        if not any(model.bytes == header.file_bytes for model in self._library.catalog.models):
            self._described(header)  # what is missing is said before gigabytes are copied
        folder = self._library.folder
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"import{PART_SUFFIX}"
        try:
            with FileLock(folder / "import.lock"):
                try:
                    return self._taken(part, header, report, cancel)
                finally:
                    part.unlink(missing_ok=True)
        except MatterBusy:
            raise ModelInUse("Another import is running.", "Wait until it is done.") from None

    def _taken(self, part: Path, header: GgufModel, report: Report, cancel: CancelToken) -> CatalogModel:
        part.unlink(missing_ok=True)
        free = shutil.disk_usage(part.parent).free
        if free < header.file_bytes + SPARE_BYTES:
            raise DiskFull(
                f"{self._source.name} takes {header.file_bytes / 1e9:.1f} GB, and the disk of the models "
                f"has {free / 1e9:.1f} GB free.",
                "Make room, for example with `pincite models remove ID`.",
            )
        digest = self._copied(part, header.file_bytes, report, cancel)
        if read_gguf(part) != header:
            raise ModelHeaderInvalid(
                f"{self._source.name} changed while it was copied.", "Run the same command again."
            )
        model = self._model(header, digest)
        self._library.check_allowed(model)
        there = next((one for one in self._library.installed() if one.id == model.id), None)
        if there is not None and there.sha256 != digest:
            raise ModelInUse(f"Another file is here as {model.id}.", _AMISS)
        self._library.take(model, part)
        return model

    def _copied(self, part: Path, size: int, report: Report, cancel: CancelToken) -> str:
        """The SHA-256 of what was written."""
        total, done, seen = -(-size // _MEGABYTE), 0, hashlib.sha256()
        try:
            source = self._source.open("rb")
        except OSError as error:
            raise self._unread(error) from error
        with source, disk_full_is_typed(), part.open("xb") as out:
            while True:
                cancel.check()
                report(Progress(what=f"importing {self._source.name}", done=done // _MEGABYTE, total=total))
                try:
                    piece = source.read(_CHUNK)
                except OSError as error:
                    raise self._unread(error) from error
                if not piece:
                    break
                out.write(piece)
                seen.update(piece)
                done += len(piece)
            out.flush()
            os.fsync(out.fileno())
        report(Progress(what=f"importing {self._source.name}", done=total, total=total))
        return seen.hexdigest()

    def _unread(self, error: OSError) -> FileMissing:
        return FileMissing(
            f"{self._source.name} could not be read to its end: {error.strerror}.",
            "See that the share is there, then run the same command again.",
        )

    def _model(self, header: GgufModel, digest: str) -> CatalogModel:
        """Whose file it is: the hash decides before any name does."""
        for model in self._library.catalog.models:
            if model.sha256 == digest:
                return model
        for model in self._library.catalog.models:
            if model.id == self._name and model.sha256 is not None:
                raise ModelDamaged(
                    f"{self._source.name} is not the file that the catalog names for {model.id}.", _AMISS
                )
        return self._described(header).model_copy(update={"sha256": digest, "bytes": header.file_bytes})

    def _described(self, header: GgufModel) -> CatalogModel:
        """A model of the catalog that has no hash yet, or a new one. Raises ImportIncomplete."""
        model = self._of_catalog() or self._new(header)
        if model.architecture != header.architecture:
            raise ImportIncomplete(
                f"{self._source.name} is of the architecture {header.architecture}, and {model.id} is of "
                f"{model.architecture}.",
                _AMISS,
            )
        family = self._chat or model.chat
        if missing := missing_marks(family, header.markers):
            raise ImportIncomplete(
                f"{self._source.name} has no {', '.join(missing)} in its vocabulary, so that the chat family "
                f"{family} does not fit it.",
                f"Name another with `--chat`: {', '.join(ChatFamily)}.",
            )
        facts = {
            "chat": family,
            "quantisation": header.quantisation,
            "parameters": header.parameters / 1e9,
            "context": header.context,
            "imported": True,
        }
        seen = {*facts, "file", "architecture"}
        left = tuple(name for name in model.unverified if name not in seen)
        return model.model_copy(update={**facts, "unverified": left})

    def _of_catalog(self) -> CatalogModel | None:
        """By the id that was asked for, else by the file's name; None: it is a new one."""
        for model in self._library.catalog.models:
            if model.sha256 is not None:
                continue
            if model.id == self._name:
                return model
            if self._name is None and model.file.casefold() == self._source.name.casefold():
                return model
        return None

    def _new(self, header: GgufModel) -> CatalogModel:
        name = self._name or re.sub(r"[^a-z0-9._-]+", "-", self._source.stem.casefold()).strip("-._")[:64]
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name):
            raise ImportIncomplete(
                f"“{name}” cannot be the id of a model.", "Take small letters and digits with `--as ID`."
            )
        family = self._chat or recognised(header.architecture, header.markers)
        if family is None:
            raise ImportIncomplete(
                f"It cannot be told how {self._source.name} takes turns.",
                f"Name its chat family with `--chat`: {', '.join(ChatFamily)}.",
            )
        return CatalogModel(
            id=name,
            title=header.name or name,
            licence="unknown",
            source=self._source.name,
            quantisation=header.quantisation,
            chat=family,
            architecture=header.architecture,
            parameters=header.parameters / 1e9,
        )
