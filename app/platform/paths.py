"""Where Pincite keeps its own files. ``PINCITE_HOME`` moves all of them under one folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_NAME = "Pincite"


def data_folder() -> Path:
    """Settings and whatever else belongs to the user. Not created here."""
    home = _home()
    return home if home is not None else platformdirs.user_data_path(_NAME, appauthor=False)


def models_folder() -> Path:
    """Model files: large, and fetched again if lost, so in the user's cache."""
    home = _home()
    return home / "models" if home is not None else platformdirs.user_cache_path(_NAME, False) / "models"


def logs_folder() -> Path:
    """Log files."""
    home = _home()
    return home / "logs" if home is not None else platformdirs.user_log_path(_NAME, appauthor=False)


def runs_folder() -> Path:
    """How each model was last started."""
    return data_folder() / "runs"


def _home() -> Path | None:
    home = os.environ.get("PINCITE_HOME")
    return Path(home).expanduser() if home else None
