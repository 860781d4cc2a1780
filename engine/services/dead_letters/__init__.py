"""What was sent and could not be taken: kept with its reason, mended, taken again or dropped."""

from engine.services.dead_letters.keeping import Letter, LetterBox
from engine.services.dead_letters.reading import (
    STATES,
    KnownLetter,
    LetterCount,
    LetterPage,
    count_letters,
    drop_letter,
    drop_letters,
    latest_letter,
    list_letters,
    read_letter,
)

__all__ = [
    "STATES",
    "KnownLetter",
    "Letter",
    "LetterBox",
    "LetterCount",
    "LetterPage",
    "count_letters",
    "drop_letter",
    "drop_letters",
    "latest_letter",
    "list_letters",
    "read_letter",
]
