"""A server of completions for tests: Python's own HTTP server over a real model that llama.cpp runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import numpy as np

from app.domain.cancel import CancelToken
from models.chat import ChatFamily
from models.llama_context import LlamaContext, Step
from models.model_server import ModelServer
from models.replanning import plan_here

Answer = tuple[int, bytes]
Reply = Callable[[str, dict[str, Any]], Answer]
ANYTHING = "root ::= [^\\n]*"


class CompletionsServer:
    """Answers with ``reply``, which gets a path and a body; remembers what it was asked, headers too."""

    def __init__(self, reply: Reply, name: str = "small", port: int = 0) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._give({})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.bodies.append(body)
                self._give(body)

            def _give(self, body: dict[str, Any]) -> None:
                outer.headers.append(dict(self.headers.items()))
                status, data = reply(self.path, body)
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "http://127.0.0.1:9/")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                try:
                    self.wfile.write(data)
                except OSError:  # whoever asked has gone
                    self.close_connection = True

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
                """Says nothing."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = False

            def handle_error(self, request: Any, client_address: Any) -> None:
                """One that hung up is no error of the server's."""

        self._server = Quiet(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.port = int(self._server.server_address[1])
        self.server = ModelServer(
            encrypted=False, host="127.0.0.1", port=self.port, model=name, chat=ChatFamily.CHATML
        )

    def stop(self) -> None:
        """No connection is taken any more; those that are open are answered first."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class RealModel:
    """What a server with this model answers. ``takes_grammars`` False: it writes whatever it likes."""

    def __init__(self, file: Path, name: str = "small", takes_grammars: bool = True) -> None:
        self.takes_grammars = takes_grammars
        self._name = name
        self._llama = LlamaContext(file, plan_here(file, name))
        self._one_at_a_time = threading.Lock()

    def __call__(self, path: str, body: dict[str, Any]) -> Answer:
        with self._one_at_a_time:
            said = self._models() if path == "/v1/models" else self._completion(body)
        return 200, json.dumps(said).encode()

    def close(self) -> None:
        self._llama.close()

    def _models(self) -> dict[str, Any]:
        return {"object": "list", "data": [{"id": self._name, "object": "model"}]}

    def _completion(self, body: dict[str, Any]) -> dict[str, Any]:
        tokens = self._llama.tokens(body["prompt"], special=True)
        self._llama.clear()
        if "logprobs" not in body:
            grammar = str(body["grammar"]) if self.takes_grammars else ANYTHING
            step = Step(0, 0, tokens, last=1)
            written = self._llama.write(step, grammar, int(body["max_tokens"]), CancelToken())
            return {"choices": [{"text": self._llama.text(written), "logprobs": None}]}
        logits = self._llama.read([Step(0, 0, tokens, last=1)], CancelToken())[0][0].astype(np.float64)
        logs = logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())
        best = [int(token) for token in np.argsort(-logs)[: int(body["logprobs"])]]
        top = {self._llama.text((token,)): float(logs[token]) for token in best}
        top.pop("", None)
        return {"choices": [{"text": next(iter(top)), "logprobs": {"top_logprobs": [top]}}]}


def canned(top: dict[str, float], text: str = "", name: str = "small") -> Reply:
    """A fake: it gives the same probabilities and text to everybody."""

    def reply(path: str, body: dict[str, Any]) -> Answer:
        if path == "/v1/models":
            return 200, json.dumps({"data": [{"id": name}]}).encode()
        choice = {"text": text, "logprobs": {"top_logprobs": [top]} if "logprobs" in body else None}
        return 200, json.dumps({"choices": [choice]}).encode()

    return cast(Reply, reply)
