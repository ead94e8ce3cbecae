"""The user's settings: one TOML file, checked when it is read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.domain.cost import RateCard
from app.domain.errors import SettingsInvalid
from app.platform.paths import data_folder

SETTINGS_FILE = "settings.toml"
_HINT = "Correct the file, or remove it to go back to the defaults."
_PRICES = {
    "machine_hour": "machine_source",
    "kwh": "kwh_source",
    "analyst_hour": "analyst_source",
    "watts": "watts_source",
}


def load_rate_card(file: Path | None = None) -> RateCard:
    """The table ``[rates]`` of ``settings.toml`` over the defaults; the defaults if there is none.

    A price that is set without its source is said to come from the file. Raises SettingsInvalid,
    which names the file and the key or line.
    """
    file = file if file is not None else data_folder() / SETTINGS_FILE
    rates = _table(file, "rates")
    for price, source in _PRICES.items():
        if price in rates:
            rates.setdefault(source, f"set in {file.name}")
    try:
        return RateCard.model_validate(rates)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(["rates", *(str(part) for part in first["loc"])])
        raise SettingsInvalid(f"{file}: {key}: {first['msg']}.", _HINT) from None


def _table(file: Path, name: str) -> dict[str, Any]:
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{file}: not valid TOML: {error}.", _HINT) from None
    except OSError as error:
        raise SettingsInvalid(f"{file}: cannot be read: {error.strerror}.", _HINT) from error
    table = settings.get(name, {})
    if not isinstance(table, dict):
        raise SettingsInvalid(f"{file}: {name}: must be a table.", _HINT)
    return dict(table)  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
