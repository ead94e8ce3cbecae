from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import psutil
import pymupdf
import pytest

from app.domain.errors import Cancelled
from app.domain.spans import Box
from app.ingest.limits import DEFAULT, Limits
from app.ingest.page_drawer import Drawn, PageDrawer, PageDrawers, PageNotDrawn
from tests.conftest import ROOT, SAMPLES

MUPDF = cast(Any, pymupdf)
SAMPLE = next(SAMPLES.glob("LinkPlus*.pdf"))
WAITS_FOREVER = "sys.stdin.readline(); sys.stdin.readline(); import time; time.sleep(600)"
DIES_AT_ONCE = "sys.stdin.readline(); sys.stdin.readline(); import os; os.abort()"
LIES = (
    "sys.stdin.readline(); sys.stdin.readline();"
    'print(\'{"width": 100000, "height": 100000, "stride": 300000}\', flush=True); sys.stdin.readline()'
)


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    before = psutil.Process().children()
    yield
    assert psutil.Process().children() == before


@pytest.fixture
def opened() -> Iterator[Callable[..., PageDrawer]]:
    """Makes drawers that are closed at the end."""
    made: list[PageDrawer] = []

    def make(*given: Any, **named: Any) -> PageDrawer:
        made.append(PageDrawer(*given, **named))
        return made[-1]

    yield make
    for drawer in made:
        drawer.close()


def fake(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import sys; {code}")


def squares(path: Path, width: float = 300, height: float = 200, rotation: int = 0) -> Path:
    """A page that is white but for a black square of 40 points, 10 from its upper left corner."""
    document = MUPDF.open()
    page = document.new_page(width=width, height=height)
    page.draw_rect(MUPDF.Rect(10, 10, 50, 50), color=None, fill=(0, 0, 0))
    page.set_rotation(rotation)
    document.save(str(path))
    document.close()
    return path


def dark(drawn: Drawn) -> tuple[int, int, int, int]:
    """Bounds of what is not white: left, top, right, bottom."""
    rows = [drawn.data[y * drawn.stride : y * drawn.stride + 3 * drawn.width] for y in range(drawn.height)]
    white = b"\xff" * 3 * drawn.width
    ys = [y for y, row in enumerate(rows) if row != white]
    xs = [x for x in range(drawn.width) if any(rows[y][3 * x] < 200 for y in ys)]
    return xs[0], ys[0], xs[-1] + 1, ys[-1] + 1


def test_a_page_looks_as_mupdf_draws_it(opened: Callable[..., PageDrawer]) -> None:
    drawer = opened(SAMPLE)
    drawn = drawer.draw(2, 2.0)
    with MUPDF.open(str(SAMPLE)) as document:
        wanted = document[1].get_pixmap(matrix=MUPDF.Matrix(2, 2))
    assert (drawn.width, drawn.height, drawn.stride) == (wanted.width, wanted.height, wanted.stride)
    assert drawn.data == bytes(wanted.samples)


def test_a_clip_is_that_part_of_the_whole_page(opened: Callable[..., PageDrawer]) -> None:
    drawer = opened(SAMPLE)
    whole = drawer.draw(1, 2.0)
    part = drawer.draw(1, 2.0, Box(50.0, 100.0, 250.0, 300.0))
    assert (part.width, part.height) == (400, 400)
    for row in (0, 199, 399):
        start = (200 + row) * whole.stride + 3 * 100
        assert part.data[row * part.stride : (row + 1) * part.stride] == whole.data[start : start + 1200]


@pytest.mark.parametrize(
    ("in_file", "extra", "bounds"),
    [
        (0, 0, (10, 10, 50, 50)),
        (0, 90, (150, 10, 190, 50)),
        (0, 180, (250, 150, 290, 190)),
        (0, 270, (10, 250, 50, 290)),
        (90, 0, (150, 10, 190, 50)),
        (90, 90, (250, 150, 290, 190)),
    ],
)
def test_a_page_is_turned_clockwise_on_top_of_what_its_file_says(
    opened: Callable[..., PageDrawer],
    tmp_path: Path,
    in_file: int,
    extra: Any,
    bounds: tuple[int, int, int, int],
) -> None:
    drawer = opened(squares(tmp_path / "a.pdf", rotation=in_file))
    drawn = drawer.draw(1, 1.0, None, extra)
    assert dark(drawn) == bounds


def test_a_clip_of_a_turned_page_is_given_before_the_turn(
    opened: Callable[..., PageDrawer], tmp_path: Path
) -> None:
    drawer = opened(squares(tmp_path / "a.pdf"))
    drawn = drawer.draw(1, 2.0, Box(0, 0, 60, 100), 90)
    assert (drawn.width, drawn.height) == (200, 120)
    assert dark(drawn) == (100, 20, 180, 100)


def test_a_child_that_is_killed_comes_back(opened: Callable[..., PageDrawer]) -> None:
    drawer = opened(SAMPLE)
    before = drawer.draw(1, 0.5)
    assert drawer.pid is not None
    first = psutil.Process(drawer.pid)
    first.kill()
    assert drawer.draw(1, 0.5) == before
    assert drawer.pid != first.pid


def test_a_page_over_which_the_child_dies_twice_is_not_drawn_and_says_so(
    opened: Callable[..., PageDrawer],
    caplog: pytest.LogCaptureFixture,
) -> None:
    drawer = opened(SAMPLE, command=fake(DIES_AT_ONCE))
    with caplog.at_level(logging.DEBUG), pytest.raises(PageNotDrawn) as caught:
        drawer.draw(3, 1.0)
    assert "3" in caught.value.message
    assert caught.value.hint
    assert "page 3" in caplog.text
    assert SAMPLE.name not in caplog.text


def test_a_page_that_takes_too_long_is_given_up(opened: Callable[..., PageDrawer]) -> None:
    drawer = opened(SAMPLE, command=fake(WAITS_FOREVER), seconds=0.5)
    began = time.monotonic()
    with pytest.raises(PageNotDrawn, match="too long"):
        drawer.draw(1, 1.0)
    assert time.monotonic() - began < 5


def test_a_child_that_cannot_be_started_is_an_error_with_a_way_out(
    opened: Callable[..., PageDrawer],
) -> None:
    with pytest.raises(PageNotDrawn, match="could not be started"):
        opened(SAMPLE, command=("/no/such/program",)).draw(1, 1.0)


def test_what_a_child_claims_is_held_to_the_bounds(opened: Callable[..., PageDrawer]) -> None:
    drawer = opened(SAMPLE, command=fake(LIES))
    with pytest.raises(PageNotDrawn):
        drawer.draw(1, 1.0)


def test_a_huge_page_is_drawn_in_parts_and_refused_as_a_whole(
    opened: Callable[..., PageDrawer], tmp_path: Path
) -> None:
    drawer = opened(squares(tmp_path / "huge.pdf", 14_400, 14_400))
    with pytest.raises(PageNotDrawn, match="too large"):
        drawer.draw(1, 1.0)
    assert dark(drawer.draw(1, 0.05)) == (0, 0, 3, 3)
    part = drawer.draw(1, 4.0, Box(0, 0, 256, 256))
    assert (part.width, part.height) == (1024, 1024)
    far = drawer.draw(1, 8.0, Box(14_272, 14_272, 14_400, 14_400))
    assert (far.width, far.height) == (1024, 1024)


def test_a_clip_far_outside_costs_nothing(opened: Callable[..., PageDrawer], tmp_path: Path) -> None:
    drawer = opened(squares(tmp_path / "a.pdf"))
    drawn = drawer.draw(1, 1.0, Box(-1e9, -1e9, 1e9, 1e9))
    assert (drawn.width, drawn.height) == (302, 202)


def test_each_bad_file_says_what_is_wrong_with_it(opened: Callable[..., PageDrawer], tmp_path: Path) -> None:
    document = MUPDF.open()
    document.new_page().insert_text((72, 72), "secret words")
    locked = tmp_path / "locked.pdf"
    document.save(str(locked), encryption=MUPDF.PDF_ENCRYPT_AES_256, user_pw="p", owner_pw="o")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nsecret words")
    for path, number, wanted in (
        (locked, 1, "password"),
        (broken, 1, "damaged"),
        (SAMPLE, 999, "no page 999"),
    ):
        drawer = opened(path)
        with pytest.raises(PageNotDrawn, match=wanted) as caught:
            drawer.draw(number, 1.0)
        assert "secret" not in caught.value.message + caught.value.hint


def test_too_little_memory_for_a_page_costs_only_that_page(opened: Callable[..., PageDrawer]) -> None:
    drawer = opened(SAMPLE, Limits(memory_bytes=200 << 20))
    with pytest.raises(PageNotDrawn, match="cannot be drawn"):
        drawer.draw(1, 8.0)
    assert drawer.draw(1, 1.0).width == 595


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_child_holds_itself_to_the_limits_but_may_live_all_day(opened: Callable[..., PageDrawer]) -> None:
    drawer = opened(SAMPLE)
    drawer.draw(1, 0.1)
    held = psutil.Process(drawer.pid)
    assert held.rlimit(psutil.RLIMIT_AS)[0] == DEFAULT.memory_bytes
    assert held.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert held.rlimit(psutil.RLIMIT_CPU)[0] > 30 * 86_400


def test_closing_stops_the_child_and_drawing_is_over(opened: Callable[..., PageDrawer]) -> None:
    drawer = opened(SAMPLE)
    drawer.draw(1, 0.1)
    drawer.close()
    drawer.close()
    with pytest.raises(Cancelled):
        drawer.draw(1, 0.1)


def test_a_page_can_be_given_up_from_another_thread(opened: Callable[..., PageDrawer]) -> None:
    drawer = opened(SAMPLE, command=fake(WAITS_FOREVER), seconds=60)
    timer = threading.Timer(0.7, drawer.interrupt)
    timer.start()
    with pytest.raises(Cancelled):
        drawer.draw(1, 1.0)
    timer.join()
    drawer.interrupt()  # nothing is being drawn: nothing happens


def test_the_child_ends_when_its_parent_does() -> None:
    code = (
        "import os, sys; from pathlib import Path; from app.ingest.page_drawer import PageDrawer;"
        f"drawer = PageDrawer(Path({str(SAMPLE)!r})); drawer.draw(1, 0.1); print(drawer.pid, flush=True);"
        "os._exit(1)"
    )
    parent = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    pid = int(parent.stdout)
    until = time.monotonic() + 10
    while psutil.pid_exists(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_prepared_child_is_the_next_documents() -> None:
    drawers = PageDrawers()
    drawers.prepare()
    drawers.prepare()
    (waiting,) = psutil.Process().children()
    first = drawers.open(SAMPLE)
    assert first.draw(1, 0.1).width == 60
    assert first.pid == waiting.pid
    second = drawers.open(SAMPLE)
    assert second.draw(1, 0.1).width == 60
    assert second.pid != waiting.pid
    drawers.prepare()
    drawers.close()
    with pytest.raises(Cancelled):
        drawers.open(SAMPLE)
    assert first.draw(2, 0.1).width == 60
    first.close()
    second.close()
