"""What a reader sees of a page: its text a line a block, a row of a table a line, its cells
divided by tabs.

What a browser doesn't show is no text. Of a saved page of a site what stands around its text
isn't either: navigation, footers, advertisements, the hour it was put up. Such parts are
told by their elements, their roles and the words of their classes, as site makers name them;
runs of links outside the text by their share of links (Kohlschütter, Fankhauser, Nejdl:
Boilerplate Detection using Shallow Text Features, 2010). A part that holds the page's
heading, or most of its text, stays whatever it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from kgbuild.read.formats.marks import raised_digits

HIDDEN = {"script", "style", "head", "template", "noscript", "svg", "math", "select", "textarea",
          "button", "datalist", "iframe", "object", "canvas", "audio", "video", "title",
          "noframes"}  # fmt: skip
"""Elements of which nothing is text of the page."""
PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol",
              "dl", "section", "article", "header", "footer", "nav", "aside", "main", "figure",
              "form", "fieldset", "hr", "details", "body", "menu"}  # fmt: skip
LINES = {"br", "div", "li", "tr", "dt", "dd", "caption", "figcaption", "legend", "summary",
         "address", "td", "th", "center"}  # fmt: skip

_AROUND = {"nav", "menu", "dialog", "footer", "aside", "header"}
_ROLES = {"navigation", "menu", "menubar", "search", "banner", "contentinfo", "complementary",
          "dialog", "alertdialog", "toolbar", "tablist"}  # fmt: skip
_CLASSES = {"nav", "navbar", "navigation", "menu", "submenu", "breadcrumb", "breadcrumbs",
            "footer", "sidebar", "ad", "ads", "advert", "adverts", "advertisement",
            "advertising", "adv", "banner", "banners", "promo", "sponsored", "reklama", "share",
            "sharing", "social", "cookie", "cookies", "subscribe", "subscription", "newsletter",
            "popup", "pagination", "pager", "related", "recommended", "recommendations",
            "login"}  # fmt: skip
_DATED = {"date", "time", "datetime", "timestamp", "published", "pubdate", "views"}
_BODY = {"article", "main", "h1"}
_WORDS = re.compile(r"[A-Z]?[a-zа-яё]+")

_SPACE = re.compile(r"[ \t\n\r\f]+")
_UNSEEN_STYLE = re.compile(
    r"(?:^|[;{\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|content-visibility\s*:\s*hidden|"
    r"opacity\s*:\s*0(?:\.0+)?(?=\s*(?:;|!|$))|font-size\s*:\s*0(?:px|pt|em|%)?(?=\s*(?:;|!|$)))",
    re.IGNORECASE,
)
_SELECTOR = re.compile(r"(?:[a-z][a-z0-9]*)?([.#][\w-]+)", re.IGNORECASE)
LONGEST_SHEET = 1 << 20

_NOTE = re.compile(r"\[?\s*(\d{1,3}|\*{1,3})\s*\]?")
_CLOCK = re.compile(
    r"\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|"
    r"\d{1,2} (?:янв|фев|мар|апр|ма[йя]|ию[нл]|авг|сен|окт|ноя|дек)[а-я.]*(?: \d{4})?|"
    r"\b(?:г|года?|в|мск|вчера|сегодня|обновлено|опубликовано|дата)\b",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
_CLOCK_TIME = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?!\d)")

LONGEST_CELL = 1000
"""Characters of a cell of data; a table with longer ones lays out a page."""
MENU_RUN, LINKED = 3, 0.8
"""So many blocks one after another, each with such a share of links, are a menu."""
LONGEST_STAMP = 60


@dataclass(slots=True)
class Element:
    """A tag with what stands in it; ``name`` in small letters."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        """The words of its class and id, in small letters: «mainMenu-left» has «menu»."""
        named = f"{self.attributes.get('class', '')} {self.attributes.get('id', '')}"
        return {word.lower() for word in _WORDS.findall(named)}


@dataclass(slots=True)
class _Around:
    """A part that is perhaps no text of the page: its characters, whether it holds the text."""

    characters: int = 0
    holds_body: bool = False


@dataclass(slots=True)
class _Block:
    """A line of the page. ``gap``: line ends before it; ``linked`` and ``stamped``: characters
    of links and of times in it; ``around``: the parts that it stands in."""

    text: str
    gap: int
    linked: int = 0
    stamped: int = 0
    around: tuple[int, ...] = ()
    in_body: bool = False
    is_data: bool = False


def seen_text(root: Element, page: bool) -> str:
    """The text that is seen; of a ``page`` of a site without what stands around its text."""
    walk = _Walk(_hidden_names(root))
    walk.run(root)
    blocks = walk.blocks
    kept = _of_the_page(blocks, walk.parts) if page else blocks
    out: list[str] = []
    for block in kept if kept else blocks:
        if out:
            out.append("\n" * block.gap)
        out.append(block.text)
    return "".join(out)


def _of_the_page(blocks: list[_Block], parts: list[_Around]) -> list[_Block]:
    total = sum(len(block.text) for block in blocks)
    dropped = {
        at for at, part in enumerate(parts)
        if not part.holds_body and 2 * part.characters <= total
    }  # fmt: skip
    left = _without(blocks, [not dropped.isdisjoint(block.around) for block in blocks])
    menus: list[bool] = []
    for menu, run in groupby(left, _may_be_menu):
        length = len(list(run))
        menus += [menu and MENU_RUN <= length < len(left)] * length
    left = _without(left, menus)
    return _without(left, [_is_stamp(block) for block in left])


def _without(blocks: list[_Block], dropped: list[bool]) -> list[_Block]:
    """The others; the gap before a dropped block stays."""
    kept: list[_Block] = []
    gap = 0
    for block, drop in zip(blocks, dropped, strict=True):
        gap = max(gap, block.gap)
        if not drop:
            block.gap, gap = gap, 0
            kept.append(block)
    return kept


def _may_be_menu(block: _Block) -> bool:
    if block.in_body or block.is_data or block.text.rstrip().endswith((".", "!", "?", "…")):
        return False
    return block.linked >= LINKED * len(block.text)


def _is_stamp(block: _Block) -> bool:
    """When a page was put up, alone in its line."""
    if block.is_data or len(block.text) > LONGEST_STAMP:
        return False
    rest = _CLOCK.sub("", block.text)
    if rest == block.text or _LETTER.search(rest):
        return False
    return 2 * block.stamped > len(block.text) or _CLOCK_TIME.search(block.text) is not None


@dataclass(slots=True)
class _Table:
    """A table of data being read; ``spans``: column → rows that a cell still reaches down."""

    rows: int = 0
    cells: list[str] | None = None
    spans: dict[int, int] = field(default_factory=dict)


class _Walk:
    """Goes through a tree in order and gathers blocks; white space folds, save in ``pre``."""

    def __init__(self, hidden: set[str]) -> None:
        self.blocks: list[_Block] = []
        self.parts: list[_Around] = []
        self._hidden = hidden
        self._line: list[str] = []
        self._gap = 0
        self._linked = self._stamped = 0
        self._counts = {"pre": 0, "a": 0, "time": 0, "main": 0}
        self._around: list[int] = []
        self._tables: list[_Table | None] = []
        self._cell = False

    def run(self, root: Element) -> None:
        stack: list[tuple[Element | str, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            if isinstance(node, str):
                self._text(node)
            elif leaving:
                self._leave(node)
            elif not self._unseen(node) and not self._note(node):
                self._enter(node)
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(node.children))
        self._break(2)

    def _unseen(self, node: Element) -> bool:
        if node.name in HIDDEN or "hidden" in node.attributes:
            return True
        if node.name == "dialog" and "open" not in node.attributes:
            return True
        style = node.attributes.get("style")
        if style and _UNSEEN_STYLE.search(style):
            return True
        if self._hidden and ("class" in node.attributes or "id" in node.attributes):
            named = [f".{word}" for word in node.attributes.get("class", "").split()]
            return not self._hidden.isdisjoint([*named, f"#{node.attributes.get('id', '')}"])
        return False

    def _note(self, node: Element) -> bool:
        """A note's mark is kept from the word before it; an exponent stays an exponent."""
        is_link = node.name == "a" and (
            node.attributes.get("href", "").startswith("#")
            or node.attributes.get("epub:type") == "noteref"
        )
        if node.name != "sup" and not is_link:
            return False
        mark = _NOTE.fullmatch(_short_text(node).strip())
        if mark is None:
            return False
        before = self._line[-1] if self._line else ""
        if node.name == "a" and not before[-1:].strip():
            return False  # a link that stands for itself
        linked = is_link or any(isinstance(c, Element) and c.name == "a" for c in node.children)
        if mark[1].isdigit() and not linked:
            self._line.append(raised_digits("".join(self._line[-3:])[-5:], mark[1]))
        else:
            self._line.append(f"{' ' if before[-1:].strip() else ''}[{mark[1]}]")
        return True

    def _enter(self, node: Element) -> None:
        name = node.name
        self._separate(node)
        if name in self._counts:
            self._counts[name] += 1
        if name in _BODY:
            for at in self._around:
                self.parts[at].holds_body = True
        if name == "article":
            self._counts["main"] += 1
        if self._is_around(node):
            self._around.append(len(self.parts))
            self.parts.append(_Around())
        if name != "time" and node.classes & _DATED:
            self._counts["time"] += 1
        if name == "table":
            self._tables.append(_Table() if _is_data(node) else None)
        table = self._tables[-1] if self._tables else None
        if table is not None:
            self._enter_table(node, table)

    def _leave(self, node: Element) -> None:
        name = node.name
        table = self._tables[-1] if self._tables else None
        if table is not None and name == "tr":
            self._end_row(table)
        if table is not None and name in ("td", "th") and table.cells is not None:
            self._end_cell(node, table)
        self._separate(node)
        if name == "table" and self._tables:
            self._tables.pop()
        if self._is_around(node):
            self._around.pop()
        if name in self._counts:
            self._counts[name] -= 1
        if name == "article":
            self._counts["main"] -= 1
        if name != "time" and node.classes & _DATED:
            self._counts["time"] -= 1

    def _is_around(self, node: Element) -> bool:
        if node.name in ("html", "body", "article", "main", "h1", ""):
            return False
        if node.name in ("header", "footer") and self._counts["main"]:
            return False
        if node.name in _AROUND or node.attributes.get("role") in _ROLES:
            return True
        return bool(node.classes & _CLASSES)

    def _enter_table(self, node: Element, table: _Table) -> None:
        if node.name == "tr":
            self._break(1)
            table.cells = []
        elif node.name in ("td", "th") and table.cells is not None:
            self._fill(table)
            self._cell, self._line, self._gap = True, [], 0

    def _end_cell(self, node: Element, table: _Table) -> None:
        assert table.cells is not None
        text = _SPACE.sub(" ", "".join(self._line)).strip(" \u2028")
        width, height = (_number(node.attributes.get(key)) for key in ("colspan", "rowspan"))
        if height > 1:
            for column in range(len(table.cells), len(table.cells) + width):
                table.spans[column] = height
        table.cells += [text, *[""] * (width - 1)]
        self._cell, self._line = False, []

    def _fill(self, table: _Table) -> None:
        """Empty cells where one from above reaches down."""
        assert table.cells is not None
        while table.spans.get(len(table.cells), 0) > 0:
            table.cells.append("")

    def _end_row(self, table: _Table) -> None:
        cells, table.cells = table.cells, None
        table.spans = {column: left - 1 for column, left in table.spans.items() if left > 1}
        if cells and any(cells):
            self._line = ["\t".join(cells).rstrip("\t")]
            gap = 1 if table.rows else 2
            table.rows += 1
            self._gap = max(self._gap, gap) if gap == 2 else 1
            self._end_block(is_data=True)

    def _separate(self, node: Element) -> None:
        if node.name in PARAGRAPHS:
            self._break(2)
        elif node.name in LINES:
            self._break(1)

    def _break(self, gap: int) -> None:
        if self._cell:
            if self._line and self._line[-1] != "\u2028":
                self._line.append("\u2028")
            return
        if self._tables and self._tables[-1] is not None and self._tables[-1].cells is not None:
            return
        self._end_block(is_data=False)
        self._gap = max(self._gap, gap)

    def _end_block(self, is_data: bool) -> None:
        text = "".join(self._line)
        text = "\n".join(line.rstrip(" ") for line in text.split("\n")).rstrip("\n")
        if text.strip():
            for at in self._around:
                self.parts[at].characters += len(text)
            self.blocks.append(
                _Block(text, self._gap or 1, self._linked, self._stamped, tuple(self._around),
                       self._counts["main"] > 0, is_data)
            )  # fmt: skip
            self._gap = 0
        self._line, self._linked, self._stamped = [], 0, 0

    def _text(self, text: str) -> None:
        if not self._counts["pre"]:
            text = _SPACE.sub(" ", text)
            if not self._line or self._line[-1].endswith((" ", "\n", "\u2028")):
                text = text.removeprefix(" ")
        if text:
            self._line.append(text)
            shown = len(text.strip())
            self._linked += shown if self._counts["a"] else 0
            self._stamped += shown if self._counts["time"] else 0


def _is_data(table: Element) -> bool:
    """Whether a table holds data: short cells, several of them in a row, no table inside."""
    if table.attributes.get("role") in ("presentation", "none"):
        return False
    stack: list[Element] = [table]
    several = False
    while stack:
        node = stack.pop()
        inside = [child for child in node.children if isinstance(child, Element)]
        if any(child.name == "table" for child in inside):
            return False
        if node.name == "tr":
            several |= sum(child.name in ("td", "th") for child in inside) > 1
        if node.name in ("td", "th") and len(_short_text(node)) > LONGEST_CELL:
            return False
        stack += inside
    return several


def _short_text(node: Element) -> str:
    """The text of an element, or of its beginning if that is long."""
    out: list[str] = []
    length = 0
    stack: list[Element | str] = [node]
    while stack and length <= LONGEST_CELL:
        one = stack.pop()
        if isinstance(one, str):
            out.append(one)
            length += len(one)
        else:
            stack.extend(reversed(one.children))
    return _SPACE.sub(" ", "".join(out))


def _number(value: str | None) -> int:
    return min(max(int(value), 1), 100) if value and value.strip().isdecimal() else 1


def _hidden_names(root: Element) -> set[str]:
    """Classes and ids (``.x``, ``#x``) that the page's own style sheets hide on a screen."""
    found: set[str] = set()
    for sheet in _sheets(root):
        depth, selector = 0, ""
        for piece in re.split(r"([{}])", sheet[:LONGEST_SHEET]):
            if piece == "{":
                depth += 1
            elif piece == "}":
                depth = max(0, depth - 1)
            elif depth == 0:
                selector = piece
            elif (
                depth == 1 and not selector.strip().startswith("@") and _UNSEEN_STYLE.search(piece)
            ):
                alone = (_SELECTOR.fullmatch(one.strip()) for one in selector.split(","))
                found.update(one[1] for one in alone if one)
    return found


def _sheets(root: Element) -> Iterator[str]:
    stack: list[Element] = [root]
    while stack:
        node = stack.pop()
        if node.name == "style":
            yield "".join(child for child in node.children if isinstance(child, str))
        stack.extend(child for child in reversed(node.children) if isinstance(child, Element))
