"""The organisation's policy: one TOML file that an administrator writes and users cannot move or change."""

from __future__ import annotations

import re
import sys
import tomllib
from ipaddress import ip_address
from pathlib import Path

import platformdirs
from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator

from app.domain.base import Frozen, Sha256
from app.domain.errors import FileMissing, SettingsInvalid

POLICY_FILE = "policy.toml"
_HINT = "Ask who looks after this machine to correct it; `pincite policy check FILE` says what is wrong."
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[0-9.]+|\[[0-9A-Fa-f:]+\]):(?P<port>[0-9]{1,5})\Z")


class _Strict(Frozen):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ReadingPolicy(_Strict):
    """Limits on what one file may cost; they lower Pincite's own and never raise them. None: not set."""

    file_megabytes: float | None = Field(default=None, gt=0)
    inner_files: int | None = Field(default=None, ge=0)
    inner_megabytes: float | None = Field(default=None, gt=0)
    pages: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, gt=0)


class SearchPolicy(_Strict):
    """``servers``: addresses besides this machine's own at which a Chroma server may hold vectors."""

    servers: tuple[str, ...] = Field(default=(), strict=False)

    @field_validator("servers")
    @classmethod
    def _numeric(cls, servers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_address(server)) for server in servers)


class ModelsPolicy(_Strict):
    """``allowed``: SHA-256 of the model files that may be loaded, and no other. None: not set.

    ``second_opinion``: the id of the model that is asked what a smaller one was not sure of, unless a review
    says otherwise.
    """

    allowed: tuple[Sha256, ...] | None = Field(default=None, strict=False)  # TOML has lists only
    second_opinion: str | None = None


class ServerPolicy(_Strict):
    """A model server that may be asked, which sends it passages of documents.

    ``origin`` is scheme, numeric address and port: no name is ever looked up. ``name`` is what its
    certificate bears where that is not the address. An address of this machine may do without encryption, one
    that is not private needs ``outside``. ``certificates`` (PEM) and ``key_file`` are paths; ``chat`` is how
    the model takes turns.
    """

    origin: str
    model: str = Field(min_length=1)
    chat: str = "chatml"
    name: str = Field(default="", pattern=r"^[A-Za-z0-9.-]*$")
    outside: bool = False
    certificates: str = ""
    key_file: str = ""

    @field_validator("origin")
    @classmethod
    def _numeric(cls, origin: str) -> str:
        if (parts := _ORIGIN.match(origin)) is None or not 0 < int(parts["port"]) < 1 << 16:
            raise ValueError('is not scheme, numeric address and port, such as "https://10.0.0.7:8443"')
        ip_address(parts["host"].strip("[]"))
        return origin

    @model_validator(mode="after")
    def _guarded(self) -> ServerPolicy:
        address = ip_address(self.host)
        if address.is_multicast or address.is_unspecified:
            raise ValueError("origin is no machine's address")
        if not self.encrypted and not address.is_loopback:
            raise ValueError("origin must begin with https, unless it is this machine's")
        if not (address.is_private or address.is_loopback or self.outside):
            raise ValueError("origin is outside private networks; set outside = true if that is meant")
        return self

    @property
    def encrypted(self) -> bool:
        """Whether it is https."""
        return self.origin.startswith("https:")

    @property
    def host(self) -> str:
        """Its numeric address."""
        return str(ip_address(self._parts["host"].strip("[]")))

    @property
    def port(self) -> int:
        """Of its address."""
        return int(self._parts["port"])

    @property
    def _parts(self) -> re.Match[str]:
        parts = _ORIGIN.match(self.origin)
        assert parts is not None
        return parts


class Policy(_Strict):
    """What is set here holds for everybody on the machine. ``server`` None: no model is asked elsewhere."""

    reading: ReadingPolicy = ReadingPolicy()
    search: SearchPolicy = SearchPolicy()
    models: ModelsPolicy = ModelsPolicy()
    server: ServerPolicy | None = None


def policy_file() -> Path:
    """Where this system keeps it; no variable of the user's environment moves it."""
    if sys.platform in ("win32", "darwin"):
        return platformdirs.site_config_path("Pincite", appauthor=False) / POLICY_FILE
    return Path("/etc/pincite") / POLICY_FILE


def load_policy(file: Path, must_be_there: bool = False) -> Policy:
    """An empty one where there is no file. Raises SettingsInvalid, which names file and key; FileMissing."""
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        if must_be_there:
            raise FileMissing(f"There is no file {file}.", "Name a policy file.") from None
        return Policy()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{file}: not valid TOML: {error}.", _HINT) from None
    except OSError as error:
        raise SettingsInvalid(f"{file}: cannot be read: {error.strerror}.", _HINT) from error
    try:
        return Policy.model_validate(held)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise SettingsInvalid(f"{file}: {key}: {said}.", _HINT) from None
