"""Dates, ages and other values of entities, put in order or held against each other."""

from __future__ import annotations

from kgbuild.russian.values import DateValue, Value, value_of
from kgbuild.types import Entity

_ENDLESS = (9999, 12, 31)
_LONG_AGO = (-9999, 1, 1)


def entity_value(entity: Entity) -> Value | None:
    """The value that an entity's name states; None where it states no definite one."""
    return value_of(entity.name, entity.type)


def order(value: Value) -> tuple[float, ...]:
    """A key by which values of one kind sort: a date by its first day, then by its last."""
    if isinstance(value, DateValue):
        return (*(value.first or _LONG_AGO), *(value.last or _ENDLESS))
    return (value.number, value.number if value.upper is None else value.upper)


def agree(one: Value, other: Value) -> bool:
    """Whether both can be true of one thing.

    «1945 год» agrees with «25 апреля 1945 года»: spans of days that share one do.
    """
    if isinstance(one, DateValue) and isinstance(other, DateValue):
        first, last = order(one), order(other)
        return first[:3] <= last[3:] and last[:3] <= first[3:]
    if isinstance(one, DateValue) or isinstance(other, DateValue):
        return False
    if one.unit != other.unit:
        return True  # «два месяца» and «год» aren't held against each other
    return order(one)[0] <= order(other)[1] and order(other)[0] <= order(one)[1]


def differ(one: Value, other: Value) -> bool:
    """Whether one of them comes first for certain."""
    if isinstance(one, DateValue) != isinstance(other, DateValue):
        return False
    return not agree(one, other)
