"""Figures of messages as tiles, a table and bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from designer.components.bars import Bar, bars
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.flow_graph import title_of
from designer.i18n.translator import N_
from designer.visitor import Visitor
from designer.widgets import block, card, tile, words
from engine.services.message_results import LinkResult, Response, Result

NOT_KNOWN: Final = "–"
TITLES: Final[Mapping[str, str]] = {
    "flow": N_("Flow"),
    "node": N_("Step"),
    "template": N_("Template"),
    "version": N_("Version"),
    "language": N_("Language"),
    "domain": N_("Sender"),
    "day": N_("Day"),
    "split": N_("Split"),
    "arm": N_("Arm"),
}


def tiles(total: Result, visitor: Visitor) -> None:
    t, figures, formats = visitor.t, total.figures, visitor.formats
    back = figures.bounced + figures.soft_bounced + figures.blocked
    shown = [
        (t("Sent"), formats.number(figures.sent)),
        (t("Delivered"), _number(figures.delivered, visitor)),
        (t("Opened"), _rate(figures.open_rate)),
        (t("Clicked"), _rate(figures.click_rate)),
        (t("Came back"), formats.number(back)),
        (t("Goals"), formats.number(total.conversions)),
    ]
    with block("cz-tiles"):
        for label, value in shown:
            tile(label, value)


def results_table(found: Sequence[Result], columns: Sequence[str], visitor: Visitor) -> None:
    t = visitor.t
    heads = [
        Column(" / ".join(t(TITLES[column]) for column in columns), wraps=True),
        Column(t("Sent"), "right"),
        Column(t("Delivered"), "right"),
        Column(t("Opened"), "right"),
        Column(t("Clicked"), "right"),
        Column(t("Came back"), "right"),
        Column(t("Complaints"), "right"),
        Column(t("Unsubscribed"), "right"),
        Column(t("Goals"), "right"),
        Column(t("Revenue"), "right"),
    ]
    DataTable(t("Figures"), heads, [_row(one, columns, visitor) for one in found])


def _row(one: Result, columns: Sequence[str], visitor: Visitor) -> Row:
    t, figures, formats = visitor.t, one.figures, visitor.formats
    first, *rest = (_named(one, column) for column in columns)
    machines = (
        t("{count} by machines", count=formats.number(figures.machine_opened))
        if figures.machine_opened
        else ""
    )
    maybe = (
        t("{count} maybe", count=formats.number(figures.maybe_sent)) if figures.maybe_sent else ""
    )
    back = figures.bounced + figures.soft_bounced + figures.blocked
    flow = one.key.get("flow")
    return Row(
        (
            Cell(first, f"/flows/{flow}" if flow else None, sub=" / ".join(rest)),
            Cell(formats.number(figures.sent), sub=maybe),
            Cell(_number(figures.delivered, visitor)),
            Cell(_rate(figures.open_rate), sub=_several(formats.number(figures.opened), machines)),
            Cell(_rate(figures.click_rate), sub=formats.number(figures.clicked)),
            Cell(formats.number(back), sub=_rate(figures.bounce_rate) if back else ""),
            Cell(formats.number(figures.complained)),
            Cell(formats.number(figures.unsubscribed)),
            Cell(
                formats.number(one.conversions),
                sub=_rate(one.conversion_rate) if one.conversions else "",
            ),
            Cell("; ".join(formats.money(m.amount_minor, m.currency) for m in one.revenue)),
        )
    )


def _named(one: Result, column: str) -> str:
    value = one.key.get(column)
    if value is None:
        return NOT_KNOWN
    return title_of(value) if column in ("node", "split") else value


def response_cards(found: Response, visitor: Visitor) -> None:
    t = visitor.t
    legend = t("Pale: opened. Full: clicked.")
    with card(t("Hours until opened and clicked")), block("cz-pad cz-stack"):
        words(legend, "cz-soft cz-small", tag="p")
        most = max((one.opened for one in found.delays), default=0)
        bars(
            t("Hours until opened and clicked"),
            [
                _bar(
                    _stretch(one.from_hours, one.until_hours),
                    one.opened,
                    one.clicked,
                    most,
                    visitor,
                )
                for one in found.delays
            ],
        )
    with card(t("Hour of the day where people live")), block("cz-pad cz-stack"):
        words(legend, "cz-soft cz-small", tag="p")
        most = max((one.opened for one in found.hours), default=0)
        bars(
            t("Hour of the day where people live"),
            [
                _bar(f"{one.hour:02}:00", one.opened, one.clicked, most, visitor)
                for one in found.hours
            ],
        )


def _bar(name: str, opened: int, clicked: int, most: int, visitor: Visitor) -> Bar:
    of = max(most, clicked, 1)
    number = visitor.formats.number
    return Bar(name, f"{number(opened)} · {number(clicked)}", clicked / of, opened / of)


def _stretch(start: float, end: float | None) -> str:
    return f"{start:g}+ h" if end is None else f"{start:g}–{end:g} h"


def links_card(links: Sequence[LinkResult], visitor: Visitor) -> None:
    t, number = visitor.t, visitor.formats.number
    with card(t("Links")):
        if not links:
            words(t("Nobody has followed a link yet."), "cz-soft cz-pad", tag="p")
            return
        rows = [
            Row((Cell(one.link), Cell(number(one.clicked)), Cell(number(one.machines))))
            for one in links
        ]
        heads = [
            Column(t("Link"), wraps=True),
            Column(t("Messages"), "right"),
            Column(t("Only scanners"), "right"),
        ]
        DataTable(t("Links"), heads, rows)


def _number(value: int | None, visitor: Visitor) -> str:
    return NOT_KNOWN if value is None else visitor.formats.number(value)


def _rate(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:.1%}"


def _several(*texts: str) -> str:
    return " · ".join(text for text in texts if text)
