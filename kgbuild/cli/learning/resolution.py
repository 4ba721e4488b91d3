"""How ``eval resolution`` prints its report."""

from __future__ import annotations

import click

from kgbuild.cli.common import print_table
from kgbuild.train.scoring.resolution_report import CLUSTERS, NAMES, ResolutionReport


def print_resolution(report: ResolutionReport) -> None:
    """Definitions and both tables."""
    click.echo(f"{report.protocol}; {report.documents} documents")
    click.echo(CLUSTERS)
    rows = []
    for name, scores in report.clusters.items():
        ratios = (scores.pairwise, scores.b_cubed, scores.ceaf_e)
        cells = [f"{v:.3f}" for ratio in ratios for v in (ratio.precision, ratio.recall, ratio.f1)]
        rows.append((name, *cells, scores.clusters))
    measures = ("pairwise P", "R", "F1", "B³ P", "R", "F1", "CEAF-e P", "R", "F1", "clusters")
    print_table(rows, ("system", *measures))
    counted = next(iter(report.clusters.values()))
    click.echo(f"{counted.items} counted mentions of {counted.gold_clusters} entities")
    if report.found is not None:
        click.echo(f"{report.found:.3f} of the counted mentions were found")
    if report.names:
        click.echo()
        click.echo(NAMES)
        scored = [(name, score.to_dict()) for name, score in report.names.items()]
        print_table(
            [
                (name, f"{s['accuracy']:.3f}", f"{s['inflected_accuracy']:.3f}")
                for name, s in scored
            ],
            ("name", "accuracy", "inflected"),
        )
        click.echo(f"{scored[0][1]['names']} names, {scored[0][1]['inflected']} inflected")
