"""From how a list is seen to what is asked of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import grid_conditions as said
from crm_store.lists.grid_columns import TABLES
from crm_store.lists.grid_pages import Found
from engine.errors import NotAllowed
from engine.local_time import local_instant
from engine.rules.to_sql import condition as rule_condition
from engine.services.actor import Actor, hidden_fields, scope_of
from engine.services.fact_columns import CONTACTS, contact_rows
from engine.services.roles.visibility import visible
from engine.services.rules.asked import AskedRule, accepted
from engine.services.rules.permissions import may_know, vocabulary
from engine.services.views.grids.fields import GridField, GridRecord
from engine.services.views.grids.state import Condition, GridState

_MIDNIGHT: Final = time()


@dataclass(frozen=True, slots=True)
class Moment:
    """When the list is asked, and whose days "the last 7 days" are."""

    now: datetime
    zone: str


async def found_by(
    session: AsyncSession,
    actor: Actor,
    state: GridState,
    fields: Mapping[str, GridField],
    moment: Moment,
) -> Found:
    """Raises RuleNotAccepted and NotAllowed for the rule in it."""
    record = state.record
    _refuse_hidden(actor, state)
    where = [_said(record, fields[one.field], one, moment) for one in state.conditions]
    if state.search:
        shown = "email" not in hidden_fields(actor, "contact")
        where.append(said.matches(record, state.search, by_address=shown))
    rows: Any = TABLES[record]
    if state.rule is not None:
        catalogue = await vocabulary(session, actor, "contact")
        rule = accepted(AskedRule(state.rule), catalogue, place="/rule")
        may_know(actor, rule, "contact", catalogue, seen_only=True)
        rows = contact_rows(rule.reads)
        where.append(rule_condition(rule, CONTACTS, moment.now, moment.zone, reach="page"))
    if scope_of(actor, "read", record) != "all":
        where.append(visible(actor, "read", record, TABLES[record].c.owner_id))
    return Found(record, rows, tuple(where))


def _refuse_hidden(actor: Actor, state: GridState) -> None:
    """Narrowing or ordering a list by a field tells what is in it."""
    hidden = hidden_fields(actor, state.record)
    asked = {one.field for one in state.conditions} | {one[0] for one in state.order}
    if told := sorted(hidden & asked):
        raise NotAllowed(
            f"{actor.name} is not shown {', '.join(told)} as {actor.role}, so lists are not "
            "narrowed or ordered by it."
        )


def _said(
    record: GridRecord, known: GridField, one: Condition, moment: Moment
) -> ColumnElement[bool]:
    if known.kind == "tags":
        return said.has_tag(one.values, wanted=one.operator == "any")
    values = one.values
    if known.kind == "yes_no":
        values = tuple("true" if value else "false" for value in values)
    match one.operator:
        case "any":
            return said.is_one_of(record, known.name, values)
        case "none":
            return said.is_none_of(record, known.name, values)
        case "contains":
            return said.contains(record, known.name, values[0])
        case "known" | "unknown":
            return said.is_known(record, known.name, known=one.operator == "known")
        case "last":
            since = moment.now - timedelta(days=values[0])
            return said.is_within(record, known.name, since, None)
        case "before":
            return said.is_within(record, known.name, None, moment.now - timedelta(days=values[0]))
        case "between":
            return _between(record, known, values, moment.zone)


def _between(
    record: GridRecord, known: GridField, ends: tuple[Any, ...], zone: str
) -> ColumnElement[bool]:
    if known.kind == "number":
        return said.is_between(record, known.name, *ends)
    first, last = (None if one is None else date.fromisoformat(one) for one in ends)
    if known.kind == "day":
        # of a field that people defined the day is kept as text, whose order is that of the days
        if known.name.startswith("custom."):
            return said.is_between(record, known.name, *ends)
        return said.is_between(record, known.name, first, last)
    return said.is_within(
        record,
        known.name,
        None if first is None else local_instant(first, _MIDNIGHT, zone),
        None if last is None else local_instant(last + timedelta(days=1), _MIDNIGHT, zone),
    )
