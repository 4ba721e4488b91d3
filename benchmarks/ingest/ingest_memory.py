"""Memory of ingest against the size of the text: resident memory at each tenth, peak, slope.

Run:  python benchmarks/ingest/ingest_memory.py NEWS.jsonl.gz [--megabytes 100 200] [--models real]
          [--single] [--trace] [--keep FOLDER]

Documents of about 6,700 characters are drawn from the sentences of a news file ({"text"} a
line); the capitalised words inside a sentence are exchanged for names. A name is a new one as
often as in the last tenth of the news file, else one of the earlier ones, the first ones
likelier (Simon 1955): the number of entities grows as the news' own does at its end.
``--single`` writes one file instead.

Reading, splitting, resolving, linking, storing and indexing are the real ones. With stand-ins
for the models (the default) mentions are capitalised words, vectors [384] are sums of random
vectors of the words. With ``--models real`` they are the embedded ones; choose few megabytes.

The sizes are reached one after the other in one process, each with its indexes published:
what the first leaves in memory counts for the second. Prints, in MB: resident memory at each
tenth, then the peak while documents were put in and with entities embedded and indexes made,
the least-squares slope over the second half of the tenths, and what that comes to at 1 GB.
"""

from __future__ import annotations

import argparse
import functools
import gc
import gzip
import json
import random
import resource
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.ingest.resolution_scale import GIVEN, MIDDLES, PATRONYMICS, STARTS  # noqa: E402
from benchmarks.stand_ins import NAME, StandInEmbedder, StandInExtractor  # noqa: E402
from kgbuild import wiring  # noqa: E402
from kgbuild.config import Settings  # noqa: E402
from kgbuild.pipeline import BuildReport  # noqa: E402
from kgbuild.read.sentences import split_sentences  # noqa: E402

CHARACTERS, FILES_A_FOLDER, TENTHS, GIGABYTE = 6_700, 1_000, 10, 1_000.0


class Names:
    """Made-up names: a new one with probability ``new``, else one of the earlier."""

    def __init__(self, new: float, chance: random.Random) -> None:
        self.count = 1
        self._new, self._chance = new, chance

    def __call__(self) -> str:
        if self._chance.random() < self._new:
            self.count += 1
            return self._called(self.count - 1)
        return self._called(min(int(self.count ** self._chance.random()), self.count) - 1)

    def _called(self, number: int) -> str:
        """The name of a number; people's are in full or a surname."""
        stem, rest = "", number // 3
        for parts in (STARTS, MIDDLES, MIDDLES, MIDDLES, MIDDLES):
            stem += parts[rest % len(parts)]
            rest //= len(parts)
        if number % 3:
            return stem + ("ск" if number % 3 == 1 else "пром")
        given = GIVEN[number // 7 % len(GIVEN)]
        patronymic = PATRONYMICS[number // 71 % len(PATRONYMICS)]
        forms = (f"{given} {stem}ов", f"{stem}ов", f"{given} {patronymic} {stem}ов")
        return forms[min(int(3 ** self._chance.random()), 3) - 1]


def sentences_of(news: Path) -> tuple[list[list[str]], float]:
    """The pieces of each sentence around its names, and the share of names in the file's last
    tenth that didn't stand before it."""
    pieces: list[list[str]] = []
    names: list[str] = []
    with gzip.open(news, "rt", encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)["text"]
            for span in split_sentences(text):
                sentence = text[span.start : span.end]
                names += NAME.findall(sentence)
                pieces.append(NAME.split(sentence))
    last = len(names) * 9 // 10
    seen = set(names[:last])
    new = 0
    for name in names[last:]:
        new += name not in seen
        seen.add(name)
    return pieces, new / (len(names) - last)


def documents(news: Path, megabytes: float, seed: int) -> Iterator[str]:
    """Texts of so many megabytes (UTF-8) together."""
    chance = random.Random(seed)
    pieces, new = sentences_of(news)
    names, left = Names(new, chance), megabytes * 1e6
    while left > 0:
        lines, length = [], 0
        while length < CHARACTERS:
            parts = chance.choice(pieces)
            line = parts[0] + "".join(names() + part for part in parts[1:])
            lines.append(line)
            length += len(line) + 1
        text = "\n".join(" ".join(lines[at : at + 4]) for at in range(0, len(lines), 4))
        left -= len(text.encode())
        yield text
    print(f"{len(pieces):,} sentences drawn from; {100 * new:.0f}% of their last names are new:"
          f" {names.count:,} names made", flush=True)  # fmt: skip


def write(texts: Iterator[str], folder: Path, single: bool) -> None:
    """One file, or folders of files."""
    folder.mkdir(parents=True)
    if single:
        with (folder / "all.txt").open("w", encoding="utf-8") as file:
            file.writelines(text + "\n\n" for text in texts)
        return
    for number, text in enumerate(texts):
        place = folder / f"{number // FILES_A_FOLDER:03}"
        place.mkdir(exist_ok=True)
        (place / f"{number:06}.txt").write_text(text, "utf-8")


def resident() -> float:
    """MB of this process in memory now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def peak() -> float:
    """MB at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


class Meter:
    """Notes resident memory as documents go in."""

    def __init__(self, total: int, before: float, megabytes: float) -> None:
        self._total, self._before, self._megabytes = max(1, total), before, megabytes
        self.points: list[tuple[float, float]] = []
        self.adding = 0.0
        self._began = time.monotonic()

    def __call__(self, report: BuildReport) -> None:
        """As the pipeline's progress."""
        self.adding = peak()
        share = report.done / self._total
        if share * TENTHS >= len(self.points) + 1:
            megabytes = self._before + self._megabytes * share
            self.points.append((megabytes, resident()))
            print(f"{megabytes:8.1f} MB of text: {resident():6.0f} MB resident,"
                  f" peak {peak():6.0f} MB, {time.monotonic() - self._began:6.0f} s", flush=True)  # fmt: skip


def slope(points: Sequence[tuple[float, float]]) -> float:
    """MB of memory for 100 MB of text, over the second half of the points."""
    half = np.array(points[len(points) // 2 :])
    return float(100 * np.polyfit(half[:, 0], half[:, 1], 1)[0]) if len(half) > 1 else 0.0


def caches() -> str:
    """How full the bounded caches are, which grow until they are full, and the unbounded."""
    made = [o for o in gc.get_objects() if type(o) is functools._lru_cache_wrapper]
    info = {
        one.__qualname__: one.cache_info() for one in made if one.__module__.startswith("kgbuild")
    }
    held = sum(i.currsize for i in info.values() if i.maxsize)
    most = sum(i.maxsize for i in info.values() if i.maxsize)
    free = sorted((-i.currsize, name) for name, i in info.items() if i.maxsize is None)[:1]
    return f"caches: {held:,} of at most {most:,} entries; the largest without a limit: {free}"


def count_of(folder: Path, single: bool, megabytes: float) -> int:
    """Documents that a folder becomes; of one file, its parts."""
    from kgbuild.read.documents import PART

    files = list(folder.rglob("*.txt"))
    if not single:
        return len(files)
    return max(1, round(sum(len(file.read_text("utf-8")) for file in files) / PART))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("news", type=Path)
    parser.add_argument("--megabytes", type=float, nargs="+", default=[100, 200])
    parser.add_argument("--models", choices=("stand-in", "real"), default="stand-in")
    parser.add_argument("--single", action="store_true", help="one file of each size")
    parser.add_argument("--trace", action="store_true", help="say which lines hold memory")
    parser.add_argument("--keep", type=Path, help="a folder to leave files and store in")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="memory-") as place:
        run(given, given.keep or Path(place))


def run(given: argparse.Namespace, place: Path) -> None:
    """Make the files, put them in, print."""
    steps = np.diff([0.0, *sorted(given.megabytes)])
    for number, step in enumerate(steps):
        if not (place / f"docs{number}").exists():
            write(documents(given.news, step, number), place / f"docs{number}", given.single)
    if given.models == "stand-in":
        wiring.make_extractor = lambda settings: StandInExtractor()  # type: ignore[assignment,return-value]
        wiring.make_embedder = lambda settings: StandInEmbedder()  # type: ignore[assignment,return-value]
    if given.trace:
        tracemalloc.start()
    points: list[tuple[float, float]] = []
    with wiring.open_graph(Settings(store=place / "kg"), create=True) as graph:
        for number, step in enumerate(steps):
            folder = place / f"docs{number}"
            meter = Meter(count_of(folder, given.single, step), sum(steps[:number]), step)
            report = graph.ingest([folder], meter)
            points += meter.points
            stats = graph.store.stats()
            at = sum(steps[: number + 1])
            rate = slope(points)
            print(f"{at:.0f} MB: {stats.documents:,} documents, {stats.sentences:,} sentences,"
                  f" {stats.mentions:,} mentions, {stats.entities:,} entities,"
                  f" {stats.facts:,} facts, {len(report.failures)} failed {report.failures[:1]}")  # fmt: skip
            print(f"{at:.0f} MB: peak {meter.adding:.0f} MB adding, {peak():.0f} MB with indexes"
                  f" made; {rate:+.1f} MB for 100 MB more; at 1 GB, adding:"
                  f" {meter.adding + rate * (GIGABYTE - at) / 100:.0f} MB", flush=True)  # fmt: skip
            print(caches())
            print("seconds:", {name: round(s) for name, s in report.seconds.items()}, flush=True)
    if given.trace:
        for line in tracemalloc.take_snapshot().statistics("lineno")[:25]:
            print(line)


if __name__ == "__main__":
    main()
