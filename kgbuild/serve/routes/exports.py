"""The graph as JSON Lines, a line at a time: nothing is held in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fastapi import APIRouter, Response
from starlette.responses import StreamingResponse

from kgbuild.exchange.lines import fact_lines, mention_lines
from kgbuild.serve.depends import Tagged, TheGraph
from kgbuild.serve.problems import NOT_MODIFIED, documented

router = APIRouter(
    prefix="/v1/exports",
    tags=["exports"],
    dependencies=[Tagged],
    default_response_class=StreamingResponse,
    responses={
        200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}},
        **NOT_MODIFIED,
        **documented(401, 422),
    },
)

MEDIA_TYPE = "application/x-ndjson"
_LINES = 200
"""Lines that go out in one piece."""


@router.get("/mentions")
def mentions(graph: TheGraph, response: Response) -> StreamingResponse:
    """Every mention, a line each, in the format of ``kgbuild export mentions``."""
    return _streamed(mention_lines(graph.mentions()), response)


@router.get("/facts")
def facts(graph: TheGraph, response: Response) -> StreamingResponse:
    """Every evidence of every fact, a line each, in the format of ``kgbuild export facts``."""
    return _streamed(fact_lines(graph.facts()), response)


def _streamed(lines: Iterator[dict[str, object]], tagged: Response) -> StreamingResponse:
    headers = {name: tagged.headers[name] for name in ("etag", "cache-control")}
    return StreamingResponse(_pieces(lines), headers=headers, media_type=MEDIA_TYPE)


def _pieces(lines: Iterator[dict[str, object]]) -> Iterator[str]:
    piece: list[str] = []
    for line in lines:
        piece.append(json.dumps(line, ensure_ascii=False) + "\n")
        if len(piece) == _LINES:
            yield "".join(piece)
            piece = []
    yield "".join(piece)
