"""One account: its people, deals and tickets, and what they come to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.components.filter_tabs import address
from designer.page import page
from designer.records.facts_card import FactsCard
from designer.records.words import choice_words
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import STAGE_KINDS
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, card, facts, tile, words
from engine.errors import NotFound
from engine.services.actor import may
from engine.services.custom_fields import list_custom_fields
from engine.services.records import editable_fields
from engine.services.views.accounts import NEWEST, AccountPage, Sum, account_page
from engine.services.views.grids import GridLine


def register(designer: Designer) -> None:
    @page("/accounts/{account_id}")
    async def account(account_id: str) -> None:
        visitor, t = current(), current().t
        if not account_id.isdecimal() or len(account_id) > 18:
            raise NotFound(f"There is no account {account_id[:60]}.")
        async with designer.transaction() as session:
            found = await account_page(session, visitor.somebody, int(account_id))
            custom = await list_custom_fields(session, "account")
            directory = await designer.runtime.shared.people.directory(session)
        people = {one.id: one.name for one in directory.people.values() if one.active}
        trail = [("/accounts", t("Accounts"))]
        with (
            frame("/accounts", found.line.name, trail=trail, styles=("records.css",)),
            block("cz-stack"),
        ):
            _tiles(found, visitor)
            with block("cz-contact"):
                with block("cz-stack"):
                    _parent(found, visitor)
                    _worth(found, visitor)
                    fields = editable_fields("account", custom)
                    FactsCard(
                        *(designer, visitor, "account", found.line.id, found.line.values),
                        fields,
                        people,
                    )
                with block("cz-stack"):
                    if may(visitor.somebody, "read", "contact"):
                        _contacts(found, visitor, designer)
                    if may(visitor.somebody, "read", "deal"):
                        _deals(found.deals, visitor)
                    if may(visitor.somebody, "read", "ticket"):
                        _tickets(found.tickets, visitor)


def _tiles(found: AccountPage, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    with block("cz-tiles"):
        tile(t("Contacts"), formats.number(found.totals.contacts))
        for kind, name in (("open", t("Open deals")), ("won", t("Won deals"))):
            tile(name, formats.number(_count(found.deal_sums, kind)))
        tile(t("Orders"), formats.number(_count(found.order_sums, "order")))
        tile(t("Open tickets"), formats.number(found.totals.open_tickets))
        seen = found.totals.last_seen_at
        tile(t("Last seen"), formats.date_of(seen) if seen else "–")


def _count(sums: Sequence[Sum], kind: str) -> int:
    return sum(one.records for one in sums if one.kind == kind)


def _worth(found: AccountPage, visitor: Visitor) -> None:
    """Amounts by what they are of; those of two currencies are never added."""
    t, formats = visitor.t, visitor.formats
    kinds = (("open", t("Open deals")), ("won", t("Won deals")), ("order", t("Orders")))
    sums = (*found.deal_sums, *found.order_sums)
    pairs = [
        (
            name,
            ", ".join(
                formats.money(one.minor, one.currency)
                for one in sums
                if one.kind == kind and one.minor is not None and one.currency is not None
            ),
        )
        for kind, name in kinds
    ]
    if any(value for _, value in pairs):
        with card(t("What it comes to")):
            facts(pairs)


def _parent(found: AccountPage, visitor: Visitor) -> None:
    if found.parent is not None:
        number, name = found.parent
        with block("cz-card is-padded cz-row"):
            words(visitor.t("Belongs to"), "cz-soft")
            anchor(f"/accounts/{number}", name)


def _contacts(found: AccountPage, visitor: Visitor, designer: Designer) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("Contacts")):
        if not found.contacts:
            words(t("Nobody of this account is known yet."), "cz-soft cz-pad", tag="p")
            return
        rows = [_contact(one, visitor, designer) for one in found.contacts]
        columns = [
            Column(t("Name")),
            Column(t("Job title")),
            Column(t("Stage")),
            Column(t("Last seen")),
        ]
        DataTable(t("Contacts"), columns, rows)
        if found.totals.contacts > NEWEST:
            said = t("{count} in all", count=formats.number(found.totals.contacts))
            rule = {"==": [{"var": "account.id"}, found.line.id]}
            with block("cz-pad"):
                anchor(address("/contacts", {"list": _listed(rule)}), said)


def _listed(rule: Mapping[str, Any]) -> str:

    return json.dumps({"rule": rule}, separators=(",", ":"))


def _contact(one: GridLine, visitor: Visitor, designer: Designer) -> Row:
    values, here = one.values, f"/contacts/{one.id}"
    stage, tone = choice_words("lifecycle_stage", values["lifecycle_stage"], visitor.t)
    seen = values["last_seen_at"]
    return Row(
        (
            Cell(one.name, here, sub=values["email"] or ""),
            Cell(values["job_title"] or ""),
            Cell(stage, tone=tone),
            Cell(visitor.formats.ago(seen, designer.now()) if seen else ""),
        ),
        here,
    )


def _deals(deals: Sequence[Mapping[str, Any]], visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("Deals")):
        if not deals:
            words(t("There is no deal with this account."), "cz-soft cz-pad", tag="p")
            return
        rows = []
        for one in deals:
            stage = one["stage_zh"] or one["stage"] if t.short == "zh" else one["stage"]
            amount = ""
            if one["amount_minor"] is not None and one["currency"]:
                amount = formats.money(one["amount_minor"], one["currency"])
            close = one["expected_close_on"]
            rows.append(
                Row(
                    (
                        Cell(one["name"], f"/deals/{one['id']}"),
                        Cell(stage, tone=STAGE_KINDS.get(one["stage_kind"], "plain")),
                        Cell(amount),
                        Cell(formats.day(close) if close else ""),
                    ),
                    f"/deals/{one['id']}",
                )
            )
        columns = [
            Column(t("Deal")),
            Column(t("Stage")),
            Column(t("Amount"), "right"),
            Column(t("Expected close")),
        ]
        DataTable(t("Deals"), columns, rows)


def _tickets(tickets: Sequence[GridLine], visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("Tickets")):
        if not tickets:
            words(t("Nobody of this account has asked anything yet."), "cz-soft cz-pad", tag="p")
            return
        rows = []
        for one in tickets:
            status, tone = choice_words("status", one.values["status"], t)
            rows.append(
                Row(
                    (
                        Cell(one.name, f"/tickets/{one.id}", sub=f"#{one.id}"),
                        Cell(status, tone=tone),
                        Cell(one.values["owner"] or ""),
                        Cell(formats.moment(one.values["opened_at"])),
                    ),
                    f"/tickets/{one.id}",
                )
            )
        columns = [
            Column(t("Subject")),
            Column(t("State")),
            Column(t("Owner")),
            Column(t("Came in")),
        ]
        DataTable(t("Tickets"), columns, rows)
