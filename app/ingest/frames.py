"""What a parser's process says, in frames: so that what a file makes its reader say cannot pass for the end.

A frame is four bytes of length, big-endian, and so many bytes; one of length 0 says that whoever read the
file is no more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

_LENGTH = struct.Struct(">I")
END = _LENGTH.pack(0)


def framed(data: bytes) -> bytes:
    """One frame; ``data`` is not empty."""
    return _LENGTH.pack(len(data)) + data


def read_frames(stream: BinaryIO) -> Iterator[bytes]:
    """What each frame holds, empty for the one that ends a file; until the stream ends or is cut."""
    while len(head := stream.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        data = stream.read(length)
        if len(data) < length:
            return
        yield data
