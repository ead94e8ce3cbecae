"""The limits in force: the defaults, as far as the organisation's policy does not lower them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.domain.base import Frozen
from app.ingest.limits import DEFAULT, Limits
from app.platform.policy import Policy, ServerPolicy, load_policy, policy_file

_MEGABYTE = 1 << 20


class Limit(Frozen):
    """A limit on reading in its own unit, and whether the policy set it."""

    name: str
    value: float
    managed: bool


class PolicyInForce(Frozen):
    """``there``: whether there is a file at all. ``servers``: where vectors may be held besides here.

    ``models``: the hashes allowed; None: no list. ``second_opinion``: the model named for it, or empty.
    ``server``: the model server that may be asked.
    """

    file: Path
    there: bool
    limits: tuple[Limit, ...]
    servers: tuple[str, ...] = ()
    models: tuple[str, ...] | None = None
    second_opinion: str = ""
    server: ServerPolicy | None = None


def limits_in_force() -> Limits:
    """What a file may cost here. Raises SettingsInvalid."""
    return _limits(load_policy(policy_file()))


def models_allowed() -> Callable[[str], bool]:
    """Whether a file with this SHA-256 may be loaded; without a list, any. Raises SettingsInvalid."""
    allowed = load_policy(policy_file()).models.allowed
    return lambda sha256: allowed is None or sha256 in allowed


def policy_in_force(file: Path | None = None) -> PolicyInForce:
    """What ``file``, else this machine's policy, makes of the limits. Raises SettingsInvalid, FileMissing."""
    place = policy_file() if file is None else file
    policy = load_policy(place, must_be_there=file is not None)
    limits = _limits(policy)
    values = {
        "file_megabytes": limits.file_bytes / _MEGABYTE,
        "inner_files": limits.inner_files,
        "inner_megabytes": limits.inner_bytes / _MEGABYTE,
        "pages": limits.pages,
        "seconds": limits.seconds,
    }
    return PolicyInForce(
        file=place,
        there=place.is_file(),
        models=policy.models.allowed,
        second_opinion=policy.models.second_opinion or "",
        server=policy.server,
        limits=tuple(
            Limit(name=name, value=value, managed=getattr(policy.reading, name) is not None)
            for name, value in values.items()
        ),
        servers=policy.search.servers,
    )


def _limits(policy: Policy) -> Limits:
    """A policy can lower a limit and never raise one."""
    reading = policy.reading
    wanted = {
        "file_bytes": _bytes(reading.file_megabytes),
        "inner_files": reading.inner_files,
        "inner_bytes": _bytes(reading.inner_megabytes),
        "pages": reading.pages,
        "seconds": reading.seconds,
    }
    lowered = {
        name: min(value, getattr(DEFAULT, name)) for name, value in wanted.items() if value is not None
    }
    return DEFAULT.model_copy(update=lowered)


def _bytes(megabytes: float | None) -> int | None:
    return None if megabytes is None else int(megabytes * _MEGABYTE)
