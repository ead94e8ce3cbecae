"""A model comes in whole, checked and known, or nothing of it stays."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from app.domain.cancel import CancelToken
from app.domain.errors import (
    Cancelled,
    DiskFull,
    FileMissing,
    ImportIncomplete,
    ModelDamaged,
    ModelHeaderInvalid,
    ModelInUse,
    ModelNotAllowed,
    ModelNotFound,
    ModelNotInstalled,
)
from app.domain.work import Progress
from app.platform.locks import FileLock
from models import importing
from models.catalog import Catalog, CatalogModel
from models.chat import ChatFamily
from models.importing import ModelImport
from models.library import ModelLibrary
from tests.models.gguf_made import UINT32, tiny_llama, tiny_mamba

WHOLE = tiny_llama().bytes()
SHA = hashlib.sha256(WHOLE).hexdigest()


def entry(name: str, **more: object) -> CatalogModel:
    facts = {
        "id": name, "title": name, "licence": "MIT", "source": "hub/tiny", "quantisation": "F32",
        "chat": ChatFamily.CHATML, "architecture": "llama", "parameters": 0.1,
    }  # fmt: skip
    return CatalogModel.model_validate({**facts, **more})


KNOWN = entry("known", sha256=SHA, bytes=len(WHOLE), default=True)
HEARD_OF = entry("heard-of", file="Heard-Of-Q4.gguf", unverified=("context", "file", "licence"))


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    return ModelLibrary(tmp_path / "models", Catalog(models=(KNOWN, HEARD_OF)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "share" / "Some Model.gguf"
    made.parent.mkdir()
    made.write_bytes(WHOLE)
    return made


def other(file: Path) -> Path:
    """A file that the catalog has no hash of."""
    return tiny_llama().having("general.extra", UINT32, 7).write(file)


def nothing(_: Progress) -> None: ...


def imported(
    library: ModelLibrary, file: Path, name: str | None = None, chat: ChatFamily | None = None
) -> CatalogModel:
    return ModelImport(library, file, name, chat).run(nothing, CancelToken())


def left_behind(library: ModelLibrary) -> set[str]:
    return (
        {one.name for one in library.folder.iterdir()} - {"import.lock"} if library.folder.exists() else set()
    )


def test_a_file_of_the_catalog_is_known_by_its_hash_whatever_its_name(
    library: ModelLibrary, file: Path
) -> None:
    assert imported(library, file) == KNOWN
    assert library.path(KNOWN).read_bytes() == WHOLE
    assert left_behind(library) == {"known.gguf", "known.verified.json"}
    assert imported(library, file) == KNOWN  # and again, which changes nothing


def test_a_model_that_the_catalog_has_no_hash_of_gets_one(library: ModelLibrary, file: Path) -> None:
    model = imported(library, other(file.with_name("heard-of-q4.GGUF")))
    assert (model.id, model.licence, model.imported) == ("heard-of", "MIT", True)
    assert model.unverified == ("licence",)
    assert model.sha256 == hashlib.sha256(library.path(model).read_bytes()).hexdigest()
    again = ModelLibrary(library.folder, library.catalog)
    assert again.find("heard-of") == model
    assert [one.id for one in again.models()] == ["known", "heard-of"]
    assert again.installed() == (model,)


def test_a_model_nobody_heard_of_is_named_after_its_file(library: ModelLibrary, file: Path) -> None:
    model = imported(library, other(file))
    assert (model.id, model.title, model.chat) == ("some-model", "Tiny", ChatFamily.CHATML)
    assert (model.licence, model.enterprise, model.context) == ("unknown", "unknown", 8192)
    assert ModelLibrary(library.folder, library.catalog).find("some-model") == model
    assert imported(library, file, name="mine").id == "mine"


def test_progress_is_told_to_its_end(library: ModelLibrary, file: Path) -> None:
    seen: list[Progress] = []
    ModelImport(library, file).run(seen.append, CancelToken())
    assert (seen[0].done, seen[-1].done) == (0, seen[-1].total)
    assert {one.what for one in seen} == {"importing Some Model.gguf"}


def test_an_import_that_is_stopped_leaves_nothing(
    library: ModelLibrary, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_CHUNK", 1000)
    cancel = CancelToken()
    calls: list[Progress] = []

    def stop(progress: Progress) -> None:
        calls.append(progress)
        if len(calls) == 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        ModelImport(library, file).run(stop, cancel)
    assert left_behind(library) == set()


def test_what_a_killed_import_left_is_not_built_upon(library: ModelLibrary, file: Path) -> None:
    library.folder.mkdir()
    (library.folder / "import.part").write_bytes(b"half of something else")
    assert imported(library, file) == KNOWN
    assert library.path(KNOWN).read_bytes() == WHOLE


def test_a_file_with_a_wrong_header_is_never_copied(
    library: ModelLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ModelImport, "_copied", lambda *_: pytest.fail("it was copied"))
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(WHOLE[:-100])
    with pytest.raises(ModelHeaderInvalid):
        imported(library, wrong)
    with pytest.raises(FileMissing):
        imported(library, tmp_path / "none.gguf")


def test_a_file_that_changes_while_it_is_copied_is_refused(
    library: ModelLibrary, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = importing.read_gguf

    def change(path: Path) -> object:
        header = read(path)
        if path == file:
            tiny_llama(layers=3).write(file)
        return header

    monkeypatch.setattr(importing, "read_gguf", change)
    with pytest.raises(ModelHeaderInvalid, match="changed while"):
        imported(library, file)
    assert left_behind(library) == set()


def test_a_disk_without_room_is_said_before_anything_is_copied(
    library: ModelLibrary, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = len(WHOLE) + importing.SPARE_BYTES - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(free, 0, free))
    monkeypatch.setattr(ModelImport, "_copied", lambda *_: pytest.fail("it was copied"))
    with pytest.raises(DiskFull, match="GB free"):
        imported(library, file)


def test_a_model_that_is_not_allowed_is_not_kept(library: ModelLibrary, file: Path) -> None:
    locked = ModelLibrary(library.folder, library.catalog, lambda sha256: sha256 == "0" * 64)
    with pytest.raises(ModelNotAllowed) as error:
        imported(locked, file)
    assert (error.value.code, error.value.exit_code) == ("model.not-allowed", 4)
    assert left_behind(library) == set()


def test_a_model_that_was_taken_off_the_list_is_not_loaded(library: ModelLibrary, file: Path) -> None:
    imported(library, file)
    locked = ModelLibrary(library.folder, library.catalog, lambda _: False)
    with pytest.raises(ModelNotAllowed):
        locked.path(KNOWN)
    assert locked.installed() == (KNOWN,)


def test_a_file_is_never_taken_for_another_model(library: ModelLibrary, file: Path) -> None:
    with pytest.raises(ModelDamaged, match="not the file that the catalog names for known"):
        imported(library, other(file), name="known")
    with pytest.raises(ImportIncomplete, match="mamba"):
        imported(library, tiny_mamba().write(file), name="heard-of")
    imported(library, other(file), name="mine")
    with pytest.raises(ModelInUse):
        imported(library, tiny_llama(layers=3).write(file), name="mine")


def test_what_a_file_does_not_say_must_be_said(library: ModelLibrary, file: Path) -> None:
    tiny_llama(markers=("<|end|>",)).write(file)
    with pytest.raises(ImportIncomplete, match="takes turns"):
        imported(library, file)
    tiny_llama(markers=("<|end|>", "<|system|>", "<|assistant|>")).write(file)
    with pytest.raises(ImportIncomplete, match=r"no <\|user\|> in its vocabulary") as error:
        imported(library, file, chat=ChatFamily.PHI)
    assert error.value.exit_code == 2
    with pytest.raises(ImportIncomplete, match="cannot be the id"):
        imported(library, other(file), name="../up")


def test_two_imports_do_not_disturb_each_other(library: ModelLibrary, file: Path) -> None:
    library.folder.mkdir()
    with FileLock(library.folder / "import.lock"), pytest.raises(ModelInUse, match="Another import"):
        imported(library, file)


def test_a_removed_model_leaves_nothing_and_can_come_again(library: ModelLibrary, file: Path) -> None:
    model = imported(library, other(file))
    assert library.remove(model) == file.stat().st_size
    assert left_behind(library) == set()
    with pytest.raises(ModelNotFound):
        library.find(model.id)
    with pytest.raises(ModelNotInstalled):
        library.remove(model)
    assert imported(library, file) == model


@pytest.mark.parametrize("record", [b"{", b"{}", b"\xff", KNOWN.model_dump_json().encode()])
def test_a_record_that_cannot_be_understood_gives_no_model(library: ModelLibrary, record: bytes) -> None:
    library.folder.mkdir()
    (library.folder / "strange.model.json").write_bytes(record)
    (library.folder / "strange.gguf").write_bytes(WHOLE)
    assert library.models() == (KNOWN, HEARD_OF)


def test_no_record_overrides_a_hash_of_the_catalog(library: ModelLibrary) -> None:
    library.folder.mkdir()
    lie = KNOWN.model_copy(update={"sha256": "0" * 64, "imported": True, "default": False})
    (library.folder / "known.model.json").write_text(lie.model_dump_json())
    assert library.find("known") == KNOWN
