"""From one embedder to another, while the graph goes on answering."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import Popen

import click

from kgbuild import launch
from kgbuild.cli.common import settings_line
from kgbuild.config import CONFIG_FILE, Settings, change_settings, load_settings
from kgbuild.errors import InputError
from kgbuild.ports import Embedder, Store

REBUILD = "kgbuild index rebuild --embed"

_VARIABLES = ("KGBUILD_", "HF_", "OMP_", "OPENBLAS_", "MKL_", "CUDA_", "PGHOST", "PGPORT", "PGUSER",
              "PGDATABASE", "PGPASSFILE", "PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT")  # fmt: skip
"""What making vectors needs to know: settings, where models are, the database and its password."""

_LEFT_RUNNING: list[Popen[bytes]] = []
"""Kept, since Python warns of a process that is forgotten while it runs."""


def choose(settings: Settings, wanted: str) -> str:
    """Write a choice of embedder to the settings' file; gives what to say about it.

    A graph without vectors takes it at once; else it waits as ``next_embedder``.

    Raises:
        InputError: the environment names an embedder, which would win; or the file can't
            be changed.
        ModelError: there is no such embedder, or its files aren't what they should be.
    """
    from kgbuild.wiring import has_vectors, known_embedder

    if "KGBUILD_EMBEDDER" in os.environ:
        raise InputError(f"KGBUILD_EMBEDDER is set and would win over {CONFIG_FILE}: unset it")
    card = known_embedder(wanted)
    spec = str(Path(wanted).resolve()) if card.folder else wanted
    if spec == settings.embedder:
        change_settings({"next_embedder": None})
        return f"{settings_line(settings)} goes on with {spec}"
    if not has_vectors(settings):
        change_settings({"embedder": spec, "next_embedder": None})
        return (
            f"{CONFIG_FILE}: the embedder is {spec}; {settings_line(settings)} has no vectors yet"
        )
    change_settings({"next_embedder": spec})
    return (
        f"{CONFIG_FILE}: {spec} is next. {settings_line(settings)} goes on answering with"
        f" {settings.embedder} until  {REBUILD}  has made all vectors of {spec}; it may be"
        " interrupted and run again, and a running  kgbuild serve  takes it up when restarted."
    )


def embed_all(settings: Settings, store: Store) -> Embedder:
    """Make the vectors that are missing, of the next embedder where one was chosen.

    The next one takes its place in the settings' file when nothing is missing, in one
    step; until then, whoever reads the file goes on with the old one and its vectors.
    """
    from kgbuild.pipeline import embed_entities
    from kgbuild.wiring import make_embedder

    waiting = _next(settings)
    chosen = settings.model_copy(update={"embedder": waiting or settings.embedder})
    embedder = make_embedder(chosen)
    while made := embed_entities(store, embedder, progress=_say):
        click.echo(f"{chosen.embedder}: {made} vectors made", err=True)
    if waiting:
        change_settings({"embedder": waiting, "next_embedder": None})
        click.echo(f"{CONFIG_FILE}: the embedder is {waiting} now, no longer {settings.embedder}")
    return embedder


def _next(settings: Settings) -> str | None:
    """The embedder that waits for this graph: flags that name another mean only now."""
    plain = load_settings()
    same = (settings.embedder, settings.database) == (plain.embedder, plain.database)
    return settings.next_embedder if same else None


def _say(made: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{made} vectors ", nl=False, err=True)


def start_rebuild(settings: Settings) -> str:
    """Run the rebuild in a process of its own; gives what to say about it."""
    settings.store.mkdir(parents=True, exist_ok=True)
    log = settings.store / "rebuild.log"
    words = ["index", "rebuild", "--embed", "--store", str(settings.store)]
    words += ["--device", settings.device]
    # A database's URL may hold a password: the words are seen by all, the environment isn't.
    database = {"KGBUILD_DB": settings.db} if settings.db else {}
    variables = launch.environment(_VARIABLES, **database)
    with log.open("ab") as out:
        made = launch.start(
            "kgbuild", words, out=out, err=out, variables=variables, folder=os.getcwd()
        )
    assert made.stdin is not None
    made.stdin.close()
    _LEFT_RUNNING.append(made)
    return f"process {made.pid} makes the vectors; it writes to {log}"
