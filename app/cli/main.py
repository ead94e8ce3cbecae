"""The command line's entry: all commands, the options they share, and how each error ends."""

from __future__ import annotations

import sys

import typer

from app.cli import documents, findings, matters, models, packs, policies, repeats, reviews
from app.cli.errors import exit_for, exit_for_unexpected, show_error
from app.cli.output import SPEECH
from app.cli.pack_gold import with_own_gold
from app.domain.errors import Cancelled, ExitCode, PinciteError
from app.platform.logs import set_up_logging
from app.platform.network_lock import lock_network

app = typer.Typer(
    name="pincite",
    help="Reviews documents offline: a citation behind every finding, a price on every outcome.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for room in (matters, documents, reviews, findings, repeats):
    room.add_to(app)
app.add_typer(models.app, name="models", help="Models on this machine.")
app.add_typer(packs.app, name="packs", help="Packs: what a vertical asks of documents.")
app.add_typer(policies.app, name="policy", help="What the organisation allows on this machine.")


def run(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code. ``--json`` and ``--quiet`` may stand anywhere."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    cut = words.index("--") if "--" in words else len(words)
    SPEECH.as_json = "--json" in words[:cut]
    SPEECH.quiet = "--quiet" in words[:cut]
    words = with_own_gold([w for i, w in enumerate(words) if i >= cut or w not in ("--json", "--quiet")])
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    set_up_logging(verbose=False)
    lock_network()
    try:
        result = app(args=words, standalone_mode=False, prog_name="pincite")
        if result == ExitCode.INTERRUPTED:  # what typer makes of Ctrl-C
            raise Cancelled
        return int(result) if isinstance(result, int) else ExitCode.DONE
    except PinciteError as error:
        return exit_for(error, SPEECH.as_json)
    except (KeyboardInterrupt, typer.Abort):
        return exit_for(Cancelled(), SPEECH.as_json)
    except typer.Exit as stop:
        return stop.exit_code
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):  # wrong usage, as click says it
            message = str(error.format_message())  # type: ignore[attr-defined]
            if SPEECH.as_json and "\n" in message:  # no command was named, and this is the whole help
                message = "A command is missing."
            show_error("usage", message, "See `pincite --help`.", SPEECH.as_json)
            return ExitCode.USAGE
        return exit_for_unexpected(error, SPEECH.as_json)
