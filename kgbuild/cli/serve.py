"""``kgbuild serve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgbuild.cli.common import with_settings
from kgbuild.config import Settings
from kgbuild.errors import InputError, require

if TYPE_CHECKING:
    from kgbuild.serve.settings import Tokens

token_file_flag = click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    envvar="KGBUILD_TOKEN_FILE",
    show_envvar=True,
    help="Lines  NAME ROLE SECRET, the role being editor or reader; - is standard input.",
)
no_token_flag = click.option(
    "--no-token", is_flag=True, help="Let everybody on this machine read and change the graph."
)


def wanted_tokens(file: Path | None, none: bool) -> Tokens:
    """The tokens that were given out.

    Raises:
        InputError: they can't be used, or ``none`` were wanted.
    """
    from kgbuild.serve.settings import read_tokens

    tokens = read_tokens(file)
    if tokens and none:
        raise InputError("a token was given, and --no-token too: leave one of them out")
    return tokens


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; unix:PATH is a socket that only this user can open, without token.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port; 0 takes a free one.",
)
@token_file_flag
@no_token_flag
@click.option("--allow-host", multiple=True, metavar="NAME", help="A name this service goes by.")
@with_settings
def serve(
    settings: Settings,
    host: str,
    port: int,
    token_file: Path | None,
    no_token: bool,
    allow_host: tuple[str, ...],
) -> None:
    """Serve the graph over HTTP: the card's API, /v1, and the explorer.

    Only this machine is listened to, unless --host says otherwise; then a token is needed
    (--token-file, or KGBUILD_TOKEN for editors and KGBUILD_READ_TOKEN for readers). Where none
    is given, one is made, and printed in a link that opens the explorer; --no-token does without.
    """
    require("uvicorn", extra="serve"), require("fastapi", extra="serve")
    from kgbuild.serve.run import run
    from kgbuild.serve.settings import ServeSettings, Tokens, is_loopback

    tokens = wanted_tokens(token_file, no_token)
    socket = Path(host.removeprefix("unix:")) if host.startswith("unix:") else None
    if not tokens and not no_token and is_loopback(host):
        tokens = Tokens.fresh()
    address = "localhost" if socket is not None else host
    run(ServeSettings(settings, address, port, tokens, no_token, socket, allow_host))


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
