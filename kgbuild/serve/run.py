"""Running the service with uvicorn."""

from __future__ import annotations

import logging
import sys

import uvicorn

from kgbuild.serve.app import create_app
from kgbuild.serve.settings import ServeSettings

_STOP_SECONDS = 10
"""How long open requests may take to end when the service stops."""


def run(settings: ServeSettings) -> None:
    """Serve until a signal; the log goes to stderr."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_STOP_SECONDS,
        backlog=1024,
    )
