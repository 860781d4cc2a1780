"""Where a rendering takes place: the reader's language and zone, and how much work is left."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError

from engine.rendering.limits import (
    CHARACTERS_A_STEP,
    MAX_FILTER_WORK,
    MAX_LOOP_ITEMS,
    MAX_STEPS,
)
from engine.rendering.problems import BadValue

KEY = "_place"


class Place:
    """One rendering's surroundings. Templates cannot name it: a leading `_` is refused."""

    __slots__ = ("language", "steps_left", "work_left", "zone")

    def __init__(self, language: str, zone: str) -> None:
        self.language = language
        self.zone = zone
        self.steps_left = MAX_STEPS
        self.work_left = MAX_FILTER_WORK

    def spend(self, steps: int) -> None:
        """Count rounds of loops, all loops of the rendering together."""
        if steps > MAX_LOOP_ITEMS:
            raise BadValue(
                f"The list has {steps:,} items; a template may walk through {MAX_LOOP_ITEMS:,}.",
                "too_much_work",
            )
        self.steps_left -= steps
        if self.steps_left < 0:
            raise BadValue(
                f"The loops of this template go round more than {MAX_STEPS:,} times.",
                "too_much_work",
            )

    def work(self, items: int, characters: int) -> None:
        """Count what a filter does, all filters of the rendering together."""
        self.work_left -= 1 + items + characters // CHARACTERS_A_STEP
        if self.work_left < 0:
            raise BadValue("The filters of this template have too much to do.", "too_much_work")


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """The nearest locale Babel knows for a BCP 47 tag ("zh-Hant-TW", "de"), else English."""
    parts = language.replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        try:
            return Locale.parse("-".join(parts[:length]), sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")
