"""The graph as JSON Lines, a line at a time: nothing is held in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fastapi import APIRouter, Response
from starlette.responses import StreamingResponse

from kgbuild.serve.depends import Tagged, TheGraph
from kgbuild.serve.problems import NOT_MODIFIED, documented
from kgbuild.types import Entity, Fact, Mention, StoredMention

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
    return _streamed(map(_mention_line, graph.mentions()), response)


@router.get("/facts")
def facts(graph: TheGraph, response: Response) -> StreamingResponse:
    """Every evidence of every fact, a line each, in the format of ``kgbuild export facts``."""
    lines = (line for fact in graph.facts() for line in _fact_lines(fact))
    return _streamed(lines, response)


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


def _mention_line(stored: StoredMention) -> dict[str, object]:
    return {
        "document": stored.document,
        "start": stored.mention.start,
        "end": stored.mention.end,
        "text": stored.text,
        "type": stored.mention.type,
        "entity": stored.entity,
        "name": stored.name,
    }


def _fact_lines(fact: Fact) -> Iterator[dict[str, object]]:
    for evidence in fact.evidence:
        yield {
            "document": evidence.document,
            "relation": fact.relation,
            "subject": _end(evidence.subject, fact.subject),
            "object": _end(evidence.object, fact.object),
            "confidence": round(evidence.confidence, 4),
        }


def _end(mention: Mention, entity: Entity) -> dict[str, object]:
    return {
        "start": mention.start,
        "end": mention.end,
        "type": mention.type,
        "entity": entity.id,
        "name": entity.name,
    }
