"""Pictures of results, as PNG or SVG, drawn by matplotlib without a screen.

The same result gives the same picture. Labels are in the font that comes with matplotlib
(DejaVu Sans), which has Cyrillic; in SVG they stay text.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgbuild.analytics.calendar import Dated
from kgbuild.analytics.network import Network
from kgbuild.analytics.results import Bridges, Communities, Ranking, Routes, Timeline
from kgbuild.display import cut
from kgbuild.errors import InputError, require
from kgbuild.ontology import relation_type
from kgbuild.types import Fact

if TYPE_CHECKING:
    import networkx as nx

SUFFIXES = (".png", ".svg")
_DRAWN, _LABELLED, _BARS, _DATES = 150, 30, 25, 40
_COLOURS = 20
_FIRST_YEAR = 1

Draw = Callable[[Any], None]
"""Draws on a matplotlib ``Axes``."""


def check(path: Path) -> Path:
    """The path, if a picture can be saved under it.

    Raises:
        InputError: it ends in something else than .png or .svg, or its folder isn't there.
        MissingExtraError: matplotlib isn't installed.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: a picture ends in {' or '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}")
    require("matplotlib", extra="plot")
    return path


def _save(path: Path, size: tuple[float, float], draw: Draw) -> None:
    check(path)
    matplotlib = require("matplotlib", extra="plot")
    figures = require("matplotlib.figure", extra="plot")
    kind = path.suffix.lower()[1:]
    looks = {"svg.hashsalt": "kgbuild", "svg.fonttype": "none", "font.family": ["DejaVu Sans"]}
    made = io.BytesIO()
    with matplotlib.rc_context(looks):
        figure = figures.Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
        figure.savefig(made, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else {})
    try:
        path.write_bytes(made.getvalue())
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror}") from error


def draw_ranking(ranking: Ranking, path: Path) -> None:
    """The first entities as bars, the highest on top.

    Raises:
        As :func:`check`.
    """
    first = ranking.items[:_BARS][::-1]

    def draw(axes: Any) -> None:
        axes.barh(range(len(first)), [r.score for r in first], color="tab:blue")
        axes.set_yticks(range(len(first)), [_label(r.entity.name) for r in first])
        axes.set_xlabel(ranking.measure)

    _save(path, (8, 1 + 0.28 * len(first)), draw)


def draw_communities(network: Network, found: Communities, path: Path) -> None:
    """The 150 most joined entities, coloured by community; the legend has their names.

    Raises:
        As :func:`check`.
    """
    degree = dict(network.graph.degree(weight="weight"))
    shown = sorted(degree, key=lambda n: (-degree[n], n))[:_DRAWN]
    group = {member.id: community.number - 1 for community in found for member in community.members}
    graph = network.graph.subgraph(shown)
    colours = {id: group[id] % _COLOURS for id in shown}

    def draw(axes: Any) -> None:
        _draw_graph(axes, network, graph, colours, set(shown[:_LABELLED]))
        names = {number: found[number].name for number in sorted({group[id] for id in shown})[:12]}
        for number, name in names.items():
            axes.scatter([], [], color=_colour(number % _COLOURS), label=_label(name, 60))
        axes.legend(loc="upper left", bbox_to_anchor=(0, 0), ncols=2, fontsize=7, frameon=False)

    _save(path, (12, 11), draw)


def draw_facts(facts: Iterable[Fact], ends: Sequence[str], path: Path) -> None:
    """Facts as a graph with their relations along the edges; ``ends`` (ids) stand out.

    Raises:
        As :func:`check`.
    """
    import networkx as nx

    facts = list(facts)
    entities = {end.id: end for f in facts for end in (f.subject, f.object)}
    network = Network(entities, tuple(facts))
    words = {}
    for one, other in network.graph.edges:
        said = dict.fromkeys(
            relation_type(f.relation).label_ru for f in network.between(one, other)
        )
        words[one, other] = "\n".join(said)

    def draw(axes: Any) -> None:
        colours = {id: 3 if id in ends else 0 for id in entities}
        place = _draw_graph(axes, network, network.graph, colours, set(entities))
        nx.draw_networkx_edge_labels(
            network.graph, place, words, ax=axes, font_size=6, rotate=False
        )

    side = 6 + len(entities) ** 0.5
    _save(path, (side * 1.3, side), draw)


def draw_routes(routes: Routes, path: Path) -> None:
    """The facts of all paths. Raises as :func:`check`."""
    facts = {f.id: f for route in routes for f in route.facts}
    draw_facts(facts.values(), (routes.one.id, routes.other.id), path)


def draw_bridges(bridges: Bridges, path: Path, limit: int = 8) -> None:
    """The first bridges, each with its facts. Raises as :func:`check`."""
    first = bridges.items[:limit]
    facts = {f.id: f for b in first for f in (*b.to_one, *b.to_other)}
    draw_facts(facts.values(), [bridge.entity.id for bridge in first], path)


def draw_timeline(timeline: Timeline, path: Path) -> None:
    """At most 40 dated facts on an axis of years, spans as bars; open dates are left out.

    Raises:
        As :func:`check`.
    """
    closed = [d for d in timeline if d.first and d.last and d.first[0] >= _FIRST_YEAR][:_DATES]

    def draw(axes: Any) -> None:
        for row, dated in enumerate(reversed(closed)):
            begin, end = _year(dated.first), _year(dated.last)
            axes.barh(row, max(end - begin, 0.05), left=begin, color="tab:blue", height=0.5)
            axes.plot([begin], [row], marker="o", color="tab:blue", markersize=4)
        axes.set_yticks(range(len(closed)), [_told(d) for d in reversed(closed)], fontsize=7)
        axes.grid(axis="x", alpha=0.3)
        axes.margins(x=0.05)

    _save(path, (11, 1.5 + 0.24 * len(closed)), draw)


def _told(dated: Dated) -> str:
    fact = dated.fact
    label = relation_type(fact.relation).label_ru
    return f"{_label(fact.subject.name, 32)}: {label} — {_label(fact.object.name, 32)}"


def _year(day: tuple[int, int, int] | None) -> float:
    assert day is not None
    return day[0] + (day[1] - 1) / 12 + (day[2] - 1) / 365


def _draw_graph(
    axes: Any,
    network: Network,
    graph: nx.Graph[str],
    colours: dict[str, int],
    labelled: set[str],
) -> dict[str, Any]:
    """Nodes, edges and labels; gives where the nodes are."""
    import networkx as nx

    pulled: nx.Graph[Any] = nx.Graph()
    pulled.add_nodes_from(graph)
    for one, other in graph.edges:  # groups are drawn together
        pulled.add_edge(one, other, weight=2.0 if colours[one] == colours[other] else 0.5)
    place: dict[str, Any] = nx.spring_layout(pulled, k=2.2 / max(len(graph), 1) ** 0.5, seed=1)
    above = {id: (x, y + 0.02) for id, (x, y) in place.items()}
    names = {id: _label(network.entities[id].name) for id in graph if id in labelled}
    nx.draw_networkx_edges(graph, place, ax=axes, alpha=0.3)
    fill = [_colour(colours[id]) for id in graph]
    nx.draw_networkx_nodes(graph, place, ax=axes, node_size=60, node_color=fill)
    nx.draw_networkx_labels(graph, above, names, ax=axes, font_size=7, verticalalignment="bottom")
    axes.set_axis_off()
    axes.margins(0.12)
    return place


def _colour(number: int) -> Any:
    return require("matplotlib", extra="plot").colormaps["tab20"](number % _COLOURS)


def _label(name: str, most: int = 40) -> str:
    """A name as plain text: matplotlib would read what stands between dollars as mathematics."""
    return cut(name, most).replace("$", r"\$")
