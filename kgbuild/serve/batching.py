"""One thread that runs the models, for all requests at once.

While a pass runs, the requests that come meanwhile gather; the next pass takes items of
all of them in turn, so a long request doesn't keep a short one waiting. After a pass that
several requests shared or waited for, the thread waits a few milliseconds after the first
request for others to come: whoever asks alone isn't kept waiting for nobody.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from kgbuild.serve.problems import Refused

log = logging.getLogger(__name__)

Run = Callable[[list[Any]], Sequence[Any]]
"""A pass: items in, as many results out."""

PASS_ITEMS, PASS_CHARACTERS = 64, 12_000
"""What a pass takes at most; at least one item, whatever its length."""


@dataclass(slots=True, eq=False)
class _Request:
    kind: str
    items: list[Any]
    sizes: list[int]
    future: Future[list[Any]]
    results: list[Any] = field(default_factory=list)
    taken: int = 0


class ModelThread:
    """Runs passes of several kinds, one pass at a time.

    ``load`` makes the passes by kind and runs in the thread, before the first.
    """

    def __init__(
        self,
        load: Callable[[], dict[str, Run]],
        gather: float,
        most_waiting: int,
        batching: bool = True,
        watch: Callable[[str, int], None] = lambda kind, items: None,
    ) -> None:
        self._load, self._gather, self._most, self._watch = load, gather, most_waiting, watch
        self._batching = batching
        self._waiting: deque[_Request] = deque()
        self._characters = 0
        self._changed = threading.Condition()
        self._stopping, self._crowded = False, True
        self._failed: BaseException | None = None
        self.ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="models", daemon=True)

    def start(self) -> None:
        """Load the models and begin."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the models could be loaded and the thread runs."""
        return self._thread.is_alive() and self._failed is None

    @property
    def waiting(self) -> int:
        """Characters that wait for a pass."""
        return self._characters

    def submit(self, kind: str, items: Sequence[Any], sizes: Sequence[int]) -> Future[list[Any]]:
        """The results of the items, in their order, when they are there.

        Raises:
            Refused: too much is waiting already.
        """
        future: Future[list[Any]] = Future()
        if not items:
            future.set_result([])
            return future
        with self._changed:
            if self._failed is not None or self._stopping:
                raise Refused(503, f"the models aren't running: {self._failed or 'stopping'}")
            if self._characters and self._characters + sum(sizes) > self._most:
                raise Refused(429, "too much waits for the models: try later", {"Retry-After": "5"})
            self._characters += sum(sizes)
            self._waiting.append(_Request(kind, list(items), list(sizes), future))
            self._changed.notify()
        return future

    def stop(self) -> None:
        """End after the pass that runs; what waits is refused."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(30)

    def _main(self) -> None:
        try:
            runs = self._load()
        except BaseException as error:
            log.exception("the models can't be loaded")
            self._failed = error
            runs = {}
        self.ready.set()
        while not self._stopping and self._failed is None:
            chosen = self._next()
            if chosen:
                self._pass(runs[chosen[0][0].kind], chosen)
                shared = any(request is not chosen[0][0] for request, _ in chosen)
                self._crowded = shared or bool(self._waiting)
        with self._changed:
            for request in self._waiting:
                with suppress(InvalidStateError):
                    request.future.set_exception(Refused(503, "the service stops"))
            self._waiting.clear()

    def _next(self) -> list[tuple[_Request, int]]:
        """The items of the next pass: of one kind, from the requests in turn."""
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
        if self._gather and self._batching and self._crowded and len(self._waiting) == 1:
            time.sleep(self._gather)
        with self._changed:
            return self._take() if self._waiting else []

    def _take(self) -> list[tuple[_Request, int]]:
        for gone in [r for r in self._waiting if r.future.cancelled()]:
            self._characters -= sum(gone.sizes[gone.taken :])
            self._waiting.remove(gone)
        if not self._waiting:
            return []
        kind = self._waiting[0].kind
        turn = deque(r for r in self._waiting if r.kind == kind)
        if not self._batching:
            turn = deque([turn[0]])
        chosen: list[tuple[_Request, int]] = []
        size = 0
        while turn and len(chosen) < PASS_ITEMS:
            request = turn.popleft()
            if chosen and size + request.sizes[request.taken] > PASS_CHARACTERS:
                break
            size += request.sizes[request.taken]
            chosen.append((request, request.taken))
            request.taken += 1
            if request.taken < len(request.items):
                turn.append(request)
        self._characters -= size
        self._waiting = deque(r for r in self._waiting if r.taken < len(r.items))
        return chosen

    def _pass(self, run: Run, chosen: list[tuple[_Request, int]]) -> None:
        self._watch(chosen[0][0].kind, len(chosen))
        try:
            results: Sequence[Any] = run([request.items[at] for request, at in chosen])
        except Exception as error:
            if len({id(request) for request, _ in chosen}) > 1:
                for one in chosen:  # whose item it was shows when each runs alone
                    self._pass(run, [one])
                return
            self._fail(chosen[0][0], error)
            return
        for (request, _), result in zip(chosen, results, strict=True):
            request.results.append(result)
            if len(request.results) == len(request.items):
                with suppress(InvalidStateError):  # whoever asked is gone
                    request.future.set_result(request.results)

    def _fail(self, request: _Request, error: Exception) -> None:
        with self._changed:
            self._characters -= sum(request.sizes[request.taken :])
            request.taken = len(request.items)
            self._waiting = deque(r for r in self._waiting if r is not request)
        with suppress(InvalidStateError):
            request.future.set_exception(error)
