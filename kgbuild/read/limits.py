"""How much of anything a reader takes before it refuses a document by name."""

from __future__ import annotations

MEMORY = 1 << 30
"""Bytes of address space of the process that runs the parsers."""
SECONDS = 60
"""Seconds, of the wall and of the processor, that one document may take."""
STARTING = 30
"""Seconds that the process may take to start."""

UNPACKED = 256 << 20
"""Bytes that one compressed member may become."""
UNPACKED_ALL = 4 << 30
"""Bytes that all members of one file may become together."""
RATIO, RATIO_FROM = 400, 8 << 20
"""A member that becomes more than ``RATIO_FROM`` bytes may grow so many times."""
MEMBERS = 100_000
"""Members of one archive."""
DEPTH = 3
"""Archives inside archives."""
TEXT = 256 << 20
"""Characters of one document that a parser gives."""
FILE = 400 << 20
"""Bytes of a file that a parser has to hold whole."""
