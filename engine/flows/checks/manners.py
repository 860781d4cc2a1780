"""What people bear: consent noted, messages in good measure, and service that is no pretext."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from engine.dates.yearly import Calendar
from engine.flows.checks.examined import Examined, doubted, found
from engine.flows.checks.most_messages import DAY, WEEK, most_messages
from engine.flows.checks.scheduled import most_entries
from engine.flows.checks.shortest_way import shortest_run
from engine.flows.entry import needs_event
from engine.flows.model import Entry, EntryPolicy, Purpose
from engine.flows.problems import Code, FlowProblem
from engine.flows.triggers import DateTrigger, ScheduleTrigger
from engine.local_time import parse_span

# Two on one day can be an answer and a reminder; more than a message a day over a week is what
# people unsubscribe from. The person decides.
MANY_A_DAY: Final = 2
MANY_A_WEEK: Final = 7
# A lunar year has 354 days, and a day off moves a date by two weeks at most.
_SHORT_YEAR: Final = timedelta(days=340)
_OF_MESSAGES: Final = frozenset({"Message Opened", "Message Clicked"})
_UNLIMITED: Final = frozenset({EntryPolicy.ALWAYS, EntryPolicy.ONCE_PER, EntryPolicy.AFTER_EXIT})


def entry_problems(seen: Examined) -> Iterator[FlowProblem]:
    trigger = seen.flow.trigger
    if needs_event(seen.flow.entry) and not trigger.brings_properties:
        message = (
            f'"once_per" counts by a property of an event, but a {trigger.on} '
            "trigger brings no event; choose another entry."
        )
        yield found(Code.ENTRY_NEEDS_EVENT, ("entry",), message)
    if isinstance(trigger, DateTrigger) and _skips_years(trigger, seen.flow.entry):
        message = (
            f'the date may come again before "{seen.flow.entry.by}" is over, by the lunar calendar '
            "or moved from a day off, and that year is left out; a yearly date lets each person in "
            'once a year by itself, so write "always" or a shorter span.'
        )
        yield doubted(Code.YEARS_SKIPPED, ("entry",), message)


def _skips_years(trigger: DateTrigger, entry: Entry) -> bool:
    if entry.policy is not EntryPolicy.EVERY or not trigger.yearly:
        return False
    moves = trigger.shift != "none" or trigger.calendar_field is not None
    if not moves and trigger.one_calendar is Calendar.GREGORIAN:
        return False
    span = parse_span(entry.by or "")
    return timedelta(days=span.days + 30 * span.months, seconds=span.seconds) > _SHORT_YEAR


def manner_problems(seen: Examined) -> Iterator[FlowProblem]:
    sends = any(step.templates() for step in seen.steps.values())
    if not sends:
        return
    if seen.flow.purpose is Purpose.MARKETING:
        yield from _marketing(seen)
    elif seen.flow.trigger.starts_on in _OF_MESSAGES:
        message = (
            f'"{seen.flow.trigger.starts_on}" is an answer to a message, not a request of the '
            "person, but a service flow asks nobody for consent; make the flow marketing, or start "
            "it from what the person asked for."
        )
        yield doubted(Code.SERVICE_AFTER_MARKETING, ("trigger",), message)
    yield from _amounts(seen)


def _marketing(seen: Examined) -> Iterator[FlowProblem]:
    if not seen.flow.consent_note:
        message = (
            'say in "consent_note" where these people agreed to marketing messages; those '
            "without consent will receive nothing."
        )
        yield doubted(Code.NO_CONSENT_NOTE, ("purpose",), message)
    event, policy = seen.flow.trigger.starts_on, seen.flow.entry.policy
    if event is None or policy not in _UNLIMITED:
        return
    if policy is EntryPolicy.AFTER_EXIT and shortest_run(seen.flow, seen.steps) >= WEEK:
        return
    message = (
        f'every "{event}" may bring another round of these messages, and nothing limits how '
        'often; write an entry such as "{every: P30D}" or "once".'
    )
    yield doubted(Code.MANY_ENTRIES, ("entry",), message)


def _amounts(seen: Examined) -> Iterator[FlowProblem]:
    """What one run can send, and all runs that a schedule brings. Answers to requests come as often
    as people ask; for marketing, `many_entries` says when the runs of one person are not limited.
    """
    a_day = most_messages(seen.flow, seen.steps, DAY)
    a_week = most_messages(seen.flow, seen.steps, WEEK)
    if a_day is None or a_week is None:
        message = (
            "one person may get any number of messages from this flow within a week; put a wait "
            "between them that no event cuts short, or limit the loop."
        )
    elif a_day > MANY_A_DAY or a_week > MANY_A_WEEK:
        message = (
            f"one person may get {a_day} messages from this flow within a day and {a_week} "
            "messages within a week; put longer waits between them."
        )
    else:
        yield from _scheduled(seen, a_day, a_week)
        return
    yield doubted(Code.MANY_MESSAGES, ("steps",), message)


def _scheduled(seen: Examined, a_day: int, a_week: int) -> Iterator[FlowProblem]:
    """What comes of `a_day` and `a_week` of one run when a schedule lets people in again."""
    trigger, entry = seen.flow.trigger, seen.flow.entry
    if not isinstance(trigger, ScheduleTrigger):
        return
    run = shortest_run(seen.flow, seen.steps)
    a_day *= most_entries(trigger, entry, run, DAY)
    a_week *= most_entries(trigger, entry, run, WEEK)
    if a_day > MANY_A_DAY or a_week > MANY_A_WEEK:
        message = (
            f'the schedule "{trigger.cron}" lets one person in so often that they may get {a_day} '
            f"messages within a day and {a_week} within a week; let it fire less often, or write "
            'an entry such as "{every: P7D}".'
        )
        yield doubted(Code.MANY_ENTRIES, ("entry",), message)
