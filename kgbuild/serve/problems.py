"""Errors as problem+json (RFC 9457), and the card's as the card has them.

Nothing that a caller sent goes back unescaped: JSON is written in ASCII, so a lone surrogate
or a NaN in a bad request can't break the answer that tells of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kgbuild.display import cut, redacted
from kgbuild.errors import (
    DeadlineError,
    InputError,
    KgbuildError,
    NotFoundError,
    RemoteError,
    StoreBusyError,
    StoreReadOnlyError,
)

log = logging.getLogger(__name__)

CARD_PATHS = ("/predict", "/recognize")
"""Their errors have the shape ``{"detail": [{"loc", "msg", "type"}]}``."""

_STATUS: tuple[tuple[type[KgbuildError], int], ...] = (
    (NotFoundError, 404),
    (InputError, 422),
    (StoreBusyError, 503),
    (DeadlineError, 503),
    (StoreReadOnlyError, 403),
    (RemoteError, 502),
)


class Fault(BaseModel):
    """Where in the request something is wrong, and what."""

    loc: list[str | int]
    msg: str


class Problem(BaseModel):
    """A problem+json answer."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


class CardFault(BaseModel):
    """One of the card's errors."""

    loc: list[str | int]
    msg: str
    type: str


class CardProblem(BaseModel):
    """The card's error answer."""

    detail: list[CardFault]


class Refused(Exception):  # noqa: N818 - not a fault of ours
    """A request that is answered with a problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        faults: Sequence[tuple[Sequence[str | int], str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.headers = dict(headers or {})
        self.faults = faults


class NotModified(Exception):  # noqa: N818
    """The caller has this state already."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


def problem_response(
    path: str,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    faults: Sequence[tuple[Sequence[str | int], str]] = (),
) -> Response:
    """A problem in the shape that the path's callers expect."""
    if path in CARD_PATHS:
        listed = faults or [(("body",), detail)]
        body: dict[str, Any] = {
            "detail": [{"loc": list(loc), "msg": msg, "type": "value_error"} for loc, msg in listed]
        }
        media = "application/json"
    else:
        name = HTTPStatus(status).phrase
        body = {
            "type": f"urn:kgbuild:problem:{name.lower().replace(' ', '-')}",
            "title": name,
            "status": status,
            "detail": detail,
        }
        if faults:
            body["errors"] = [{"loc": list(loc), "msg": msg} for loc, msg in faults]
        media = "application/problem+json"
    content = json.dumps(body, ensure_ascii=True, allow_nan=False)
    return Response(content, status, dict(headers or {}), media)


def install(app: FastAPI) -> None:
    """Let the app answer every error so."""

    @app.exception_handler(Refused)
    def refused(request: Request, error: Refused) -> Response:
        return problem_response(
            request.url.path, error.status, error.detail, error.headers, error.faults
        )

    @app.exception_handler(NotModified)
    def not_modified(request: Request, error: NotModified) -> Response:
        return Response(status_code=304, headers={"ETag": error.etag})

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [(tuple(e["loc"]), str(e["msg"])) for e in error.errors()]
        detail = "; ".join(f"{'.'.join(map(str, loc))}: {msg}" for loc, msg in faults[:5])
        return problem_response(request.url.path, 422, detail, faults=faults[:50])

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        if status == 400 and "parsing the body" in str(error.detail):
            status = 422  # numbers or nesting that the JSON reader doesn't take
        return problem_response(request.url.path, status, str(error.detail), error.headers)

    @app.exception_handler(KgbuildError)
    def known(request: Request, error: KgbuildError) -> Response:
        status = next((s for kind, s in _STATUS if isinstance(error, kind)), 500)
        said = redacted(str(error))
        if status >= 500:
            log.error("%s %s: %s", cut(request.method, 20), cut(request.url.path), said)
        headers = {"Retry-After": "5"} if status == 503 else {}
        return problem_response(request.url.path, status, said, headers)


NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Not modified"}}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's description of problem answers."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status in statuses
    }
