"""Makes this process unable to use the network, whatever a library in it would like to do."""

from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple

from app.domain.errors import RefusedByPolicy

_SWITCHES = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "OTEL_SDK_DISABLED": "true",
    "TRANSFORMERS_OFFLINE": "1",
}
_ADDRESSED = {"socket.bind", "socket.connect", "socket.sendmsg", "socket.sendto"}
_LOOKED_UP = {"socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname", "socket.getnameinfo"}
_AF_UNIX = 1  # on Linux, macOS and Windows alike; the socket module is not imported for it

_locked = False
_open_to: tuple[Address, ...] = ()


class Address(NamedTuple):
    """A numeric address, never a name, and a port."""

    host: str
    port: int


def lock_network(*open_to: Address | None) -> None:
    """Refuse every name look-up and every socket address outside AF_UNIX, for good.

    Only connecting to ``open_to`` is let through, and looking these addresses up, which asks nobody; no
    proxy of the environment is used for them. Raises RefusedByPolicy inside whoever tries. It works on
    CPython's audit events, so it sees all Python code; native code that calls the system itself is not
    seen, and is kept off the network by the telemetry switches set here and by not being asked. Child
    processes inherit the switches only. Calling it again changes nothing.
    """
    global _locked, _open_to
    os.environ.update(_SWITCHES)
    if not _locked:
        _locked, _open_to = True, tuple(address for address in open_to if address is not None)
        if _open_to:
            hosts = ",".join(address.host for address in _open_to)
            os.environ.update(NO_PROXY=hosts, no_proxy=hosts)
        sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _LOOKED_UP or (event in _ADDRESSED and int(arguments[0].family) != _AF_UNIX):
        if _asked_for(event, arguments) in _open_to:
            return
        raise RefusedByPolicy(
            "This process is not allowed to use the network.",
            "Pincite works offline; only `pincite models fetch` downloads anything.",
        )


def _asked_for(event: str, arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Host and port of a connection, or of looking an address up; None for anything else."""
    if event == "socket.connect":
        return tuple(arguments[1][:2])
    return arguments[:2] if event == "socket.getaddrinfo" else None
