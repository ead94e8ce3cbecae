"""A real Chroma server on this machine, as a child process."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

from app.platform.network_lock import Address

_RUN = "from chromadb.cli.cli import app; app()"


class ChromaServer:
    """``chroma run`` over a folder. Started again it is at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = Address("127.0.0.1", free.getsockname()[1])
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it takes connections."""
        host, port = self.address
        words = ["run", "--host", host, "--port", str(port), "--path", str(self.folder)]
        self._child = subprocess.Popen(
            [sys.executable, "-c", _RUN, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        listening = threading.Event()
        self._reader = threading.Thread(target=_read, args=(self._child, listening))
        self._reader.start()
        listening.wait()
        assert self._child.poll() is None, "the server ended"

    def stop(self) -> None:
        """At once."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._reader.join()
            self._child = None


def _read(child: subprocess.Popen[bytes], listening: threading.Event) -> None:
    """What it says, to its end: it must never wait for a full pipe."""
    assert child.stdout is not None
    with child.stdout:
        for line in child.stdout:
            if b"listening" in line:
                listening.set()
    listening.set()
