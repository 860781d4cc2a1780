"""Why a rule held or did not: one line with what decided, or every condition in its place.

"because orders in the last 90 days is 1, not at least 2": what was read, and what was asked of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.rules.explain import Explained
from engine.rules.facts import Catalogue
from engine.rules.types import Label, Language
from engine.rules.wording.describe import phrase
from engine.rules.wording.found import found
from engine.rules.wording.local_nouns import LocalNouns
from engine.rules.wording.reasons import Group, Reason, reason_of

_BECAUSE = Label("because {}", "因为{}")
_AND, _MORE = Label(" and ", "，且"), Label("{} and {} more", "{}等，另有 {} 项")
# One line names so many reasons; the lines have the rest.
_MOST_REASONS = 4
_GROUPS: dict[tuple[Group, bool], Label] = {
    ("all", True): Label("all of these hold", "以下全部成立"),
    ("all", False): Label("not all of these hold", "以下未全部成立"),
    ("any", True): Label("at least one of these holds", "以下至少一项成立"),
    ("any", False): Label("none of these holds", "以下无一成立"),
    ("if", True): Label(
        "if the first holds the second, else the third: yes", "如前者成立则看次者，否则看第三项：是"
    ),
    ("if", False): Label(
        "if the first holds the second, else the third: no", "如前者成立则看次者，否则看第三项：否"
    ),
}


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One condition or group. `depth` is 0 for the whole rule; the parts of a group follow it, one
    deeper. `decides` says that the verdict of the rule hangs on it.
    """

    depth: int
    truth: bool
    text: str
    decides: bool


def because(
    explained: Explained, language: Language, catalogue: Catalogue, zone: str = "UTC"
) -> str:
    """One sentence with the conditions that decided and the values they read; times are those of
    the reader's `zone`.
    """
    nouns = LocalNouns(catalogue, language, phrase=phrase, zone=zone)
    deciding = reason_of(explained).deciding()
    told = list(dict.fromkeys(found(reason, nouns) for reason in deciding))
    words = nouns.say(_AND).join(told[:_MOST_REASONS])
    if len(told) > _MOST_REASONS:
        words = nouns.say(_MORE, words, str(len(told) - _MOST_REASONS))
    return nouns.say(_BECAUSE, words)


def because_lines(
    explained: Explained, language: Language, catalogue: Catalogue, zone: str = "UTC"
) -> tuple[ReasonLine, ...]:
    """Every condition of the rule in order, each group before its parts."""
    nouns = LocalNouns(catalogue, language, phrase=phrase, zone=zone)
    return tuple(_lines(reason_of(explained), 0, decides=True, nouns=nouns))


def _lines(reason: Reason, depth: int, *, decides: bool, nouns: LocalNouns) -> Iterator[ReasonLine]:
    single = reason.group == "one"
    text = found(reason, nouns) if single else nouns.say(_GROUPS[reason.group, reason.truth])
    yield ReasonLine(depth, reason.truth, text, decides)
    chosen = {id(part) for part in reason.deciding_parts()}
    for part in reason.parts:
        yield from _lines(part, depth + 1, decides=decides and id(part) in chosen, nouns=nouns)
