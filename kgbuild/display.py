"""How results look: as plain dicts, as a pandas table, on a line and in a notebook.

:class:`Shown` gives a frozen dataclass its looks. It knows dataclasses only by their
fields: what tells a reader something stands in a field called ``text``, ``name``, ``items``
or ``evidence``, whatever the class. Everything that goes into HTML is escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, overload

from kgbuild.errors import require

_SHOWN_ROWS = 100
"""Rows of a table in a notebook; a line says how many more there are."""

Span = tuple[int, int]
Item = TypeVar("Item")


class Shown:
    """A mixin: ``to_dict``, ``to_pandas``, and looks for a prompt and for a notebook."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON has them: dicts, lists, strings, numbers."""
        found: dict[str, Any] = plain(self)
        return found

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame``: a row an evidence where there is evidence, else a row an item.

        Raises:
            MissingExtraError: pandas isn't installed.
        """
        return require("pandas", extra="analysis").DataFrame(rows(self))

    def __repr__(self) -> str:
        return summary(self)

    def _repr_html_(self) -> str:
        return to_html(self)


class Items(Shown, Sequence[Item]):
    """A result that is a sequence of its field ``items``."""

    __slots__ = ()
    items: tuple[Item, ...]

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        return self.items[index]


class Stream(Iterator[Item]):
    """What is read one by one, or at once into a table."""

    def __init__(self, source: Iterable[Item]) -> None:
        self._source = iter(source)

    def __next__(self) -> Item:
        return next(self._source)

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` of what is left to read: its rows as ``Shown.to_pandas``.

        Raises:
            MissingExtraError: pandas isn't installed.
        """
        table = require("pandas", extra="analysis").DataFrame
        return table([row for item in self for row in rows(item)])


def plain(value: Any) -> Any:
    """A value of dataclasses, tuples and scalars as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value


def rows(value: Any) -> list[dict[str, Any]]:
    """A result as the rows of a table, all with plain values.

    A result that holds answers, passages or items gives their rows; whatever has evidence
    gives a row an evidence, its own columns repeated.
    """
    names = ("answers", "passages", "items")
    if held := [getattr(value, name) for name in names if hasattr(value, name)]:
        return [row for item in next(filter(None, held), ()) for row in rows(item)]
    own: dict[str, Any] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        if field.name == "evidence":
            continue
        if is_dataclass(part) and hasattr(part, "name"):
            own |= {field.name: part.name, f"{field.name}_id": getattr(part, "id", None)}
        elif isinstance(part, tuple) and part and all(hasattr(p, "name") for p in part):
            own[field.name] = [p.name for p in part]
        else:
            own[field.name] = plain(part)
    if not hasattr(value, "evidence"):
        return [own]
    places = [
        {
            "document": e.document,
            "start": e.start,
            "end": e.end,
            "passage": e.text,
            "evidence_confidence": e.confidence,
        }
        for e in value.evidence
    ]
    return [own | place for place in places or [{}]]


def summary(value: Any) -> str:
    """A result on a line or a few, for a prompt."""
    name = type(value).__name__
    if hasattr(value, "question"):
        if value.abstained:
            return f"{name}({value.question!r}: нет ответа. {clean(value.reason)})"
        lines = [f"    {clean(item.text)} ({item.confidence:.2f})" for item in value.answers]
        return "\n".join([f"{name}({value.question!r}:", *lines, ")"])
    if hasattr(value, "query"):
        lines = [f"    {p.score:.3f}  {clean(p.document)}: {cut(p.text)}" for p in value.passages]
        head = f"{name}({value.query!r}, {value.mode}, {len(value.passages)} found"
        return "\n".join([f"{head}:", *lines, ")"]) if lines else f"{head})"
    if isinstance(value, Items):
        told = [cut(", ".join(_flat(v) for v in row.values())) for row in rows(value)[:10]]
        more = ["    …"] if len(value) > len(told) else []
        return "\n".join([f"{name}({len(value)}:", *(f"    {line}" for line in told), *more, ")"])
    if hasattr(value, "object") and hasattr(value, "evidence"):
        return (
            f"{name}({clean(value.subject.name)} —{value.relation}→ {clean(value.object.name)},"
            f" {value.confidence:.2f}, {len(value.evidence)} evidence)"
        )
    shown = ", ".join(f"{f.name}={getattr(value, f.name)!r}" for f in fields(value))
    return f"{name}({shown})"


def clean(text: str) -> str:
    """A text on one line, its control characters shown, so that it can't drive a terminal."""
    folded = " ".join(text.split())
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in folded)


_PLACES = {"page": "стр.", "row": "строка", "chapter": "глава", "part": "часть"}


def place_words(kind: str, value: str) -> str:
    """A place in a file in Russian: «стр. 3»."""
    return f"{_PLACES.get(kind, kind)} {clean(value)}"


_URL = re.compile(r"://\S+")
_SECRET = re.compile(
    r"((?:password|passwd|pwd|token|secret|api_?key|access_?key|signature)=)[^&\s'\"]+",
    re.IGNORECASE,
)


def without_password(url: str) -> str:
    """A URL whose password, before the host or among the parameters, reads ``***``."""
    scheme, mark, rest = url.partition("://")
    before, at, host = rest.rpartition("@")
    user, colon, _ = before.partition(":")
    if mark and at and colon and not set(user) & set("/?#@"):
        url = f"{scheme}://{user}:***@{host}"
    return _SECRET.sub(r"\1***", url)


def redacted(text: str) -> str:
    """A message in which no URL, and no ``password=…``, shows a password."""
    return _SECRET.sub(r"\1***", _URL.sub(lambda found: without_password(found[0]), text))


def cut(text: str, most: int = 100) -> str:
    """A text on one line, cut where it is long."""
    folded = clean(text)
    return folded if len(folded) <= most else folded[: most - 1] + "…"


def to_html(value: Any) -> str:
    """A result as a heading and a table, everything in it escaped."""
    table = [_html_row(row) for row in _cells(value)[:_SHOWN_ROWS]]
    left = len(_cells(value)) - len(table)
    parts = [f"<p>{_heading(value)}</p>"]
    if table:
        parts.append(f"<table>{''.join(table)}</table>")
    if left > 0:
        parts.append(f"<p>… ещё {left}</p>")
    return f"<div>{''.join(parts)}</div>"


def _heading(value: Any) -> str:
    if hasattr(value, "question"):
        said = "" if value.answers else f": нет ответа. {value.reason}"
        return f"<b>{html.escape(value.question)}</b>{html.escape(said)}"
    if hasattr(value, "query"):
        fixed = "; ".join(f"{c.asked} → {c.meant}" for c in value.corrections)
        said = f" ({value.mode}, {len(value.passages)}){'; ' if fixed else ''}{fixed}"
        return f"<b>{html.escape(value.query)}</b>{html.escape(said)}"
    if hasattr(value, "object") and hasattr(value, "evidence"):
        said = f" —{value.relation}→ "
        ends = f"{html.escape(value.subject.name)}</b>{html.escape(said)}<b>"
        return f"<b>{ends}{html.escape(value.object.name)}</b> {value.confidence:.2f}"
    if isinstance(value, Items):
        return f"<b>{type(value).__name__}</b> ({len(value)})"
    name = getattr(value, "name", None) or getattr(value, "text", "")
    kind = getattr(value, "type", None) or getattr(value, "relation", "")
    return f"<b>{html.escape(str(name))}</b> {html.escape(str(kind))}".rstrip()


def _cells(value: Any) -> list[tuple[str, ...]]:
    """The rows of a result's table, each cell as HTML."""
    if hasattr(value, "question") and value.answers:
        return [
            (html.escape(item.text), f"{item.confidence:.2f}", *place)
            for item in value.answers
            for place in _places(item.evidence)
        ]
    if hasattr(value, "passages"):
        return [(f"{p.score:.3f}", *_passage(p)) for p in value.passages]
    if isinstance(value, Items):
        table = rows(value)
        head = [tuple(f"<b>{html.escape(name)}</b>" for name in table[0])] if table else []
        return head + [tuple(html.escape(_flat(part)) for part in row.values()) for row in table]
    if hasattr(value, "evidence"):
        return list(_places(value.evidence))
    if hasattr(value, "highlights"):
        return [_passage(value)]
    shown = [(f.name, getattr(value, f.name)) for f in fields(value)]
    return [(html.escape(name), html.escape(_flat(part))) for name, part in shown]


def _flat(part: Any) -> str:
    return ", ".join(map(str, part)) if isinstance(part, (tuple, list)) else str(part)


def _places(evidence: Iterable[Any]) -> list[tuple[str, str]]:
    return [
        (
            html.escape(e.document),
            marked_html(
                e.text, e.start, [(e.subject.start, e.subject.end), (e.object.start, e.object.end)]
            ),
        )
        for e in evidence
    ]


def _passage(passage: Any) -> tuple[str, str]:
    text = marked_html(passage.text, passage.start, passage.highlights)
    return html.escape(passage.document), text


def _html_row(cells: Sequence[str]) -> str:
    inside = "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells)
    return f"<tr>{inside}</tr>"


def marked_html(text: str, start: int, spans: Iterable[Span]) -> str:
    """The text, which begins at ``start`` of its document, escaped, with the spans (offsets
    into the document) in ``<mark>``; overlapping spans are one."""
    return "".join(
        f"<mark>{html.escape(piece)}</mark>" if inside else html.escape(piece)
        for piece, inside in pieces(text, start, spans)
    )


def pieces(text: str, start: int, spans: Iterable[Span]) -> list[tuple[str, bool]]:
    """The text cut at spans, which are offsets into its document: pieces, and whether each
    lies inside one. Spans are clipped to the text, overlapping ones joined."""
    found: list[tuple[str, bool]] = []
    at = 0
    for first, last in sorted(spans):
        begin, end = max(first - start, at), min(last - start, len(text))
        if begin >= end:
            continue
        if begin > at:
            found.append((text[at:begin], False))
        found.append((text[begin:end], True))
        at = end
    if at < len(text):
        found.append((text[at:], False))
    return found
