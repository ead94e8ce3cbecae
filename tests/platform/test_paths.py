from __future__ import annotations

from pathlib import Path

import pytest

from app.platform.paths import data_folder, logs_folder, models_folder

ALL = (data_folder, models_folder, logs_folder)


def test_one_variable_moves_everything_under_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "home"))
    assert [place() for place in ALL] == [
        tmp_path / "home",
        tmp_path / "home/models",
        tmp_path / "home/logs",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_tilde_in_it_is_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("PINCITE_HOME", "~/pincite")
    assert data_folder() == tmp_path / "pincite"


@pytest.mark.parametrize("value", [None, ""])
def test_without_it_the_systems_own_places_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    if value is None:
        monkeypatch.delenv("PINCITE_HOME", raising=False)
    else:
        monkeypatch.setenv("PINCITE_HOME", value)
    places = [place() for place in ALL]
    assert len(set(places)) == 3
    assert all(place.is_absolute() and "pincite" in str(place).lower() for place in places)
    assert list(tmp_path.iterdir()) == []
