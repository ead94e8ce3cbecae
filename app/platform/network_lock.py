"""Makes this process unable to use the network, whatever a library in it would like to do."""

from __future__ import annotations

import os
import sys
from typing import Any

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


def lock_network() -> None:
    """Refuse every name look-up and every socket address outside AF_UNIX, for good.

    Raises RefusedByPolicy inside whoever tries. It works on CPython's audit events, so it sees all
    Python code; native code that calls the system itself is not seen, and is kept off the network by
    the telemetry switches set here and by not being asked. Child processes inherit the switches only.
    Calling it again changes nothing.
    """
    global _locked
    os.environ.update(_SWITCHES)
    if not _locked:
        _locked = True
        sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _LOOKED_UP or (event in _ADDRESSED and int(arguments[0].family) != _AF_UNIX):
        raise RefusedByPolicy(
            "This process is not allowed to use the network.",
            "Pincite works offline; only `pincite models fetch` downloads anything.",
        )
