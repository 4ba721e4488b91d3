"""Whose turn it is: requests of one cost share a bounded number of places, first come first served.

Each class of cost has places of its own, so that a crowd of one kind keeps no other waiting,
and the probes wait for nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from kgbuild.serve.problems import Refused
from kgbuild.serve.security import CARD, OPEN_PATHS, SAFE_METHODS, is_data
from kgbuild.serve.settings import Limits

THREADS = 64
"""Threads for the requests that hold one: more than all those classes have places."""

UNIT = 64 * 1024
"""Bytes of a body that weigh as much as a request without one."""

_COSTLY = ("/v1/ask", "/v1/search", "/v1/graph", "/v1/paths", "/v1/review", "/v1/why", "/mcp")
_AROUND = ("/neighbourhood", "/timeline", "/mentions")


@dataclass(frozen=True, slots=True)
class Cost:
    """A class of requests: its places, how many may wait how long for one, and how long one
    may take; None: as long as it takes."""

    name: str
    places: int
    waiting: int
    patience: float
    seconds: float | None


def costs(limits: Limits) -> dict[str, Cost]:
    """The classes by their names."""
    every = (
        Cost("probe", 64, 1024, 10, 10),
        Cost("page", 16, 1024, 30, 30),
        Cost("read", 8, 512, 30, limits.question),
        Cost("question", 12, 512, 60, limits.question),
        Cost("export", 2, 8, 30, None),
        Cost("events", 64, 0, 0, None),
        Cost("change", 4, 128, 30, limits.change),
        Cost("upload", 8, 128, 30, None),
        Cost("card", 256, 1024, 60, None),
    )
    return {cost.name: cost for cost in every}


def cost_of(method: str, path: str) -> str:
    """The name of a request's class."""
    listening = path.startswith("/v1/jobs/") and path.endswith("/events")
    rules = (
        ("probe", path in OPEN_PATHS),
        ("card", path in CARD),
        ("page", not is_data(path)),
        ("export", path.startswith("/v1/exports")),
        ("events", listening or (path == "/mcp" and method == "GET")),
        ("question", path.startswith(_COSTLY) or path.endswith(_AROUND)),
        ("read", method in SAFE_METHODS),
        ("upload", path == "/v1/documents"),
    )
    return next((name for name, holds in rules if holds), "change")


class Turns:
    """The places of one class; a request takes as many as its body weighs."""

    def __init__(self, cost: Cost) -> None:
        self.cost = cost
        self._free = cost.places
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, weight: int) -> int:
        """Wait for a turn; gives the places that were taken, to be given back.

        Raises:
            Refused: 429, where too many wait, or the wait was too long.
        """
        weight = min(weight, self.cost.places)
        if not self._waiting and weight <= self._free:
            self._free -= weight
            return weight
        if len(self._waiting) >= self.cost.waiting:
            raise _busy()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (weight, turn)
        self._waiting.append(entry)
        try:
            await asyncio.wait_for(asyncio.shield(turn), self.cost.patience)
        except BaseException as error:
            if turn.done():
                self.give(weight)
            else:
                turn.cancel()
                self._waiting.remove(entry)
                self._pass_on()
            if isinstance(error, TimeoutError):
                raise _busy() from None
            raise
        return weight

    def give(self, weight: int) -> None:
        """Give places back."""
        self._free += weight
        self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._free:
            weight, turn = self._waiting.popleft()
            self._free -= weight
            turn.set_result(None)


def all_turns(limits: Limits) -> Mapping[str, Turns]:
    """The places of every class."""
    return {name: Turns(cost) for name, cost in costs(limits).items()}


def _busy() -> Refused:
    return Refused(429, "too many ask the same at once: try later", {"Retry-After": "5"})
