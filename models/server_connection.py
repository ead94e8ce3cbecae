"""The one connection that a policy can allow: to a model server, at its numeric address and nowhere else.

No name is looked up, no redirect followed, no proxy used; certificates are verified. See ADR 0024.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

from pydantic import JsonValue

from app.domain.cancel import CancelToken
from app.domain.errors import (
    ServerAnswerInvalid,
    ServerAnswerTooLarge,
    ServerBusy,
    ServerFailed,
    ServerNotReachable,
    ServerNotTrusted,
    ServerRefused,
    ServerSlow,
)
from models.model_server import ModelServer

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 180.0
"""A large model on a busy machine reads a prompt for a minute or two."""

PAUSES = (1.0, 4.0)
"""Seconds before a server that does not answer, or has no time, is asked once more. A restart takes longer:
then the review stops and goes on later."""

MOST_BYTES = 4 << 20
"""Of an answer. The largest that is asked for, a value with its probabilities, has some kilobytes."""

_BUSY = (429, 502, 503, 504)
_GO_ON = "What was found is kept: start the review again, and it goes on where it stopped."
_POLL_SECONDS = 0.2
_CHUNK = 1 << 16


class ServerConnection:
    """A new connection for each question, closed after it. Nothing that is sent or received is logged."""

    def __init__(
        self,
        server: ModelServer,
        seconds: float = ANSWER_SECONDS,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """``seconds`` for a whole answer; ``pauses`` before each further try."""
        self._server = server
        self._seconds = seconds
        self._pauses = pauses

    def get(self, path: str, cancel: CancelToken) -> JsonValue:
        """Its JSON. Raises Cancelled and the server's errors."""
        return self._tried("GET", path, None, cancel)

    def post(self, path: str, body: dict[str, JsonValue], cancel: CancelToken) -> JsonValue:
        """As ``get``."""
        return self._tried("POST", path, json.dumps(body).encode(), cancel)

    def _tried(self, method: str, path: str, body: bytes | None, cancel: CancelToken) -> JsonValue:
        """Once more after each pause; only once more after an answer that did not come in time."""
        waited = False
        for pause in self._pauses:
            try:
                return self._asked(method, path, body, cancel)
            except ServerSlow:
                if waited:
                    raise
                waited = True
            except (ServerNotReachable, ServerBusy):
                cancel.rest(pause)
        return self._asked(method, path, body, cancel)

    def _asked(self, method: str, path: str, body: bytes | None, cancel: CancelToken) -> JsonValue:
        until = time.monotonic() + self._seconds
        connection = HTTPConnection(self._server.host, self._server.port)
        try:
            connection.sock = wire = self._wire()
            connection.request(method, path, body, self._headers())
            _wait(wire, until, cancel)
            with connection.getresponse() as response:
                self._need_success(response.status)
                data = self._read(response, until, cancel)
        except TimeoutError:
            raise ServerSlow(
                f"The model server {self._server.origin} does not answer in time.",
                f"See that it has less to do, or ask who runs it. {_GO_ON}",
            ) from None
        except (OSError, HTTPException):
            raise self._not_reachable() from None
        finally:
            connection.close()
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise invalid(self._server) from None

    def _wire(self) -> socket.socket:
        """Connected and, but for this machine's own, encrypted. Raises ServerNotTrusted, OSError."""
        server = self._server
        try:
            wire = socket.create_connection((server.host, server.port), timeout=CONNECT_SECONDS)
        except TimeoutError:  # it is not slow to answer: nothing is there
            raise self._not_reachable() from None
        try:
            if server.encrypted:
                context = ssl.create_default_context(cafile=server.certificates or None)
                wire = context.wrap_socket(wire, server_hostname=server.name or server.host)
            wire.settimeout(self._seconds)
        except ssl.SSLError:
            wire.close()
            raise ServerNotTrusted(
                f"The model server {server.origin} has no certificate that is trusted here.",
                "Ask who looks after this machine: the policy names the certificates and the server's name.",
            ) from None
        except TimeoutError:
            wire.close()
            raise self._not_reachable() from None
        except BaseException:
            wire.close()
            raise
        return wire

    def _not_reachable(self) -> ServerNotReachable:
        return ServerNotReachable(
            f"The model server {self._server.origin} does not answer.", f"See that it runs. {_GO_ON}"
        )

    def _headers(self) -> dict[str, str]:
        host = self._server.name or self._server.host
        headers = {"Host": f"{host}:{self._server.port}", "Accept": "application/json", "Connection": "close"}
        if self._server.key_file:
            headers["Authorization"] = f"Bearer {_key(self._server)}"
        return headers | {"Content-Type": "application/json"}

    def _need_success(self, status: int) -> None:
        if status == 200:
            return
        origin = self._server.origin
        if status in _BUSY:
            raise ServerBusy(
                f"The model server {origin} is not ready or has too much to do ({status}).",
                f"See that it is, or ask who runs it. {_GO_ON}",
            )
        if status in (401, 403):
            said, hint = "does not accept the key", "Ask who looks after this machine for the right key."
        elif status == 404:
            said = f"has no model {self._server.model}, or no completions"
            hint = "Ask who looks after this machine: the policy names the model."
        elif 300 <= status < 400:
            said, hint = "points to another place, which is not followed", "The policy must name that place."
        else:
            raise ServerFailed(
                f"The model server {origin} answers with an error ({status}).",
                "Ask who runs it; its own log says more.",
            )
        raise ServerRefused(f"The model server {origin} {said}.", hint)

    def _read(self, response: HTTPResponse, until: float, cancel: CancelToken) -> bytes:
        parts = bytearray()
        while chunk := response.read1(_CHUNK):
            cancel.check()
            parts += chunk
            if len(parts) > MOST_BYTES:
                raise ServerAnswerTooLarge(
                    f"The model server {self._server.origin} sent more than {MOST_BYTES >> 20} MB.",
                    "Ask who runs it: an answer has some kilobytes.",
                )
            if time.monotonic() > until:
                raise TimeoutError
        return bytes(parts)


def invalid(server: ModelServer) -> ServerAnswerInvalid:
    """The error for an answer that is not of the form that was asked for."""
    return ServerAnswerInvalid(
        f"The model server {server.origin} gave an answer that cannot be understood.",
        "It must give completions with probabilities (logprobs), as llama.cpp's server and vLLM do.",
    )


def _key(server: ModelServer) -> str:
    try:
        return Path(server.key_file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise ServerRefused(
            f"The file with the key for the model server {server.origin} cannot be read.",
            "See that it is there, or ask who looks after this machine.",
        ) from None


def _wait(wire: socket.socket, until: float, cancel: CancelToken) -> None:
    """Until something can be read. Raises Cancelled, TimeoutError."""
    while not select.select([wire], [], [], _POLL_SECONDS)[0]:
        cancel.check()
        if time.monotonic() > until:
            raise TimeoutError
