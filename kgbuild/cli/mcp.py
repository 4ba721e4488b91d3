"""``kgbuild mcp``."""

from __future__ import annotations

import click

from kgbuild.cli.common import with_settings
from kgbuild.config import Settings
from kgbuild.errors import require


@click.command()
@click.option("--http", metavar="HOST:PORT", help="Serve /mcp over HTTP, for this machine alone.")
@with_settings
def mcp(settings: Settings, http: str | None) -> None:
    """Give the graph to an assistant over MCP: reading tools whose answers cite sentences.

    Speaks over stdin and stdout, as clients start it; models load at the first question.
    """
    require("mcp.server.lowlevel", extra="mcp")
    from kgbuild.serve.mcp.run import run

    run(settings, http)
