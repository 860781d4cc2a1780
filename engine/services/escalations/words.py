"""What our people read about a case, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.flows.words import Words
from engine.machines.escalation import HeldFor

TAKE_IT_UP: Final = Words(
    "Take it up in Cadenza, or the next level is told.",
    "请在 Cadenza 中接手，否则将通知下一级。",
)
GIVEN: Final = Words("This was given to you.", "此事已交给您处理。")
STOOD_IN: Final = Words(
    "Whoever had taken it up is away, and you stand in for them.",
    "接手人员不在岗，由您代理。",
)
NOBODY_HAS_IT: Final = Words("Nobody takes it up: ", "无人接手：")
LET_GO: Final = Words("Open again: ", "重新待处理：")

HELD: Final[Mapping[HeldFor, Words]] = {
    HeldFor.NOBODY: Words(
        "Nobody of those who should be told is there. It goes on when somebody comes back; until "
        "then take it up, or give it to somebody.",
        "应通知的人员均不在岗。有人返岗后将继续；在此之前请接手或指派他人。",
    ),
    HeldFor.UNANSWERED: Words(
        "Everybody was told and nobody took it up. It waits until somebody does.",
        "已通知所有人员，但无人接手。此事将一直等待处理。",
    ),
    HeldFor.NO_WORKING_TIME: Words(
        "Nobody ever works by its calendar, so no time passes. Mend the calendar.",
        "其日历中没有工作时间，计时无法进行。请修正日历。",
    ),
}

EXPIRED: Final = Words(
    "You took it up, the time for it is over, and it is not resolved.",
    "您已接手，但处理时限已过且尚未解决。",
)
AWAY: Final = Words(
    "Whoever had taken it up is not there, and nobody stands in for them.",
    "接手人员不在岗，且无人代理。",
)


def joined(*parts: Words, between: str = "\n\n") -> Words:
    """One text of several; what is empty is left out."""
    return Words(
        between.join(part.en for part in parts if part.en),
        between.join(part.zh for part in parts if part.zh),
    )
