from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.platform.logs import set_up_logging

SECRET = "SECRET WORDS of a document"


@pytest.fixture(autouse=True)
def _handlers_of_before() -> Iterator[None]:
    rooms = [logging.getLogger(name) for name in ("app", "models", "retrieval", "verticals")]
    before = [(room, list(room.handlers), room.level) for room in rooms]
    yield
    for handler in {handler for room in rooms for handler in room.handlers}:
        handler.close()
    for room, handlers, level in before:
        room.handlers[:] = handlers
        room.setLevel(level)


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path))
    return tmp_path / "logs"


def breaks() -> None:
    words = f"{SECRET} in a local variable"
    try:
        raise KeyError(words)
    except KeyError as error:
        raise ValueError(SECRET) from error


def test_the_words_of_an_exception_are_not_in_the_log_but_its_type_and_places_are(logs: Path) -> None:
    set_up_logging(verbose=False)
    log = logging.getLogger("app.somewhere")
    try:
        breaks()
    except ValueError as error:
        log.exception("finding %s failed", "ab12")
        log.error("it broke: %s", error)
        log.error("again: %r %s", error, 7)
    text = (logs / "pincite.log").read_text(encoding="utf-8")
    assert "finding ab12 failed" in text
    assert "it broke: ValueError" in text
    assert "again: 'ValueError' 7" in text
    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert f"{__file__}:" in text
    assert "in breaks" in text
    assert "SECRET" not in text


def test_what_is_verbose_goes_to_standard_error_by_the_same_rule(
    logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(verbose=True)
    try:
        breaks()
    except ValueError:
        logging.getLogger("models.somewhere").exception("it broke")
    logging.getLogger("retrieval.somewhere").debug("a detail")
    said = capsys.readouterr().err
    assert "builtins.ValueError" in said
    assert "a detail" in said
    assert "SECRET" not in said


def test_what_a_library_logs_is_not_kept(logs: Path) -> None:
    set_up_logging(verbose=True)
    logging.getLogger("chromadb").error("queried: %s", SECRET)
    logging.getLogger("app").info("ours")
    text = (logs / "pincite.log").read_text(encoding="utf-8")
    assert "ours" in text
    assert "SECRET" not in text


def test_two_processes_may_log_beside_each_other(logs: Path) -> None:
    set_up_logging(verbose=False, name="engine")
    logging.getLogger("app").info("of the engine")
    set_up_logging(verbose=False)
    logging.getLogger("app").info("of the command")
    assert "of the command" not in (logs / "engine.log").read_text(encoding="utf-8")
    assert "of the engine" not in (logs / "pincite.log").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_means_no_log_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "file"))
    set_up_logging(verbose=False)
    logging.getLogger("app").error("said to nobody")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_log_that_cannot_be_written_prints_nothing_of_the_record(
    logs: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_logging(verbose=False)
    (handler,) = logging.getLogger("app").handlers
    assert isinstance(handler, logging.FileHandler)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(handler.stream, "write", full)
    logging.getLogger("app").error("about %s", "doc17")
    assert capfd.readouterr() == ("", "")


def test_a_log_does_not_grow_without_end(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.platform.logs._MOST_BYTES", 2000)
    set_up_logging(verbose=False)
    for number in range(500):
        logging.getLogger("app").info("page %d of %s read", number, "ab12")
    files = sorted(logs.iterdir())
    assert len(files) == 4
    assert all(file.stat().st_size <= 2000 for file in files)
    assert "page 499 of" in (logs / "pincite.log").read_text(encoding="utf-8")
