"""Every regular expression of the package, how it is used, and inputs that would slow it down."""

from __future__ import annotations

import ast
import importlib
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
ANCHORED = frozenset({"match", "fullmatch", "pattern", "flags", "groups", "groupindex"})
"""What can be asked of a pattern without its walking through a text."""
FUNCTIONS = (
    "compile",
    "match",
    "fullmatch",
    "search",
    "sub",
    "subn",
    "split",
    "findall",
    "finditer",
)
WORD = "cp1251"
MADE = {"kgbuild.read.mojibake": (("_utf8_read_as", ("cp1251",)), ("_utf8_shown", ("cp1251",)))}
"""Patterns that functions put together of more than can be looked up: the functions are called."""
ALWAYS = " а1-\n."


@dataclass(frozen=True)
class Used:
    """A pattern, where it stands, and whether it is only ever matched where it is put."""

    where: str
    pattern: re.Pattern[Any]
    anchored: bool


def modules() -> Iterator[tuple[ModuleType, ast.Module]]:
    for path in sorted([*(ROOT / "kgbuild").rglob("*.py"), *(ROOT / "storage").rglob("*.py")]):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if name != "kgbuild.__main__":
            yield importlib.import_module(name), ast.parse(path.read_text("utf-8"))


def patterns() -> list[Used]:
    """All patterns that modules hold or write where they use them.

    Raises:
        ValueError: one is put together where it is used, of what this can't know.
    """
    everything = list(modules())
    made = [(f"{m.__name__}.{n}", getattr(m, n)(*given), False)
            for m, _ in everything for n, given in MADE.get(m.__name__, ())]  # fmt: skip
    walked = {module.__name__: walked_names([tree]) for module, tree in everything}
    shared = walked_names(tree for _, tree in everything)
    found: dict[tuple[str, int], Used] = {}
    for module, tree in everything:
        for name, value in vars(module).items():
            for one in held(value):
                key = (str(one.pattern), one.flags)
                before = found.get(key)
                names = walked[module.__name__] if name.startswith("_") else shared
                anchored = name not in names and (before is None or before.anchored)
                found[key] = Used(f"{module.__name__}.{name}", one, anchored)
        for where, one, anchored in chain(written(module, tree), made):
            key = (str(one.pattern), one.flags)
            if key not in found:
                found[key] = Used(where, one, anchored)
    return list(found.values())


def held(value: object) -> Iterator[re.Pattern[Any]]:
    """Patterns in a value, or in the containers that it is."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from held(one)
    elif isinstance(value, dict):
        yield from held(list(value.values()))
    elif type(value).__module__.partition(".")[0] in ("kgbuild", "storage"):
        for name in getattr(type(value), "__slots__", ()) or vars(type(value)):
            if not str(name).startswith("__"):
                attribute = getattr(value, name, None)
                if isinstance(attribute, (re.Pattern, tuple)):
                    yield from held(attribute)


def walked_names(trees: Iterable[ast.Module]) -> set[str]:
    """Names that are used otherwise than by ``NAME.match`` and ``NAME.fullmatch``."""
    found: set[str] = set()
    for tree in trees:
        good = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.attr in ANCHORED
        }
        found |= {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in good
        }
    return found


def written(module: ModuleType, tree: ast.Module) -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    """Patterns in calls of ``re``'s functions; what they are put together of is looked up."""
    for node in ast.walk(tree):
        if (
            not isinstance(node, ast.Call)
            or not isinstance(node.func, ast.Attribute)
            or not isinstance(node.func.value, ast.Name)
            or node.func.value.id != "re"
            or node.func.attr not in FUNCTIONS
        ):
            continue
        where = f"{module.__name__}:{node.lineno}"
        if (
            node.func.attr == "compile"
            and module.__name__ in MADE
            and node.col_offset > 0
            and _put_together(node)
        ):
            continue
        try:
            text = evaluated(node.args[0], module)
        except NameError:
            # A variable of a function, such as a name to escape or a code page: a word that is
            # both does in its place.
            text = evaluated(Plain(module).visit(node.args[0]), module)
        if isinstance(text, re.Pattern):
            text = text.pattern
        flags = [evaluated(k.value, module) for k in node.keywords if k.arg == "flags"]
        position = {"compile": 1, "match": 2, "fullmatch": 2, "search": 2}.get(node.func.attr, 9)
        flags += [evaluated(a, module) for a in node.args[position : position + 1]]
        compiled = re.compile(text, *flags[:1])
        yield where, compiled, node.func.attr in ANCHORED


def _put_together(call: ast.Call) -> bool:
    """Whether a pattern is what another function gives."""
    return any(isinstance(node, ast.Call) for node in ast.walk(call.args[0]))


class Plain(ast.NodeTransformer):
    """Unknown names become a word."""

    def __init__(self, module: ModuleType) -> None:
        self._known = vars(module)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        known = node.id in self._known or node.id in vars(
            __builtins__ if False else __import__("builtins")
        )
        return node if known else ast.copy_location(ast.Constant(WORD), node)


def evaluated(node: ast.AST, module: ModuleType) -> Any:
    expression = ast.fix_missing_locations(ast.Expression(node))  # type: ignore[arg-type]
    return eval(compile(expression, "<pattern>", "eval"), dict(vars(module)))


def inputs(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Texts of about a size that hold long runs of what the pattern repeats."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    letters = list(dict.fromkeys([*sampled(tree), *ALWAYS]))[:16]
    for one in letters:
        yield one * size
    for pair in itertools.permutations(letters[:8], 2):
        yield "".join(pair) * (size // 2)
    whole = example(tree) or "а"
    yield whole * (size // len(whole) + 1)
    yield whole[:-1] * (size // max(1, len(whole) - 1) + 1)
    for before, body in repeats(tree, ""):
        if body:
            yield before + body * (size // len(body))
            yield (before + body) * (size // len(before + body))
            yield (before + body * 3 + "\0") * (size // len(before + body * 3) + 1)
            yield before + body * (size // len(body)) + "\0"


def sampled(tree: Any) -> Iterator[str]:
    for op, value in tree:
        if op in (sre.LITERAL,):
            yield chr(value)
        elif op is sre.IN:
            yield from members(value)
        elif op is sre.NOT_LITERAL or op is sre.ANY:
            yield "б"
        else:
            for inner in subtrees(op, value):
                yield from sampled(inner)


def subtrees(op: Any, value: Any) -> list[Any]:  # noqa: PLR0911
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [value[2]]
    if op is sre.SUBPATTERN:
        return [value[3]]
    if op is sre.BRANCH:
        return list(value[1])
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [value[1]]
    if op is sre.ATOMIC_GROUP:
        return [value]
    if op is sre.GROUPREF_EXISTS:
        return [one for one in value[1:] if one is not None]
    return []


POOL = ' абвё1_-.,:;\n\t"«»()/#|<>=+*aZ!?\x00\u0301’\\'


def members(value: Any) -> Iterator[str]:
    """A few members of a character class, of different kinds."""
    compiled = re.compile(class_text(value))
    found = [c for c in POOL if compiled.fullmatch(c)]
    for op, inner in value:
        if op is sre.LITERAL:
            found.append(chr(inner))
        elif op is sre.RANGE:
            found.append(chr(inner[0]))
    good = [c for c in dict.fromkeys(found) if compiled.fullmatch(c)]
    yield from good[:3] + good[-1:]


def class_text(value: Any) -> str:
    """The class as one writes it."""
    names = {sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_WORD: r"\w",
             sre.CATEGORY_NOT_WORD: r"\W", sre.CATEGORY_DIGIT: r"\d",
             sre.CATEGORY_NOT_DIGIT: r"\D"}  # fmt: skip
    parts = []
    for op, inner in value:
        if op is sre.NEGATE:
            parts.append("^")
        elif op is sre.LITERAL:
            parts.append(re.escape(chr(inner)) if chr(inner) != "^" else r"\^")
        elif op is sre.RANGE:
            parts.append("-".join(re.escape(chr(end)) for end in inner))
        elif op is sre.CATEGORY:
            parts.append(names[inner])
    return f"[{''.join(parts)}]"


def example(tree: Any) -> str:
    """A text that the pattern takes, or nearly."""
    out = ""
    for op, value in tree:
        if op is sre.LITERAL:
            out += chr(value)
        elif op is sre.IN:
            out += next(members(value), "")
        elif op in (sre.NOT_LITERAL, sre.ANY):
            out += "б"
        elif op is sre.BRANCH:
            out += example(value[1][0])
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            out += example(value[2]) * max(1, min(value[0], 3))
        elif op in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
            out += "".join(map(example, subtrees(op, value)))
    return out


def repeats(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """What stands before each unbounded repeat, and what it repeats."""
    for index, (op, value) in enumerate(tree):
        so_far = before + example(tree[:index])
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT) and (
            value[1] is sre.MAXREPEAT or value[1] > 1000
        ):
            body = value[2]
            yield so_far, example(body)
            if len(body) == 1 and body[0][0] is sre.IN:
                yield from ((so_far, one) for one in members(body[0][1]))
        for inner in subtrees(op, value):
            yield from repeats(inner, so_far)
