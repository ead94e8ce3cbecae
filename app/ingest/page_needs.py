"""Whether a page's words should be recognised in its picture."""

from __future__ import annotations

from collections.abc import Sequence

_PICTURE = 0.5
_ODD = 0.2
_FEW_WORDS = 12
_LEAST_LETTERS = 40
_LONE = 0.6
_LONG = 25


def wants_ocr(text: str, image_share: float, words: int, visible_words: int) -> str | None:
    """Why, ending a sentence that begins "this page is read from its picture because"; None if it is not.

    ``text`` is the page's own, ``image_share`` how much of the page pictures cover, 0 to 1. ``words`` counts
    all, ``visible_words`` those that are drawn: an OCR layer over a scan has none of these and will do.
    """
    if not words:
        return "it has no text" if image_share > 0.0 else None
    letters = [letter for letter in text if not letter.isspace()]
    if sum(map(_is_odd, letters)) > _ODD * len(letters):
        return "its text is garbled"
    if not visible_words and image_share < _PICTURE:
        return "its text cannot be seen"
    if len(letters) >= _LEAST_LETTERS and _is_shapeless(text.split()):
        return "its text is in pieces"
    if visible_words and words < _FEW_WORDS and image_share >= _PICTURE:
        return "nearly all of it is a picture"
    return None


def _is_odd(letter: str) -> bool:
    """What stands for a sign that the file does not name."""
    return (
        letter == "\ufffd"
        or "\ue000" <= letter <= "\uf8ff"
        or letter < " "
        or "\x7f" <= letter < "\xa0"
        or letter >= "\U000f0000"
    )


def _is_shapeless(words: Sequence[str]) -> bool:
    """Whether most letters stand alone, or stick together in words longer than there are."""
    lone = sum(len(word) == 1 and word.isascii() and word.isalpha() for word in words)
    if lone > _LONE * len(words):
        return True
    letters = sum(map(len, words))
    long = sum(len(word) for word in words if len(word) > _LONG and word.isascii() and word.isalpha())
    return long > _LONE * letters
