"""What people bear: consent noted, messages in good measure, and service that is no pretext."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.flows.checks.examined import Examined, doubted, found
from engine.flows.checks.most_messages import DAY, WEEK, most_messages
from engine.flows.checks.shortest_way import shortest_run
from engine.flows.entry import needs_event
from engine.flows.model import EntryPolicy, Purpose
from engine.flows.problems import Code, FlowProblem

# Two on one day can be an answer and a reminder; more than a message a day over a week is what
# people unsubscribe from. The person decides.
MANY_A_DAY: Final = 2
MANY_A_WEEK: Final = 7
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
    """What one run can send. Answers to requests come as often as people ask; for marketing,
    `many_entries` says when the runs of one person are not limited."""
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
        return
    yield doubted(Code.MANY_MESSAGES, ("steps",), message)
