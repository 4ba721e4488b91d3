"""``kgbuild serve``."""

from __future__ import annotations

from pathlib import Path

import click

from kgbuild.cli.common import with_settings
from kgbuild.config import Settings
from kgbuild.errors import require


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port; 0 takes a free one.",
)
@click.option("--token-file", type=click.Path(path_type=Path, dir_okay=False),
              envvar="KGBUILD_TOKEN_FILE", show_envvar=True,
              help="Lines  editor TOKEN  and  reader TOKEN.")  # fmt: skip
@click.option("--allow-host", multiple=True, metavar="NAME", help="A name this service goes by.")
@with_settings
def serve(
    settings: Settings, host: str, port: int, token_file: Path | None, allow_host: tuple[str, ...]
) -> None:
    """Serve the graph over HTTP: the card's API, /v1, and the explorer.

    Only this machine is listened to, unless --host says otherwise; then a token is needed
    (--token-file, or KGBUILD_TOKEN for editors and KGBUILD_READ_TOKEN for readers).
    """
    require("uvicorn", extra="serve"), require("fastapi", extra="serve")
    from kgbuild.serve.run import run
    from kgbuild.serve.settings import ServeSettings, read_tokens

    run(ServeSettings(settings, host, port, read_tokens(token_file), allow_host))
