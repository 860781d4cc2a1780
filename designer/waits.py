"""Messages that were made to wait, in words: why, and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from designer.i18n import N_, Translator
from engine.services.views.runs import MessageWait

_WHY: Final[Mapping[str, str]] = {
    "quiet_hours": N_("It is quiet hours where the contact lives ({hours})."),
    "sending_hours": N_("Outside the hours in which such messages go."),
    "holiday": N_("A public holiday where the contact lives."),
    "cap_per_day": N_("The contact got {counted} of at most {most} messages of this day."),
    "cap_per_week": N_("The contact got {counted} of at most {most} messages of this week."),
    "cap_per_month": N_("The contact got {counted} of at most {most} messages of this month."),
    "wished_per_day": N_("The contact wants at most one message a day."),
    "wished_per_week": N_("The contact wants at most one message a week."),
    "sender_paused": N_("Too much mail from this sender came back; it waits until resumed."),
    "channel_paused": N_("The channel is paused; it is looked at again then."),
    "rate": N_("No more may go at once by the rate that is set; it stands in line."),
    "warm_up": N_("The warm-up plan lets no more go that day."),
    "outranked": N_("A message of a more important flow takes the room that is left."),
}


def why_it_waits(wait: MessageWait, t: Translator) -> str:
    """The reason with the values it was decided by."""
    known: dict[str, Any] = {"hours": "", "counted": "", "most": "", **wait.read}
    words = _WHY.get(wait.reason)
    if words is None:
        return wait.reason.replace("_", " ")
    return t(words, **{key: str(known[key]) for key in ("hours", "counted", "most")})


def title_of_wait(wait: MessageWait, t: Translator, when: Callable[[datetime], str]) -> str:
    if wait.pending:
        return t("The message waits until {when}", when=when(wait.until))
    return t("The message had to wait until {when}", when=when(wait.until))
