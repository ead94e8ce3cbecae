"""The user's settings: one TOML file, checked when it is read, changed in place when it is written."""

from __future__ import annotations

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.domain.cost import RateCard
from app.domain.errors import SettingsInvalid
from app.platform.files import write_atomically
from app.platform.network_lock import Address
from app.platform.paths import data_folder
from app.platform.toml_table import TableNotPlain, with_values

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
        said = first["msg"].removeprefix("Value error, ")
        raise SettingsInvalid(f"{file}: {key}: {said}.", _HINT) from None


def load_chroma_server(file: Path | None = None) -> Address | None:
    """``chroma_server`` of the table ``[search]``, such as "127.0.0.1:8000"; None where it is not set.

    Whether it may be used is not asked here. Raises SettingsInvalid, which names the file and the key.
    """
    file = file if file is not None else data_folder() / SETTINGS_FILE
    given = _table(file, "search").get("chroma_server")
    if given is None:
        return None
    try:
        host, _, port = str(given).rpartition(":")
        host = str(ip_address("127.0.0.1" if host == "localhost" else host.strip("[]")))
        if not 0 < int(port) < 1 << 16:
            raise ValueError
    except ValueError:
        raise SettingsInvalid(
            f"{file}: search.chroma_server: is not a numeric address and a port.",
            'Write it as "127.0.0.1:8000", or remove it.',
        ) from None
    return Address(host, int(port))


def load_reranks(file: Path | None = None) -> bool:
    """``reranks`` of the table ``[search]``: whether a search's best passages are read once more.

    Raises SettingsInvalid.
    """
    file = file if file is not None else data_folder() / SETTINGS_FILE
    told = _table(file, "search").get("reranks", True)
    if not isinstance(told, bool):
        raise SettingsInvalid(f"{file}: search.reranks: must be true or false.", _HINT)
    return told


def load_second_opinion(file: Path | None = None) -> str | None:
    """``second_opinion`` of the table ``[models]``: the id of a model; None where it is not set.

    Raises SettingsInvalid.
    """
    file = file if file is not None else data_folder() / SETTINGS_FILE
    told = _table(file, "models").get("second_opinion")
    if told is not None and not isinstance(told, str):
        raise SettingsInvalid(f"{file}: models.second_opinion: must be a model's name.", _HINT)
    return told


def save_rate_card(card: RateCard, file: Path | None = None) -> None:
    """Write the prices into ``[rates]``, whole or not at all; all else in the file stays as it is.

    A price that was never set and still is the default is not written: a later default may be better.
    Raises SettingsInvalid, which names the file; DiskFull.
    """
    file = file if file is not None else data_folder() / SETTINGS_FILE
    rates = _table(file, "rates")
    wanted, default = card.model_dump(), RateCard().model_dump()
    values: dict[str, float | str] = {}
    for pair in (("currency",), *_PRICES.items()):
        if any(key in rates or wanted[key] != default[key] for key in pair):
            values |= {key: wanted[key] for key in pair}
    if not values:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        source = file.read_bytes().decode() if file.exists() else ""
        write_atomically(file, with_values(source, "rates", values).encode())
    except TableNotPlain:
        raise SettingsInvalid(
            f"{file}: rates: is not a table of its own.", "Write it as [rates], then save again."
        ) from None
    except OSError as error:
        raise SettingsInvalid(
            f"{file}: cannot be written: {error.strerror}.", "See that you may write there."
        ) from error


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
