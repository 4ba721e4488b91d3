"""``kgbuild analyze``: measures, groups, paths, dates of the graph, as tables, JSON, pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from kgbuild.analytics.network import Cut
from kgbuild.cli.common import (
    evidence_line,
    json_flag,
    print_json,
    print_table,
    with_settings,
)
from kgbuild.config import Settings
from kgbuild.display import Items, clean
from kgbuild.display import cut as shortened
from kgbuild.ontology import entity_label, relation_type

Command = TypeVar("Command", bound=Callable[..., Any])


def _picture(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    from kgbuild.analytics import picture

    return None if path is None else picture.check(path)


limit_flag = click.option("-k", "--limit", type=click.IntRange(1), default=20, show_default=True,
                          help="Rows shown.")  # fmt: skip
plot_flag = click.option("--plot", type=click.Path(path_type=Path), callback=_picture,
                         help="Save a picture too, .png or .svg.")  # fmt: skip
seed_flag = click.option("--seed", type=int, default=0, show_default=True,
                         help="Of the random steps.")  # fmt: skip
backend_flag = click.option("--backend", help="A networkx backend that computes it.")
sample_flag = click.option("--sample", type=click.IntRange(0),
                           help="Pivots that betweenness is estimated from; 0: exact.")  # fmt: skip

_CUT = (
    click.option("--type", "types", multiple=True, metavar="TYPE",
                 help="Only entities of this type (may be repeated)."),
    click.option("--relation", "relations", multiple=True, metavar="RELATION",
                 help="Only facts of this relation (may be repeated)."),
    click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0,
                 help="Only facts as sure as this."),
    click.option("--as-of", metavar="DATE",
                 help="Only facts that may hold then; what isn't dated is kept."),
)  # fmt: skip


def with_cut(command: Command) -> Command:
    """Give a command the flags that say which part of the graph is meant, as one ``cut``."""

    @wraps(command)
    def run(**values: Any) -> Any:
        given = {
            name: values.pop(name) for name in ("types", "relations", "min_confidence", "as_of")
        }
        cut = cast(Cut, {name: value for name, value in given.items() if value})
        return command(cut=cut, **values)

    for flag in reversed(_CUT):
        run = flag(run)
    return run  # type: ignore[return-value]


@click.group()
def analyze() -> None:
    """Who is central, which groups there are, what joins whom, and what happened when."""


@analyze.command()
@click.option("--by", type=click.Choice(["degree", "pagerank", "betweenness"]), default="pagerank",
              show_default=True, help="The measure.")  # fmt: skip
@sample_flag
@seed_flag
@backend_flag
@limit_flag
@plot_flag
@with_cut
@json_flag
@with_settings
def centrality(
    settings: Settings, by: Any, sample: int | None, seed: int, cut: Cut, **show: Any
) -> None:
    """The most central entities."""
    from kgbuild.analytics.picture import draw_ranking
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.analytics.centrality(by, sample, seed, show["backend"], **cut)
    if show["plot"]:
        draw_ranking(found, show["plot"])
    rows = ((r.entity.name, r.entity.type, f"{r.score:.4f}", r.neighbours) for r in found)
    _show(found, rows, ("entity", "type", by, "neighbours"), show)


@analyze.command()
@click.option("--method", type=click.Choice(["louvain", "leiden"]), default="louvain",
              show_default=True, help="leiden needs networkit.")  # fmt: skip
@click.option("--resolution", type=float, default=1.0, help="More makes smaller groups.")
@seed_flag
@backend_flag
@limit_flag
@plot_flag
@with_cut
@json_flag
@with_settings
def communities(
    settings: Settings, method: Any, resolution: float, seed: int, cut: Cut, **show: Any
) -> None:
    """Groups that facts join among themselves, named by their most central members."""
    from kgbuild.analytics.picture import draw_communities
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.analytics.communities(method, resolution, seed, show["backend"], **cut)
        if show["plot"]:
            draw_communities(graph.analytics.network(**cut), found, show["plot"])
    rows = ((c.number, c.size, c.facts, c.name, ", ".join(c.telling)) for c in found)
    _show(found, rows, ("group", "size", "facts", "named by", "telling types"), show)


@analyze.command()
@click.argument("one")
@click.argument("other")
@click.option("--by", type=click.Choice(["fewest", "confidence"]), default="fewest",
              show_default=True, help="What makes a path good.")  # fmt: skip
@limit_flag
@plot_flag
@with_cut
@json_flag
@with_settings
def paths(settings: Settings, one: str, other: str, by: Any, cut: Cut, **show: Any) -> None:
    """The best paths of at most four facts from ONE entity to the OTHER, with their sentences."""
    from kgbuild.analytics.picture import draw_routes
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.analytics.paths(one, other, show["limit"], by, **cut)
    if show["plot"]:
        draw_routes(found, show["plot"])
    if show["as_json"]:
        return print_json(found.to_dict())
    click.echo(f"{_title(found.one)} — {_title(found.other)}: {len(found) or 'нет пути'}")
    for route in found:
        click.echo(f"{route.confidence:.2f}  {clean(route.text)}")
        for evidence in (e for fact in route.facts for e in fact.evidence[:1]):
            click.echo(f"      {evidence_line(evidence)}")


@analyze.command()
@click.argument("one", required=False)
@click.argument("other", required=False)
@click.option("--radius", type=click.IntRange(0), default=1, show_default=True,
              help="Facts from a name to the end of its circle.")  # fmt: skip
@backend_flag
@limit_flag
@plot_flag
@with_cut
@json_flag
@with_settings
def bridges(
    settings: Settings, one: str | None, other: str | None, radius: int, cut: Cut, **show: Any
) -> None:
    """Who connects ONE's circle with the OTHER's; without names, one community with others."""
    from kgbuild.analytics.picture import draw_bridges
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.analytics.bridges(one, other, radius, backend=show["backend"], **cut)
    if show["plot"]:
        draw_bridges(found, show["plot"])
    rows = ((b.entity.name, b.entity.type, f"{b.score:.3f}", len(b.to_one), len(b.to_other))
            for b in found)  # fmt: skip
    _show(found, rows, ("entity", "type", "share of paths", found.one, found.other), show)


@analyze.command()
@click.argument("entity", required=False)
@click.option("--since", metavar="DATE", help="Not what was over before.")
@click.option("--until", metavar="DATE", help="Not what came after.")
@limit_flag
@plot_flag
@with_cut
@json_flag
@with_settings
def timeline(
    settings: Settings, entity: str | None, since: str, until: str, cut: Cut, **show: Any
) -> None:
    """The dated facts of an ENTITY, or of the whole graph, the earliest first."""
    from kgbuild.analytics.picture import draw_timeline
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.analytics.timeline(entity, since, until, **cut)
    if show["plot"]:
        draw_timeline(found, show["plot"])
    _show_dated(found, show)


@analyze.command()
@click.argument("since")
@click.argument("until")
@limit_flag
@with_cut
@json_flag
@with_settings
def changes(settings: Settings, since: str, until: str, cut: Cut, **show: Any) -> None:
    """What began, happened or ended after one date (SINCE) and not after another (UNTIL)."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        _show_dated(graph.analytics.changes(since, until, **cut), show)


@analyze.command()
@click.argument("entity")
@click.option("--by", type=click.Choice(["context", "structure"]), default="context",
              show_default=True, help="What is said of them, or what they are joined to.")  # fmt: skip
@limit_flag
@with_cut
@json_flag
@with_settings
def similar(settings: Settings, entity: str, by: Any, cut: Cut, **show: Any) -> None:
    """Entities like an ENTITY, of its type unless --type says otherwise."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.analytics.similar(entity, by, show["limit"], **cut)
    rows = ((a.entity.name, a.entity.type, f"{a.score:.3f}", "; ".join(a.shared[:3]))
            for a in found)  # fmt: skip
    _show(found, rows, ("entity", "type", "likeness", "in common"), show)


@analyze.command()
@click.argument("entity", required=False)
@click.option("--within", type=click.Choice(["sentence", "document"]), default="sentence",
              show_default=True, help="Where they stand together.")  # fmt: skip
@limit_flag
@with_cut
@json_flag
@with_settings
def cooccurrence(settings: Settings, entity: str, within: Any, cut: Cut, **show: Any) -> None:
    """Entities named together twice or more: how often, and log2 of how much beyond chance."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.analytics.cooccurrences(entity, within, **cut)
    rows = ((t.one.name, t.other.name, t.count, f"{t.pmi:.2f}") for t in found)
    _show(found, rows, ("one", "other", f"{within}s", "pmi"), show)


@analyze.command()
@click.argument("entity", required=False)
@click.option("--by", type=click.Choice(["adamic-adar", "resource-allocation", "jaccard"]),
              default="adamic-adar", show_default=True, help="The measure.")  # fmt: skip
@limit_flag
@backend_flag
@with_cut
@json_flag
@with_settings
def predict(settings: Settings, entity: str | None, by: Any, cut: Cut, **show: Any) -> None:
    """Pairs that no fact joins though they share neighbours: facts that may be missing."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.analytics.predictions(entity, by, show["limit"], show["backend"], **cut)
    rows = ((p.one.name, p.other.name, f"{p.score:.2f}", ", ".join(s.name for s in p.why[:4]))
            for p in found)  # fmt: skip
    _show(found, rows, ("one", "other", by, "common neighbours"), show)


def _title(entity: Any) -> str:
    return f"{clean(entity.name)} ({entity_label(entity.type)}, {entity.id})"


def _show(
    found: Items[Any], rows: Iterable[Sequence[object]], head: Sequence[str], show: dict[str, Any]
) -> None:
    """A result's first rows as a table, or all that was asked for as JSON."""
    if show["as_json"]:
        told = found.to_dict()
        print_json({**told, "items": told["items"][: show["limit"]]})
        return
    listed = [[shortened(str(cell), 60) for cell in row] for row in rows]
    print_table(listed[: show["limit"]], head)
    if len(listed) > show["limit"]:
        click.echo(f"… {len(listed) - show['limit']} more (-k)", err=True)


def _show_dated(found: Items[Any], show: dict[str, Any]) -> None:
    if show["as_json"]:
        return _show(found, (), (), show)
    for dated in found[: show["limit"]]:
        fact = dated.fact
        label = relation_type(fact.relation).label_ru
        words = f"{clean(fact.subject.name)}: {label} — {clean(fact.object.name)}"
        click.echo(
            f"{dated.date:<12}  {dated.role:<8}  {words}  ({fact.relation}, {fact.confidence:.2f})"
        )
        for evidence in dated.dated_by.evidence[:1]:
            click.echo(f"      {evidence_line(evidence)}")
    if len(found) > show["limit"]:
        click.echo(f"… {len(found) - show['limit']} more (-k)", err=True)
