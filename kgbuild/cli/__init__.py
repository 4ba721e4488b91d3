"""The command line: parse, call, print. Results on stdout, everything else on stderr."""

from __future__ import annotations

import importlib
import os
import sys

import click

from kgbuild import __version__
from kgbuild.display import clean, redacted
from kgbuild.errors import KgbuildError

COMMANDS = {
    "ingest": "kgbuild.cli.ingest:ingest",
    "query": "kgbuild.cli.ask:query",
    "ask": "kgbuild.cli.ask:ask",
    "search": "kgbuild.cli.search:search",
    "show": "kgbuild.cli.show:show",
    "documents": "kgbuild.cli.show:documents",
    "stats": "kgbuild.cli.show:stats",
    "analyze": "kgbuild.cli.analyze:analyze",
    "export": "kgbuild.cli.export:export",
    "sparql": "kgbuild.cli.export:sparql",
    "import": "kgbuild.cli.importing:import_",
    "link": "kgbuild.cli.link:link",
    "watch": "kgbuild.cli.watch:watch",
    "delete": "kgbuild.cli.manage:delete",
    "merge": "kgbuild.cli.judge:merge",
    "split": "kgbuild.cli.judge:split",
    "judge": "kgbuild.cli.judge:judge",
    "rename": "kgbuild.cli.judge:rename",
    "retype": "kgbuild.cli.judge:retype",
    "state": "kgbuild.cli.judge:state",
    "mention": "kgbuild.cli.judge:mention",
    "accept": "kgbuild.cli.judge:accept",
    "reject": "kgbuild.cli.judge:reject",
    "undo": "kgbuild.cli.judge:undo",
    "judgements": "kgbuild.cli.judge:judgements",
    "why": "kgbuild.cli.why:why",
    "review": "kgbuild.cli.why:review",
    "sync": "kgbuild.cli.sync:sync",
    "reprocess": "kgbuild.cli.sync:reprocess",
    "jobs": "kgbuild.cli.jobs:jobs",
    "log": "kgbuild.cli.log:log",
    "relink": "kgbuild.cli.manage:relink",
    "index": "kgbuild.cli.manage:index",
    "db": "kgbuild.cli.manage:db",
    "embed": "kgbuild.cli.learning.models:embed",
    "models": "kgbuild.cli.learning.models:models",
    "train": "kgbuild.cli.learning.train:train",
    "eval": "kgbuild.cli.learning.evaluate:evaluate",
    "serve": "kgbuild.cli.serve:serve",
    "mcp": "kgbuild.cli.serve:mcp",
    "doctor": "kgbuild.cli.doctor:doctor",
}
"""Command → where it is: a command's file loads when the command runs."""

FAILED, SOME_FAILED, INTERRUPTED = 1, 3, 130


SETTINGS = ("--store", "--db", "--device", "--embedder", "--extractor")
"""Flags that may stand before the command as well as after it."""


class LazyGroup(click.Group):
    """A group whose commands are imported on use."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put flags of the settings that stand before the command behind it.

        So a command takes them, or refuses them, as if they had been given there.
        """
        flags: list[str] = []
        rest = list(args)
        while rest and rest[0].partition("=")[0] in SETTINGS:
            taken = 1 if "=" in rest[0] else 2
            flags += rest[:taken]
            rest = rest[taken:]
        if not flags or not rest:
            return super().parse_args(ctx, args)
        at = 1
        command = self.get_command(ctx, rest[0])
        while isinstance(command, click.Group) and at < len(rest) and rest[at] in command.commands:
            command = command.commands[rest[at]]
            at += 1
        return super().parse_args(ctx, [*rest[:at], *flags, *rest[at:]])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kgbuild")
def program() -> None:
    """Russian documents → a knowledge graph whose every fact opens to its sentence.

    \b
    Start with:   kgbuild ingest FOLDER
                  kgbuild query "Кто супруга Дмитрия Менделеева?"

    The graph lives in ./kg unless --store, KGBUILD_STORE or kgbuild.toml says otherwise;
    --store, --db, --device, --embedder and --extractor may stand before the command too.
    """


def main() -> None:
    """Run the command line; kgbuild's errors become one line on stderr and exit code 1.

    What it writes (stores, caches, logs, sockets) only its user reads.
    """
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = program(standalone_mode=False)
    except click.exceptions.Abort:
        code = INTERRUPTED
    except click.ClickException as error:
        vars(error).update(message="\n".join(map(clean, redacted(error.message).splitlines())))
        error.show()
        code = error.exit_code
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except KgbuildError as error:
        click.echo(f"kgbuild: {clean(redacted(str(error)))}", err=True)
        code = FAILED
    except BrokenPipeError:
        sys.stderr.close()
        code = FAILED
    sys.exit(code if isinstance(code, int) else 0)
