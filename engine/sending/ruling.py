"""One decision about one message: it goes, it waits, it is put together with others, or it does
not go. The same function decides in life and in simulations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from engine.sending.about import MARKETING, About
from engine.sending.caps import Cap, Counted, Rival
from engine.sending.policy import USUAL_PRIORITY, DigestRule, Policy
from engine.sending.windows import Almanac, Home, TimeRule

# Each round passes a night, a holiday or a full period; more than a year of them is a knot.
_MOST_ROUNDS: Final = 800
_NO_ALMANAC: Final = Almanac()
# Why a message is dropped: it has waited, or it would have to wait for longer than is allowed.
TOO_LONG: Final = "waited_too_long"
NO_TIME: Final = "no_time_in_reach"


class Answer(StrEnum):
    SEND = "send"
    DEFER = "defer"
    DROP = "drop"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Ruling:
    """`until` is when a message that waits is asked about again. `code` says why it does not go at
    once; `read` are the plain values behind it."""

    answer: Answer
    code: str | None = None
    until: datetime | None = None
    read: Mapping[str, Any] = field(default_factory=dict)
    digest: DigestRule | None = None


SEND: Final = Ruling(Answer.SEND)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision about one message reads, besides the policy.

    `granted` and `suppressed` are as recorded; `topic_off` says that the person does not want
    this topic, `caps` how many messages they want at most. `sent` and `rivals` are of the same
    person, the rivals only those that go first; `since` is when the message was first made to wait.
    """

    home: Home
    granted: bool | None = True
    suppressed: str | None = None
    topic_off: bool = False
    caps: Sequence[Cap] = ()
    sent: Sequence[Counted] = ()
    rivals: Sequence[Rival] = ()
    since: datetime | None = None


def barrier(
    about: About, granted: bool | None, suppressed: str | None, *, topic_off: bool = False
) -> str | None:
    """The code of what forbids the message whatever the time is. Fails closed: whatever is not a
    service message needs a recorded yes."""
    if suppressed is not None:
        return "suppressed"
    if topic_off:
        return "topic_off"
    if about.purpose == "service" or granted is True:
        return None
    return "no_consent" if granted is None else "consent_withdrawn"


def rule(
    policy: Policy,
    about: About,
    known: Circumstances,
    now: datetime,
    almanac: Almanac = _NO_ALMANAC,
) -> Ruling:
    """Decide about a message that could be handed over now."""
    code = barrier(about, known.granted, known.suppressed, topic_off=known.topic_off)
    if code is not None:
        return Ruling(Answer.DROP, code)
    if about.purpose == MARKETING and (digest := policy.digest_of(about)):
        return Ruling(Answer.DIGEST, "in_digest", read={"topic": about.topic}, digest=digest)
    times, caps = policy.times_for(about), caps_on(policy, about, known)
    if not times and not caps:
        return SEND
    return _Search(times, caps, known, now, almanac).ruling(policy.longest_wait)


def caps_on(policy: Policy, about: About, known: Circumstances) -> list[Cap]:
    """The house's, and the person's own."""
    return [*policy.caps_for(about), *(one for one in known.caps if one.scope.covers(about))]


@dataclass(slots=True)
class _Search:
    """Looks for the first instant at which nothing stands in the way."""

    times: Sequence[TimeRule]
    caps: Sequence[Cap]
    known: Circumstances
    now: datetime
    almanac: Almanac

    def ruling(self, longest: timedelta | None) -> Ruling:
        at, first = self.now, None
        latest = None if longest is None else (self.known.since or self.now) + longest
        for _ in range(_MOST_ROUNDS):
            found = self._obstacle(at)
            if found is None:
                return SEND if first is None else self._wait(first, at)
            first = first or found
            until = found.until
            if until is None or (latest is not None and until > latest):
                read = {**first.read, "because": first.code}
                code = NO_TIME if self.known.since is None else TOO_LONG
                return Ruling(Answer.DROP, code, read=read)
            at = until
        assert first is not None
        return self._wait(first, at)

    def _wait(self, first: Ruling, until: datetime) -> Ruling:
        read = {**first.read, "zone": self.known.home.zone}
        return Ruling(Answer.DEFER, first.code, until, read)

    def _obstacle(self, at: datetime) -> Ruling | None:
        known = self.known
        for one in self.times:
            closed = one.closed(at, known.home, self.almanac)
            if closed is not None:
                hours = {"hours": closed.hours} if closed.hours else {}
                return Ruling(Answer.DEFER, closed.code, closed.until, hours)
        for cap in self.caps:
            full = cap.full(at, known.home.zone, known.sent, known.rivals, now=self.now)
            if full is not None:
                read = {"most": full.most, "per": cap.per, "counted": full.counted}
                return Ruling(Answer.DEFER, full.code, full.until, read)
        return None


def rivals_of(priority: int, waiting: Sequence[Rival]) -> list[Rival]:
    """Those that go before a message of this priority."""
    return [one for one in waiting if one.priority > priority]


__all__ = [
    "SEND",
    "USUAL_PRIORITY",
    "Answer",
    "Circumstances",
    "Ruling",
    "barrier",
    "caps_on",
    "rivals_of",
    "rule",
]
