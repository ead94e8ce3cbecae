from __future__ import annotations

import subprocess
import sys


def after_the_lock(code: str) -> str:
    script = f"from app.platform.network_lock import lock_network; lock_network()\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return done.stderr.strip().splitlines()[-1] if done.stderr else "nothing happened"


def test_no_name_can_be_looked_up() -> None:
    assert "RefusedByPolicy" in after_the_lock("import socket; socket.getaddrinfo('localhost', 80)")


def test_no_connection_can_be_opened() -> None:
    code = "import socket; socket.socket().connect(('127.0.0.1', 9))"
    assert "RefusedByPolicy" in after_the_lock(code)


def test_work_within_the_process_goes_on() -> None:
    assert after_the_lock("import os; os.pipe()") == "nothing happened"
