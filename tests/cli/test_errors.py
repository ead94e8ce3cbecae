from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import typer.main

from app import wiring
from app.cli.main import app
from app.domain.record import EntryKind
from app.store.opening import read_matter
from tests.cli.conftest import SECRET, Demo, Pincite, command, environment, in_a_process
from tests.conftest import MODEL, ROOT, SAMPLES


def all_commands(group: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for name, inner in getattr(group, "commands", {}).items():
        found += all_commands(inner, (*path, name))
    return found


COMMANDS = all_commands(typer.main.get_command(app))


def test_every_command_of_the_first_version_is_there() -> None:
    assert set(COMMANDS) >= {
        *((name,) for name in ("demo", "add", "documents", "text", "search", "evidence", "quote", "review")),
        *((name,) for name in ("findings", "decide", "costs", "report", "verify", "doctor")),
        *(("models", name) for name in ("list", "fetch", "import", "verify")),
        *(("packs", name) for name in ("list", "show", "check")),
    }


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_says_what_a_command_does(pincite: Pincite, path: tuple[str, ...]) -> None:
    said = pincite(*path, "--help")
    assert said.code == 0
    usage, _, rest = said.out.partition("\n\n")
    assert usage.startswith(f"Usage: {' '.join(('pincite', *path))}")
    about = rest.partition("\n\n")[0].strip()
    assert about.endswith(".")
    assert len(about) > 10
    assert said.err == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("documents", "NOWHERE"), "matter.not-found"),
        (("review", "NOWHERE", "--pack", "contracts", "--model", MODEL), "matter.not-found"),
        (("decide", "NOWHERE", "abc", "accept"), "matter.not-found"),
        (("add", "NOWHERE", "/no/such/file.pdf"), "file.missing"),
        (("text", "DEMO", "nope"), "document.not-found"),
        (("search", "DEMO", "law", "--document", "nope"), "document.not-found"),
        (("decide", "DEMO", "zzz", "accept"), "finding.not-found"),
        (("review", "DEMO", "--pack", "nope"), "pack.not-found"),
        (("review", "DEMO", "--pack", "contracts", "--task", "nope"), "task.not-found"),
        (("evidence", "DEMO", "--pack", "contracts", "--task", "nope"), "task.not-found"),
        (("review", "DEMO", "--pack", "contracts", "--model", "nope"), "model.not-found"),
        (("review", "DEMO", "--pack", "contracts"), "model.not-installed"),
        (("packs", "check", "nope"), "pack.not-found"),
    ],
)
def test_an_error_is_one_sentence_and_one_hint(
    demo: Demo, pincite: Pincite, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    places = {"NOWHERE": tmp_path / "nowhere", "DEMO": demo.matter}
    said = pincite(*(places.get(word, word) for word in words), "--json")
    assert said.code == 1
    error = said.error()
    assert error["code"] == code
    shown = pincite(*(places.get(word, word) for word in words))
    assert (shown.code, shown.out) == (1, "")
    assert shown.err.strip().splitlines()[-2:] == [error["message"], error["hint"]]


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("documents",),
        ("add", "m"),
        ("documents", "m", "--unheard-of"),
        ("findings", "m", "--status", "odd"),
        ("decide", "m", "abc", "maybe"),
        ("search", "m", "law", "--limit", "0"),
        ("search", "m", "law", "--limit", "many"),
        ("costs", "m", "--by", "week"),
        ("report", "m", "--format", "papyrus", "--out", "x"),
        ("review", "m"),
        ("review", "m", "--pack", "contracts", "--max-cost", "-1"),
        ("models",),
        ("packs", "show"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_is_wrong(pincite: Pincite, words: tuple[str, ...]) -> None:
    said = pincite(*words, "--json")
    assert said.code == 2
    assert said.error()["code"] == "usage"
    assert "\n" not in said.error()["message"]
    shown = pincite(*words)
    assert (shown.code, shown.out) == (2, "")
    assert "pincite --help" in shown.err


@pytest.mark.parametrize("as_json", [False, True])
def test_the_words_of_an_unexpected_error_are_neither_shown_nor_logged(
    pincite: Pincite, monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path, as_json: bool
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError(SECRET) from KeyError(SECRET)

    monkeypatch.setattr(wiring, "documents_of", breaks)
    said = pincite("documents", tmp_path, *["--json"] * as_json)
    assert said.code == 1
    assert "SECRET" not in said.out + said.err
    assert "Traceback" not in said.out + said.err
    shown = said.error()["hint"] if as_json else said.err
    reference = re.search(r"Report reference ([0-9a-f]{8})\.", shown)
    assert reference is not None
    log = "".join(file.read_text(encoding="utf-8") for file in (home / "logs").iterdir())
    assert f"{reference[1]} RuntimeError" in log
    assert "SECRET" not in log


@pytest.mark.parametrize("stop", [KeyboardInterrupt, typer.Abort])
def test_an_interrupt_anywhere_ends_with_130_and_one_json_value(
    pincite: Pincite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stop: type[BaseException]
) -> None:
    def stopped(*_: object) -> None:
        raise stop

    monkeypatch.setattr(wiring, "documents_of", stopped)
    said = pincite("documents", tmp_path, "--json")
    assert (said.code, said.error()["code"]) == (130, "cancelled")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT")
@pytest.mark.usefixtures("home")
def test_ctrl_c_keeps_what_was_finished(tmp_path: Path, home: Path) -> None:
    matter = tmp_path / "m"
    sample = next(SAMPLES.glob("Pelican*.pdf"))
    assert in_a_process(home, "add", matter, sample).code == 0
    review = subprocess.Popen(
        command("review", matter, "--pack", "contracts", "--model", MODEL, "--json", "--quiet"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(home),
        start_new_session=True,
    )
    with review:
        try:
            kept = first_findings(matter, review)
            family = psutil.Process(review.pid).children(recursive=True)
            os.killpg(review.pid, signal.SIGINT)  # as a terminal does: the engine is told too
            out, err = review.communicate(timeout=60)
        finally:
            review.kill()
    assert review.returncode == 130
    assert '"cancelled"' in out
    assert err == ""
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
    reader = read_matter(matter)
    held = {outcome.finding.id for outcome in reader.outcomes()}
    endings = [entry.payload["ending"] for entry in reader.entries() if entry.kind is EntryKind.RUN_ENDED]
    reader.close()
    assert kept <= held
    assert len(held) < 43
    assert endings == ["cancelled"]
    assert in_a_process(home, "verify", matter).code == 0


def first_findings(matter: Path, review: subprocess.Popen[str]) -> set[str]:
    until = time.monotonic() + 120
    while time.monotonic() < until and review.poll() is None:
        reader = read_matter(matter)
        held = {outcome.finding.id for outcome in reader.outcomes()}
        reader.close()
        if held:
            return held
        time.sleep(0.01)
    pytest.fail("the review stored no finding before it ended")


def test_a_command_is_cut_off_from_the_network(home: Path) -> None:
    code = (
        "import socket, sys\n"
        "from app.cli.main import run\n"
        "run(['models', 'list', '--quiet', '--json'])\n"
        "socket.getaddrinfo('localhost', 80)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(home),
        check=False,
    )
    assert done.stderr.strip().splitlines()[-1].startswith("app.domain.errors.RefusedByPolicy")


def test_options_that_all_commands_share_may_stand_anywhere(demo: Demo) -> None:
    first = in_a_process(demo.home, "--json", "documents", demo.matter)
    last = in_a_process(demo.home, "documents", demo.matter, "--quiet", "--json")
    assert first.json() == last.json()
    # after a double dash they are words like any other
    said = in_a_process(demo.home, "text", demo.matter, "--", "--json")
    assert (said.code, said.out) == (1, "")
    assert "“--json”" in said.err
