"""What closed choices of schemas are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_, Translator

CHOICES: Final[Mapping[str, str]] = {
    "contact": N_("The contact"),
    "deal": N_("A deal"),
    "ticket": N_("A ticket"),
    "order": N_("An order"),
    "call": N_("A call"),
    "meeting": N_("A meeting"),
    "note": N_("A note"),
    "round_robin": N_("Each in turn"),
    "least_open": N_("Whoever has least to do"),
    "once": N_("Only once"),
    "quick": N_("For two minutes"),
    "patient": N_("For a day"),
    "newest": N_("The newest"),
    "biggest": N_("The biggest"),
    "goal": N_("Reached the goal"),
    "event": N_("An event"),
    "exit": N_("A way out of a step"),
    "sequential": N_("By itself, as soon as it is sure"),
    "hand": N_("By a person"),
    "working_time": N_("Working time only"),
    "gregorian": N_("The usual calendar"),
    "lunar": N_("The lunar calendar"),
    "28_feb": N_("On 28 February"),
    "1_mar": N_("On 1 March"),
    "leap_years_only": N_("In leap years only"),
    "none": N_("Nothing"),
    "before": N_("To the day before"),
    "after": N_("To the day after"),
    "open": N_("In progress"),
    "won": N_("Won"),
    "lost": N_("Lost"),
    "entered": N_("Somebody enters"),
    "ended": N_("Somebody ends"),
    "latest": N_("Only the latest"),
    "all": N_("All of them"),
    "low": N_("Low"),
    "normal": N_("Normal"),
    "high": N_("High"),
    "urgent": N_("Urgent"),
    "mon": N_("Mon"),
    "tue": N_("Tue"),
    "wed": N_("Wed"),
    "thu": N_("Thu"),
    "fri": N_("Fri"),
    "sat": N_("Sat"),
    "sun": N_("Sun"),
    "m": N_("minutes"),
    "h": N_("hours"),
    "d": N_("days"),
    "w": N_("weeks"),
    "mo": N_("months"),
    "y": N_("years"),
}


def choice_word(value: str, t: Translator) -> str:
    """The value itself where it has no other name, such as "POST"."""
    known = CHOICES.get(value)
    return t(known) if known else value
