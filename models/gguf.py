"""A strict reader of GGUF headers: what a model is, without llama.cpp and without believing the file.

The format is that of ggml's ``docs/gguf.md``, little-endian, versions 2 and 3. What ggml's own reader refuses
is refused here too, and so is what makes llama.cpp abort or reach for other files (``split.count``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, NamedTuple

from app.domain.errors import ModelHeaderInvalid
from models.gguf_model import Bad, GgufModel, Header, TensorInfo, model_of
from models.gguf_tables import TENSOR_TYPES

MOST_HEADER_BYTES = 64 << 20
"""A vocabulary of 262,144 words with its merges takes about 15 MB."""

MOST_KEYS = 4096
MOST_TENSORS = 65_536
MOST_KEY_BYTES = 256
MOST_STRING_BYTES = 1 << 20
MOST_KEPT_BYTES = 256
"""Of one text; longer ones, such as a chat template, are passed over."""

MOST_ELEMENTS = 4 << 20
MOST_KEPT_ELEMENTS = 512
"""Of an array of figures: one for each layer."""

MOST_MARKERS = 16_384
MOST_MARKER_BYTES = 64
MOST_NAME_BYTES = 63
MOST_DIMENSIONS = 4
MOST_ALIGNMENT = 1 << 16

_CHUNK = 1 << 16
_STRING, _ARRAY, _BOOL = 8, 9, 7
_NUMBERS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    _BOOL: struct.Struct("<B"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_UINT32, _UINT64 = _NUMBERS[4], _NUMBERS[10]
_TOKENS, _TOKEN_TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"
_CONTROL, _USER_DEFINED = 3, 4

Value = int | float | bool | str | tuple[int | float | bool, ...]


def read_gguf(file: Path) -> GgufModel:
    """What the header says. Raises ModelHeaderInvalid, whatever the file holds, and nothing else.

    Reads at most ``MOST_HEADER_BYTES``; what is kept is a few MB, less than the header in any case.
    """
    try:
        size = _size(file)  # before it is opened: a pipe would wait for a writer
        with file.open("rb") as stream:
            return model_of(_header(stream, size))
    except Bad as bad:
        raise ModelHeaderInvalid(
            f"{file.name} is not a model that Pincite loads: {bad}.", "Get the file again from its source."
        ) from None
    except OSError as error:
        raise ModelHeaderInvalid(
            f"{file.name} cannot be read: {error.strerror}.", "See that the file is there and can be read."
        ) from error


def _size(file: Path) -> int:
    facts = file.stat()
    if not S_ISREG(facts.st_mode):
        raise Bad("it is no plain file")
    return facts.st_size


class _Bytes:
    """Forward only, and never further than the file or the limit goes. ``place``: bytes taken so far."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._size = size
        self._buffer = b""
        self._at = 0
        self.place = 0

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._buffer):
            self._fill(count)
            end = count
        data = self._buffer[self._at : end]
        self._at = end
        self.place += count
        return data

    def skip(self, count: int) -> None:
        """Reads in pieces: seeking would believe the count."""
        while count:
            count -= len(self.take(min(count, _CHUNK)))

    def number(self, form: struct.Struct) -> int:
        return form.unpack(self.take(form.size))[0]

    def text(self, most: int, what: str) -> bytes:
        length: int = _UINT64.unpack(self.take(8))[0]
        if length > most:
            raise Bad(f"{what} is {length:,} bytes long, more than {most:,}")
        return self.take(length)

    def _fill(self, count: int) -> None:
        """So that ``count`` bytes lie in the buffer from its beginning on."""
        if count > self._size - self.place:
            raise Bad("it ends in the middle of its header")
        if count > MOST_HEADER_BYTES - self.place:
            raise Bad(f"its header is longer than {MOST_HEADER_BYTES >> 20} MB")
        rest = self._buffer[self._at :]
        more = min(max(count, _CHUNK), MOST_HEADER_BYTES - self.place, self._size - self.place) - len(rest)
        self._buffer, self._at = rest + self._stream.read(more), 0
        if len(self._buffer) < count:
            raise Bad("it ends in the middle of its header")


class _Vocabulary(NamedTuple):
    """``marks``: by their place, those of the words that look like marks of a turn."""

    size: int
    marks: dict[int, str]


def _header(stream: BinaryIO, size: int) -> Header:
    source = _Bytes(stream, size)
    if source.take(4) != b"GGUF":
        raise Bad("it does not begin like a GGUF file")
    version = source.number(_UINT32)
    if version not in (2, 3):
        raise Bad(f"its format has the version {version}, not 2 or 3")
    tensors, keys = source.number(_UINT64), source.number(_UINT64)
    if not 0 < tensors <= MOST_TENSORS:
        raise Bad(f"it claims {tensors:,} tensors")
    if not 0 < keys <= MOST_KEYS:
        raise Bad(f"it claims {keys:,} keys")
    values, vocabulary, types = _values(source, keys)
    alignment = _alignment(values.get("general.alignment", 32))
    infos = tuple(_tensors(source, tensors, alignment))
    begin = -(-source.place // alignment) * alignment
    end = begin + infos[-1].offset + infos[-1].size
    if end > size:
        raise Bad(f"it is {size:,} bytes long, and its tensors end at {end:,}")
    return Header(values, vocabulary.size, _markers(vocabulary, types), infos, size)


def _values(source: _Bytes, keys: int) -> tuple[dict[str, Value], _Vocabulary, bytes]:
    values: dict[str, Value] = {}
    seen: set[bytes] = set()
    vocabulary, types = _Vocabulary(0, {}), b""
    for number in range(keys):
        raw = source.text(MOST_KEY_BYTES, f"the name of key {number}")
        if not raw or raw in seen:
            raise Bad(f"the name of key {number} is {'there already' if raw else 'empty'}")
        seen.add(raw)
        key, kind = _utf8(raw, f"the name of key {number}"), source.number(_UINT32)
        if kind == _ARRAY:
            of, count = _array(source, number)
            if key == _TOKENS:
                vocabulary = _vocabulary(source, of, count)
            elif key == _TOKEN_TYPES:
                types = _token_types(source, of, count)
            elif (figures := _elements(source, of, count)) is not None:
                values[key] = figures
        elif (value := _scalar(source, kind, number)) is not None:
            values[key] = value
    return values, vocabulary, types


def _scalar(source: _Bytes, kind: int, number: int) -> int | float | bool | str | None:
    """None for a text that is too long to be kept."""
    if kind == _STRING:
        raw = source.text(MOST_STRING_BYTES, f"the text of key {number}")
        return _utf8(raw, f"the text of key {number}") if len(raw) <= MOST_KEPT_BYTES else None
    if kind not in _NUMBERS:
        raise Bad(f"the value of key {number} has the unknown type {kind}")
    value = source.number(_NUMBERS[kind])
    if kind == _BOOL:
        if value > 1:
            raise Bad(f"the value of key {number} is neither true nor false")
        return bool(value)
    return value


def _array(source: _Bytes, number: int) -> tuple[int, int]:
    of, count = source.number(_UINT32), source.number(_UINT64)
    if of == _ARRAY:
        raise Bad(f"the value of key {number} is an array of arrays")
    if of != _STRING and of not in _NUMBERS:
        raise Bad(f"the array of key {number} has the unknown type {of}")
    if count > MOST_ELEMENTS:
        raise Bad(f"the array of key {number} claims {count:,} elements")
    return of, count


def _elements(source: _Bytes, of: int, count: int) -> tuple[int | float | bool, ...] | None:
    """None for what is not kept: texts, and more figures than layers can be."""
    if of == _STRING:
        for _ in range(count):
            source.text(MOST_STRING_BYTES, "a text in an array")
        return None
    form = _NUMBERS[of]
    if count > MOST_KEPT_ELEMENTS:
        source.skip(count * form.size)
        return None
    figures = tuple(one for (one,) in form.iter_unpack(source.take(count * form.size)))
    return tuple(map(bool, figures)) if of == _BOOL else figures


def _vocabulary(source: _Bytes, of: int, count: int) -> _Vocabulary:
    if of != _STRING or not count:
        raise Bad("its vocabulary is no list of words")
    marks: dict[int, str] = {}
    for place in range(count):
        word = source.text(MOST_STRING_BYTES, "a word of the vocabulary")
        if 2 < len(word) <= MOST_MARKER_BYTES and word[:1] in b"<[" and word[-1:] in b">]":
            if len(marks) == MOST_MARKERS:
                raise Bad(f"its vocabulary holds more than {MOST_MARKERS:,} marks")
            marks[place] = word.decode("utf-8", errors="replace")
    return _Vocabulary(count, marks)


def _token_types(source: _Bytes, of: int, count: int) -> bytes:
    """One byte for each word, 0 for a type that does not fit one."""
    if of not in (4, 5):
        raise Bad("the types of its words are no whole numbers")
    types = bytearray()
    for first in range(0, count, _CHUNK):
        piece = source.take(4 * min(_CHUNK, count - first))
        types += bytes(one if one < 256 else 0 for (one,) in _UINT32.iter_unpack(piece))
    return bytes(types)


def _markers(vocabulary: _Vocabulary, types: bytes) -> frozenset[str]:
    if types and len(types) != vocabulary.size:
        raise Bad(f"it has {vocabulary.size:,} words and {len(types):,} types of words")
    return frozenset(
        mark
        for place, mark in vocabulary.marks.items()
        if types and types[place] in (_CONTROL, _USER_DEFINED)
    )


def _tensors(source: _Bytes, count: int, alignment: int) -> Iterator[TensorInfo]:
    """In order. llama.cpp, too, takes them only without gaps."""
    names: set[bytes] = set()
    expected = 0
    for number in range(count):
        raw = source.text(MOST_NAME_BYTES, f"the name of tensor {number}")
        if not raw or raw in names:
            raise Bad(f"the name of tensor {number} is {'there already' if raw else 'empty'}")
        names.add(raw)
        dimensions = source.number(_UINT32)
        if not 0 < dimensions <= MOST_DIMENSIONS:
            raise Bad(f"tensor {number} has {dimensions:,} dimensions")
        shape = tuple(source.number(_UINT64) for _ in range(dimensions))
        kind, offset = source.number(_UINT32), source.number(_UINT64)
        elements, size = _extent(shape, kind, number)
        if offset != expected:
            raise Bad(f"tensor {number} is said to begin at {offset:,}, not at {expected:,}")
        yield TensorInfo(_utf8(raw, f"the name of tensor {number}"), elements, offset, size)
        expected = -(-(offset + size) // alignment) * alignment


def _extent(shape: tuple[int, ...], kind: int, number: int) -> tuple[int, int]:
    """Elements and bytes."""
    if kind not in TENSOR_TYPES:
        raise Bad(f"tensor {number} has the unknown type {kind}")
    form = TENSOR_TYPES[kind]
    elements = 1
    for length in shape:
        elements *= length
        if not 0 < elements < 1 << 62:
            raise Bad(f"tensor {number} has an impossible shape")
    if shape[0] % form.block:
        raise Bad(f"a row of tensor {number} does not fit its type {form.name}")
    return elements, elements // form.block * form.size


def _utf8(raw: bytes, what: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Bad(f"{what} is no UTF-8") from None


def _alignment(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Bad("its alignment is no whole number")
    if not 8 <= value <= MOST_ALIGNMENT or value & (value - 1):
        raise Bad(f"its alignment is no power of two from 8 to {MOST_ALIGNMENT:,}")
    return value
