"""What a flow brought about: its goal against the holdout, arms that are compared, audiences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.formats import Formats
from designer.goal_actions import GoalActions
from designer.i18n import Translator
from designer.i18n.translator import N_
from designer.runtime import Designer
from designer.tone import Tone
from designer.visitor import Visitor
from designer.widgets import block, card, notice, words
from engine.local_time import parse_span
from engine.measuring import Interval, Says
from engine.services.actor import may
from engine.services.enrolments import EnrolmentLine, list_enrolments
from engine.services.goals.contests import Contest
from engine.services.goals.results import FlowResults, GroupResult, flow_results
from engine.services.goals.winners import compare
from engine.services.views.flows import FlowPage
from engine.steps.span_words import span_words

_SAID: dict[Says, tuple[str, Tone]] = {
    Says.TOO_FEW: (N_("Too few people to say anything yet."), "warn"),
    Says.UNCLEAR: (N_("Chance may explain the difference."), "plain"),
    Says.MORE: (N_("More people reach the goal with this flow than without it."), "good"),
    Says.FEWER: (N_("Fewer people reach the goal with this flow than without it."), "bad"),
}
_STATES = {
    "running": N_("Entering"),
    "paused": N_("Paused"),
    "done": N_("Everybody is in"),
    "cancelled": N_("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows; `audience` says that the flow has an audience of its own."""

    results: FlowResults
    contests: Sequence[Contest]
    enrolments: Sequence[EnrolmentLine]
    has_audience: bool


async def found_results(designer: Designer, visitor: Visitor, flow: FlowPage) -> Found | None:
    """None for a flow that was never published."""
    if flow.flow is None:
        return None
    somebody = visitor.somebody
    async with designer.transaction() as session:
        return Found(
            await flow_results(session, somebody, flow.name),
            await compare(session, somebody, designer.plans, flow.name),
            await list_enrolments(session, somebody, flow.name),
            flow.flow.trigger.audience is not None,
        )


def results_view(found: Found, deeds: GoalActions, visitor: Visitor) -> None:
    with block("cz-stack"):
        _goal(found.results, visitor)
        for contest in found.contests:
            _contest(contest, deeds, visitor)
        _audiences(found, deeds, visitor)


def _goal(results: FlowResults, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    messages = (f"/message-results?flow={results.flow}&period=all", t("Message results"))
    with card(t("Goal"), messages):
        if results.goal is None:
            text = t("This flow names no goal, so its effect is not measured.")
            words(text, "cz-soft cz-pad", tag="p")
            return
        words(_wanted(results, t), "cz-pad", tag="p")
        columns = [
            Column(t("Group")),
            Column(t("People"), "right"),
            Column(t("Reached the goal"), "right"),
            Column(t("Rate"), "right"),
            Column(t("Revenue"), "right"),
            Column(t("Per person"), "right"),
        ]
        rows = [
            _row(t("In the flow"), results.inside, formats),
            _row(t("Held out"), results.holdout, formats),
        ]
        DataTable(t("Goal"), columns, rows)
        with block("cz-pad"):
            _lift(results, visitor)


def _wanted(results: FlowResults, t: Translator) -> str:
    goal = results.goal
    if goal is None:
        return ""
    if goal.within is None:
        return t("“{event}”, at any time after entering.", event=goal.event)
    span = span_words(parse_span(goal.within)).in_language(t.short)
    return t("“{event}”, within {span} of entering.", event=goal.event, span=span)


def _row(name: str, group: GroupResult, formats: Formats) -> Row:
    money = [formats.money(one.amount_minor, one.currency) for one in group.revenue]
    each = [formats.money(round(one.per_person_minor), one.currency) for one in group.revenue]
    return Row(
        (
            Cell(name),
            Cell(formats.number(group.people)),
            Cell(formats.number(group.reached)),
            Cell(f"{group.rate:.2%}", sub=_between(group.interval) if group.people else ""),
            Cell("; ".join(money)),
            Cell("; ".join(each)),
        )
    )


def _lift(results: FlowResults, visitor: Visitor) -> None:
    t, lift = visitor.t, results.lift
    if lift is None:
        text = t("Nothing to compare with yet: one of the two groups is empty.")
        notice(text, "warn", "group_off").mark("lift")
        return
    said, tone = _SAID[lift.says]
    parts = [
        t(said),
        t(
            "Difference: {points} points ({between}).",
            points=f"{lift.apart * 100:+.2f}",
            between=_between(lift.apart_interval, signed=True),
        ),
    ]
    if lift.relative is not None and lift.relative_interval is not None:
        parts.append(
            t(
                "Relative lift: {lift} ({between}).",
                lift=f"{lift.relative:+.1%}",
                between=_between(lift.relative_interval, signed=True),
            )
        )
    notice(" ".join(parts), tone, "query_stats").mark("lift")


def _between(interval: Interval, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{interval.low:{sign}.2%} … {interval.high:{sign}.2%}"


def _contest(contest: Contest, deeds: GoalActions, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    columns = [
        Column(t("Arm")),
        Column(t("Weight"), "right"),
        Column(t("People"), "right"),
        Column(t("Reached"), "right"),
        Column(t("Rate"), "right"),
    ]
    held_out = {arm.name for arm in contest.holdout}
    rows = [
        Row(
            (
                Cell(arm.name, sub=t("For comparing only") if arm.name in held_out else ""),
                Cell(formats.number(arm.weight)),
                Cell(formats.number(arm.people)),
                Cell(formats.number(arm.reached)),
                Cell(f"{arm.rate:.2%}"),
            )
        )
        for arm in (*contest.arms, *contest.holdout)
    ]
    with card(t("Split “{node}”", node=contest.node)):
        DataTable(t("Split “{node}”", node=contest.node), columns, rows)
        with block("cz-pad"):
            _verdict(contest, visitor)
        if may(visitor.somebody, "publish", "flow"):
            with block("cz-row cz-pad"):
                _deciding(contest, deeds)


def _verdict(contest: Contest, visitor: Visitor) -> None:
    t, won, found = visitor.t, contest.won, contest.evidence
    if won is not None:
        text = t(
            "“{arm}” won on {day}, decided by {who}. Everybody who comes goes by it.",
            arm=won.arm,
            day=visitor.formats.date_of(won.decided_at),
            who=won.decided_by,
        )
        notice(text, "good", "emoji_events").mark(f"winner-{contest.node}")
        return
    text = t(
        "Nobody has won yet: the evidence is {against} of {needed}.",
        against=f"{found.against:,.2f}",
        needed=f"{found.needed:,.2f}",
    )
    notice(text, "plain", "balance").mark(f"winner-{contest.node}")


def _deciding(contest: Contest, deeds: GoalActions) -> None:
    if contest.won is not None:
        deeds.withdraw_button(contest.node)
        return
    for arm in contest.arms:
        deeds.winner_button(contest.node, arm.name)


def _audiences(found: Found, deeds: GoalActions, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    columns = [
        Column(t("Begun")),
        Column(t("State")),
        Column(t("Looked at"), "right"),
        Column(t("Entered"), "right"),
        Column(t("Not let in"), "right"),
        Column(t("Of"), "right"),
        Column(t("Time left"), "right"),
    ]
    rows = [
        Row(
            (
                Cell(formats.moment(one.created_at), sub=one.asked_by or ""),
                Cell(t(_STATES.get(one.state, one.state))),
                Cell(formats.number(one.looked_at)),
                Cell(formats.number(one.entered)),
                Cell(formats.number(one.refused)),
                Cell("" if one.total is None else formats.number(one.total)),
                Cell("" if one.left is None else formats.span(one.left)),
            )
        )
        for one in found.enrolments
    ]
    with card(t("Audiences")):
        if rows:
            DataTable(t("Audiences"), columns, rows)
        else:
            words(t("No audience has entered this flow yet."), "cz-soft cz-pad", tag="p")
        if may(visitor.somebody, "publish", "flow"):
            with block("cz-row cz-pad"):
                _controls(found, deeds)


def _controls(found: Found, deeds: GoalActions) -> None:
    now = next((one for one in found.enrolments if one.state in ("running", "paused")), None)
    if now is None:
        if found.has_audience:
            deeds.enrol_button()
        return
    if now.state == "running":
        deeds.pause_enrolment_button()
    else:
        deeds.resume_enrolment_button()
    deeds.cancel_enrolment_button(now.entered)
