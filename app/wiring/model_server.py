"""The model server that a policy names: which it is, whether it answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.errors import ModelNotAllowed, PinciteError, SettingsInvalid
from app.platform.network_lock import Address, lock_network
from app.platform.policy import load_policy, policy_file
from models.chat import ChatFamily
from models.model_server import SERVER, ModelServer

_PATIENCE_SECONDS = 30.0
_PROBE = (
    "import sys; sys.path.insert(0, sys.argv[1]); from app.wiring.model_server import probe; probe()",
    str(Path(__file__).parents[2]),
)


def model_server(file: Path | None = None) -> ModelServer | None:
    """None where no policy names one: no setting of a user's does. Raises SettingsInvalid."""
    place = policy_file() if file is None else file
    policy = load_policy(place).server
    if policy is None:
        return None
    families = tuple(ChatFamily)
    if policy.chat not in families:
        raise SettingsInvalid(
            f"{place}: server.chat: is none of {', '.join(families)}.",
            "Ask who looks after this machine to correct it.",
        )
    return ModelServer(
        encrypted=policy.encrypted,
        host=policy.host,
        port=policy.port,
        name=policy.name,
        model=policy.model,
        chat=ChatFamily(policy.chat),
        certificates=policy.certificates,
        key_file=policy.key_file,
    )


def need_server() -> ModelServer:
    """Raises ModelNotAllowed where no policy names one, SettingsInvalid."""
    server = model_server()
    if server is None:
        raise ModelNotAllowed("No policy of this machine names a model server.", "Use a model that is here.")
    return server


def server_address(model: str) -> Address | None:
    """What an engine for this model may connect to: None unless it is the server's."""
    try:
        server = model_server()
    except PinciteError:
        return None
    if server is None or model not in (SERVER, server.ref.id):
        return None
    return Address(server.host, server.port)


def wrong_with_server() -> str:
    """Why the server cannot be used now, empty if it can. Asks in a process that may connect to it."""
    try:
        asked = subprocess.run(
            [sys.executable, "-c", *_PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "The model server does not answer in time."
    said = asked.stdout.decode(errors="replace").strip()
    return "" if asked.returncode == 0 else said or "The model server cannot be asked."


def probe() -> None:
    """The process that ``wrong_with_server`` starts: sends no document's words."""
    from models.server_connection import ServerConnection
    from models.server_model import ServerModel

    server = need_server()
    lock_network(Address(server.host, server.port))
    try:
        ServerModel(server, ServerConnection(server, pauses=())).need_model(CancelToken())
    except PinciteError as error:
        sys.stdout.write(error.message)
        sys.exit(1)
