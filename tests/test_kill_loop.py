"""The issue's promise: killing the engine and the command twenty times during a review loses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from app import wiring
from app.domain.cancel import CancelToken
from app.domain.finding import Decision, Finding, Outcome
from app.domain.kinds import DecisionKind, FindingStatus
from app.domain.record import EntryKind, first_broken_link
from app.store.opening import read_matter
from tests.conftest import MODEL, ROOT, SAMPLES

KILLS = 20
DEADLINE_SECONDS = 300.0
REVIEW = ("--pack", "contracts", "--model", MODEL, "--json", "--quiet")
# two engines on a small machine would otherwise wait for each other's threads by spinning
ENVIRONMENT = {"OMP_WAIT_POLICY": "passive"}


def command(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
    )


def add(matter: Path, *files: Path) -> None:
    wiring.add_files(matter, files, lambda _: None, CancelToken())


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.05)


def outcomes(matter: Path) -> tuple[Outcome, ...]:
    reader = read_matter(matter)
    try:
        return reader.outcomes()
    finally:
        reader.close()


def gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def engine_of(pid: int) -> psutil.Process | None:
    """None while it has none that lives."""
    try:
        children = psutil.Process(pid).children()
        return next((c for c in children if not gone(c) and "--engine" in c.cmdline()), None)
    except psutil.NoSuchProcess:
        return None


class Attacked:
    """A matter whose reviews are killed, the engine and the command in turn."""

    def __init__(self, matter: Path) -> None:
        self.matter = matter
        self.killed: list[int] = []
        self.seen: dict[str, Finding] = {}
        self.decisions: dict[str, Decision] = {}

    def review_under_attack(self) -> None:
        """One command: killed itself, or with a new engine, or done before there was a chance."""
        review = command("review", str(self.matter), *REVIEW)
        with review:
            try:
                while len(self.killed) < KILLS and self._one_more_finding(review):
                    if len(self.killed) % 2 == 0:
                        self._kill_the_engine(review)
                    else:
                        self._kill_the_command(review)
                said = review.communicate(timeout=DEADLINE_SECONDS)
            finally:
                review.kill()
        assert review.returncode == (-9 if review.pid in self.killed else 0), said

    def _one_more_finding(self, review: subprocess.Popen[str]) -> bool:
        """By the engine that runs now, not by one that was killed; False if the review was over before."""

        def over() -> bool:
            return review.poll() is not None

        wait_until(lambda: over() or engine_of(review.pid) is not None)
        before = len(outcomes(self.matter))
        wait_until(lambda: over() or len(outcomes(self.matter)) > before)
        self.seen.update({outcome.finding.id: outcome.finding for outcome in outcomes(self.matter)})
        return not over()

    def _kill_the_engine(self, review: subprocess.Popen[str]) -> None:
        engine = engine_of(review.pid)
        if engine is None:  # it was at its end
            return
        try:
            engine.kill()
        except psutil.NoSuchProcess:  # it came to its end meanwhile
            return
        self.killed.append(engine.pid)
        wait_until(lambda: gone(engine))

    def _kill_the_command(self, review: subprocess.Popen[str]) -> None:
        engine = engine_of(review.pid)
        review.kill()
        if review.wait() != -signal.SIGKILL:  # it was done before the signal came
            return
        self.killed.append(review.pid)
        if engine is not None:
            wait_until(lambda: gone(engine))
        # one that was only just started is not yet known as an engine, and ends as soon as it looks
        wait_until(lambda: not any(str(self.matter) in one.info["cmdline"] for one in processes()))
        if len(self.decisions) < 3:
            self._decide()

    def _decide(self) -> None:
        finding = next(f for f in self.seen.values() if f.id not in self.decisions)
        edit = len(self.decisions) % 2 == 1
        decision = Decision(
            finding=finding.id,
            kind=DecisionKind.EDIT if edit else DecisionKind.ACCEPT,
            value="as I read it" if edit else None,
            at=datetime.now(UTC),
            analyst_seconds=3.0,
        )
        self.decisions[finding.id] = decision
        wiring.decide(self.matter, decision)


def processes() -> list[psutil.Process]:
    """All that show their command line."""
    return [process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"]]


def one_more_document(matter: Path, folder: Path, number: int) -> None:
    """One page of a sample under a line of its own, so that there is more to review."""
    sample, page = number % len(list(SAMPLES.glob("*.pdf"))), 1 + number // 3
    reader = read_matter(matter)
    text = reader.pages(reader.documents()[sample].id)[page].text
    reader.close()
    file = folder / f"page {number}.txt"
    file.write_text(f"Copy {number} of a page.\n\n{text}", encoding="utf-8")
    add(matter, file)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.usefixtures("home")
def test_killing_the_engine_and_the_command_twenty_times_loses_nothing(tmp_path: Path) -> None:
    matter = tmp_path / "matter"
    add(matter, *sorted(SAMPLES.glob("*.pdf")))
    attacked = Attacked(matter)
    commands = 0
    while len(attacked.killed) < KILLS:
        assert commands < 3 * KILLS
        if wiring.quote_for(matter, "contracts", [], [], MODEL).findings < 15:
            one_more_document(matter, tmp_path, commands)
        attacked.review_under_attack()
        commands += 1
    last = command("review", str(matter), *REVIEW)
    said, complaint = last.communicate(timeout=DEADLINE_SECONDS)
    assert last.returncode == 0, complaint

    reader = read_matter(matter)
    held, entries, documents = reader.outcomes(), list(reader.entries()), reader.documents()
    reader.close()
    findings = {outcome.finding.id: outcome.finding for outcome in held}
    tasks = [task.id for task in wiring.pack_of("contracts").tasks]
    assert Counter((f.document, f.task) for f in findings.values()) == Counter(
        (document.id, task) for document in documents for task in tasks
    )
    assert FindingStatus.FAILED not in {finding.status for finding in findings.values()}
    assert {key: findings.get(key) for key in attacked.seen} == attacked.seen
    assert len(json.loads(said)["findings"]) == len(findings)

    assert first_broken_link(entries) is None
    made = Counter(str(e.payload["finding"]) for e in entries if e.kind is EntryKind.FINDING)
    assert made == Counter(dict.fromkeys(findings, 1))

    assert len(attacked.decisions) == 3
    assert {o.finding.id: o.decision for o in held if o.decision is not None} == attacked.decisions
    verified = command("verify", str(matter), "--json")
    said, complaint = verified.communicate(timeout=DEADLINE_SECONDS)
    assert (verified.returncode, json.loads(said)["problems"]) == (0, []), complaint
