"""What a text says by its layout: title, headings, tables, fields, who speaks.

Computed from the stored text alone, so that a document that was read long ago, or was written
for training, has it too. Everything is a range of characters of the text. A line is what
stands between ``\\n``; inside a cell of a table lines are divided by U+2028.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that names what follows it; ``level`` 1 is the title's."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; a cell that holds nothing is an empty span. ``has_header`` says that the
    first row names the columns."""

    start: int
    end: int
    rows: tuple[tuple[Span, ...], ...]
    has_header: bool


@dataclass(frozen=True, slots=True)
class Field:
    """«Поле: значение» on a line of its own. ``kind`` is sender, addressee, date, subject (of
    a letter's head) or ""."""

    name: Span
    value: Span
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one says in a conversation: his name, and the range of his words."""

    speaker: Span
    words: Span


@dataclass(frozen=True, slots=True)
class Structure:
    """The layout of a text; each tuple is in the order of the text."""

    headings: tuple[Heading, ...] = ()
    tables: tuple[Table, ...] = ()
    fields: tuple[Field, ...] = ()
    turns: tuple[Turn, ...] = ()

    @property
    def title(self) -> Span | None:
        """The document's title."""
        first = self.headings[0] if self.headings else None
        return (first.start, first.end) if first is not None and first.level == 1 else None

    def path(self, at: int) -> tuple[Span, ...]:
        """The headings over a place, the outermost first."""
        found: list[Heading] = []
        count = bisect_right([heading.start for heading in self.headings], at)
        for heading in reversed(self.headings[:count]):
            if heading.end <= at and (not found or heading.level < found[-1].level):
                found.append(heading)
        return tuple((heading.start, heading.end) for heading in reversed(found))

    def table(self, at: int) -> Table | None:
        """The table that a place is in."""
        count = bisect_right([table.start for table in self.tables], at)
        found = self.tables[count - 1] if count else None
        return found if found is not None and at < found.end else None

    def column(self, at: int) -> Span | None:
        """What the header of its table calls the column of a place below it."""
        table = self.table(at)
        if table is None or not table.has_header:
            return None
        for row in table.rows[1:]:
            for number, (start, end) in enumerate(row):
                if start <= at < end:
                    return table.rows[0][number] if number < len(table.rows[0]) else None
        return None

    def turn(self, at: int) -> Turn | None:
        """The turn that a place is in."""
        count = bisect_right([turn.words[0] for turn in self.turns], at)
        found = self.turns[count - 1] if count else None
        return found if found is not None and at < found.words[1] else None

    def edges(self) -> frozenset[int]:
        """Where a cell of a table begins or ends: no mention goes over such a place."""
        cells = (cell for table in self.tables for row in table.rows for cell in row)
        return frozenset(at for cell in cells for at in cell)


HEADING_WORDS, HEADING_LENGTH = 14, 140
FIELD_WORDS = 6
LEAST_SAID = 40
"""Mean length of what is said after a name; after a field's name it is shorter."""

_LETTER_HEAD = {
    "sender": ("from", "от", "от кого", "отправитель"),
    "addressee": ("to", "cc", "кому", "копия", "получатель", "адресат"),
    "date": ("date", "дата", "отправлено", "sent"),
    "subject": ("subject", "тема"),
}
_KINDS = {name: kind for kind, names in _LETTER_HEAD.items() for name in names}
_MARKED = re.compile(r"[ \t]*(#{1,6}|={1,6})[ \t]+(.*)")
_NUMBERED = re.compile(r"(?:(?:глава|часть|раздел|статья|§)\s*)?(?:(\d{1,3}(?:\.\d{1,3})*)\.?|[IVXLC]{1,7}\.)\s", re.I)  # fmt: skip
_ITEM = re.compile(r"[-–—−•·*▪◦‣●○■□✓✔>+]")
_FIELD = re.compile(r"[ \t]*(?:[-•*][ \t]+)?([^\s:|\t][^:|\t\n.!?]{0,59}?)[ \t]*:[ \t]+(\S[^\n]*)$")
_NAME = re.compile(r"(?:[А-ЯЁA-Z][\w’'-]*\.?[ ]?){2,4}")
_WHEN = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:,? (?:в )?\d{1,2}:\d{2}(?::\d{2})?)?"
_STAMPED = re.compile(
    rf"[ \t]*(?:\[{_WHEN}\][ \t]+([^\n:]{{1,60}}?)|([^\n:,]{{1,60}}?),[ \t]+{_WHEN}):(?:[ \t]+|$)"
)
_SENTENCE_END = re.compile(r"(?:\w{3}|[^\w\s])[.!?…]$|[!?…]$")
"""How prose ends; «1911 г.» is a value."""
_PIPE_RULE = re.compile(r"[ \t|:+=-]+$")


def structure(text: str) -> Structure:
    """The layout of a text, in time linear in its length."""
    lines = list(_lines(text))
    tables, in_table = _tables(text, lines)
    others = [line for line, inside in zip(lines, in_table, strict=True) if not inside]
    turns, spoken = _turns(text, others)
    fields = tuple(_fields(text, [line for line in others if line not in spoken]))
    taken = spoken | {(field.name[0], field.value[1]) for field in fields}
    return Structure(tuple(_headings(text, lines, in_table, taken)), tables, fields, turns)


def _lines(text: str) -> Iterator[Span]:
    """Each line without the blanks around it; an empty one too."""
    at = 0
    for line in text.split("\n"):
        left = len(line) - len(line.lstrip(" "))
        start, end = at + left, at + len(line.rstrip())
        yield (start, max(start, end)) if line.strip() else (at, at)
        at += len(line) + 1


def _tables(text: str, lines: Sequence[Span]) -> tuple[tuple[Table, ...], list[bool]]:
    """Runs of lines that have cells, and which lines are in one."""
    found: list[Table] = []
    inside = [False] * len(lines)
    rows: list[tuple[Span, ...]] = []
    for number, line in enumerate([*lines, (len(text), len(text))]):
        cells = _cells(text, line) if number < len(lines) else ()
        if cells or (rows and _PIPE_RULE.fullmatch(text, *line) and line[1] > line[0]):
            inside[number] = True
            rows += [cells] if cells else []
        elif rows:
            found.append(
                Table(rows[0][0][0], rows[-1][-1][1], tuple(rows), _has_header(text, rows))
            )
            rows = []
    return tuple(found), inside


def _cells(text: str, line: Span) -> tuple[Span, ...]:
    """The cells of a line, () where it is no row."""
    start, end = line
    if "\t" in text[start:end]:
        edges = [at for at in range(start, end) if text[at] == "\t"]
        bounds = [start, *(edge for at in edges for edge in (at, at + 1)), end]
    elif text.count("|", start, end) >= 2 and not _PIPE_RULE.fullmatch(text, start, end):
        edges = [at for at in range(start, end) if text[at] == "|"]
        bounds = [edge for at in edges for edge in (at, at + 1)]
        bounds = bounds[1:-1] if edges[0] == start else [start, *bounds]
        if edges[-1] != end - 1:
            bounds = [*bounds, *([edges[-1] + 1] if edges[0] == start else []), end]
    else:
        return ()
    cells = tuple(_trimmed(text, a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False))
    filled = sum(b > a for a, b in cells)
    return cells if filled >= 2 or (filled and len(cells) > 2) else ()


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    if not piece.strip():
        return start, start
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _has_header(text: str, rows: Sequence[Sequence[Span]]) -> bool:
    """Whether the first of several rows holds names of columns: short, without digits."""
    first = [text[a:b] for a, b in rows[0]]
    return (
        len(rows) > 1
        and all(first)
        and not any(sign.isdigit() for cell in first for sign in cell if sign not in "№")
        and all(len(cell.split()) <= FIELD_WORDS and cell[-1] not in ".!?:" for cell in first)
    )


def _turns(text: str, lines: Sequence[Span]) -> tuple[tuple[Turn, ...], set[Span]]:
    """The turns of a conversation, and the lines that they begin on."""
    stamped = [(line, _speaker(_STAMPED.match(text, *line))) for line in lines]
    begun = [(line, span) for line, span in stamped if span is not None]
    if not begun:
        begun = list(_named(text, lines))
    turns: list[Turn] = []
    for number, (_, (speaker, words)) in enumerate(begun):
        end = begun[number + 1][0][0] if number + 1 < len(begun) else len(text)
        turns.append(Turn(speaker, (words, words + len(text[words:end].rstrip()))))
    return tuple(turns), {line for line, _ in begun}


def _speaker(found: re.Match[str] | None) -> tuple[Span, int] | None:
    """Whose line it is, and where his words begin."""
    if found is None:
        return None
    return found.span(1 if found[1] else 2), found.end()


def _named(text: str, lines: Sequence[Span]) -> Iterator[tuple[Span, tuple[Span, int]]]:
    """Lines «Имя: слова»: a name of several words, or one that comes again and says much."""
    matched = [(line, found) for line in lines if (found := _FIELD.match(text, *line))]
    counts = Counter(found[1] for _, found in matched)
    lengths: Counter[str] = Counter()
    for _, found in matched:
        lengths[found[1]] += len(found[2])
    chosen = [
        (line, (found.span(1), found.start(2))) for line, found in matched
        if found[1].lower() not in _KINDS
        and (counts[found[1]] > 1 or _NAME.fullmatch(found[1]))
        and lengths[found[1]] >= LEAST_SAID * counts[found[1]]
        and found[1][:1].isupper()
    ]  # fmt: skip
    if len(chosen) > 1:
        yield from chosen


def _fields(text: str, lines: Sequence[Span]) -> Iterator[Field]:
    for line in lines:
        found = _FIELD.match(text, *line)
        if found is None or len(found[1].split()) > FIELD_WORDS or not found[1][0].isalpha():
            continue
        kind = _KINDS.get(found[1].lower(), "")
        if kind or (found[1][0].isupper() and not _SENTENCE_END.search(found[2])):
            yield Field(found.span(1), found.span(2), kind)


def _headings(
    text: str, lines: Sequence[Span], in_table: Sequence[bool], taken: set[Span]
) -> Iterator[Heading]:
    """Lines that are marked as headings, and short ones that stand alone."""
    filled = [number for number, (a, b) in enumerate(lines) if b > a]
    last = filled[-1] if filled else 0
    starts = {start for start, _ in taken}
    first = True
    for number in filled:
        start, end = lines[number]
        marked = _MARKED.match(text, start, end)
        named = marked[2].rstrip(" \t=#") if marked is not None else ""
        if marked is not None and named:
            yield Heading(marked.start(2), marked.start(2) + len(named), len(marked[1]))
        elif (
            not in_table[number]
            and number < last
            and start not in starts
            and _stands_alone(lines, number)
            and _is_heading(text[start:end])
        ):
            found = _NUMBERED.match(text, start, end)
            depth = 2 + (found[1].count(".") if found and found[1] else 0)
            yield Heading(start, end, 1 if first else depth)
        first = False


def _stands_alone(lines: Sequence[Span], number: int) -> bool:
    def blank(at: int) -> bool:
        return not 0 <= at < len(lines) or lines[at][0] == lines[at][1]

    return blank(number + 1) and blank(number - 1)


def _is_heading(line: str) -> bool:
    if len(line) > HEADING_LENGTH or len(line.split()) > HEADING_WORDS:
        return False
    if line[-1] in ".!?;,…" or _ITEM.match(line) or not any(map(str.isalpha, line)):
        return False
    return line[0].isupper() or line[0].isdigit() or line[0] in '«"„'
