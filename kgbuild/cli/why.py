"""``kgbuild why`` and ``kgbuild review``."""

from __future__ import annotations

import click

from kgbuild.cli.common import json_flag, print_json, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.types import Reason


@click.command()
@click.argument("one")
@click.argument("other")
@json_flag
@with_settings
def why(settings: Settings, one: str, other: str, as_json: bool) -> None:
    """The rule, score or judgement that joined or parted two entities (names or ids).

    Of one entity named twice, all that joined its names.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        for reason in graph.why(one, other):
            if as_json:
                print_json(reason_dict(reason))
            else:
                joined = "joined" if reason.joined else "kept apart"
                click.echo(f"{reason.one} {reason.other}: {joined} by {_by(reason)}")


@click.command()
@click.option("-k", "--limit", type=click.IntRange(1), default=20, show_default=True)
@json_flag
@with_settings
def review(settings: Settings, limit: int, as_json: bool) -> None:
    """The pairs of names that may be one entity, the least certain first.

    Answer with  judge same|not-same|unsure ONE OTHER, by the two node ids.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        for doubt in graph.review(limit):
            if as_json:
                shown = {"names": [doubt.one.name, doubt.other.name], "sentences": doubt.sentences}
                print_json(reason_dict(doubt.reason) | shown)
                continue
            now = "joined" if doubt.reason.joined else "apart"
            names_shown = f"{clean(doubt.one.name)} — {clean(doubt.other.name)}"
            nodes = f"{doubt.reason.one} {doubt.reason.other}"
            click.echo(f"{doubt.reason.score:.2f}  {now}  {names_shown}  {nodes}")
            for sentence in doubt.sentences:
                click.echo(f"      {clean(sentence)}" if sentence else "      (no sentence)")
        click.echo(f"{graph.unreviewed()} pairs wait for a judgement", err=True)


def _by(reason: Reason) -> str:
    return reason.rule if reason.score is None else f"{reason.rule}, {reason.score:.2f}"


def reason_dict(reason: Reason) -> dict[str, object]:
    """A reason as JSON."""
    return {
        "one": reason.one,
        "other": reason.other,
        "joined": reason.joined,
        "rule": reason.rule,
        "score": None if reason.score is None else round(reason.score, 4),
    }
