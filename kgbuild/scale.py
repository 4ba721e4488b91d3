"""What so many documents take: machines, hours, storage, money, and what breaks first.

Run:  python -m kgbuild.scale --documents 1e6 --documents 1e7 --characters 2000

Reckoned from ``scale.json``, what was measured of each stage with the commands that measured it.
Everything grows with the number of characters as it was measured: nothing here knows of a cost
that only a larger graph has, apart from linking, whose growth was measured too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import click

from kgbuild.errors import FormatError, InputError

BY_WORKERS = ("read", "split", "extract", "embed", "resolve", "store", "index")
"""Stages that as many processes do as there are."""

BY_ONE = "link"
"""The stage that one process does."""

COMMON = 0.01
"""A word is common that stands in such a share of the sentences."""

_MS_AN_HOUR, _GB = 3_600_000, 1e9


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured with some models, and the commands that did.

    ``ms`` of processor by stage, ``per_thousand`` counts of what is stored, both for 1,000
    characters; ``bytes`` of the database and of pgvector for 1,000 characters, of a worker's
    memory, of the names of an entity, of a vector in FAISS, and while its index is made;
    ``postings`` the most rows that a search reads.
    """

    models: str
    commands: tuple[str, ...]
    ms: Mapping[str, float]
    per_thousand: Mapping[str, float]
    bytes: Mapping[str, float]
    postings: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: so many documents of so many characters within so many hours, on
    machines of some cores and GB of memory, beside a database server of some GB of disk.

    ``overhead`` is what Ray takes beside the stages, a share. A price that is None isn't reckoned.
    """

    documents: int
    characters: float
    hours: float
    cores: int
    memory: float
    disk: float
    overhead: float
    core_hour: float | None = None
    gb_month: float | None = None

    @property
    def thousands(self) -> float:
        """Characters of all documents, in thousands."""
        return self.documents * self.characters / 1000


@dataclass(frozen=True, slots=True)
class Limit:
    """What no longer holds from so many documents on, and what would have to replace it."""

    documents: float
    breaks: str
    instead: str


@dataclass(frozen=True, slots=True)
class Bill:
    """What a wish comes to: core-hours by stage and in all (Ray's overhead among them), hours
    of the one who links, machines, workers beyond which all wait for it, GB."""

    wish: Wish
    stages: Mapping[str, float]
    core_hours: float
    machines: int
    linking: float
    most_workers: int
    database: float
    pgvector: float
    faiss: float
    limits: tuple[Limit, ...]

    @property
    def first(self) -> Limit:
        """What breaks first."""
        return self.limits[0]


def measured(models: str) -> Costs:
    """The costs that ``scale.json`` holds of models.

    Raises:
        InputError: it holds none of them.
        FormatError: it isn't what it should be.
    """
    try:
        held: dict[str, Any] = json.loads(
            files("kgbuild").joinpath("scale.json").read_text("utf-8")
        )
        if models not in held["models"]:
            raise InputError(f"nothing was measured of {models!r}: one of {sorted(held['models'])}")
        times, counts = (held["models"][models][part] for part in ("times", "counts"))
        common = held["common"]
        made_by = [times, counts, *common.values()]
        sizes = {name: some["bytes"] for name, some in common.items() if "bytes" in some}
        return Costs(
            models,
            tuple(dict.fromkeys(one["command"] for one in made_by)),
            times["ms"],
            counts["per_thousand"],
            counts["bytes"] | sizes,
            common["postings"]["rows"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"scale.json isn't what it should be: {error!r}") from error


def reckon(wish: Wish, costs: Costs) -> Bill:
    """What a wish comes to."""
    stages = {name: wish.thousands * costs.ms[name] / _MS_AN_HOUR for name in BY_WORKERS}
    core_hours = sum(stages.values()) * (1 + wish.overhead)
    workers = min(wish.cores, int(wish.memory * _GB / costs.bytes["worker"]))
    if workers < 1:
        raise InputError(
            f"a worker takes {costs.bytes['worker'] / _GB:.1f} GB of memory, a machine has"
            f" {wish.memory:g}: give --memory"
        )
    vectors = wish.thousands * (costs.per_thousand["sentences"] + costs.per_thousand["entities"])
    by_workers = sum(costs.ms[name] for name in BY_WORKERS) * (1 + wish.overhead)
    return Bill(
        wish,
        stages,
        core_hours,
        math.ceil(core_hours / (wish.hours * workers)),
        wish.thousands * costs.ms[BY_ONE] / _MS_AN_HOUR,
        max(1, int(by_workers / costs.ms[BY_ONE])),
        wish.thousands * costs.bytes["database"] / _GB,
        wish.thousands * costs.bytes["pgvector"] / _GB,
        vectors * costs.bytes["faiss_vector"] / _GB,
        tuple(sorted((limit(wish, costs) for limit in LIMITS), key=lambda limit: limit.documents)),
    )


def _a_document(wish: Wish, costs: Costs, name: str) -> float:
    return costs.per_thousand[name] * wish.characters / 1000


def _linker(wish: Wish, costs: Costs) -> Limit:
    most = wish.hours * _MS_AN_HOUR / (costs.ms[BY_ONE] * wish.characters / 1000)
    return Limit(
        most,
        f"one process links for more than {wish.hours:g} hours",
        "blocks linked by several processes, which the linker's answer for a block allows",
    )


def _names(wish: Wish, costs: Costs) -> Limit:
    a_document = _a_document(wish, costs, "entities") * costs.bytes["names_of_an_entity"]
    return Limit(
        wish.memory * _GB / a_document,
        f"the names that whoever answers questions holds take more than {wish.memory:g} GB",
        "names looked up in the database by the stems of their words",
    )


def _index(wish: Wish, costs: Costs) -> Limit:
    vectors = _a_document(wish, costs, "sentences")
    return Limit(
        wish.memory * _GB / (vectors * costs.bytes["faiss_made"]),
        f"making the FAISS index of sentences takes more than {wish.memory:g} GB",
        "several indexes whose answers are merged, or pgvector on several servers",
    )


def _disk(wish: Wish, costs: Costs) -> Limit:
    a_thousand = costs.bytes["database"] + costs.bytes["pgvector"]
    return Limit(
        wish.disk * _GB / (a_thousand * wish.characters / 1000),
        f"the database with pgvector takes more than {wish.disk:g} GB",
        "documents, mentions and vectors spread over several servers (Citus, or a graph a part)",
    )


def _words(wish: Wish, costs: Costs) -> Limit:
    return Limit(
        costs.postings / (COMMON * _a_document(wish, costs, "sentences")),
        f"a search leaves out words that stand in {COMMON:.0%} of the sentences",
        "a search engine that ranks where its index is (Tantivy, OpenSearch)",
    )


LIMITS: tuple[Callable[[Wish, Costs], Limit], ...] = (_linker, _names, _index, _disk, _words)
"""Each says from how many documents on something no longer holds."""


def table(bills: Sequence[Bill], costs: Costs) -> str:
    """Bills beside each other, as a table in Markdown, and what breaks in order."""
    wish = bills[0].wish
    rows: list[tuple[str, list[str]]] = [
        (f"{name}, core-hours", [_number(bill.stages[name]) for bill in bills])
        for name in BY_WORKERS
    ]
    rows += [
        ("together with Ray, core-hours", [_number(b.core_hours) for b in bills]),
        (f"machines for {wish.hours:g} hours", [f"{b.machines:,}" for b in bills]),
        ("link, hours of one process", [_number(b.linking) for b in bills]),
        ("database, GB", [_number(b.database) for b in bills]),
        ("vectors in pgvector, GB", [_number(b.pgvector) for b in bills]),
        ("or in FAISS, GB", [_number(b.faiss) for b in bills]),
    ]
    if wish.core_hour is not None:
        prices = [_number((b.core_hours + b.linking) * wish.core_hour) for b in bills]
        rows.append(("cores, money", prices))
    if wish.gb_month is not None:
        prices = [_number((b.database + b.pgvector) * wish.gb_month) for b in bills]
        rows.append(("storage, money a month", prices))
    rows.append(("breaks first", [_first(bill) for bill in bills]))
    sizes = [f"{bill.wish.documents:,}" for bill in bills]
    lines = [_row("documents", sizes), "|---" * (1 + len(sizes)) + "|"]
    lines += [_row(*row) for row in rows]
    lines += ["", _assumed(wish, costs, bills[0].most_workers), "", "From so many documents on:"]
    lines += [f"- {_number(one.documents)}: {one.breaks}. Instead: {one.instead}."
              for one in bills[0].limits]  # fmt: skip
    lines += ["", "Measured by:", *(f"- `{command}`" for command in costs.commands)]
    return "\n".join(lines)


def _first(bill: Bill) -> str:
    return bill.first.breaks if bill.first.documents < bill.wish.documents else "nothing reckoned"


def _assumed(wish: Wish, costs: Costs, most_workers: int) -> str:
    prices = [
        f"{what} {price:g}"
        for what, price in (("a core-hour", wish.core_hour), ("a GB a month", wish.gb_month))
        if price is not None
    ]
    return (
        f"Assumed: {wish.characters:g} characters a document, {costs.models} models on a core"
        f" like the one that measured, machines of {wish.cores} cores and {wish.memory:g} GB, a"
        f" database server with {wish.disk:g} GB of disk, {wish.hours:g} hours,"
        f" {wish.overhead:.0%} more for Ray (assumed, not measured), prices: {', '.join(prices) or 'none given'}."
        f" More than {most_workers:,} workers wait for the one who links."
        " Not reckoned: the network, the database server's own cores, backups, its log."
    )


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _number(value: float) -> str:
    """Three digits that count."""
    if value <= 0:
        return "0"
    places = 2 - math.floor(math.log10(value))
    return f"{round(value, places):,.{max(places, 0)}f}"


class _Number(click.ParamType):  # type: ignore[type-arg]
    """A number above 0, or from 0 on for a price; 1e7 is one."""

    name = "number"

    def __init__(self, whole: bool = False, free: bool = False) -> None:
        self._whole, self._free = whole, free

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | int:
        """As click."""
        try:
            number = float(value)
        except ValueError:
            self.fail(f"{value!r} isn't a number", param, ctx)
        if not math.isfinite(number) or number < 0 or (number == 0 and not self._free):
            self.fail(
                f"{value!r}: a number {'of 0 or more' if self._free else 'above 0'}", param, ctx
            )
        if self._whole and not number.is_integer():
            self.fail(f"{value!r} isn't a whole number", param, ctx)
        return int(number) if self._whole else number


@click.command()
@click.option("--documents", type=_Number(whole=True), multiple=True, required=True,
              help="so many; several times: beside each other")  # fmt: skip
@click.option("--characters", type=_Number(), default=2000, show_default=True, help="a document")
@click.option("--models", default="real", show_default=True, help="real or stand-ins")
@click.option("--hours", type=_Number(), default=24, show_default=True, help="to be done in")
@click.option("--cores", type=_Number(whole=True), default=16, show_default=True, help="a machine")
@click.option("--memory", type=_Number(), default=64, show_default=True, help="GB a machine")
@click.option("--disk", type=_Number(), default=4000, show_default=True,
              help="GB of the database server")  # fmt: skip
@click.option("--overhead", type=_Number(free=True), default=0.15, show_default=True,
              help="share that Ray takes beside the stages")  # fmt: skip
@click.option("--core-hour", type=_Number(free=True), help="price of a core for an hour")
@click.option("--gb-month", type=_Number(free=True), help="price of a GB for a month")
def main(documents: tuple[int, ...], models: str, **how: Any) -> None:
    """Machines, hours, storage and money for so many documents, and what breaks first."""
    try:
        costs = measured(models)
        click.echo(table([reckon(Wish(one, **how), costs) for one in documents], costs))
    except InputError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m kgbuild.scale")
