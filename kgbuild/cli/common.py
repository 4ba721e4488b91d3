"""What several commands share: the flags that name a store, and printing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any, TextIO, TypeVar

import click

from kgbuild.config import Settings, load_settings
from kgbuild.display import clean, place_words, without_password
from kgbuild.errors import ReadError
from kgbuild.types import Evidence, Origin, Passage

Command = TypeVar("Command", bound=Callable[..., Any])

_FLAGS = (
    click.option("--store", type=click.Path(file_okay=False), help="Folder of the graph [kg]."),
    click.option("--db", metavar="URL", help="Database URL, for a graph in PostgreSQL."),
    click.option("--device", help="auto, cpu, cuda or cuda:N [auto]."),
    click.option("--embedder", help="A name of `models list` or a model folder [embedded]."),
    click.option("--extractor", help="embedded, a weight folder or a service's URL [embedded]."),
)


def with_settings(command: Command) -> Command:
    """Give a command the flags of the settings and, first, the settings they make."""

    @wraps(command)
    def run(**values: Any) -> Any:
        names = ("store", "db", "device", "embedder", "extractor", "min_precision", "author")
        settings = load_settings(**{name: values.pop(name, None) for name in names})
        return command(settings, **values)

    for flag in reversed(_FLAGS):
        run = flag(run)
    return run  # type: ignore[return-value]


precision_flag = click.option(
    "--min-precision",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Emit relations only at confidences that were so precise on held-out documents.",
)
author_flag = click.option("--author", help="Who does this, for the log [the system's user name].")
follow_links_flag = click.option(
    "--follow-links", is_flag=True, help="Follow symbolic links in folders, wherever they lead."
)
json_flag = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


_CONTROLS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def print_json(value: object) -> None:
    """One value as one line; what could drive a terminal is escaped, as JSON allows."""
    line = json.dumps(value, ensure_ascii=False)
    click.echo(_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", line))


def utf8_lines(file: TextIO) -> Iterator[str]:
    """The lines of a file that was opened as UTF-8.

    Raises:
        ReadError: it is something else.
    """
    try:
        yield from file
    except UnicodeDecodeError as error:
        name = getattr(file, "name", "the input")
        raise ReadError(f"{name}: isn't UTF-8: {error.reason}; save it as UTF-8") from error


def clean_lines(text: str) -> str:
    """A text of several lines, each as :func:`clean` leaves it, indents kept."""
    return "\n".join(
        " " * (len(line) - len(line.lstrip())) + clean(line) for line in text.splitlines()
    )


def print_table(rows: Iterable[Sequence[object]], head: Sequence[str]) -> None:
    """Columns aligned; numbers to the right."""
    lines = [[clean(str(cell)) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *lines]) for i in range(len(head))]
    for line in [list(head), *lines]:
        cells = [
            cell.rjust(width) if _numeric(cell) else cell.ljust(width)
            for cell, width in zip(line, widths, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())


def _numeric(cell: str) -> bool:
    return cell.replace(".", "", 1).replace("-", "", 1).isdigit()


def evidence_line(evidence: Evidence, place: Origin | None = None) -> str:
    """A document, where in its file, and its sentence, for a person."""
    where = "" if place is None else f", {place_words(place.kind, place.value)}"
    return f"{clean(evidence.document)}{where}: «{marked(evidence)}»"


def marked(evidence: Evidence) -> str:
    """The passage with both mentions in square brackets."""
    spans = {(m.start - evidence.start, m.end - evidence.start)
             for m in (evidence.subject, evidence.object)}  # fmt: skip
    text = evidence.text
    if any(start < 0 or end > len(text) for start, end in spans):
        return clean(text)
    marks = [(start, 1, "[") for start, end in spans] + [(end, 0, "]") for start, end in spans]
    for at, _, mark in sorted(marks, reverse=True):
        text = text[:at] + mark + text[at:]
    return clean(text)


def passage_dict(passage: Passage) -> dict[str, object]:
    """A passage as the fixed format has it."""
    return {
        "document": passage.document,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": round(passage.score, 4),
    }


def settings_line(settings: Settings) -> str:
    """Where the graph is, for messages."""
    return without_password(settings.db) if settings.db else str(settings.store)
