"""What happens to many people at once: counts, days, and worst cases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from designer.asking import plain_button
from designer.components.chart import Chart, Series
from designer.flow_graph import exit_label, title_of
from designer.terms import OUTCOMES, reason, term
from designer.try_it.figures import Busy, busiest, entered_people, messages_by_day
from designer.try_it.one_way import open_letter
from designer.try_it.trial import Tried
from designer.visitor import Visitor
from designer.widgets import block, card, notice, tile, words
from engine.services.simulating.answers import assumed
from engine.simulate.report import outside
from engine.simulate.trace import Trace

_MOST_SHOWN = 12


def many_ways(
    tried: Tried, visitor: Visitor, follow: Callable[[int, str], Awaitable[None]]
) -> None:
    """`follow` tries the same with one contact alone."""
    trace = tried.simulated.trace
    _tiles(tried, trace, visitor)
    _remarks(tried, trace, visitor)
    with block("cz-grid cz-try__charts"):
        _days(trace, visitor)
        _outcomes(trace, visitor)
    with block("cz-grid cz-try__charts"):
        _worst(tried, trace, visitor, follow)
        _never(tried, trace, visitor)
    _letters(tried, visitor)
    _granted(tried, visitor)


def _tiles(tried: Tried, trace: Trace, visitor: Visitor) -> None:
    t, number = visitor.t, visitor.formats.number
    sent = sum(len(journey.sent) for journey in trace.journeys)
    shown = [
        (t("Took part"), number(tried.simulated.people)),
        (t("Entered"), number(len(entered_people(trace)))),
        (t("Messages"), number(sent)),
        (t("Most on one day for one person"), number(trace.most_per_person_in_a_day())),
    ]
    held_out = sum(journey.held_out for journey in trace.journeys)
    if held_out:
        shown.insert(2, (t("Held out"), number(held_out)))
    if tried.flow.goal is not None:
        reached = sum(journey.goal_at is not None for journey in trace.journeys)
        shown.append((t("Reached the goal"), number(reached)))
    with block("cz-tiles"):
        for label, value in shown:
            tile(label, value)


def _remarks(tried: Tried, trace: Trace, visitor: Visitor) -> None:
    t = visitor.t
    if trace.stopped:
        text = t.n(
            "{count} person went round and round and was stopped. Look for a loop without a wait.",
            "{count} people went round and round and were stopped. Look for a loop without a wait.",
            len(trace.stopped),
        )
        notice(text, "bad", "sync_problem")
    if not trace.journeys:
        notice(_nobody(tried, visitor), "warn", "group_off")
    early_or_late = len(outside(trace, tried.simulated.question.hours))
    if early_or_late:
        text = t.n(
            "{count} message arrives before 8:00 or after 21:00 on the person's own clock.",
            "{count} messages arrive before 8:00 or after 21:00 on the person's own clock.",
            early_or_late,
        )
        notice(text, "warn", "bedtime")
    waited = sum(len(journey.deferred) for journey in trace.journeys)
    if waited:
        text = t.n(
            "{count} message had to wait for quiet hours or caps.",
            "{count} messages had to wait for quiet hours or caps.",
            waited,
        )
        notice(text, "accent", "hourglass_top")


def _nobody(tried: Tried, visitor: Visitor) -> str:
    starts_on = tried.flow.trigger.starts_on
    if starts_on is None:
        return visitor.t("Nobody came in: the rule of the flow holds for none of these people.")
    return visitor.t(
        "Nobody came in: the flow begins with the event “{event}”. Let it happen on the way.",
        event=starts_on,
    )


def _days(trace: Trace, visitor: Visitor) -> None:
    t = visitor.t
    days = messages_by_day(trace)
    Chart(
        t("Messages a day"),
        "bar",
        [Series(t("Messages"), [count for _, count in days])],
        [visitor.formats.day(day) for day, _ in days],
        t=t,
        axis=t("Day"),
        empty=t("No messages in this time."),
        file_name="trial-messages",
        height=240,
    )


def _outcomes(trace: Trace, visitor: Visitor) -> None:
    t = visitor.t
    found = list(trace.outcomes().items())[:_MOST_SHOWN]
    Chart(
        t("How it stands at the end"),
        "across",
        [Series(t("People"), [count for _, count in found])],
        [_outcome(said, visitor) for said, _ in found],
        t=t,
        axis=t("Where"),
        empty=t("Nobody came in."),
        file_name="trial-outcomes",
        height=240,
    )


def _outcome(said: str, visitor: Visitor) -> str:
    """Such as "ended: done" and "active: nudge", as the trace counts them."""
    t = visitor.t
    state, _, what = said.partition(": ")
    if state == "ended":
        return term(OUTCOMES, what, t) or what
    if state == "held":
        return t("held at “{step}”", step=title_of(what))
    return t("still at “{step}”", step=title_of(what))


def _worst(
    tried: Tried,
    trace: Trace,
    visitor: Visitor,
    follow: Callable[[int, str], Awaitable[None]],
) -> None:
    t = visitor.t
    found = [one for one in busiest(trace) if one.messages > 1]
    with card(t("Who gets most on one day")):
        if not found:
            said = t("Nobody gets more than one message of this flow on a day.")
            words(said, "cz-soft cz-pad", tag="p")
            _anybody(tried, trace, visitor, follow)
        with block("cz-try__list", tag="ul"):
            for one in found:
                _busy(one, tried, visitor, follow)


def _anybody(
    tried: Tried,
    trace: Trace,
    visitor: Visitor,
    follow: Callable[[int, str], Awaitable[None]],
) -> None:
    """The first few who came in: a way to look closer where nobody stands out."""
    t = visitor.t
    ids = dict.fromkeys(one.person_id for one in trace.journeys if one.entries)
    with block("cz-try__list", tag="ul"):
        for person_id in list(ids)[:5]:
            face = tried.people.get(person_id)
            name = face.name if face else f"#{person_id}"
            with block(tag="li"):
                words(name, "cz-grow cz-strong")
                plain_button(t("Follow"), partial(follow, person_id, name), symbol="route")


def _busy(
    one: Busy, tried: Tried, visitor: Visitor, follow: Callable[[int, str], Awaitable[None]]
) -> None:
    t = visitor.t
    face = tried.people.get(one.person_id)
    name = face.name if face else f"#{one.person_id}"
    with block(tag="li"):
        with block("cz-grow"):
            words(name, "cz-strong", tag="div")
            said = t.n(
                "{count} message on {day}",
                "{count} messages on {day}",
                one.messages,
                day=visitor.formats.day(one.day),
            )
            words(said, "cz-soft cz-small", tag="div")
        plain_button(t("Follow"), partial(follow, one.person_id, name), symbol="route")


def _never(tried: Tried, trace: Trace, visitor: Visitor) -> None:
    t, flow = visitor.t, tried.flow
    found = trace.never() if trace.journeys else []
    with card(t("What never happened")):
        if not found:
            said = t("Every step was reached, and every way out was taken.")
            words(said if trace.journeys else t("Nobody came in."), "cz-soft cz-pad", tag="p")
        with block("cz-try__list", tag="ul"):
            for node, exit_name in found[:_MOST_SHOWN]:
                if exit_name:
                    way = exit_label(flow.nodes[node], exit_name, t)
                    text = t("“{step}” was never left by “{way}”", step=title_of(node), way=way)
                else:
                    text = t("Nobody came to “{step}”", step=title_of(node))
                words(text, tag="li")
            if len(found) > _MOST_SHOWN:
                words(t("{count} more", count=len(found) - _MOST_SHOWN), "cz-soft", tag="li")


def _letters(tried: Tried, visitor: Visitor) -> None:
    t, letters = visitor.t, tried.simulated.letters
    if letters is None or not (letters.shown or letters.complaints):
        return
    with card(t("Messages, as they would be written")), block("cz-try__list", tag="ul"):
        for complaint in letters.complaints[:_MOST_SHOWN]:
            face = tried.people.get(complaint.person_id)
            with block(tag="li"):
                said = t(
                    "“{template}” cannot be written for {person}: {why}",
                    template=complaint.template,
                    person=face.name if face else f"#{complaint.person_id}",
                    why=reason(complaint.code, t) or complaint.message,
                )
                words(said, "cz-bad")
        for letter in letters.shown:
            with block(tag="li"):
                with block("cz-grow"):
                    subject = letter.message.subject or letter.message.text[:120]
                    words(subject, "cz-strong", tag="div")
                    where = f"{title_of(letter.node)} · {letter.message.language}"
                    words(where, "cz-soft cz-small", tag="div")
                show = partial(open_letter, letter, visitor)
                plain_button(t("Show the message"), show, symbol="drafts")


def _granted(tried: Tried, visitor: Visitor) -> None:
    said = assumed(tried.simulated)
    if said and visitor.t.short == "en":
        with ui.expansion(visitor.t("What was taken for granted")), block(tag="ul"):
            for one in said:
                words(one, "cz-soft cz-small", tag="li")
