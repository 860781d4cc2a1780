"""Values that calls take from the event, the deal and the answers of their run.

They are looked up when a call is made for the first time, and written into the ask with the claim:
every later try says the same, under the same id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import taken_values as rows
from crm_store.effects import EffectRow
from engine.json_path import at, nested
from engine.rules import Facts, RuleRefused, union
from engine.rules.expressions import Expression, compile_expression
from engine.services.plans import current_catalogue
from engine.services.subject_facts import load_subject_facts
from engine.steps.webhook_taken import DEAL_ID, Source, source_of

TAKE = "take"


class Missing(Exception):
    """There is nothing to take; says what, and what to do."""


@dataclass(slots=True)
class _Known:
    """What a group of calls may take from, by run (and node)."""

    events: Mapping[int, Mapping[str, Any]]
    answers: Mapping[tuple[int, str], Mapping[str, Any]]
    expressions: Mapping[str, Expression]
    deals: Mapping[int, Facts] = field(default_factory=dict)


async def take_values(
    session: AsyncSession, effects: Sequence[EffectRow], now: datetime
) -> dict[int, EffectRow | Missing]:
    """Each effect by its id, with what it takes put into the body of its ask; a few queries for all
    that take something, none where nobody does."""
    taking = [effect for effect in effects if effect.ask.get(TAKE)]
    found: dict[int, EffectRow | Missing] = {effect.id: effect for effect in effects}
    if not taking:
        return found
    known = await _known(session, taking, now)
    for effect in taking:
        try:
            found[effect.id] = effect._replace(ask=_filled(effect, known))
        except Missing as missing:
            found[effect.id] = missing
    filled = {one.id: one.ask for one in found.values() if isinstance(one, EffectRow)}
    await rows.keep_asks(session, {one.id: filled[one.id] for one in taking if one.id in filled})
    return found


async def _known(session: AsyncSession, effects: Sequence[EffectRow], now: datetime) -> _Known:
    run_ids = {effect.run_id for effect in effects}
    texts = {text for effect in effects for text in effect.ask[TAKE].values()}
    of_deals = sorted(text for text in texts if source_of(text).of in ("deal", "account"))
    expressions = await _expressions(session, of_deals)
    events = await rows.entry_events(session, run_ids)
    known = _Known(events, await rows.remembered_answers(session, run_ids), expressions)
    ids = {id_ for one in events.values() if (id_ := _deal_id(one)) is not None}
    if expressions and ids:
        reads = union(one.reads for one in expressions.values())
        known.deals = await load_subject_facts(session, "deal", ids, reads, now)
    return known


async def _expressions(session: AsyncSession, texts: Sequence[str]) -> dict[str, Expression]:
    """Those that the catalogue still knows."""
    if not texts:
        return {}
    catalogue = await current_catalogue(session)
    found = {}
    for one in texts:
        try:
            found[one] = compile_expression({"var": one}, catalogue, subject="deal")
        except RuleRefused:
            continue
    return found


def _filled(effect: EffectRow, known: _Known) -> dict[str, Any]:
    ask = {name: value for name, value in effect.ask.items() if name != TAKE}
    values = {path: _value(effect, text, known) for path, text in effect.ask[TAKE].items()}
    said = ask.get("said", {})
    body = _joined(said.get("body", {}), nested(values))
    return {**ask, "said": {**said, "body": body}}


def _value(effect: EffectRow, text: str, known: _Known) -> Any:
    source = source_of(text)
    match source.of:
        case "event":
            value = at(known.events.get(effect.run_id, {}), source.path)
            if value is None:
                raise Missing(f'The event that began this run has no "{source.path}".')
        case "answer":
            value = known.answers.get((effect.run_id, source.node), {}).get(source.path)
            if value is None:
                words = f'The step "{source.node}" remembered nothing as "{source.path}".'
                raise Missing(f"{words} Mend what the other system answers.")
        case _:
            value = _of_the_deal(effect, text, source, known)
    return value


def _of_the_deal(effect: EffectRow, text: str, source: Source, known: _Known) -> Any:
    deal_id = _deal_id(known.events.get(effect.run_id, {}))
    if deal_id is None:
        raise Missing(f'The event that began this run names no deal in "{DEAL_ID}".')
    facts = known.deals.get(deal_id)
    if facts is None or text not in known.expressions:
        raise Missing(f'"{text}" of deal {deal_id} cannot be read any more.')
    if source.of == "account" and facts.get("account") is None:
        raise Missing(f"Deal {deal_id} has no account; give it one.")
    # as it was written: rules read some texts without regard to case
    value = _as_json(at(facts, text))
    if value is None:
        raise Missing(f'"{text}" of deal {deal_id} is empty; fill it in.')
    return value


def _as_json(value: Any) -> Any:
    """Times as ISO texts, sets as lists; None too for an amount that is not known."""
    match value:
        case {"minor": None}:
            return None
        case {"minor": minor, "currency": currency}:
            return {"minor": minor, "currency": currency}
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case set() | frozenset():
            return sorted(value)
    return value


def _deal_id(properties: Mapping[str, Any]) -> int | None:
    found = properties.get(DEAL_ID)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both documents; the step has checked that neither lies inside a value of the other."""
    joined = dict(one)
    for name, value in other.items():
        before = joined.get(name)
        inside = isinstance(before, dict) and isinstance(value, dict)
        joined[name] = _joined(before, value) if inside else value  # type: ignore[arg-type]
    return joined
