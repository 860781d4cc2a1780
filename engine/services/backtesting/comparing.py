"""Who enters on one side only, and why: the rules explained with the values read at that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contact_lookup import contact_names
from engine.machines.plan import Plan
from engine.rules import Catalogue, Facts, union
from engine.rules.wording import sentence
from engine.services.backtesting.entering import Entered, reads_of
from engine.services.backtesting.question import Difference, Entry, Question
from engine.services.entries import zone_of
from engine.services.facts_as_of import Moment, facts_at

# Why the other side does not let somebody in.
RULE: Final = "rule_does_not_hold"
POLICY: Final = "entry_policy"
TRIGGER: Final = "other_trigger"
NO_RUN: Final = "no_run"
NO_OCCASION: Final = "no_occasion"


@dataclass(frozen=True, slots=True)
class SideOf:
    """One side: what it lets in, and the plan that does; life has none."""

    entered: Entered
    plan: Plan | None


def only_in(one: Entered, other: Entered) -> list[Entry]:
    """The first entry of everybody who enters on the one side and not on the other, by time."""
    theirs = other.people
    found: dict[int, Entry] = {}
    for entry in one.entries:
        if entry.contact_id not in theirs:
            found.setdefault(entry.contact_id, entry)
    return list(found.values())


def times(side: Entered) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    for entry in side.entries:
        found.setdefault(entry.contact_id, []).append(entry.at)
    return found


async def explained(
    session: AsyncSession,
    entries: Sequence[Entry],
    enters: SideOf,
    stays_out: SideOf,
    question: Question,
    catalogue: Catalogue,
) -> list[Difference]:
    """A difference for each entry; facts are loaded for all of them at once."""
    plans = [side.plan for side in (enters, stays_out) if side.plan is not None]
    reads = union([reads_of(plan) for plan in plans])
    moments = {(entry.contact_id, entry.at) for entry in entries}
    facts = await facts_at(session, moments, reads, clock=question.clock)
    names = await contact_names(session, {entry.contact_id for entry in entries})
    return [
        Difference(
            entry.contact_id,
            names.get(entry.contact_id, ""),
            entry.at,
            _reason(entry, facts, stays_out, question),
            _said(entry, facts, enters.plan, question, catalogue),
            _said(entry, facts, stays_out.plan, question, catalogue),
        )
        for entry in entries
    ]


def _reason(
    entry: Entry,
    facts: Mapping[Moment, Facts],
    stays_out: SideOf,
    question: Question,
) -> str:
    plan = stays_out.plan
    if plan is None:
        return NO_RUN
    if (entry.contact_id, entry.at) in stays_out.entered.refused:
        return POLICY
    if not _may_hear(entry, plan):
        return TRIGGER
    known = facts.get((entry.contact_id, entry.at))
    if known is None or plan.entry_rule is None:
        return NO_OCCASION
    zone = zone_of(known, question.default_zone)
    return NO_OCCASION if plan.entry_rule.holds(_seen(entry, known), entry.at, zone) else RULE


def _may_hear(entry: Entry, plan: Plan) -> bool:
    """Whether what brought somebody to the one door could have brought them to this one."""
    event = entry.knock.event if entry.knock is not None else None
    return plan.flow.trigger.starts_on == (None if event is None else event["name"])


def _said(
    entry: Entry,
    facts: Mapping[Moment, Facts],
    plan: Plan | None,
    question: Question,
    catalogue: Catalogue,
) -> dict[str, str]:
    known = facts.get((entry.contact_id, entry.at))
    if plan is None or plan.entry_rule is None or known is None or not _may_hear(entry, plan):
        return {}
    zone = zone_of(known, question.default_zone)
    tree = plan.entry_rule.explain(_seen(entry, known), entry.at, zone)
    return {
        "en": sentence(tree, "en", catalogue, zone),
        "zh": sentence(tree, "zh", catalogue, zone),
    }


def _seen(entry: Entry, known: Facts) -> Facts:
    event = entry.knock.event if entry.knock is not None else None
    return known if event is None else {**known, "event": event}
