"""What a flow does together with the other flows that are at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.flows.checks.examined import Examined, doubted
from engine.flows.checks.manners import MANY_A_WEEK
from engine.flows.checks.most_messages import DAY
from engine.flows.checks.outline import Outline, Written, outline_of
from engine.flows.checks.remembered import never_together
from engine.flows.model import EntryPolicy, Purpose
from engine.flows.problems import Code, FlowProblem


def neighbour_problems(seen: Examined) -> Iterator[FlowProblem]:
    """Pairs and circles are told of the flow that is checked, never of two others."""
    if not (seen.others or _may_start_itself(seen)):
        return
    own = outline_of(seen.flow, seen.steps, seen.entry_rule)
    others = [other for other in seen.others if other.name != own.name]
    for other in others:
        yield from _fields(own, other)
        yield from _audience(own, other)
    yield from _pretext(own, others)
    yield from _circle(own, others)


def _may_start_itself(seen: Examined) -> bool:
    return any(
        step.records_events() or step.writes() or step.computes() or step.mentions()
        for step in seen.steps.values()
    )


def _fields(own: Outline, other: Outline) -> Iterator[FlowProblem]:
    theirs: dict[str, list[Written]] = {}
    for written in other.writes:
        theirs.setdefault(written.field, []).append(written)
    against = [
        (written, opposed)
        for written in own.writes
        for opposed in theirs.get(written.field, ())
        if opposed.value != written.value
    ]
    if not against or never_together(own.who, other.who):
        return
    for written, opposed in against:
        message = (
            f'step "{written.node}" sets {_shown(written)}, and the flow "{other.label}" sets '
            f'{_shown(opposed)} in its step "{opposed.node}" for people who may be in both; the '
            "later one wins. Leave the field to one of them, or keep their people apart."
        )
        yield doubted(Code.FIELD_CONFLICT, ("steps", written.node), message)


def _shown(written: Written) -> str:
    if written.field.startswith("tag "):
        return f"{written.field} {'on' if written.value == 'true' else 'off'}"
    return f'"{written.field}" to {written.value}'


def _audience(own: Outline, other: Outline) -> Iterator[FlowProblem]:
    """Two marketing flows that write to the same people at the same time.

    Audiences nearly always share somebody. What counts is whether both write within a day of the
    same event, or together more often than one flow should.
    """
    marketing = own.purpose is Purpose.MARKETING is other.purpose
    if not (marketing and own.sends and other.sends):
        return
    same_event = own.starts_on is not None and own.starts_on == other.starts_on
    if not (same_event or (own.audience and other.audience)):
        return
    at_once = same_event and max(own.first_message, other.first_message) < DAY
    if not (at_once or _too_many(own, other)) or never_together(own.whole, other.whole):
        return
    if at_once:
        why = f'write within a day of the same "{own.starts_on}"'
    elif same_event:
        why = f'start with "{own.starts_on}"'
    else:
        why = "take people by rules that can hold together"
    message = (
        f'this flow and "{other.label}" are both marketing and {why}, so one person may get '
        f"{_together(own, other)} of them within a week. Keep their people apart, or make one of "
        "the two."
    )
    yield doubted(Code.SHARED_AUDIENCE, ("trigger",), message)


def _too_many(own: Outline, other: Outline) -> bool:
    return own.week is None or other.week is None or own.week + other.week > MANY_A_WEEK


def _together(own: Outline, other: Outline) -> str:
    if own.week is None or other.week is None:
        return "any number of messages"
    return f"{own.week + other.week} messages"


def _pretext(own: Outline, others: Sequence[Outline]) -> Iterator[FlowProblem]:
    """Service messages that marketing sets off, and marketing that sets off service messages."""
    if not own.sends or own.purpose is not Purpose.SERVICE:
        return
    for other in others:
        if other.purpose is Purpose.MARKETING and other.may_start(own):
            message = (
                f'the marketing flow "{other.label}" starts this one, but a service flow asks '
                "nobody for consent; make it marketing, or start it from what people ask for."
            )
            yield doubted(Code.SERVICE_AFTER_MARKETING, ("trigger",), message)


def _circle(own: Outline, others: Sequence[Outline]) -> Iterator[FlowProblem]:
    """A way from the flow back to itself on which nobody is refused a second entry."""
    again = [one for one in (own, *others) if one.entry.policy is not EntryPolicy.ONCE]
    if own not in again:
        return
    way = _way_back(own, again)
    if way is not None:
        told = " > ".join(one.label for one in (*way, own))
        message = (
            f"the flows {told} start each other, so a person would go round without end; break the "
            'circle, or let one of them be entered "once".'
        )
        yield doubted(Code.FLOW_CIRCLE, ("trigger",), message)


def _way_back(own: Outline, among: Sequence[Outline]) -> list[Outline] | None:
    """The shortest such way, from the flow itself to the one that starts it again."""
    ahead = [[own]]
    seen: set[str] = set()
    while ahead:
        way = ahead.pop(0)
        if way[-1].may_start(own):
            return way
        for other in among:
            if other.name not in seen and other is not own and way[-1].may_start(other):
                seen.add(other.name)
                ahead.append([*way, other])
    return None
