"""HTML: tags → a tree, in time linear in the length whatever the page breaks.

What is looked for and not found is not looked for again; nesting deeper than ``DEEPEST`` is
flattened. What a reader sees of the tree is :mod:`kgbuild.read.formats.page`'s.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from kgbuild.read.encodings import decode, decoded, detect
from kgbuild.read.formats.page import Element, seen_text
from kgbuild.read.parts import Job, Piece

RAW = {"script", "style", "textarea", "title"}
"""Elements in which ``<`` opens nothing but their own end."""
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr"}  # fmt: skip
"""Elements that hold nothing."""
_IN_HEAD = {"title", "meta", "link", "style", "script", "base", "noscript", "template"}
DEEPEST = 300
"""Elements inside one another; deeper ones stand beside each other."""

_CLOSED_BY = {
    "p": {"p", "div", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
          "pre", "section", "article", "header", "footer", "nav", "aside", "main", "form", "hr",
          "figure", "address", "details", "fieldset"},
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "option": {"option", "optgroup"},
    "td": {"td", "th", "tr", "tbody", "tfoot"}, "th": {"td", "th", "tr", "tbody", "tfoot"},
    "tr": {"tr", "tbody", "tfoot"}, "thead": {"tbody", "tfoot"},
}  # fmt: skip
"""Elements whose end tag may be left out → what else ends them."""

_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*(?:["']\s*)?([\w-]{3,20})""", re.I)
_XHTML = re.compile(r"(?<!\s)\s*<(?:\?xml|!DOCTYPE[^>]{0,200}XHTML)", re.I)
LONGEST_ATTRIBUTES = 8192


def read_html(job: Job) -> Iterator[Piece]:
    """What a reader sees of the page, without its menus and advertisements, as one piece."""
    yield Piece(shown_text(decode_html(job.file.read()), page=True))


def shown_text(source: str, page: bool = False) -> str:
    """The text that a browser would show, a line a block, without tags; of a ``page`` of a site
    without what stands around its text."""
    return seen_text(parse_html(source), page)


def decode_html(data: bytes) -> str:
    """By mark, as UTF-8, by the page's own word if that is right, else by its letters."""
    encoding, mark = detect(data) if data.isascii() or _is_utf8(data) else ("", 0)
    said = _CHARSET.search(data[:4096])
    if not encoding and said:
        try:
            text = data.decode(said[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError):
            return decode(data)
        return text if said[1].lower() not in (b"iso-8859-1", b"latin1") else decode(data)
    return decoded(data[mark:], encoding) if encoding else decode(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def parse_html(source: str) -> Element:
    """The tree of a page; its root is nameless."""
    tree, finder = _Tree(strict=_XHTML.match(source) is not None), _Finder(source)
    at, end = 0, len(source)
    while at < end:
        opening = finder.find("<", at)
        tree.text(source[at:opening])
        if opening == end:
            break
        at = _markup(source, opening, finder, tree)
    return tree.root


class _Finder:
    """Looks for strings in a text; one that is absent from here on is remembered."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._absent: set[str] = set()

    def find(self, wanted: str, at: int) -> int:
        """Where ``wanted`` is from ``at`` on; the end of the text where it isn't."""
        if wanted not in self._absent:
            found = self.text.find(wanted, at)
            if found >= 0:
                return found
            self._absent.add(wanted)
        return len(self.text)


@dataclass(slots=True)
class _Tree:
    """The tree so far and the elements that are open in it."""

    strict: bool
    root: Element = field(default_factory=lambda: Element(""))
    _open: list[Element] = field(default_factory=list)
    _names: Counter[str] = field(default_factory=Counter)

    def text(self, raw: str) -> None:
        if raw:
            self._add(html.unescape(raw) if "&" in raw else raw)

    def start(self, name: str, attributes: dict[str, str], closed: bool) -> None:
        while self._open and self._ends(self._open[-1].name, name):
            self._names[self._open.pop().name] -= 1
        element = Element(name, attributes)
        self._add(element)
        if name not in VOID and not (closed and self.strict) and len(self._open) < DEEPEST:
            self._open.append(element)
            self._names[name] += 1

    @staticmethod
    def _ends(opened: str, name: str) -> bool:
        """Whether the start of an element ends the one that is open."""
        if opened == "head":
            return name not in _IN_HEAD
        return name in _CLOSED_BY.get(opened, ())

    def end(self, name: str) -> None:
        if not self._names[name]:
            return
        while True:
            closed = self._open.pop().name
            self._names[closed] -= 1
            if closed == name:
                return

    def _add(self, child: Element | str) -> None:
        (self._open[-1] if self._open else self.root).children.append(child)


def _markup(source: str, at: int, finder: _Finder, tree: _Tree) -> int:
    """Deal with what ``<`` opens at ``at``; gives where it ends."""
    if tree.strict and source.startswith("<![CDATA[", at):
        stop = finder.find("]]>", at)
        tree.text(html.escape(source[at + 9 : stop]))
        return stop + 3
    if source.startswith(("<!", "<?"), at):
        mark = "-->" if source.startswith("<!--", at) else ">"
        return finder.find(mark, at + 2) + len(mark)
    tag = _TAG.match(source, at, at + 64)
    if tag is None:
        tree.text("<")
        return at + 1
    name, closing = tag[2].lower(), bool(tag[1])
    after = _tag_end(source, tag.end(), finder)
    if closing:
        tree.end(name)
        return after
    inside = source[tag.end() : min(after - 1, tag.end() + LONGEST_ATTRIBUTES)]
    closed = inside.endswith("/")
    tree.start(name, _attributes(inside), closed)
    if name in RAW and not (closed and tree.strict):
        stop = min(finder.find(f"</{name}", after), finder.find(f"</{name.upper()}", after))
        tree.text(source[after:stop])
        tree.end(name)
        return finder.find(">", stop) + 1
    return after


def _attributes(inside: str) -> dict[str, str]:
    if not inside.strip("/ "):
        return {}
    found = _ATTRIBUTE.findall(inside)
    return {name.lower(): html.unescape(a or b or c) for name, a, b, c in reversed(found)}


def _tag_end(source: str, at: int, finder: _Finder) -> int:
    """After the ``>`` of a tag; one in quotes doesn't end it, if the quotes close."""
    while True:
        stop = finder.find(">", at)
        quotes = [q for q in (source.find('"', at, stop), source.find("'", at, stop)) if q >= 0]
        if not quotes:
            return stop + 1
        quote = min(quotes)
        close = finder.find(source[quote], quote + 1)
        if close == len(source):
            return stop + 1
        at = close + 1
