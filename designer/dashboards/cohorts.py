"""Weeks of entering against each other, and each against those who were held out."""

from __future__ import annotations

from collections.abc import Sequence

from designer.components.chart import SHARES, Chart, Series
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n.translator import N_
from designer.tone import Tone
from designer.visitor import Visitor
from designer.widgets import block, button_link, card, empty_state, words
from engine.measuring import Group, Says, lift_of
from engine.services.boards import Cohort

_SAID: dict[Says, tuple[str, Tone]] = {
    Says.TOO_FEW: (N_("too few people"), "plain"),
    Says.UNCLEAR: (N_("may be chance"), "plain"),
    Says.MORE: (N_("better with the flow"), "good"),
    Says.FEWER: (N_("worse with the flow"), "bad"),
}
NOT_KNOWN = "–"


def choose_flow(visitor: Visitor) -> None:
    t = visitor.t
    empty_state(
        "stacked_line_chart",
        t("Choose a flow"),
        t("Its weeks are compared with each other, and with those who were held out."),
    )


def cohorts_board(flow: str, found: Sequence[Cohort], visitor: Visitor) -> None:
    t = visitor.t
    if not found:
        empty_state(
            "stacked_line_chart",
            t("Nobody entered this flow in this time"),
            t("Take a longer time. Everybody who enters belongs to the week of that day."),
        )
        return
    weeks = [visitor.formats.day(one.week) for one in found]
    held_out = any(one.held_out for one in found)
    series = [Series(t("In the flow"), [one.rate for one in found])]
    if held_out:
        series.append(Series(t("Held out"), [one.held_out_rate for one in found], "pale"))
    Chart(
        t("Reached the goal, by week of entering"),
        "line",
        series,
        weeks,
        t=t,
        unit=SHARES,
        axis=t("Week from"),
        said=_overall(found, visitor),
        empty=t("Nobody of these weeks has reached the goal yet."),
        file_name="cohorts",
    )
    with block("cz-dash__wide"):
        Chart(
            t("People by week of entering"),
            "stacked",
            [
                Series(t("In the flow"), [one.people for one in found]),
                *([Series(t("Held out"), [one.held_out for one in found])] if held_out else []),
            ],
            weeks,
            t=t,
            axis=t("Week from"),
            file_name="cohort-sizes",
        )
        with card(t("How to read this")), block("cz-pad cz-stack cz-tight"):
            words(
                t(
                    "Later weeks had less time to reach the goal, so their line often falls at the "
                    "end."
                ),
                tag="p",
            )
            if not held_out:
                words(
                    t(
                        "This flow holds nobody out. With a holdout of some percent one sees what "
                        "would have happened without it."
                    ),
                    tag="p",
                )
            with block("cz-row"):
                button_link(f"/flows/{flow}?view=results", t("Results of the flow"), "science")
    _table(found, weeks, visitor)


def _overall(found: Sequence[Cohort], visitor: Visitor) -> str:
    t = visitor.t
    inside = Group(sum(one.people for one in found), sum(one.reached for one in found))
    outside = Group(sum(one.held_out for one in found), sum(one.held_out_reached for one in found))
    lift = lift_of(inside, outside, 0.95)
    if lift is None:
        return t("{share} of those in the flow reached the goal.", share=f"{inside.rate:.1%}")
    return t(
        "{share} with the flow, {other} without it: a difference of {points} points, {said}.",
        share=f"{inside.rate:.1%}",
        other=f"{outside.rate:.1%}",
        points=f"{lift.apart * 100:+.1f}",
        said=t(_SAID[lift.says][0]),
    )


def _table(found: Sequence[Cohort], weeks: Sequence[str], visitor: Visitor) -> None:
    t, number = visitor.t, visitor.formats.number
    columns = [
        Column(t("Week from")),
        Column(t("People"), "right"),
        Column(t("Reached the goal"), "right"),
    ]
    compared = any(one.held_out for one in found)
    if compared:
        columns += [
            Column(t("Held out"), "right"),
            Column(t("Reached the goal without the flow"), "right"),
            Column(t("Difference"), "right"),
            Column(t("What it says")),
        ]
    rows = []
    for one, week in zip(found, weeks, strict=True):
        inside = (
            Cell(week),
            Cell(number(one.people)),
            Cell(number(one.reached), sub=_share(one.rate)),
        )
        rows.append(Row((*inside, *_against(one, visitor)) if compared else inside))
    with card(t("Week by week")):
        DataTable(t("Week by week"), columns, rows)


def _against(one: Cohort, visitor: Visitor) -> tuple[Cell, ...]:
    """The week against those who were held out."""
    t, number = visitor.t, visitor.formats.number
    said, tone = _SAID[one.lift.says] if one.lift else ("", "plain")
    return (
        Cell(number(one.held_out)),
        Cell(number(one.held_out_reached), sub=_share(one.held_out_rate)),
        Cell(f"{one.lift.apart * 100:+.1f}" if one.lift else NOT_KNOWN),
        Cell(t(said) if said else "", tone=tone if said else None),
    )


def _share(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.1%}"
