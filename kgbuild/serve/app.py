"""The application: routes, errors, the gate in front, and the explorer's files behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import Depends, FastAPI

from kgbuild import __version__
from kgbuild.serve import explorer, problems
from kgbuild.serve.access_log import AccessLog
from kgbuild.serve.gate import Gate
from kgbuild.serve.parameters import refuse_unknown
from kgbuild.serve.routes import (
    around,
    ask,
    card,
    docs,
    documents,
    entities,
    exports,
    facts,
    graph,
    health,
    judgements,
    library,
    session,
)
from kgbuild.serve.service import Service
from kgbuild.serve.settings import ServeSettings
from kgbuild.serve.turns import THREADS

ROUTERS = (
    docs,
    card,
    documents,
    library,
    around,
    entities,
    facts,
    graph,
    ask,
    judgements,
    exports,
    session,
    health,
)


def create_app(settings: ServeSettings) -> FastAPI:
    """The application over a graph. The graph opens and the models load when it starts.

    ``/docs`` is a page of ours: FastAPI's would need scripts from elsewhere.
    """
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        await anyio.to_thread.run_sync(service.start)
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(service.stop)

    app = FastAPI(
        title="kgbuild",
        version=__version__,
        summary="Russian documents as a knowledge graph whose every fact opens to its sentence",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        dependencies=[Depends(refuse_unknown)],
    )
    app.state.service = service
    problems.install(app)
    for module in ROUTERS:
        app.include_router(module.router)
    app.add_middleware(Gate, settings=settings, watch=service.metrics.request, admit=service.admit)
    app.add_middleware(AccessLog)
    _describe(app, bool(settings.tokens))
    explorer.install(app)
    return app


def _describe(app: FastAPI, tokens: bool) -> None:
    """OpenAPI with the problems' schema and the tokens' scheme."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            schemas = schema["components"]["schemas"]
            template = "#/components/schemas/{model}"
            made = problems.Problem.model_json_schema(ref_template=template)
            schemas |= made.pop("$defs", {})
            schemas["Problem"] = made
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            if tokens:
                bearer = {"type": "http", "scheme": "bearer"}
                schema["components"]["securitySchemes"] = {"token": bearer}
                schema["security"] = [{"token": []}]
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]
