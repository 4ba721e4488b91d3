"""Markdown: the text that a reader of the page sees, its headings still marked by ``#``.

Left out are front matter, comments, fenced code, images and the addresses of links; tables
become rows of cells divided by tabs. Line ends stay where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kgbuild.read.encodings import decode
from kgbuild.read.formats.html import shown_text
from kgbuild.read.parts import Job, Piece

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MATTER = re.compile(r"(?:[\w.-]+[ \t]*:|[ \t]*-[ \t]|[ \t]+\S|#|$)")
_MATTER_ENDS = ("---", "...")
LONGEST_MATTER = 200
"""Lines of front matter; a longer block is no front matter."""
_COMMENT = re.compile(r"<!--|-->|%%")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_TABLE_RULE = re.compile(
    r"[ \t]*+(?:\|[ \t]*+)?:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*$"
)
_CLOSED_HEADING = re.compile(r"( {0,3}#{1,6}[ \t].*?)(?:(?<![ \t])|(?<=#[ \t]))[ \t]+#+[ \t]*$")
_QUOTE = re.compile(r"(?: {0,3}>[ \t]?)++")
_DEFINITION = re.compile(r" {0,3}\[(?!\^)[^\[\]\n]{1,200}\]:[ \t]*\S+.*$")
_NOTE_TEXT = re.compile(r" {0,3}\[\^([^\[\]\s]{1,40})\]:[ \t]*")
_TAGGED = re.compile(r"</?[A-Za-z][\w:-]*+[^<>]{0,500}>|&#?\w{1,32};")
_WEB = re.compile(r"<((?:https?|mailto):[^<>\s]{1,500})>")
_INLINE = (
    (re.compile(r"!\[[^\[\]\n]{0,500}\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,200}\])"), ""),
    (re.compile(r"!\[\[[^\[\]\n]{0,500}\]\]"), ""),
    (re.compile(r"\[\[(?:[^\[\]|\n]{0,500}\|)?([^\[\]|\n]{1,500})\]\]"), r"\1"),
    (re.compile(r"(?<=[^\s\[])\[\^([^\[\]\s]{1,40})\]"), r" [\1]"),
    (re.compile(r"\[\^([^\[\]\s]{1,40})\]"), r"[\1]"),
    (re.compile(r"\[([^\[\]\n]{1,1000})\]\([^()\n]{0,1000}(?:\([^()\n]{0,500}\)[^()\n]{0,500})?\)"),
     r"\1"),
    (re.compile(r"\[([^\[\]\n]{1,1000})\]\[[^\[\]\n]{0,200}\]"), r"\1"),
    (re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]{1,1000})\1(?!`)"), r"\2"),
)  # fmt: skip
_RUN = re.compile(r"(?<!\\)(?:\*{1,3}|_{1,3}|~~|==)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def read_markdown(job: Job) -> Iterator[Piece]:
    """What is seen of the text, as one piece."""
    yield Piece(markdown_text(decode(job.file.read())))


def markdown_text(source: str) -> str:
    """The text without its marks, save those of headings and lists."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = _without_code(lines[_matter(lines) :])
    lines = _without_comments("\n".join(lines)).split("\n")
    blocks: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        quoted = _QUOTE.match(line)
        inside = line[quoted.end() :] if quoted else line
        if inside.strip():
            block.append(inside)
        elif block:
            lines_of = (line.rstrip(" ") for line in _block(block).split("\n"))
            blocks.append("\n".join(lines_of))
            block = []
    return "\n\n".join(text for text in blocks if text.strip()) + "\n"


def _matter(lines: Sequence[str]) -> int:
    """The line after the front matter."""
    if not lines or lines[0].rstrip() not in ("---", "\ufeff---"):
        return 0
    for at, line in enumerate(lines[1 : LONGEST_MATTER + 1], 1):
        if line.rstrip() in _MATTER_ENDS:
            return at + 1
        if not _MATTER.match(line):
            return 0
    return 0


def _without_code(lines: Sequence[str]) -> list[str]:
    """Without fenced blocks; a fence that nothing closes is a line of text."""
    fences = [(at, found[1]) for at, line in enumerate(lines) if (found := _FENCE.match(line))]
    cut: set[int] = set()
    opened: tuple[int, str] | None = None
    for at, fence in fences:
        if opened is None:
            opened = (at, fence)
        elif fence.startswith(opened[1]) and not lines[at].strip().strip(fence[0]):
            cut.update(range(opened[0], at + 1))
            opened = None
    return ["" if at in cut else line for at, line in enumerate(lines)]


def _without_comments(text: str) -> str:
    """Without ``<!-- … -->``, and ``%% … %%`` of note keepers; an open one hides nothing."""
    out: list[str] = []
    begin = 0
    opened: re.Match[str] | None = None
    for mark in _COMMENT.finditer(text):
        if opened is None:
            opened = None if mark[0] == "-->" else mark
        elif mark[0] == {"<!--": "-->", "%%": "%%"}[opened[0]]:
            out.append(text[begin : opened.start()])
            begin, opened = mark.end(), None
    return "".join([*out, text[begin:]])


def _block(lines: list[str]) -> str:
    """Lines without a blank one between them."""
    if len(lines) > 1 and "|" in lines[0] and _TABLE_RULE.match(lines[1]) and "-" in lines[1]:
        rows = [lines[0], *lines[2:]]
        return "\n".join("\t".join(map(_inline, _cells(row))) for row in rows)
    kept: list[str] = []
    for line in lines:
        under = _UNDERLINE.match(line)
        if under and kept and not kept[-1].lstrip().startswith(("#", "-", "*", "+", ">")):
            kept[-1] = f"{'#' if under[1].startswith('=') else '##'} {kept[-1].strip()}"
        elif not _RULE.match(line) and not _DEFINITION.match(line):
            closed = _CLOSED_HEADING.match(line) if line.rstrip().endswith("#") else None
            kept.append(_NOTE_TEXT.sub(r"[\1] ", closed[1] if closed else line))
    return _inline("\n".join(kept))


def _cells(row: str) -> list[str]:
    inside = row.strip().removeprefix("|")
    inside = inside if inside.endswith("\\|") else inside.removesuffix("|")
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inside)]


def _inline(text: str) -> str:
    """Without the marks inside a line."""
    for pattern, kept in _INLINE:
        text = pattern.sub(kept, text)
    text = _WEB.sub(r"\1", text)
    if _TAGGED.search(text):
        text = shown_text(f"<pre>{text}</pre>")
    return _ESCAPE.sub(r"\1", _plain(text))


def _plain(text: str) -> str:
    """Without the runs of signs that make a stretch bold, slanted or struck out."""
    opened: dict[str, list[tuple[int, int]]] = {}
    cut: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
        opens, closes = bool(after.strip()), bool(before.strip())
        if before.isdigit() and after.isdigit():  # 2*3
            continue
        if run[0].startswith("_"):  # inside a word it is a sign of the word
            opens, closes = opens and not before.isalnum(), closes and not after.isalnum()
        waiting = opened.setdefault(run[0], [])
        if closes and waiting:
            cut += [waiting.pop(), run.span()]
        elif opens:
            waiting.append(run.span())
    out: list[str] = []
    at = 0
    for start, end in sorted(cut):
        out.append(text[at:start])
        at = end
    return "".join([*out, text[at:]])
