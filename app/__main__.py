"""Where Pincite starts: the desktop, the command line, or with ``--engine`` the engine's child process."""

from __future__ import annotations

import sys


def main() -> None:
    """Imports only what the wanted face needs."""
    if sys.argv[1:2] == ["--engine"]:
        from app.wiring import run_engine

        run_engine(sys.argv[2:])
    elif len(sys.argv) == 1:
        import gc

        gc.disable()  # what start-up makes stays: looking through it again and again is a fifth of the time
        from app.desktop.application import run as run_desktop

        sys.exit(run_desktop())
    else:
        from app.cli.main import run

        sys.exit(run())


if __name__ == "__main__":
    main()
