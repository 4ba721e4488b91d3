"""``kgbuild link``."""

from __future__ import annotations

from pathlib import Path

import click

from kgbuild.cli.common import json_flag, print_json, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.exchange.registers.linking import LinkReport


@click.command()
@click.argument("slice", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by-name", is_flag=True,
              help="Link people by first name and surname alone, where SLICE has one such person.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be linked; change nothing.")
@json_flag
@with_settings
def link(settings: Settings, slice: Path, by_name: bool, dry_run: bool, as_json: bool) -> None:
    """Give entities their Wikidata ids from SLICE, a part of a Wikidata JSON dump.

    SLICE holds an item a line, or the dump's array; gzip and bzip2 too. An entity is linked
    where its name in the nominative and its type are those of one item only and of no other
    entity, and for a person either the whole name with the patronymic or a year of birth or
    death agrees. Whatever is less clear is listed and not linked.
    """
    from kgbuild.exchange.registers.known import CERTAIN, Grade
    from kgbuild.exchange.registers.linking import link as attach
    from kgbuild.wiring import open_graph

    with open_graph(settings, readonly=dry_run) as graph:
        least = Grade.NAME if by_name else CERTAIN
        report = attach(graph.store, graph.normalizer, slice, least, dry_run)
    if as_json:
        print_json({**_as_json(report), "dry_run": dry_run})
    else:
        _print(report, dry_run)


def _as_json(report: LinkReport) -> dict[str, object]:
    return {
        "source": report.source,
        "items": report.items,
        "linked": [
            {"entity": m.entity.id, "type": m.entity.type, "name": m.entity.name,
             "wikidata": m.known.id, "label": m.known.name, "by": m.grade.name.lower()}
            for m in report.linked
        ],
        "known": report.known,
        "unlinked": [
            {"entity": u.entity.id, "type": u.entity.type, "name": u.entity.name,
             "reason": u.reason,
             "choices": [{"wikidata": k.id, "label": k.name} for k in u.choices]}
            for u in report.unlinked
        ],
    }  # fmt: skip


def _print(report: LinkReport, dry_run: bool) -> None:
    done = "would link" if dry_run else "linked"
    click.echo(f"{report.items} items read; {done} {len(report.linked)}, linked before"
               f" {report.known}, listed {len(report.unlinked)}")  # fmt: skip
    for m in report.linked:
        click.echo(f"  {clean(m.entity.name)} ({m.entity.type}, {m.entity.id}) = {m.known.id}"
                   f" {clean(m.known.name)} [{m.grade.name.lower()}]")  # fmt: skip
    for u in report.unlinked:
        choices = ", ".join(f"{k.id} {clean(k.name)}" for k in u.choices)
        click.echo(f"  not linked: {clean(u.entity.name)} ({u.entity.type}, {u.entity.id}):"
                   f" {u.reason}: {choices}")  # fmt: skip
