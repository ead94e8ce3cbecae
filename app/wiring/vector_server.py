"""The Chroma server that may hold the vectors: which it is, whether it may be used, whether it answers."""

from __future__ import annotations

import logging
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

from app.domain.errors import PinciteError, RefusedByPolicy
from app.platform.network_lock import Address, lock_network
from app.platform.policy import load_policy, policy_file
from app.platform.settings import load_chroma_server

_log = logging.getLogger(__name__)
_PATIENCE_SECONDS = 30.0
_PROBE = (
    "import sys; sys.path.insert(0, sys.argv[1]); from app.wiring.vector_server import probe; probe()",
    str(Path(__file__).parents[2]),
)


def vector_server() -> Address | None:
    """None where none is set. Raises SettingsInvalid, RefusedByPolicy."""
    server = load_chroma_server()
    if server is None or ip_address(server.host).is_loopback:
        return server
    if server.host not in load_policy(policy_file()).search.servers:
        raise RefusedByPolicy(
            f"The vector server {server.host} is not on this machine, and no policy names it.",
            "Use one on this machine, or ask who looks after it to name the server in the policy.",
        )
    return server


def usable_server() -> Address | None:
    """As ``vector_server``, but what is wrong with it is logged, and there is none."""
    try:
        return vector_server()
    except PinciteError as error:
        _log.warning("the vector server is not used: %s", error.code)
        return None


def answers() -> bool:
    """Whether it answers. Asks in a process that may connect to it, as this one may to nothing."""
    try:
        asked = subprocess.run(
            [sys.executable, "-c", *_PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def probe() -> None:
    """The process that ``answers`` starts: ends with 0 if the server answered."""
    from retrieval.chroma_homes import connect, disconnect

    server = vector_server()
    lock_network(server)
    if server is None:
        sys.exit(1)
    disconnect(connect(server))
