"""PDF: the text layer, each page a piece with its number.

pypdf decodes the letters and puts them into lines; which of them a reader sees, and that he
reads column after column, is decided here. Invisible letters (render mode 3) are left out, but
for a page that has no others: they are what a program recognised on a scan.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kgbuild.errors import ReadError
from kgbuild.read.parts import Job, Piece

SHOWS = {b"Tj", b"TJ", b"'", b'"'}
INVISIBLE = 3
LEAST_ROWS = 3
"""Lines side by side in two columns."""
LEAST_GUTTER = 0.2
"""Of the page's width lies between where the columns begin."""
LEAST_FLOW = 0.3
"""Such a share of the lines of a column go on a sentence; cells of a table begin anew."""
MOST_SHOWN = 20_000
"""A page with more pieces of text is taken as it comes."""


def read_pdf(job: Job) -> Iterator[Piece]:
    """The text of each page.

    Raises:
        ReadError: it is encrypted, damaged, or has no text layer.
    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(job.file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("is encrypted: save it without its password")
        found = False
        for number, page in enumerate(reader.pages, 1):
            text, recognised = _page_text(page, reader)
            text = text.replace("\0", "")  # a font's way to say that it has no such letter
            if text.strip():
                found = True
                yield Piece(text, "page", f"{number}, recognised" if recognised else str(number))
    except pypdf.errors.PyPdfError as error:
        raise ReadError(f"isn't a whole PDF: {error}") from error
    if not found:
        raise ReadError("has no text layer: a scan? recognise it (OCR) first")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A piece of text: its number among the page's operations, and where it begins."""

    number: int
    x: float
    y: float


def _page_text(page: Any, reader: Any) -> tuple[str, bool]:
    """The text of a page, and whether it is invisible letters over a picture."""
    from pypdf.generic import ContentStream, NameObject

    contents = page.get_contents()
    if contents is None:
        return str(page.extract_text()), False
    operations = list(ContentStream(contents, reader, "bytes").operations)
    visible = _visible(operations)

    def text_of(kept: Sequence[tuple[Any, bytes]], visitor: Any = None) -> str:
        stream = ContentStream(None, reader, "bytes")
        stream.operations = list(kept)
        page[NameObject("/Contents")] = stream
        return str(page.extract_text(visitor_operand_before=visitor))

    if len(visible) < len(operations) and not text_of(visible).strip():
        return text_of(operations), True
    whole, shown = _places(visible, text_of)
    ordered = _in_columns(visible, shown, float(page.mediabox.width) or 1.0)
    if ordered is not None:
        texts = [text_of(part) for part in ordered]
        if _flow(texts):
            return "\n".join(_flowing(text) for text in texts if text.strip()), False
    return whole, False


def _flowing(column: str) -> str:
    """A column whose lines that go on a sentence are one, for they are too short to tell by
    their width; a hyphenated word stays at the line's end."""
    out: list[str] = []
    for line in (line.strip() for line in column.split("\n")):
        if out and line[:1].islower() and out[-1][-1:] not in "-\u00ad":
            out[-1] += f" {line}"
        elif line:
            out.append(line)
    return "\n".join(out)


def _visible(operations: list[tuple[Any, bytes]]) -> list[tuple[Any, bytes]]:
    """Without what is shown in an invisible mode."""
    mode, stack = 0, []
    kept = []
    for operands, operator in operations:
        if operator == b"q":
            stack.append(mode)
        elif operator == b"Q" and stack:
            mode = stack.pop()
        elif operator == b"Tr" and operands and isinstance(operands[0], (int, float)):
            mode = int(operands[0])
        if mode != INVISIBLE or operator not in SHOWS:
            kept.append((operands, operator))
        elif operator in (b"'", b'"'):
            kept.append(([], b"T*"))
    return kept


def _places(operations: list[tuple[Any, bytes]], text_of: Any) -> tuple[str, list[_Shown]]:
    """The text as it comes, and where each piece of it begins; nowhere if they are too many."""
    numbers = {id(operands): at for at, (operands, op) in enumerate(operations) if op in SHOWS}
    if len(numbers) > MOST_SHOWN:
        return text_of(operations), []
    found: dict[int, _Shown] = {}

    def visit(operator: bytes, operands: Any, cm: list[float], tm: list[float]) -> None:
        number = numbers.get(id(operands))
        if number is not None and operator in SHOWS:
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found[number] = _Shown(number, x, y)

    return text_of(operations, visit), list(found.values())


def _in_columns(
    operations: list[tuple[Any, bytes]], shown: Sequence[_Shown], width: float
) -> list[list[tuple[Any, bytes]]] | None:
    """The operations of each column, the left one first; those of a line over both columns
    between the columns above and below it. None where the page has no two columns."""
    rows: dict[int, list[_Shown]] = {}
    for one in shown:
        rows.setdefault(round(one.y / 2), []).append(one)
    edge = _gutter(list(rows.values()), width)
    if edge is None:
        return None
    bands: list[tuple[set[int], set[int]]] = [(set(), set())]
    for _, row in sorted(rows.items(), reverse=True):
        left = {one.number for one in row if one.x < edge - 3}
        right = {one.number for one in row if one.x >= edge - 3}
        over = left and right and not any(abs(one.x - edge) <= 3 for one in row)
        if over:
            bands += [(left | right, set()), (set(), set())]
        else:
            bands[-1][0].update(left)
            bands[-1][1].update(right)
    parts = [part for band in bands for part in band if part]
    return [
        [
            (operands, operator) if operator not in SHOWS or at in part else ([], b"T*")
            for at, (operands, operator) in enumerate(operations)
            if (operator not in SHOWS or at in part or operator in (b"'", b'"'))
            and (operator != b"Do" or first)
        ]
        for part, first in ((part, number == 0) for number, part in enumerate(parts))
    ]


def _gutter(rows: list[list[_Shown]], width: float) -> float | None:
    """Where the right column begins, if many rows have text there and far to the left of it."""
    starts: Counter[int] = Counter()
    for row in rows:
        leftmost = min(one.x for one in row)
        far = {round(one.x / 3) for one in row if one.x - leftmost >= LEAST_GUTTER * width}
        starts.update(far)
    for place, count in starts.most_common(5):
        edge = place * 3.0
        beyond = sum(any(one.x >= edge - 3 for one in row) for row in rows)
        if count >= LEAST_ROWS and 2 * count >= beyond and 0.25 * width <= edge <= 0.8 * width:
            return edge
    return None


def _flow(texts: Sequence[str]) -> bool:
    """Whether the lines of every column of some length go on sentences."""
    long = [lines for text in texts if len(lines := text.strip().split("\n")) >= LEAST_ROWS]
    return len(long) > 1 and all(
        sum(line.lstrip()[:1].islower() for line in lines[1:]) >= LEAST_FLOW * len(lines[1:])
        for lines in long
    )
