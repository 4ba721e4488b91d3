"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kgbuild.exchange.brat_export import write_brat
from kgbuild.exchange.ftm import LeftOut, write_ftm
from kgbuild.exchange.neo4j import write_cypher, write_neo4j
from kgbuild.exchange.obsidian import write_obsidian
from kgbuild.exchange.rdf import write_jsonld, write_turtle
from kgbuild.exchange.tables import write_csv, write_cytoscape, write_jsonl, write_parquet
from kgbuild.exchange.xml import write_gexf, write_graphml
from kgbuild.ports import Store

WRITERS: dict[str, Callable[[Store, Path], LeftOut | None]] = {
    "graphml": write_graphml,
    "gexf": write_gexf,
    "cytoscape": write_cytoscape,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "parquet": write_parquet,
    "turtle": write_turtle,
    "jsonld": write_jsonld,
    "brat": write_brat,
    "neo4j": write_neo4j,
    "cypher": write_cypher,
    "ftm": write_ftm,
    "obsidian": write_obsidian,
}
"""Format → its writer; brat, csv, neo4j, obsidian and parquet make a folder, others a file.
A writer gives what its format has no place for, if anything is left out."""
