"""Bytes to text by the name of an encoding that a stranger wrote down."""

from __future__ import annotations

import codecs
import contextlib
import functools

_WITHOUT_ALIAS = (
    *("utf_8_sig", "cp720", "cp737", "cp856", "cp874", "cp875", "cp1006", "koi8_u", "palmos"),
    *("mac_arabic", "mac_croatian", "mac_farsi", "mac_romanian"),
)


@functools.cache
def load_charsets() -> frozenset[str]:
    """Load every codec that Python has, as each lies in a file of its own; their names."""
    from encodings.aliases import aliases

    names = {*aliases.values(), *_WITHOUT_ALIAS}
    for name in names:
        with contextlib.suppress(LookupError):  # some are Windows' alone
            codecs.lookup(name)
    return frozenset(aliases) | names


def decoded(data: bytes, charset: str | None) -> str:
    """As ``charset`` says where Python knows it; else UTF-8; else Windows-1252. Never raises."""
    if charset and charset.lower().replace("-", "_") in load_charsets():
        with contextlib.suppress(LookupError, ValueError):  # also codecs that are not of text
            return data.decode(charset, errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
