"""Raised digits: the mark of a note, or a power."""

from __future__ import annotations

import re

_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNIT = re.compile(r"(?:^|[\W\d])(?:[кcсdkдmм]?[мm]|[A-Za-z])$|[\d)]$")
_YEAR = re.compile(r"(?:^|\D)[12]\d{3}$")
LONGEST_MARK = 3


def raised_digits(before: str, digits: str) -> str:
    """What raised digits are stored as, after the last characters of a text.

    ``before`` needs five characters. After a number that is no year, a unit of length («м», «km») or a lone Latin letter they are a power,
    «м²»; else the mark of a note, which is kept apart from the word: «Ялте [1]».
    """
    digits = digits.strip()
    power = _UNIT.search(before) and not _YEAR.search(before)
    if len(digits) > LONGEST_MARK or power:
        return digits.translate(_POWERS)
    return f"{' ' if before[-1:].strip() else ''}[{digits}]"
