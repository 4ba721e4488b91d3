"""The process that runs the parsers (see :func:`kgbuild.launch.start`).

It reads a request a line (JSON) and answers with frames: a line of JSON, and after that of a
document as many bytes of UTF-8 as the line says. Before it parses a document it asks whether
that is known and reads a line for an answer. Memory, processor time and the writing of files
are limited by the system, and there is no network, so that a hostile document costs its own
refusal and no more.
"""

from __future__ import annotations

import json
import math
import os
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from kgbuild.confine import limit_memory, limit_seconds, without_network
from kgbuild.errors import KgbuildError, MissingExtraError
from kgbuild.read import limits
from kgbuild.read.limits import Budget
from kgbuild.read.parse import parse
from kgbuild.read.parts import Columns, Item, Job, Part, Refused


class Wire:
    """Frames over a pair of pipes."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._in, self._out = incoming, outgoing
        self.budget: Budget | None = None

    def requests(self) -> Any:
        """Each request as it comes."""
        for line in iter(self._in.readline, b""):
            yield json.loads(line)

    def send(self, kind: str, **values: object) -> None:
        """A frame without a text."""
        self._out.write(json.dumps({"kind": kind, **values}).encode() + b"\n")
        self._out.flush()

    def send_item(self, item: Item) -> None:
        """A part with its text, or what became of one."""
        if not isinstance(item, Part):
            self.send(type(item).__name__, **asdict(item))
            return
        data = item.text.encode("utf-8", "replace")
        self._out.write(
            json.dumps(
                {
                    "kind": "Part",
                    "name": item.name,
                    "sha256": item.sha256,
                    "media_type": item.media_type,
                    "places": item.places,
                    "bytes": len(data),
                }
            ).encode()
            + b"\n"
        )
        self._out.write(data)
        self._out.flush()

    def known(self, name: str, sha256: str) -> bool:
        """Ask whether a document is stored."""
        self.renew_time(inside=bool(name))
        self.send("known", name=name, sha256=sha256)
        return bool(json.loads(self._in.readline()))

    def renew_time(self, inside: bool = True) -> None:
        """Give the next document its time of the processor; one that lies inside a file only as
        far as that has any left."""
        left = self.budget.seconds if self.budget and inside else limits.SECONDS
        limit_seconds(math.ceil(min(limits.SECONDS, max(left, 0))) + 2)


def serve(wire: Wire) -> None:
    """Answer requests until there are no more; after a lack of memory, stop."""
    for request in wire.requests():
        try:
            with open(request["path"], "rb") as file:
                columns = Columns(request["text_column"], request["id_column"])
                wire.budget = Budget.of(os.fstat(file.fileno()).st_size)
                job = Job(file, request["suffix"], columns, wire.known, budget=wire.budget)
                for item in parse(job):
                    wire.send_item(item)
                    wire.renew_time()
        except MissingExtraError as error:
            wire.send("Missing", reason=str(error))
        except KgbuildError as error:
            wire.send_item(Refused("", str(error)))
        except OSError as error:
            wire.send_item(Refused("", f"can't be read: {error.strerror}"))
        except MemoryError:
            wire.send("memory")
            return
        except RecursionError:
            wire.send_item(Refused("", "is nested too deeply"))
        except Exception as error:  # a parser of other people's: whatever it raises is a refusal
            wire.send_item(Refused("", f"can't be parsed: {type(error).__name__}: {error}"[:500]))
        wire.send("done")


def main() -> None:
    """Serve over the pipes; what parsers print goes to the bin."""
    outgoing = os.fdopen(os.dup(1), "wb")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    without_network()
    limit_memory(limits.MEMORY)
    wire = Wire(sys.stdin.buffer, outgoing)
    wire.renew_time()
    wire.send("ready")
    serve(wire)


if __name__ == "__main__":
    main()
