"""A policy as people write it, read with every mistake told by its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any, Final, TypeVar

from engine.errors import Problem
from engine.flows.problems import did_you_mean, shown
from engine.local_time import SpanRefused, parse_span
from engine.sending.about import ANY, MARKETING, NOTHING, Scope
from engine.sending.caps import UNITS, Cap
from engine.sending.policy import (
    HIGHEST_PRIORITY,
    LONGEST_WAIT,
    LOWEST_PRIORITY,
    DigestRule,
    Frequency,
    Policy,
    Priority,
)
from engine.sending.week import WEEKDAYS, calendar_of, read_clock, read_hours
from engine.sending.windows import Holidays, QuietHours, SendingHours, TimeRule, Window

KEYS: Final = (
    *("quiet_hours", "sending_hours", "holidays", "caps", "priorities", "digests"),
    "longest_wait",
)
PURPOSES: Final = ("marketing", "service")
MEDIA: Final = ("email", "sms", "chat", "webhook")
FREQUENCIES: Final[tuple[Frequency, ...]] = ("daily", "weekly")
MOST_RULES: Final = 50
MOST_IN_A_CAP: Final = 1_000
# A message that comes a quarter of a year late is another message.
MOST_WAIT: Final = timedelta(days=92)
_SLUG: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_SCOPE: Final = ("purpose", "topic", "medium")

Read = TypeVar("Read")
Word = TypeVar("Word", bound=str)


def read_policy(document: Any) -> tuple[Policy, list[Problem]]:
    """The policy in a document, and what is wrong with it; with problems the policy is not to be
    used. Whether calendars exist is not known here."""
    reader = _Reader()
    policy = reader.policy(document)
    return policy, reader.problems


@dataclass(slots=True)
class _Reader:
    problems: list[Problem] = field(default_factory=list)

    def policy(self, document: Any) -> Policy:
        given = self._mapping(document, "", KEYS)
        times: list[TimeRule] = [
            *self._each(given, "quiet_hours", self._quiet),
            *self._each(given, "sending_hours", self._hours),
            *self._each(given, "holidays", self._holidays),
        ]
        digests = self._each(given, "digests", self._digest)
        topics = [one.topic for one in digests]
        if len(set(topics)) < len(topics):
            self._refuse("/digests", "a topic is put together in one way only; name it once.")
        return Policy(
            times=tuple(times),
            caps=tuple(self._each(given, "caps", self._cap)),
            priorities=tuple(self._each(given, "priorities", self._priority)),
            digests=tuple(digests),
            longest_wait=self._longest(given.get("longest_wait")),
        )

    def _quiet(self, given: Any, place: str) -> QuietHours | None:
        rule = self._mapping(given, place, ("from", "until", *_SCOPE))
        window = self._window(rule, place)
        scope = self._scope(rule, place)
        return None if window is None else QuietHours(window, scope)

    def _window(self, rule: Mapping[str, Any], place: str) -> Window | None:
        start, end = self._clock(rule, "from", place), self._clock(rule, "until", place)
        if start is None or end is None:
            return None
        if start == end:
            self._refuse(place, "begins when it ends; nobody could ever be written to.")
            return None
        return Window(start, end)

    def _hours(self, given: Any, place: str) -> SendingHours | None:
        keys = ("days", "from", "until", "hours", "calendar", *_SCOPE)
        rule = self._mapping(given, place, keys)
        scope = self._scope(rule, place)
        ways = [key for key in ("from", "hours", "calendar") if rule.get(key) is not None]
        if len(ways) != 1:
            self._refuse(place, 'say either "from" and "until", or "hours", or "calendar".')
            return None
        if ways == ["calendar"]:
            name = self._slug(rule["calendar"], f"{place}/calendar", "a calendar's name")
            return None if name is None else SendingHours(None, name, scope)
        written = rule["hours"] if ways == ["hours"] else self._one_window(rule, place)
        week = read_hours(written, f"{place}/hours", self._refuse)
        return None if week is None else SendingHours(calendar_of(week), None, scope)

    def _one_window(self, rule: Mapping[str, Any], place: str) -> Any:
        days = rule.get("days", list(WEEKDAYS))
        if not isinstance(days, list) or not days:
            self._refuse(f"{place}/days", "write a list of weekdays such as [mon, tue].")
            days = []
        shift = [rule.get("from"), rule.get("until")]
        return {day if isinstance(day, str) else str(day): [shift] for day in days}

    def _holidays(self, given: Any, place: str) -> Holidays | None:
        rule = self._mapping(given, place, ("of", *_SCOPE))
        scope, of = self._scope(rule, place), rule.get("of", "contact")
        if of == "contact":
            return Holidays(None, scope)
        if isinstance(of, str) and _COUNTRY.fullmatch(of):
            return Holidays(of, scope)
        advice = 'write "contact" for where people live, or a country such as "SG".'
        self._refuse(f"{place}/of", f"{shown(of)} is no place; {advice}")
        return None

    def _cap(self, given: Any, place: str) -> Cap | None:
        rule = self._mapping(given, place, ("most", "per", *_SCOPE))
        scope = self._scope(rule, place)
        most = self._number(rule.get("most"), f"{place}/most", 1, MOST_IN_A_CAP)
        per = self._choice(rule.get("per"), f"{place}/per", UNITS)
        return None if most is None or per is None else Cap(most, per, scope)

    def _priority(self, given: Any, place: str) -> Priority | None:
        rule = self._mapping(given, place, ("priority", *_SCOPE))
        scope = self._scope(rule, place, everything=True)
        number = self._number(
            rule.get("priority"), f"{place}/priority", LOWEST_PRIORITY, HIGHEST_PRIORITY
        )
        return None if number is None else Priority(number, scope)

    def _digest(self, given: Any, place: str) -> DigestRule | None:
        rule = self._mapping(given, place, ("topic", "every", "at", "on"))
        topic = self._slug(rule.get("topic"), f"{place}/topic", "a topic")
        every = self._choice(rule.get("every", "daily"), f"{place}/every", FREQUENCIES)
        at = self._clock(rule, "at", place) if "at" in rule else time(8)
        on = self._choice(rule.get("on", "mon"), f"{place}/on", WEEKDAYS)
        if every == "daily" and "on" in rule:
            self._refuse(f"{place}/on", "a daily digest has no weekday.")
        if topic is None or every is None or at is None or on is None:
            return None
        return DigestRule(topic, every, at, WEEKDAYS.index(on))

    def _longest(self, given: Any) -> timedelta | None:
        if given is None:
            return LONGEST_WAIT
        try:
            span = parse_span(given) if isinstance(given, str) else None
        except SpanRefused:
            span = None
        length = None if span is None or span.months else timedelta(span.days, span.seconds)
        if length is None or not timedelta(hours=1) <= length <= MOST_WAIT:
            advice = 'write a length from "1h" to "92d", such as "7d".'
            self._refuse("/longest_wait", f"{shown(given)} cannot be used; {advice}")
            return LONGEST_WAIT
        return length

    def _scope(self, rule: Mapping[str, Any], place: str, *, everything: bool = False) -> Scope:
        purposes = self._words(rule.get("purpose"), f"{place}/purpose", PURPOSES)
        topics = self._words(rule.get("topic"), f"{place}/topic", None)
        media = self._words(rule.get("medium"), f"{place}/medium", MEDIA)
        if purposes is None:
            purposes = NOTHING if everything else frozenset({MARKETING})
        return Scope(purposes, topics or NOTHING, media or NOTHING)

    def _words(
        self, given: Any, place: str, known: tuple[str, ...] | None
    ) -> frozenset[str] | None:
        """None where nothing is said; empty for "any"."""
        if given is None:
            return None
        if given == ANY:
            return frozenset()
        words = given if isinstance(given, list) else [given]
        found = set()
        for word in words:
            if known is None:
                read = self._slug(word, place, "a topic")
            else:
                read = self._choice(word, place, known)
            if read is not None:
                found.add(read)
        if not words:
            self._refuse(place, f'an empty list is about no message; write "{ANY}" for all.')
        return frozenset(found)

    def _each(
        self, given: Mapping[str, Any], key: str, read: Callable[[Any, str], Read | None]
    ) -> list[Read]:
        rules = given.get(key)
        if rules is None:
            return []
        if not isinstance(rules, list):
            self._refuse(f"/{key}", f"this is a list of rules, not {shown(rules)}.")
            return []
        if len(rules) > MOST_RULES:
            self._refuse(f"/{key}", f"at most {MOST_RULES} rules.")
            return []
        found = [read(one, f"/{key}/{index}") for index, one in enumerate(rules)]
        return [one for one in found if one is not None]

    def _mapping(self, given: Any, place: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
        if given is None and not place:
            return {}
        if not isinstance(given, Mapping):
            self._refuse(place or "/", f"this is a mapping, not {shown(given)}.")
            return {}
        for key in given:
            if key not in keys:
                meant = did_you_mean(str(key), keys)
                self._refuse(f"{place}/{key}", f"there is no such setting; {meant}", "unknown_key")
        return given

    def _clock(self, rule: Mapping[str, Any], key: str, place: str) -> time | None:
        found = read_clock(rule.get(key))
        if found is None:
            what = shown(rule.get(key))
            self._refuse(f"{place}/{key}", f'{what} is no time of day; write one such as "21:00".')
        return found

    def _number(self, given: Any, place: str, least: int, most: int) -> int | None:
        if isinstance(given, int) and not isinstance(given, bool) and least <= given <= most:
            return given
        self._refuse(place, f"{shown(given)} is no whole number from {least} to {most}.")
        return None

    def _choice(self, given: Any, place: str, known: tuple[Word, ...]) -> Word | None:
        for one in known:
            if given == one:
                return one
        meant = did_you_mean(str(given)[:60], known)
        self._refuse(place, f"{shown(given)} is not known; {meant}")
        return None

    def _slug(self, given: Any, place: str, what: str) -> str | None:
        if isinstance(given, str) and _SLUG.fullmatch(given):
            return given
        advice = "use lower-case letters, digits, _ and -, with a letter first."
        self._refuse(place, f"{shown(given)} is not {what}; {advice}")
        return None

    def _refuse(self, place: str, message: str, code: str = "bad_policy") -> None:
        self.problems.append(Problem(place, code, message))
