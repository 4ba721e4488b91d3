"""Writes the reference parts of docs/cli.md and docs/python.md from help texts and docstrings.

    python docs/reference.py           # write
    python docs/reference.py --check   # exit 1 where a page isn't what would be written

What stands above the mark in a page is written by hand and stays.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

MARK = "<!-- From here on written by docs/reference.py: change the docstrings instead. -->"

SHARED = ("store", "db", "device", "embedder", "extractor", "help", "author", "as_json")
"""Options that many commands have; the page's introduction tells of them once."""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and subcommand with its words, in the order of the help."""
    from kgbuild.cli import COMMANDS, program

    context = click.Context(program)
    for name in COMMANDS:
        command = program.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for sub in command.commands:
                yield f"{name} {sub}", command.commands[sub]


def cli_reference() -> str:
    """Each command: its usage, its help, its own options."""
    parts = []
    for name, command in commands():
        parameters = [p for p in command.params if p.name not in SHARED]
        usage = [f"kgbuild {name}", *(_usage(p) for p in parameters)]
        if isinstance(command, click.Group):
            usage.append("COMMAND")
        text = inspect.cleandoc(command.help or "").replace("\b\n", "")
        rows = [_option(p) for p in parameters if isinstance(p, click.Option)]
        table = "\n".join(["| option | does |", "|---|---|", *rows]) if rows else ""
        body = [f"### {name}", f"`{' '.join(filter(None, usage))}`", text, table]
        parts.append("\n\n".join(filter(None, body)))
    return "\n\n".join(parts) + "\n"


def _usage(parameter: click.Parameter) -> str:
    if not isinstance(parameter, click.Argument):
        return ""
    shown = parameter.metavar or (parameter.name or "").upper()
    more = "..." if parameter.nargs != 1 and not shown.endswith("...") else ""
    return f"{shown}{more}" if parameter.required else f"[{shown}{more}]"


def _option(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if not option.is_flag:
        if isinstance(option.type, click.Choice):
            value = "\\|".join(map(str, option.type.choices))
        else:
            value = option.metavar or option.type.name.upper().removesuffix(" RANGE")
        names += f" {value}"
    default = option.default
    says = option.help or ""
    if option.show_default and isinstance(default, str | int | float) and not option.is_flag:
        says += f" [{default}]"
    return f"| {names} | {' '.join(says.split()).replace('|', chr(92) + '|')} |"


def python_reference() -> str:
    """What ``import kgbuild`` offers: the way in, the graph, its analytics, types, errors."""
    import kgbuild
    from kgbuild import errors, types
    from kgbuild.analytics.analytics import Analytics

    parts = ["## kgbuild.open", _function(kgbuild.open, "kgbuild.open")]
    for title, owner in (("graph", kgbuild.KnowledgeGraph), ("graph.analytics", Analytics)):
        parts.append(f"## {title}")
        members: dict[str, Any] = {}
        for each in owner.__mro__[:-1]:  # its own, then those that it inherits
            members |= {name: m for name, m in vars(each).items() if name not in members}
        for name, member in members.items():
            if name.startswith("_"):
                continue
            if inspect.isfunction(member):
                parts.append(_function(member, f"{title}.{name}"))
            elif text := inspect.getdoc(member):
                parts.append(f"### {title}.{name}\n\n{_prose(text)}")
    parts.append("## Types")
    for name in kgbuild.__all__:
        one = getattr(types, name, None)
        if inspect.isclass(one):
            fields = ", ".join(f"`{field}`" for field in one.__annotations__)
            parts.append(f"### {name}\n\n{_prose(inspect.getdoc(one) or '')}\n\nFields: {fields}")
    parts.append(f"## Errors\n\n```\n{(errors.__doc__ or '').split(chr(10), 2)[2].strip()}\n```")
    return "\n\n".join(parts) + "\n"


def _function(function: Any, title: str) -> str:
    signature = inspect.signature(function)
    kept = [p for p in signature.parameters.values() if p.name != "self"]
    shown = str(signature.replace(parameters=kept)).replace("'", "")
    shown = re.sub(r"<function .*? at 0x[0-9a-f]+>", "…", shown)
    return f"### {title}\n\n```python\n{title.rpartition('.')[2]}{shown}\n```\n\n" + _prose(
        inspect.getdoc(function) or ""
    )


def _prose(text: str) -> str:
    """A docstring as Markdown: its double backticks single, its sections as lists."""
    text = re.sub(r":(?:meth|class|func|data|mod):`([^`]*)`", r"`\1`", text).replace("``", "`")
    lines = []
    for line in text.splitlines():
        stripped = line.strip()
        if re.fullmatch(r"(Raises|Args|Returns):", stripped):
            lines += [f"*{stripped[:-1]}*", ""]
        elif line.startswith("    ") and re.match(r"[\w, ]+: ", stripped):
            lines.append(f"- {stripped}")
        else:
            lines.append(stripped)
    return "\n".join(lines).strip()


PAGES = {"cli.md": cli_reference, "python.md": python_reference}


def page(name: str) -> str:
    """A page as it should be: its own beginning, then the reference."""
    path = DOCS / name
    before = path.read_text("utf-8").partition(MARK)[0].rstrip()
    return f"{before}\n\n{MARK}\n\n{PAGES[name]()}"


def main() -> None:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 on a change")
    given = parser.parse_args()
    stale = [name for name in PAGES if (DOCS / name).read_text("utf-8") != page(name)]
    if given.check:
        if stale:
            sys.exit(f"docs/{', docs/'.join(stale)}: run  python docs/reference.py")
        return
    for name in stale:
        (DOCS / name).write_text(page(name), "utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
