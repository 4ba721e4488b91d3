"""Whether the service lives, is ready, and how it fares."""

from __future__ import annotations

from typing import Literal

import anyio.to_thread
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from kgbuild.errors import KgbuildError
from kgbuild.serve.depends import TheService
from kgbuild.serve.metrics import MEDIA_TYPE
from kgbuild.serve.problems import Refused, documented

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """All is well."""

    status: Literal["ok"] = "ok"


@router.get("/livez")
async def livez() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz", responses=documented(503))
async def readyz(service: TheService) -> Health:
    """The models are loaded, the graph can be read, and uploads are worked off."""
    if not service.models.ready.is_set():
        raise Refused(503, "the models are being loaded", {"Retry-After": "2"})
    if not service.models.alive:
        raise Refused(503, "the models aren't running")
    if not service.uploads.alive:
        raise Refused(503, "uploads aren't worked off")
    try:
        await anyio.to_thread.run_sync(service.graph.store.generation, limiter=service.probing)
    except KgbuildError as error:
        raise Refused(503, f"the graph can't be read: {error}") from error
    return Health()


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(service: TheService) -> Response:
    """Counters in Prometheus' text format."""
    return Response(service.metrics.text(), media_type=MEDIA_TYPE)
