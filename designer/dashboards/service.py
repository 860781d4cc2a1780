"""Service levels: answered and solved in time, week by week and by priority."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from designer.components.chart import SHARES, Chart, Series
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n.translator import N_
from designer.visitor import Visitor
from designer.widgets import block, card, empty_state, tile, words
from engine.services.boards import ServiceLevel

_PRIORITIES = {
    "urgent": N_("Urgent"),
    "high": N_("High"),
    "normal": N_("Normal"),
    "low": N_("Low"),
}
NOT_KNOWN = "–"


def service_board(found: Sequence[ServiceLevel], visitor: Visitor) -> None:
    t = visitor.t
    if not found:
        empty_state(
            "support_agent",
            t("No ticket was opened in this time"),
            t("How many are answered and solved in time is shown here, week by week."),
        )
        return
    _tiles(found, visitor)
    weeks: dict[object, list[ServiceLevel]] = defaultdict(list)
    for one in found:
        weeks[one.week].append(one)
    names = [visitor.formats.day(rows[0].week) for rows in weeks.values()]
    with block("cz-dash__half"):
        Chart(
            t("In time, of the tickets of the week"),
            "line",
            [
                Series(t("Answered"), [_in_time(rows, "answered_late") for rows in weeks.values()]),
                Series(t("Solved"), [_in_time(rows, "solved_late") for rows in weeks.values()]),
            ],
            names,
            t=t,
            unit=SHARES,
            axis=t("Week from"),
            said=t("What is open and not late yet counts as in time."),
            empty=t("No ticket of this time is kept by a policy, so nothing is promised."),
            file_name="service-levels",
        )
        Chart(
            t("Tickets by week and priority"),
            "stacked",
            [
                Series(
                    t(name),
                    [sum(o.opened for o in rows if o.priority == key) for rows in weeks.values()],
                )
                for key, name in _PRIORITIES.items()
            ],
            names,
            t=t,
            axis=t("Week from"),
            file_name="tickets",
        )
    _by_priority(found, visitor)


def _tiles(found: Sequence[ServiceLevel], visitor: Visitor) -> None:
    t, number = visitor.t, visitor.formats.number
    scores = sum(one.scores for one in found)
    score = sum((one.score or 0) * one.scores for one in found) / scores if scores else None
    shown = [
        (t("Tickets"), number(sum(one.opened for one in found))),
        (t("Still open"), number(sum(one.open_now for one in found))),
        (t("Answered in time"), _rate(_in_time(found, "answered_late"))),
        (t("Solved in time"), _rate(_in_time(found, "solved_late"))),
        (t("Satisfaction"), NOT_KNOWN if score is None else f"{score:.1f} / 5"),
    ]
    with block("cz-tiles"):
        for label, value in shown:
            tile(label, value)


def _by_priority(found: Sequence[ServiceLevel], visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    columns = [
        Column(t("Priority")),
        Column(t("Tickets"), "right"),
        Column(t("Answered late"), "right"),
        Column(t("Solved late"), "right"),
        Column(t("Still open"), "right"),
        Column(t("Usual time to the first answer"), "right"),
    ]
    rows = []
    for key, name in _PRIORITIES.items():
        some = [one for one in found if one.priority == key]
        if not some:
            continue
        opened = sum(one.opened for one in some)
        minutes = _usual_minutes(some)
        waited = NOT_KNOWN if minutes is None else formats.span(timedelta(minutes=minutes))
        rows.append(
            Row(
                (
                    Cell(t(name)),
                    Cell(formats.number(opened)),
                    _late(sum(one.answered_late for one in some), opened, visitor),
                    _late(sum(one.solved_late for one in some), opened, visitor),
                    Cell(formats.number(sum(one.open_now for one in some))),
                    Cell(waited),
                )
            )
        )
    with card(t("By priority")):
        DataTable(t("By priority"), columns, rows)
        words(
            t(
                "Late is measured in working time, as the ticket policy promises. The usual "
                "time is the middle week's, on the clock on the wall."
            ),
            "cz-soft cz-small cz-pad",
            tag="p",
        )


def _usual_minutes(some: Sequence[ServiceLevel]) -> float | None:
    """The median of the weeks' medians; exact enough to compare priorities."""
    known = sorted(one.answer_minutes for one in some if one.answer_minutes is not None)
    return known[len(known) // 2] if known else None


def _late(count: int, of: int, visitor: Visitor) -> Cell:
    return Cell(visitor.formats.number(count), sub=f"{count / of:.1%}" if count and of else "")


def _in_time(rows: Iterable[ServiceLevel], late: str) -> float | None:
    some = list(rows)
    promised = sum(one.promised for one in some)
    return 1 - sum(getattr(one, late) for one in some) / promised if promised else None


def _rate(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:.1%}"
