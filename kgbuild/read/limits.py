"""How much of anything a reader takes before it refuses a document by name."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from kgbuild.errors import ReadError

MEMORY = 1 << 30
"""Bytes of address space of the process that runs the parsers."""
SECONDS = 60
"""Seconds, of the wall and of the processor, that one document may take."""
STARTING = 30
"""Seconds that the process may take to start."""

UNPACKED = 256 << 20
"""Bytes that one compressed member may become."""
UNPACKED_ALL = 4 << 30
"""Bytes that all that is packed in one file may become together, however deep it lies."""
GROWTH, GROWTH_FROM = 100, 32 << 20
"""A file may become ``GROWTH_FROM`` bytes and, beside them, so many times its own."""
RATIO, RATIO_FROM = 400, 8 << 20
"""A member that becomes more than ``RATIO_FROM`` bytes may grow so many times."""
MEMBERS = 100_000
"""Members of one archive, and documents that one file may hold in its archives and letters."""
DEPTH = 3
"""Archives and letters inside each other."""
INSIDE_SECONDS, INSIDE_SECONDS_MB = 30, 20
"""Seconds of the processor for all that lies inside one file, and for each of its megabytes."""
TEXT = 256 << 20
"""Characters of one document that a parser gives."""
FILE = 400 << 20
"""Bytes of a file that a parser has to hold whole."""


class OverBudgetError(ReadError):
    """A file has taken all that it may: what else it holds isn't read."""


@dataclass(slots=True)
class Budget:
    """What one file, with all that lies inside it, may still take; handed inward.

    ``bytes`` counts what was unpacked and decoded, ``documents`` what archives and letters
    hold, ``until`` is the processor time of this process at which it is over.
    """

    bytes: int
    documents: int = MEMBERS
    until: float = field(default=float("inf"))

    @classmethod
    def of(cls, size: int) -> Budget:
        """The budget of a file of so many bytes."""
        megabytes = size / (1 << 20)
        return cls(
            min(UNPACKED_ALL, GROWTH_FROM + GROWTH * size),
            until=time.process_time() + INSIDE_SECONDS + INSIDE_SECONDS_MB * megabytes,
        )

    def take(self, size: int) -> None:
        """Use so many bytes.

        Raises:
            OverBudgetError: that is more than is left.
        """
        self.bytes -= size
        if self.bytes < 0:
            raise OverBudgetError(
                "a zip bomb: what the file holds unpacks to more than its size allows"
            )

    def take_document(self) -> None:
        """Go on to another document inside.

        Raises:
            OverBudgetError: there were too many, or they have taken too long, or too many bytes.
        """
        self.documents -= 1
        if self.documents < 0:
            raise OverBudgetError(f"the file holds more than {MEMBERS:,} documents")
        if self.seconds <= 0:
            raise OverBudgetError("what the file holds takes longer to read than its size allows")
        self.take(0)

    @property
    def seconds(self) -> float:
        """Seconds of the processor that are left."""
        return self.until - time.process_time()
