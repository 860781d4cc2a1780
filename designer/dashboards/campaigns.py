"""How far those who entered came, from entering to the goal."""

from __future__ import annotations

from collections.abc import Sequence

from designer.components.chart import Chart, Series
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.visitor import Visitor
from designer.widgets import block, button_link, card, empty_state, words
from engine.services.boards import Funnel, totalled

NOT_KNOWN = "–"
MOST_ROWS = 50


def campaigns_board(found: Sequence[Funnel], visitor: Visitor) -> None:
    t = visitor.t
    if not any(one.entered or one.held_out for one in found):
        empty_state(
            "filter_alt",
            t("Nobody entered a flow in this time"),
            t("Take a longer time, or publish a flow: everybody who enters is counted here."),
            link=("/flows", t("Flows")),
        )
        return
    total = totalled(found)
    with block("cz-dash__wide"):
        _funnel(total, visitor)
        _reading(total, visitor)
    if len(found) > 1:
        _by_flow(found, visitor)


def _funnel(total: Funnel, visitor: Visitor) -> None:
    t = visitor.t
    steps = [(t("Entered"), total.entered), (t("Got a message"), total.messaged)]
    if total.delivered is None:
        steps.append((t("Did not come back"), total.arrived))
    else:
        steps.append((t("Delivered"), total.delivered))
    steps += [
        (t("Opened"), total.opened),
        (t("Clicked"), total.clicked),
        (t("Reached the goal"), total.converted),
    ]
    Chart(
        t("Campaign funnel"),
        "funnel",
        [Series(t("People"), [count for _, count in steps])],
        [name for name, _ in steps],
        t=t,
        axis=t("Step"),
        said=_in_words(total, visitor),
        empty=t("Nobody entered in this time."),
        file_name="campaign-funnel",
    )


def _in_words(total: Funnel, visitor: Visitor) -> str:
    t = visitor.t
    if not total.entered:
        return ""
    return t(
        "Of {entered} who entered, {messaged} got a message and {converted} reached the goal "
        "({share}).",
        entered=visitor.formats.number(total.entered),
        messaged=visitor.formats.number(total.messaged),
        converted=visitor.formats.number(total.converted),
        share=f"{total.converted / total.entered:.1%}",
    )


def _reading(total: Funnel, visitor: Visitor) -> None:
    """What the steps mean, and what is kept apart from them."""
    t, number = visitor.t, visitor.formats.number
    with card(t("How to read this")), block("cz-pad cz-stack cz-tight"):
        said = [
            t("Everybody counts once for each time they entered, with all that followed since."),
        ]
        if total.machine_opened:
            said.append(
                t(
                    "{count} more were opened by mail programs and scanners alone. They are not "
                    "among the opened.",
                    count=number(total.machine_opened),
                )
            )
        if total.delivered is None:
            said.append(
                t("Nobody reports deliveries by this channel, so what came back is left out.")
            )
        if total.held_out:
            said.append(
                t(
                    "{count} are held out for comparison and are not in the funnel.",
                    count=number(total.held_out),
                )
            )
        if total.messaged < total.entered:
            said.append(
                t(
                    "{count} got no message yet: they wait, are held, left early, or may not be "
                    "written to.",
                    count=number(total.entered - total.messaged),
                )
            )
        for one in said:
            words(one, tag="p")
        with block("cz-row"):
            button_link("/message-results", t("Message results"), "insights")


def _by_flow(found: Sequence[Funnel], visitor: Visitor) -> None:
    t, number = visitor.t, visitor.formats.number
    columns = [
        Column(t("Flow"), wraps=True),
        Column(t("Entered"), "right"),
        Column(t("Got a message"), "right"),
        Column(t("Delivered"), "right"),
        Column(t("Opened"), "right"),
        Column(t("Clicked"), "right"),
        Column(t("Reached the goal"), "right"),
    ]
    rows = [
        Row(
            (
                Cell(one.label, f"/flows/{one.flow}"),
                Cell(number(one.entered)),
                _cell(one.messaged, one.entered, visitor),
                Cell(NOT_KNOWN)
                if one.delivered is None
                else _cell(one.delivered, one.messaged, visitor),
                _cell(one.opened, one.messaged, visitor),
                _cell(one.clicked, one.messaged, visitor),
                _cell(one.converted, one.entered, visitor),
            ),
            f"/dashboards?flow={one.flow}",
        )
        for one in found[:MOST_ROWS]
    ]
    with card(t("By flow")):
        DataTable(t("By flow"), columns, rows)


def _cell(count: int, of: int, visitor: Visitor) -> Cell:
    return Cell(visitor.formats.number(count), sub=f"{count / of:.1%}" if of else "")
