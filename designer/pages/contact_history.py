"""The cards of what a contact did and what happened to them."""

from __future__ import annotations

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.flow_graph import title_of
from designer.pages.messages import message_row
from designer.pages.runs import standing
from designer.runtime import Designer
from designer.terms import ACTIVITY_KINDS, ORDER_STATUSES, RUN_STATES, STAGE_KINDS, toned
from designer.visitor import Visitor
from designer.widgets import block, card, words
from engine.services.views.contacts import ContactCard
from engine.services.views.messages import MessageList
from engine.services.views.runs import RunList


def runs_card(designer: Designer, visitor: Visitor, runs: RunList) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("Flows")):
        if not runs.lines:
            words(t("Was never in a flow."), "cz-soft cz-pad", tag="p")
            return
        rows = []
        for line in runs.lines:
            state, tone = toned(RUN_STATES, line.state, t)
            here = f"/runs/{line.id}"
            rows.append(
                Row(
                    (
                        Cell(line.flow_label, here, sub=t("version {number}", number=line.version)),
                        Cell(state, tone=tone),
                        Cell(title_of(line.node), sub=standing(line, visitor)),
                        Cell(formats.ago(line.moved_at, designer.now())),
                    ),
                    here,
                )
            )
        columns = [
            Column(t("Flow")),
            Column(t("State")),
            Column(t("Where"), wraps=True),
            Column(t("Last moved")),
        ]
        DataTable(t("Flows"), columns, rows)


def messages_card(visitor: Visitor, messages: MessageList) -> None:
    t = visitor.t
    with card(t("Messages")):
        if not messages.lines:
            words(t("Nothing was sent."), "cz-soft cz-pad", tag="p")
            return
        # The first column would repeat this very person.
        rows = [
            Row(row.cells[1:], row.address)
            for row in (message_row(line, visitor) for line in messages.lines)
        ]
        rows = [
            Row(
                (Cell(row.cells[0].text, row.address, row.cells[0].sub), *row.cells[1:]),
                row.address,
            )
            for row in rows
        ]
        columns = [
            Column(t("Subject"), wraps=True),
            Column(t("State")),
            Column(t("Flow")),
            Column(t("Handed over")),
        ]
        DataTable(t("Messages"), columns, rows)


def activities_card(contact: ContactCard, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    if not contact.activities:
        return
    with card(t("Tasks and activities")) as place:
        place.props["id"] = "activities"
        rows = []
        for one in contact.activities:
            kind, _ = ACTIVITY_KINDS.get(one.kind, (one.kind, "circle"))
            due = t("due {when}", when=formats.moment(one.due_at)) if one.due_at else ""
            rows.append(
                Row(
                    (
                        Cell(
                            one.subject,
                            f"/runs/{one.run_id}" if one.run_id else None,
                            sub=one.body or "",
                        ),
                        Cell(t(kind)),
                        Cell(t("Done"), tone="good")
                        if one.done_at
                        else Cell(t("Open"), tone="accent"),
                        Cell(due or formats.moment(one.created_at)),
                    )
                )
            )
        columns = [
            Column(t("Subject"), wraps=True),
            Column(t("Kind")),
            Column(t("State")),
            Column(t("When")),
        ]
        DataTable(t("Tasks and activities"), columns, rows)


def orders_card(contact: ContactCard, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    if not contact.orders:
        return
    sums = [formats.money(one.total_minor, one.currency) for one in contact.order_sums]
    count = sum(one.count for one in contact.order_sums)
    with card(t("Orders")) as place:
        with place, block("cz-pad cz-soft"):
            words(t.n("{count} order, {sum}", "{count} orders, {sum}", count, sum=" + ".join(sums)))
        rows = []
        for one in contact.orders:
            status, tone = toned(ORDER_STATUSES, one.status, t)
            rows.append(
                Row(
                    (
                        Cell(one.number or f"#{one.id}"),
                        Cell(status, tone=tone),
                        Cell(formats.money(one.total_minor, one.currency)),
                        Cell(formats.moment(one.placed_at)),
                    )
                )
            )
        columns = [
            Column(t("Order")),
            Column(t("State")),
            Column(t("Total"), "right"),
            Column(t("Placed")),
        ]
        DataTable(t("Orders"), columns, rows)


def deals_card(contact: ContactCard, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    if not contact.deals:
        return
    with card(t("Deals")):
        rows = [
            Row(
                (
                    Cell(one.name, f"/deals/{one.id}"),
                    Cell(one.stage, tone=STAGE_KINDS.get(one.stage_kind, "plain")),
                    Cell(
                        formats.money(one.amount_minor, one.currency)
                        if one.amount_minor is not None and one.currency
                        else ""
                    ),
                    Cell(formats.day(one.expected_close_on) if one.expected_close_on else ""),
                ),
                f"/deals/{one.id}",
            )
            for one in contact.deals
        ]
        columns = [
            Column(t("Deal")),
            Column(t("Stage")),
            Column(t("Amount"), "right"),
            Column(t("Expected close")),
        ]
        DataTable(t("Deals"), columns, rows)
