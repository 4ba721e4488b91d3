"""The outermost layer, in front of every route: who may ask, how much, how long, in what turn."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kgbuild.deadline import Deadline, within
from kgbuild.display import cut
from kgbuild.serve.problems import Refused, problem_response
from kgbuild.serve.security import Access
from kgbuild.serve.settings import Limits, ServeSettings
from kgbuild.serve.turns import UNIT, all_turns, cost_of

log = logging.getLogger(__name__)

UPLOADS = "/v1/documents"

GRACE = 2.0
"""Seconds after its deadline in which a request may still answer for itself."""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none';"
        " form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_CLOSE = {"Connection": "close"}

Watch = Callable[[str, str, int, float], None]
"""Told of every answer: route template, method, status, seconds."""

Admit = Callable[[int], None]
"""Refuses an upload of so many bytes that there is no room for."""


class Gate:
    """The ASGI layer: access, limits, turns, headers, counting, and a 500 that says nothing.

    What is no HTTP request is let through only where it begins or ends the service.
    """

    def __init__(
        self, app: ASGIApp, settings: ServeSettings, watch: Watch, admit: Admit = lambda size: None
    ) -> None:
        self._app, self._limits, self._watch, self._admit = app, settings.limits, watch, admit
        self._access = Access(settings)
        self._turns = all_turns(settings.limits)
        self._held = Held(settings.limits.bodies)
        self._overdue: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "not served here"})
        else:
            raise RuntimeError(f"{scope['type']!r} isn't served")

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        answer = Answer(send)
        body: Body | None = None
        try:
            headers = Headers(scope=scope)
            self._access.check(scope, headers)
            cost = cost_of(scope["method"], scope["path"])
            body = Body(receive, _most(scope, self._limits), self._limits, self._held)
            body.refuse_declared(headers)
            if cost == "upload":
                self._admit(body.declared if body.declared is not None else self._limits.upload)
            elif cost != "probe":
                await body.whole()
            await self._in_turn(cost, scope, body, answer)
        except Refused as refused:
            _note(scope, refused)
            await answer.refuse(scope, receive, refused)
        except Exception:
            log.exception("%s %s failed", scope["method"], cut(scope["path"]))
            if answer.status == 0:
                problem = problem_response(scope["path"], 500, "an unexpected error; see the log")
                await problem(scope, receive, answer.send)
        finally:
            if body is not None:
                body.release()
            route = getattr(scope.get("route"), "path", "other")
            self._watch(route, scope["method"], answer.status, time.perf_counter() - began)

    async def _in_turn(self, cost: str, scope: Scope, body: Body, answer: Answer) -> None:
        """Run the app in its turn. One that goes on past its deadline is answered for, and keeps
        its place until it ends."""
        turns = self._turns[cost]
        taken = await turns.take(1 + body.length // UNIT)
        seconds = turns.cost.seconds
        if seconds is None:
            try:
                await self._app(scope, body.receive, answer.send)
            finally:
                turns.give(taken)
            return
        with within(Deadline(seconds, "this")):
            task = asyncio.ensure_future(self._run(scope, body, answer))
        task.add_done_callback(lambda _: turns.give(taken))
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds + GRACE)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if done:
            task.result()
            return
        log.warning("%s %s goes on after %g s", scope["method"], cut(scope["path"]), seconds)
        self._overdue.add(task)
        task.add_done_callback(self._ended)
        answer.mute()
        raise Refused(503, f"this took longer than {seconds:g} s", {"Retry-After": "30"})

    async def _run(self, scope: Scope, body: Body, answer: Answer) -> None:
        await self._app(scope, body.receive, answer.send)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._overdue.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.info("an overdue request ended: %r", task.exception())


def _note(scope: Scope, refused: Refused) -> None:
    """A refusal in the log, under the name of whose token it was."""
    caller = scope.get("kgbuild.caller")
    name = (None if caller is None else caller.name) or "nobody known"
    client = (scope.get("client") or ("this machine",))[0]
    what = f"{cut(scope['method'], 20)} {cut(scope['path'])}"
    log.warning("%s (%s): %s refused, %d: %s", name, client, what, refused.status,
                cut(refused.detail))  # fmt: skip


class Answer:
    """What goes out: the headers of every answer are added, and the status is noted."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._muted = False
        self.status = 0

    async def send(self, message: Message) -> None:
        """A piece of the answer."""
        if self._muted:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)

    def mute(self) -> None:
        """Let nothing more of the app's out."""
        self._muted = True

    async def refuse(self, scope: Scope, receive: Receive, refused: Refused) -> None:
        """Answer with a problem, where nothing was answered yet."""
        if self.status:
            return
        self._muted = False
        headers = {**refused.headers, **_CLOSE}
        problem = problem_response(scope["path"], refused.status, refused.detail, headers)
        await problem(scope, receive, self.send)


def _most(scope: Scope, limits: Limits) -> int:
    return limits.upload if scope["path"] == UPLOADS else limits.body


class Held:
    """The bytes of all bodies that are held in memory."""

    def __init__(self, most: int) -> None:
        self._most, self._now = most, 0

    def add(self, count: int) -> None:
        """Hold more.

        Raises:
            Refused: there is no room.
        """
        if self._now + count > self._most:
            raise Refused(503, "too many bodies are on their way: try later", {"Retry-After": "5"})
        self._now += count

    def drop(self, count: int) -> None:
        """Hold less."""
        self._now -= count


class Body:
    """A request's body, of a bounded length and in a bounded time."""

    def __init__(self, receive: Receive, most: int, limits: Limits, held: Held) -> None:
        self._receive, self._most, self._limits, self._held = receive, most, limits, held
        self.length = 0
        self.declared: int | None = None
        self._came: Message | None = None
        self._in_memory = 0
        self._whole = False
        self._until = time.monotonic() + limits.body_total

    def refuse_declared(self, headers: Headers) -> None:
        """Refuse a body by its declared length, before any of it is read.

        Raises:
            Refused: it is too long.
        """
        declared = headers.get("content-length")
        if declared is None:
            self.declared = None if "transfer-encoding" in headers else 0
        elif declared.isascii() and declared.isdigit():
            if len(declared) > 18 or int(declared) > self._most:
                raise Refused(413, self._too_long)
            self.declared = int(declared)

    @property
    def _too_long(self) -> str:
        return f"the body is longer than {self._most} bytes"

    async def whole(self) -> None:
        """Wait until all of it is here, before it takes a place that others wait for.

        Raises:
            Refused: it is too long or too slow, or too many bodies are on their way.
        """
        if self.declared == 0:
            return
        pieces = []
        while not self._whole:
            try:
                message = await self.receive()
            except HTTPException as error:
                raise Refused(error.status_code, error.detail) from error
            if message["type"] != "http.request":
                self._came = message
                return
            piece = message.get("body", b"")
            self._held.add(len(piece))
            self._in_memory += len(piece)
            pieces.append(piece)
        self._came = {"type": "http.request", "body": b"".join(pieces), "more_body": False}

    def release(self) -> None:
        """What was held is of no more use."""
        self._held.drop(self._in_memory)
        self._in_memory = 0
        self._came = None

    async def receive(self) -> Message:
        """The next piece.

        Raises:
            HTTPException: 413, or 408 where it comes too slowly.
        """
        if self._came is not None:
            came, self._came = self._came, None
            return came
        if self._whole:
            return await self._receive()
        left = min(self._limits.body_idle, self._until - time.monotonic())
        try:
            message = await asyncio.wait_for(self._receive(), max(left, 0))
        except TimeoutError:
            raise HTTPException(408, "the body came too slowly", _CLOSE) from None
        self._whole = not message.get("more_body", False)
        self.length += len(message.get("body", b""))
        if self.length > self._most:
            raise HTTPException(413, self._too_long, _CLOSE)
        return message
