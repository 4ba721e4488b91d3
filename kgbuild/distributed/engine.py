"""``RayEngine``: ingest by the actors of a Ray cluster, one linker over one store.

Ray starts the workers where there is room, starts them again where they or their node died, and
carries shares to them and counts back; see docs/scale.md for what was measured. A share whose
worker died is given to another; one that ended its workers :data:`TRIES` times is taken apart,
and a document that does so by itself is a failure of the report (a dead letter), as one that
can't be read is. Ray Data isn't between: it would read files itself, without the confined child
process that parses them here, and it ends a run where a document ends its worker.
"""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kgbuild import deadline
from kgbuild.config import Settings
from kgbuild.distributed.shares import Share, shares, with_tables
from kgbuild.distributed.worker import PATIENCE, Made, MakeParts, Worker, parts_of
from kgbuild.errors import FingerprintError, InputError, KgbuildError, ModelError, require
from kgbuild.pipeline import LINK_EVERY, BuildReport, Progress, Rows, link, missing_vectors
from kgbuild.ports import Store, VectorKind
from kgbuild.read.documents import Reader, source_of
from kgbuild.types import AddResult

TRIES = 3
"""Workers that may die at a share before it is taken apart, or is a failure."""

STARTING, PAUSE = 600.0, 0.2
"""Seconds that a worker may take to answer first, and between two questions whether it lives."""

AHEAD = 2
"""Shares that a worker has: the next one is there when it has done one."""

OBJECTS = 128 << 20
"""Bytes of the object store of a cluster that is started here: only counts are in it."""

_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where Ray runs and what a worker takes of it.

    ``address`` is a running cluster's (``auto``: this machine's); None starts one here that ends
    with the run. ``workers`` None: as many as there are CPUs; ``gpus`` is a worker's share of one.
    """

    address: str | None = None
    workers: int | None = None
    cpus: float = 1.0
    gpus: float = 0.0


Work = TypeVar("Work")


class RayEngine:
    """An engine for ``KnowledgeGraph.ingest``: see ``kgbuild.pipeline.Engine``."""

    def __init__(
        self,
        settings: Settings,
        cluster: Cluster = Cluster(),
        addresses: Sequence[str] = (),
        make: MakeParts = parts_of,
    ) -> None:
        """``addresses`` of object stores are read beside what ``build`` is given; ``make`` makes
        a worker's parts of the settings.

        Raises:
            MissingExtraError: Ray isn't installed.
        """
        os.environ.update({name: os.environ.get(name, value) for name, value in _QUIET.items()})
        self._ray: Any = require("ray", "distributed")
        # A folder is the same one wherever it is seen from.
        self._settings = settings.model_copy(update={"store": settings.store.absolute()})
        self._cluster, self._addresses, self._make = cluster, tuple(addresses), make

    patience = PATIENCE
    """Seconds that the one who links waits for those who record."""

    with_tables = staticmethod(with_tables)

    @property
    def words(self) -> Sequence[str]:
        """The flags and addresses that the command was given."""
        cluster = self._cluster
        flags = (
            ("--address", cluster.address),
            ("--workers", cluster.workers),
            ("--worker-cpus", None if cluster.cpus == 1 else cluster.cpus),
            ("--worker-gpus", cluster.gpus or None),
        )
        given = [word for name, value in flags if value is not None for word in (name, str(value))]
        return ["--engine", "ray", *given, *self._addresses]

    def build(
        self, paths: Iterable[Path], store: Store, reader: Reader, progress: Progress
    ) -> BuildReport:
        """Put documents into the store by the cluster's workers, and link what is new here.

        Raises:
            InputError: a SQLite store is asked to be written from several machines.
            FingerprintError: the workers' models differ.
            StoreError: the store fails.
        """
        if reader.names:
            raise InputError("standard input can't be read by other machines: give a file")
        report = BuildReport()
        with self._started(reader) as workers:
            crew = _Crew(self._ray, workers)
            waiting = 0
            for part in crew.recorded(shares(list(paths), self._addresses)):
                report.add(part)
                progress(report)
                waiting += part.results[AddResult.ADDED] + part.results[AddResult.REPLACED]
                if waiting >= LINK_EVERY:
                    link(store, report)
                    waiting = 0
            link(store, report)
            if embedder := crew.made.embedder:
                with report.stage("index"):
                    for _ in crew.embedded(missing_vectors(store, embedder)):
                        deadline.renew()
        return report

    @contextmanager
    def _started(self, reader: Reader) -> Iterator[list[Any]]:
        """The workers of this run; they end with it, and so does a cluster that began with it."""
        ray = self._ray
        mine = not ray.is_initialized()
        if mine:
            self._join()
        try:
            self._refuse_far_sqlite()
            cluster = self._cluster
            most = max(1, int(ray.cluster_resources().get("CPU", 1) / max(cluster.cpus, 1e-9)))
            remote = ray.remote(num_cpus=cluster.cpus, num_gpus=cluster.gpus, max_restarts=-1,
                                max_task_retries=0)(Worker)  # fmt: skip
            given = (self._make, self._settings, source_of(Path.cwd()), reader.columns)
            workers = [remote.remote(*given) for _ in range(cluster.workers or most)]
            try:
                yield workers
            finally:
                for worker in workers:
                    ray.kill(worker)
        finally:
            if mine:
                ray.shutdown()

    def _join(self) -> None:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "warning"}
        address = self._cluster.address
        try:
            if address is not None:
                self._ray.init(address=address, **quiet)
            else:
                cpus = self._cluster.workers and max(
                    1, round(self._cluster.workers * self._cluster.cpus)
                )
                self._ray.init(address="local", num_cpus=cpus, object_store_memory=OBJECTS,
                               include_dashboard=False, **quiet)  # fmt: skip
        except (ConnectionError, RuntimeError, ValueError) as error:
            where = "started here" if address is None else f"reached at {address}"
            raise InputError(f"a Ray cluster can't be {where}: {error}") from error

    def _refuse_far_sqlite(self) -> None:
        hosts = {node["NodeManagerHostname"] for node in self._ray.nodes() if node["Alive"]}
        others = sorted(hosts - {socket.gethostname()})
        if "://" not in self._settings.database and others:
            raise InputError(
                f"the graph {self._settings.database} is a file of this machine, and the cluster"
                f" has others ({', '.join(others)}): keep it in PostgreSQL"
                " (--db postgresql://USER@HOST/NAME)"
            )


class _Crew:
    """Workers and what they are at; one that died gets work again once it answers."""

    def __init__(self, ray: Any, workers: Sequence[Any]) -> None:
        self._ray, self._errors, self._workers = ray, ray.exceptions, workers
        self._asked: dict[Any, int] = {}
        self.made: Made = self._meet()

    def _meet(self) -> Made:
        """Let every worker say what it works with.

        Raises:
            FingerprintError: they don't all work with the same.
            ModelError: one dies again and again before it says so.
        """
        made: set[Made] = set()
        until = time.monotonic() + STARTING
        asked = {worker.made.remote(): worker for worker in self._workers}
        while asked:
            [ref], _ = self._ray.wait(list(asked), num_returns=1)
            worker = asked.pop(ref)
            if not self._died(ref):
                made.add(self._got(ref))
            elif time.monotonic() < until:
                time.sleep(PAUSE)
                asked[worker.made.remote()] = worker
            else:
                raise ModelError(
                    f"a worker dies again and again before it has its models: {worker}"
                )
        if len(made) > 1:
            raise FingerprintError(
                f"the cluster's nodes have different models or versions: {sorted(map(str, made))}"
            )
        return made.pop()

    def recorded(self, work: Iterable[Share], ahead: int = AHEAD) -> Iterator[BuildReport]:
        """What became of each share, as they are done."""
        apart: list[Share] = []
        tasks = self._done(work, lambda worker, share: worker.record.remote(share), ahead)
        for share, got in tasks:
            if got is not None:
                yield got
            elif len(share.paths) > 1 or ahead > 1:
                apart += share.apart()
            else:
                reason = f"{share.source}: {TRIES} workers died while they read it"
                yield BuildReport(failures=[(share.source, reason)])
        if apart:  # one at a time: what waits behind a deadly one would die with it
            yield from self.recorded(apart, ahead=1)

    def embedded(self, work: Iterable[tuple[VectorKind, Rows]]) -> Iterator[int]:
        """Numbers of vectors made, of each kind and rows.

        Raises:
            ModelError: some rows end every worker.
        """
        for (kind, rows), got in self._done(work, lambda worker, some: worker.embed.remote(*some)):
            if got is None:
                raise ModelError(
                    f"{TRIES} workers died while they embedded {kind} {rows[0][0]} ff."
                )
            yield got

    def _done(
        self, work: Iterable[Work], call: Callable[[Any, Work], Any], ahead: int = AHEAD
    ) -> Iterator[tuple[Work, Any]]:
        """What came of each call, as they are done; None where :data:`TRIES` workers died at it."""
        rest, again = iter(work), deque[tuple[Work, int]]()
        at: dict[Any, tuple[int, Work, int]] = {}
        over = False
        while True:
            for number in self._free([one for one, *_ in at.values()], ahead):
                task = again.popleft() if again else _first(rest)
                if task is None:
                    over = True
                    break
                at[call(self._workers[number], task[0])] = (number, *task)
            if over and not at and not again:
                return
            [ref], _ = self._ray.wait([*at, *self._asked], num_returns=1)
            died = self._died(ref)
            task_of = at.pop(ref, None)
            number = self._asked.pop(ref) if task_of is None else task_of[0]
            if died and number not in self._asked.values():
                # It is asked until it answers: Ray starts it where there is room, or waits.
                time.sleep(PAUSE)
                self._asked[self._workers[number].made.remote()] = number
            if task_of is None:
                continue
            _, what, tries = task_of
            if not died:
                yield what, self._got(ref)
            elif tries < TRIES:
                again.append((what, tries + 1))
            else:
                yield what, None

    def _free(self, busy: Sequence[int], ahead: int) -> Iterator[int]:
        """Numbers of the workers that may have more, those with the least first."""
        gone = set(self._asked.values())
        for load in range(ahead):
            for number in range(len(self._workers)):
                if number not in gone and busy.count(number) <= load:
                    yield number

    def _died(self, ref: Any) -> bool:
        """Whether a call that is over was cut short by its worker's death."""
        try:
            self._got(ref)
        except self._errors.RayActorError:
            return True
        return False

    def _got(self, ref: Any) -> Any:
        """A result; what went wrong in a worker as it was raised there."""
        try:
            return self._ray.get(ref)
        except self._errors.RayTaskError as error:
            if isinstance(error.cause, KgbuildError):
                raise error.cause from error
            raise


def _first(rest: Iterator[Work]) -> tuple[Work, int] | None:
    """The next of the work, for its first try."""
    for what in rest:
        return what, 1
    return None
