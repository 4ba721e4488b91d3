"""``kgbuild mcp``."""

from __future__ import annotations

from pathlib import Path

import click

from kgbuild.cli.common import with_settings
from kgbuild.cli.serve import no_token_flag, token_file_flag, wanted_tokens
from kgbuild.config import Settings
from kgbuild.errors import require


@click.command()
@click.option("--http", metavar="HOST:PORT", help="Serve /mcp over HTTP, for this machine alone.")
@token_file_flag
@no_token_flag
@with_settings
def mcp(settings: Settings, http: str | None, token_file: Path | None, no_token: bool) -> None:
    """Give the graph to an assistant over MCP: reading tools whose answers cite sentences.

    Speaks over stdin and stdout, as clients start it; models load at the first question. Over
    HTTP it wants a token: one of --token-file, or else one that is made and printed.
    """
    require("mcp.server.lowlevel", extra="mcp")
    from kgbuild.serve.mcp.run import run

    if http is None:
        run(settings)
        return
    require("uvicorn", extra="serve"), require("fastapi", extra="serve")
    from kgbuild.serve.settings import Tokens

    run(
        settings,
        http,
        wanted_tokens(token_file, no_token) or (None if no_token else Tokens.fresh()),
    )
