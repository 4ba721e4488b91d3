"""What routes ask FastAPI for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from kgbuild.graph import KnowledgeGraph
from kgbuild.serve.ledger import Reply
from kgbuild.serve.problems import NotModified, Refused
from kgbuild.serve.security import Caller
from kgbuild.serve.service import Service


async def _service(request: Request) -> Service:  # no thread, which others may hold, is needed
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]


async def _graph(service: TheService) -> KnowledgeGraph:
    return service.graph


TheGraph = Annotated[KnowledgeGraph, Depends(_graph)]


async def _caller(request: Request) -> Caller:
    caller: Caller = request.scope["kgbuild.caller"]
    return caller


TheCaller = Annotated[Caller, Depends(_caller)]


def _tagged(
    request: Request,
    response: Response,
    service: TheService,
    if_none_match: Annotated[str | None, Header(description="An ETag that is held.")] = None,
) -> None:
    """Tag the answer with the graph's state; 304 where the caller holds it already."""
    etag = service.etag()
    held = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    if etag in held or "*" in held:
        raise NotModified(etag)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"


Tagged = Depends(_tagged)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Repeats of a request with one key are carried out once.",
    ),
]


class Once:
    """Carries a request out once for its Idempotency-Key; later ones get the first answer."""

    def __init__(
        self, service: Service, request: Request, key: str | None, content: object
    ) -> None:
        """``content`` is what makes two requests the same, as JSON has it."""
        self._ledger = service.ledger
        caller: Caller = request.scope["kgbuild.caller"]
        where = f"{caller.name or caller.role} {request.method} {request.url.path}"
        self.key = None if key is None else f"{where} {key}"
        self._fingerprint = hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def answer(self, act: Callable[[], Response]) -> Response:
        """The answer of ``act``, or the one that was kept.

        Raises:
            Refused: the key belongs to another request (422), or to one that isn't
                answered yet (409).
        """
        if self.key is None:
            return act()
        known = self._ledger.begin_reply(self.key, self._fingerprint)
        if known is not None:
            return self._repeated(known)
        try:
            made = act()
        except BaseException:
            self._ledger.forget_reply(self.key)
            raise
        self._ledger.end_reply(self.key, self.reply(made))
        return made

    def reply(self, made: Response) -> Reply:
        """An answer as it is kept."""
        kept = {name: made.headers[name] for name in ("location",) if name in made.headers}
        return Reply(self._fingerprint, made.status_code, bytes(made.body).decode(), kept)

    def _repeated(self, known: Reply) -> Response:
        if known.fingerprint != self._fingerprint:
            raise Refused(422, "this Idempotency-Key was used for another request")
        if known.status == 0:
            raise Refused(409, "the request with this Idempotency-Key isn't answered yet",
                          {"Retry-After": "1"})  # fmt: skip
        headers = {**known.headers, "Idempotency-Replayed": "true"}
        return Response(known.body, known.status, headers, "application/json")


def json_response(
    value: BaseModel, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A model as an answer."""
    return Response(value.model_dump_json(), status, headers, "application/json")
