"""Whether a policy leaves every kind of message a time to go, found by asking the ruling itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

from engine.sending.about import About
from engine.sending.caps import LONGEST, Cap
from engine.sending.policy import Policy
from engine.sending.ruling import Answer, Circumstances, rule
from engine.sending.windows import Almanac, Holidays, Home, SendingHours, TimeRule
from engine.working_time import WorkingCalendar

# Hours come again every week, so any week will do: this one begins on a Monday.
_BEGINS: Final = datetime(2026, 3, 2, tzinfo=UTC)
_A_WEEK: Final = timedelta(days=8)
_HOME: Final = "UTC"
# Where hours are meant in a zone of their own, it depends on where people live.
_ZONES: Final = (_HOME, *(f"Etc/GMT{hours:+d}" for hours in range(-14, 13) if hours))


def never_open(
    policy: Policy, almanac: Almanac, purposes: Sequence[str], media: Sequence[str]
) -> list[About]:
    """Messages that could go at no time of an ordinary week, one for each set of rules that shut
    each other out. Holidays and the exceptions of calendars are passed over: they end."""
    usual = Almanac({name: _usual(one) for name, one in almanac.calendars.items() if any(one.week)})
    times = tuple(one for one in policy.times if _shuts(one, usual))
    asked = replace(policy, times=times, caps=(), longest_wait=_A_WEEK)
    seen: set[tuple[int, ...]] = set()
    found = []
    for about in _abouts(asked, purposes, media):
        rules = tuple(at for at, one in enumerate(times) if one.scope.covers(about))
        if not rules or rules in seen or asked.digest_of(about) is not None:
            continue
        seen.add(rules)
        zones = _zones([times[at] for at in rules], usual)
        if not any(_goes(asked, about, zone, usual) for zone in zones):
            found.append(about)
    return found


def longer_than_waits(policy: Policy) -> list[tuple[int, Cap]]:
    """Caps by their place whose period is longer than anything may wait: what comes after they are
    full may be dropped instead of being sent later."""
    longest = policy.longest_wait
    if longest is None:
        return []
    # LONGEST has a day more than the period, for zones and changes of the clock
    spans = {unit: span - timedelta(days=1) for unit, span in LONGEST.items()}
    return [(at, one) for at, one in enumerate(policy.caps) if spans[one.per] > longest]


def _abouts(policy: Policy, purposes: Sequence[str], media: Sequence[str]) -> Iterator[About]:
    """Every kind of message that rules tell apart: of many topics under the same rules, one."""
    rules_of: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(policy.times):
        for topic in one.scope.topics:
            rules_of[topic].append(number)
    alike: dict[tuple[bool, tuple[int, ...]], str] = {}
    together = {one.topic for one in policy.digests}
    for topic, rules in sorted(rules_of.items()):
        alike.setdefault((topic in together, tuple(rules)), topic)
    topics: Iterable[str | None] = (None, *alike.values())
    for topic_, purpose, medium in product(topics, purposes, media):
        yield About(purpose, topic_, medium)


def _goes(policy: Policy, about: About, zone: str, almanac: Almanac) -> bool:
    return (
        rule(policy, about, Circumstances(Home(zone)), _BEGINS, almanac).answer is not Answer.DROP
    )


def _zones(rules: Sequence[TimeRule], almanac: Almanac) -> Sequence[str]:
    own = any(
        calendar.zone is not None
        for one in rules
        if isinstance(one, SendingHours) and (calendar := _hours_of(one, almanac.calendars))
    )
    return _ZONES if own else (_HOME,)


def _hours_of(
    rule_: SendingHours, calendars: Mapping[str, WorkingCalendar]
) -> WorkingCalendar | None:
    return rule_.hours or calendars.get(rule_.calendar or "")


def _shuts(one: TimeRule, almanac: Almanac) -> bool:
    """Whether the week's clock says when it is open."""
    if isinstance(one, SendingHours):
        return _hours_of(one, almanac.calendars) is not None
    return not isinstance(one, Holidays)


def _usual(calendar: WorkingCalendar) -> WorkingCalendar:
    return WorkingCalendar(calendar.week, zone=calendar.zone)
