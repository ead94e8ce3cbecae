from __future__ import annotations

import socket
import subprocess
import sys


def after_the_lock(code: str, open_to: str = "None") -> str:
    script = f"from app.platform.network_lock import Address, lock_network; lock_network({open_to})\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return done.stderr.strip().splitlines()[-1] if done.stderr else "nothing happened"


def test_no_name_can_be_looked_up() -> None:
    assert "RefusedByPolicy" in after_the_lock("import socket; socket.getaddrinfo('localhost', 80)")


def test_no_connection_can_be_opened() -> None:
    code = "import socket; socket.socket().connect(('127.0.0.1', 9))"
    assert "RefusedByPolicy" in after_the_lock(code)


def test_work_within_the_process_goes_on() -> None:
    assert after_the_lock("import os; os.pipe()") == "nothing happened"


def test_one_address_may_be_connected_to_and_nothing_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as other:
        port, another = server.getsockname()[1], other.getsockname()[1]
        allowed = f"Address('127.0.0.1', {port})"
        connect = "import socket; socket.create_connection({0!r})"
        assert after_the_lock(connect.format(("127.0.0.1", port)), allowed) == "nothing happened"
        for address in (("127.0.0.1", another), ("localhost", port), ("127.0.0.2", port)):
            assert "RefusedByPolicy" in after_the_lock(connect.format(address), allowed)
    for code in (
        f"import socket; socket.socket().bind(('127.0.0.1', {port}))",
        f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', {port}))",
        "import socket; socket.gethostbyname('127.0.0.1')",
    ):
        assert "RefusedByPolicy" in after_the_lock(code, allowed)


def test_two_addresses_may_be_connected_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [server.getsockname()[1], other.getsockname()[1]]
        allowed = ", ".join(["None", *(f"Address('127.0.0.1', {port})" for port in ports)])
        for port in ports:
            code = f"import socket; socket.create_connection(('127.0.0.1', {port}))"
            assert after_the_lock(code, allowed) == "nothing happened"
    assert "RefusedByPolicy" in after_the_lock("import socket; socket.getaddrinfo('a', 1)", allowed)


def test_no_second_call_opens_the_lock() -> None:
    code = "lock_network(Address('127.0.0.1', 9)); import socket; socket.socket().connect(('127.0.0.1', 9))"
    assert "RefusedByPolicy" in after_the_lock(code)
