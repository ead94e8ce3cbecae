"""Whether a page's words should be recognised in its picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_letters

_PICTURE = 0.5
_ODD = 0.2
_FEW_WORDS = 12
_LEAST_LETTERS = 40
_LONE = 0.6
_LONG = 25
_LATIN = frozenset(ascii_letters)
# what stands for a sign that the file does not name
_ODD_LETTER = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")


def wants_ocr(text: str, image_share: float, words: int, visible_words: int) -> str | None:
    """Why, ending a sentence that begins "this page is read from its picture because"; None if it is not.

    ``text`` is the page's own, ``image_share`` how much of the page pictures cover, 0 to 1. ``words`` counts
    all, ``visible_words`` those that are drawn: an OCR layer over a scan has none of these and will do.
    """
    if not words:
        return "it has no text" if image_share > 0.0 else None
    tokens = text.split()
    letters = sum(map(len, tokens))
    if len(_ODD_LETTER.findall(text)) > _ODD * letters:
        return "its text is garbled"
    if not visible_words and image_share < _PICTURE:
        return "its text cannot be seen"
    if letters >= _LEAST_LETTERS and _is_shapeless(tokens, letters):
        return "its text is in pieces"
    if visible_words and words < _FEW_WORDS and image_share >= _PICTURE:
        return "nearly all of it is a picture"
    return None


def _is_shapeless(tokens: Sequence[str], letters: int) -> bool:
    """Whether most letters stand alone, or stick together in words longer than there are."""
    if sum(token in _LATIN for token in tokens) > _LONE * len(tokens):
        return True
    long = [token for token in tokens if len(token) > _LONG]
    return sum(len(token) for token in long if token.isascii() and token.isalpha()) > _LONE * letters
