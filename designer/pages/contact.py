"""One person: who they are, what they agreed to, what they did, and what happened to them here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.flow_graph import title_of
from designer.page import page
from designer.pages.messages import message_row
from designer.pages.runs import standing
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import (
    ACTIVITY_KINDS,
    CHANNELS,
    LAWFUL_BASES,
    LEAD_STATUSES,
    LIFECYCLE_STAGES,
    ORDER_STATUSES,
    PURPOSES,
    RUN_STATES,
    STAGE_KINDS,
    reason,
    term,
    toned,
)
from designer.visitor import Visitor, current
from designer.widgets import block, card, chip, facts, notice, words
from engine.errors import NotFound
from engine.services.actor import may
from engine.services.views.contacts import ContactCard, contact_card
from engine.services.views.messages import MessageFilter, MessageList, message_list
from engine.services.views.runs import RunFilter, RunList, run_list

NEWEST: Final = 10
LONGEST_PROPERTIES: Final = 160


def register(designer: Designer) -> None:
    @page("/contacts/{contact_id}")
    async def contact(contact_id: str) -> None:
        visitor = current()
        if not contact_id.isdecimal() or len(contact_id) > 18:
            raise NotFound(f"There is no contact {contact_id}.")
        number, somebody = int(contact_id), visitor.somebody
        runs, messages = RunList((), None), MessageList((), None)
        async with designer.transaction() as session:
            found = await contact_card(session, somebody, number)
            if may(somebody, "read", "run"):
                wanted = RunFilter(contact_id=number)
                runs = await run_list(session, somebody, wanted, limit=NEWEST)
            if may(somebody, "read", "message"):
                asked = MessageFilter(contact_id=number)
                messages = await message_list(session, somebody, asked, limit=NEWEST)
        _build(designer, visitor, found, runs, messages)


def _build(
    designer: Designer,
    visitor: Visitor,
    contact: ContactCard,
    runs: RunList,
    messages: MessageList,
) -> None:
    t = visitor.t
    with (
        frame("/contacts", contact.name, trail=[("/contacts", t("Contacts"))]),
        block("cz-stack"),
    ):
        for _, why in contact.suppressed:
            notice(
                t("Nothing is sent to this address: {reason}", reason=reason(why, t)),
                "warn",
                "block",
            )
        with block("cz-contact"):
            with block("cz-stack"):
                _who(contact, visitor)
                _consents(contact, visitor)
            with block("cz-stack"):
                _runs(designer, visitor, runs)
                _messages(visitor, messages)
                _activities(contact, visitor)
                _orders(contact, visitor)
                _deals(contact, visitor)
                _events(contact, visitor)


def _who(contact: ContactCard, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    stage, tone = toned(LIFECYCLE_STAGES, contact.lifecycle_stage, t)
    birthday = formats.day(contact.birthday) if contact.birthday else ""
    if birthday and contact.birthday_calendar == "lunar":
        birthday = t("{day} (lunar calendar)", day=birthday)
    with card():
        with block("cz-card__head cz-row"):
            chip(stage, tone)
            for tag in contact.tags:
                chip(tag)
        facts(
            [
                (t("E-mail"), contact.email or ""),
                (t("Phone"), contact.phone or ""),
                (t("Account"), contact.account or ""),
                (t("Job title"), contact.job_title or ""),
                (t("Owner"), contact.owner or ""),
                (t("Lead status"), term(LEAD_STATUSES, contact.lead_status, t)),
                (t("Score"), formats.number(contact.score) if contact.score else ""),
                (t("City"), contact.city or ""),
                (t("Country"), contact.country or ""),
                (t("Time zone"), contact.zone or ""),
                (t("Language"), contact.language or ""),
                (t("Birthday"), birthday),
                (t("Source"), contact.source or ""),
                (t("External id"), contact.external_id or ""),
                (
                    t("Last seen"),
                    formats.moment(contact.last_seen_at) if contact.last_seen_at else "",
                ),
                (t("Created"), formats.moment(contact.created_at)),
                *((name, _plain(value)) for name, value in contact.custom.items()),
            ]
        )


def _consents(contact: ContactCard, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("Consent")):
        if not contact.consents:
            words(t("Never asked: marketing messages are withheld."), "cz-soft cz-pad", tag="p")
            return
        rows = [
            Row(
                (
                    Cell(
                        f"{term(CHANNELS, one.channel, t)} · {term(PURPOSES, one.purpose, t)}",
                        sub=f"{term(LAWFUL_BASES, one.lawful_basis, t)} · {one.source}",
                    ),
                    Cell(t("Agreed"), tone="good")
                    if one.granted
                    else Cell(t("Refused"), tone="bad"),
                    Cell(formats.date_of(one.recorded_at)),
                )
            )
            for one in contact.consents
        ]
        DataTable(t("Consent"), [Column(t("For")), Column(t("Answer")), Column(t("Since"))], rows)


def _runs(designer: Designer, visitor: Visitor, runs: RunList) -> None:
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


def _messages(visitor: Visitor, messages: MessageList) -> None:
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


def _activities(contact: ContactCard, visitor: Visitor) -> None:
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


def _orders(contact: ContactCard, visitor: Visitor) -> None:
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


def _deals(contact: ContactCard, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    if not contact.deals:
        return
    with card(t("Deals")):
        rows = [
            Row(
                (
                    Cell(one.name),
                    Cell(one.stage, tone=STAGE_KINDS.get(one.stage_kind, "plain")),
                    Cell(
                        formats.money(one.amount_minor, one.currency)
                        if one.amount_minor is not None and one.currency
                        else ""
                    ),
                    Cell(formats.day(one.expected_close_on) if one.expected_close_on else ""),
                )
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


def _events(contact: ContactCard, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("Events")):
        if not contact.events:
            words(t("Nothing was heard of this contact."), "cz-soft cz-pad", tag="p")
            return
        rows = [
            Row(
                (
                    Cell(one.name, sub=_properties(one.properties)),
                    Cell(one.source),
                    Cell(formats.moment(one.occurred_at)),
                )
            )
            for one in contact.events
        ]
        columns = [Column(t("Event")), Column(t("Source")), Column(t("When"))]
        DataTable(t("Events"), columns, rows)


def _properties(properties: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name}: {_plain(value)}" for name, value in properties.items())
    return told if len(told) <= LONGEST_PROPERTIES else told[: LONGEST_PROPERTIES - 1] + "…"


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
