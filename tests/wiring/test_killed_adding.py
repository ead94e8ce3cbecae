"""Killing everything in the middle of adding loses nothing, changes nothing and leaves nothing behind."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from bench.reading.killed import attacked


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_killed_at_any_moment_and_gone_on_with_it_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    attack = attacked(tmp_path, files=14, kills=2, chance=random.Random())
    assert attack.problems == []
    assert attack.documents
