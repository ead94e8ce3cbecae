from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from app.desktop.document.page_layout import (
    TILE,
    Rect,
    Size,
    Tile,
    clip_of,
    commonest,
    lay_out,
    size_of,
    turn,
    turn_back,
    whole_page,
)
from app.desktop.document.paragraphs import MOST_CHARACTERS, Heights, paragraphs_of
from app.desktop.document.selection import between, nearest_word, word_at, words_in
from app.desktop.document.source import Rotation
from app.desktop.document.text_search import hits_in, pattern_of
from app.desktop.document.tile_cache import TileCache
from app.domain.spans import Box, Span, Word
from app.domain.text import PageShape

ROTATIONS: tuple[Rotation, ...] = (0, 90, 180, 270)
rotations = st.sampled_from(ROTATIONS)
lengths = st.floats(1, 20_000)
sizes = st.builds(Size, lengths, lengths)


@given(sizes, rotations, *[st.floats(-100, 20_100)] * 4)
def test_turning_back_undoes_a_turn(
    size: Size, rotation: Rotation, x0: float, y0: float, x1: float, y1: float
) -> None:
    box = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    turned = turn(box, size, rotation)
    assert turned.x0 <= turned.x1
    assert turned.y0 <= turned.y1
    back = turn_back(turned, size, rotation)
    assert all(abs(a - b) < 1e-6 for a, b in zip(back, box, strict=True))


@given(st.lists(sizes, min_size=1, max_size=30), st.floats(0.05, 20), rotations)
def test_pages_stand_below_one_another_and_each_is_found_where_it_stands(
    held: list[Size], scale: float, rotation: Rotation
) -> None:
    layout = lay_out(tuple(held), scale, rotation, 16, 12)
    below = 0
    for index in range(layout.count):
        rect = layout.rect(index)
        assert rect.y >= below
        assert rect.x >= 0
        assert rect.x + rect.width <= layout.width
        assert layout.at(rect.y) == index
        assert layout.at(rect.bottom - 1) == index
        assert index in layout.visible(rect.y, rect.y + 1)
        below = rect.bottom
    assert layout.height == below + 16


@given(sizes, st.floats(0.05, 20), rotations, st.integers(0, 5_000), st.integers(1, 3_000))
def test_tiles_cover_what_shows_once(
    size: Size, scale: float, rotation: Rotation, top: int, height: int
) -> None:
    layout = lay_out((size,), scale, rotation, 16, 16)
    rect = layout.rect(0)
    tiles = layout.tiles("d", 0, top, top + height, 0, layout.width)
    assert all(0 < t.area.width <= TILE and 0 < t.area.height <= TILE for t in tiles)
    rows = sorted({(t.area.y, t.area.bottom) for t in tiles})
    if rows:
        assert all(a[1] == b[0] for a, b in pairwise(rows))
        assert rows[0][0] + rect.y <= max(top, rect.y)
        assert rows[-1][1] + rect.y >= min(top + height, rect.bottom)
        assert sum(t.area.width for t in tiles if (t.area.y, t.area.bottom) == rows[0]) == rect.width
    else:
        assert top >= rect.bottom or top + height <= rect.y


@given(sizes, rotations)
def test_a_tile_knows_its_part_of_the_page(size: Size, rotation: Rotation) -> None:
    shown = size.turned(rotation)
    whole = Tile("d", 1, 1.0, rotation, Rect(0, 0, round(shown.width), round(shown.height)))
    clip = clip_of(whole, size)
    assert abs((clip.x1 - clip.x0) - size.width) <= 0.5
    assert abs((clip.y1 - clip.y0) - size.height) <= 0.5


def test_sizes_beyond_reason_are_held_to_what_can_be_scrolled() -> None:
    wild = PageShape(number=1, start=0, end=0, width=-5, height=1e12)
    layout = lay_out((size_of(wild),) * 20_000, 30.0, 0, 16, 16)
    assert layout.height < 2**31
    small = whole_page("d", 1, Size(1, 1), 0, 320)
    assert small.scale <= 64


def test_a_page_is_fitted_by_the_size_that_most_have() -> None:
    assert commonest([Size(1, 2), Size(3, 4), Size(3, 4)]) == Size(3, 4)


def test_pictures_that_were_not_looked_at_go_first() -> None:
    cache = TileCache(most_bytes=3 * 40_000)
    tiles = [Tile("d", number, 1.0, 0, Rect(0, 0, 100, 100)) for number in range(5)]
    for tile in tiles[:3]:
        cache.put(tile, QImage(100, 100, QImage.Format.Format_RGB32))
    assert cache.get(tiles[0]) is not None
    cache.put(tiles[3], QImage(100, 100, QImage.Format.Format_RGB32))
    assert tiles[1] not in cache
    assert tiles[0] in cache
    assert cache.of_page("d", 1) == []
    assert cache.bytes == 120_000


texts = st.text(st.sampled_from("ab \n\r\f\u2028ß𝔘"), max_size=300)


@given(texts)
def test_pieces_hold_every_character_but_the_breaks_at_its_place(text: str) -> None:
    start, shapes = 0, list[PageShape]()
    for number, part in enumerate(text.split("\f"), start=1):
        shapes.append(PageShape(number=number, start=start, end=start + len(part), width=1, height=1))
        start += len(part) + 1
    made = paragraphs_of(text, shapes)
    assert made.text == text
    assert "".join(made.piece(i) for i in range(made.count)) == text.translate({10: None, 12: None, 13: None})
    for index in range(made.count):
        shape = shapes[made.pages[index] - 1]
        assert shape.start <= made.starts[index] <= made.ends[index] <= shape.end
    for offset in range(len(text)):
        assert made.starts[made.at(offset)] <= offset


def test_a_very_long_line_is_cut_at_its_spaces() -> None:
    text = "word " * 3_000
    made = paragraphs_of(text, ())
    assert made.count > 5
    assert all(len(made.piece(i)) <= MOST_CHARACTERS for i in range(made.count))
    assert all(made.piece(i).endswith(" ") for i in range(made.count - 1))


@given(st.lists(st.floats(1, 100), min_size=1, max_size=1_000), st.data())
def test_heights_agree_with_a_plain_sum(heights: list[float], data: st.DataObject) -> None:
    held = Heights(heights)
    changed = data.draw(st.integers(0, len(heights) - 1))
    heights[changed] = held[changed] + 7
    held[changed] = heights[changed]
    index = data.draw(st.integers(0, len(heights) - 1))
    assert abs(held.top(index) - sum(heights[:index])) < 1e-6
    assert held.at(held.top(index) + heights[index] / 2) == index
    assert abs(held.total - sum(heights)) < 1e-6


def line(number: int, count: int) -> list[Word]:
    start = number * 100
    return [
        Word(start + 5 * i, start + 5 * i + 4, Box(10 + 50 * i, 20 * number, 50 + 50 * i, 20 * number + 12))
        for i in range(count)
    ]


def test_the_word_that_a_point_means() -> None:
    words = [*line(1, 4), *line(2, 2)]
    assert word_at(words, 20, 25) == 0
    assert word_at(words, 55, 25) is None
    assert nearest_word(words, 300, 26) == 3, "beyond the end of a line is its last word"
    assert nearest_word(words, 300, 46) == 5
    assert nearest_word(words, 0, 1_000) == 4
    assert nearest_word([], 1, 1) is None
    assert between(Span(10, 14), Span(0, 4)) == Span(0, 14)
    assert [w.start for w in words_in(words, Span(106, 202))] == [105, 110, 115, 200]
    assert words_in(words, Span(104, 105)) == []


def test_a_search_minds_neither_case_nor_breaks_of_lines_nor_kinds_of_marks() -> None:
    text = "The Supplier\u2019s  LIABILITY\nunder Section 9\u20132\fliability Under"
    for query, count in (
        ("liability", 2),
        ("supplier's liability under", 1),
        ("section 9-2", 1),
        ("9-2 liability", 0),
        (".*", 0),
        ("  ", 0),
    ):
        pattern = pattern_of(query)
        found = list(hits_in(text, pattern, 100)) if pattern else []
        assert len(found) == count, query
        for span in found:
            assert len(text[span.start - 100 : span.end - 100]) == span.end - span.start
