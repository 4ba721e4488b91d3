"""A sentence's names, words and signs, and how to find one's way among them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from kgbuild.extract.patterns.page import NOMINATIVE, Item, Page
from kgbuild.types import Mention

LONGEST = 8
"""Words between a word of kinship and a name that goes with it."""

MOST_LISTED = 20
"""Names of a list; a longer one isn't of somebody's children."""

WITHIN = 120
"""Items of a sentence that are looked over for a person meant: longer ones are lists."""


class Clause:
    """The items of one sentence; places are their numbers."""

    def __init__(self, page: Page, number: int) -> None:
        self.page, self.number = page, number
        self.items = page.items(number)

    def text(self, at: int) -> str:
        """An item's text, "" outside the sentence."""
        return self.items[at].text if 0 <= at < len(self.items) else ""

    def item(self, at: int) -> Item:
        """An item, an empty one outside the sentence."""
        return self.items[at] if 0 <= at < len(self.items) else Item("", ())

    def mentions(self, places: Sequence[int]) -> list[Mention]:
        """The mentions at places of names."""
        return [name for place in places if (name := self.items[place].name) is not None]

    def ends(self, at: int) -> bool:
        """Whether a phrase ends before a place: no word follows that may belong to it."""
        return not self.item(at).is_attribute

    def next_name(self, at: int) -> int | None:
        """The next name, over attributes."""
        end = at
        while end - at <= LONGEST and self.item(end).is_attribute:
            end += 1
        return end if self.item(end).name is not None else None

    def last_name(self, before: int, gender: str | None) -> int | None:
        """The last name before a place that may be a subject."""
        for place in range(before - 1, max(-1, before - WITHIN), -1):
            if self.items[place].name and self.items[place].fits(NOMINATIVE, gender):
                return place
        return None

    def named(self, begin: int, end: int, taken: Collection[int]) -> Iterator[Item]:
        """The names between two places, but for some."""
        for place in range(max(0, begin), min(end, len(self.items))):
            if self.items[place].name is not None and place not in taken:
                yield self.items[place]

    def listed(self, at: int, cases: Collection[str]) -> list[int]:
        """The further names of a list that begins with one."""
        places: list[int] = []
        at = self._over_brackets(at + 1)
        while self.text(at) in {",", "и"} and len(places) < MOST_LISTED:
            at += 2 if self.text(at) == "," and self.text(at + 1) == "и" else 1
            if self.item(at).name is None or not self.items[at].fits(cases):
                break
            places.append(at)
            at = self._over_brackets(at + 1)
        return places

    def _over_brackets(self, at: int) -> int:
        if self.text(at) == "(":
            for end in range(at, min(len(self.items), at + WITHIN)):
                if self.items[end].text == ")":
                    return end + 1
        return at

    def name_over_brackets(self, at: int) -> int | None:
        """A name that ends at a place, or before what stands there in brackets."""
        if self.text(at) == ")":
            begin = max(0, at - WITHIN)
            opening = [p for p in range(begin, at) if self.items[p].text == "("]
            at = opening[-1] - 1 if opening else -1
        return at if self.item(at).name is not None else None
