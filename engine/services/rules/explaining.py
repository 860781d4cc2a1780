"""Why a rule holds for one contact, or does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contact_lookup import contact_id_called, contact_names
from engine.errors import NotAllowed, NotFound
from engine.rules import Catalogue, Explained, Facts, Reads, Rule
from engine.rules.wording import as_json, sentence
from engine.services.actor import Actor
from engine.services.entries import ZONE, zone_of
from engine.services.facts import load_facts
from engine.services.roles.one_record import those_allowed
from engine.services.roles.visibility import shows_address
from engine.services.rules.asked import AskedRule, accepted_meanwhile
from engine.services.rules.counting import LONGEST, bounded
from engine.services.rules.permissions import may_know, vocabulary


@dataclass(frozen=True, slots=True)
class Explanation:
    """`tree` is every condition with its truth and the values it read; `sentences` say by language
    which of them decided. Facts are those of now; only the clock was moved to `at`.
    """

    contact_id: int
    name: str
    holds: bool
    sentences: Mapping[str, str]
    tree: Mapping[str, Any]
    at: datetime
    zone: str
    explained: Explained


async def explain_rule(
    session: AsyncSession,
    actor: Actor,
    asked: AskedRule,
    contact: int | str,
    *,
    at: datetime,
    default_zone: str,
    event: Mapping[str, Any] | None = None,
    longest: timedelta = LONGEST,
) -> Explanation:
    """Ask the rule of the contact with this number or e-mail address.

    `event` is the event at hand, for a rule that reads one. Raises RuleNotAccepted, NotAllowed,
    NotFound, and RuleTooSlow when the facts take longer than `longest`.
    """
    catalogue = await vocabulary(session, actor, asked.subject)
    rule = await accepted_meanwhile(asked, catalogue, place="/rule")
    may_know(actor, rule, asked.subject, catalogue, seen_only=True)
    async with bounded(session, longest):
        contact_id = await _the_contact(session, actor, contact)
        names = await contact_names(session, [contact_id], by_address=shows_address(actor))
        facts = await facts_for(session, [contact_id], rule, at)
    if contact_id not in facts:
        raise NotFound(f"There is no contact {contact_id}.")
    known = facts[contact_id]
    if event is not None:
        known["event"] = dict(event)
    zone = zone_of(known, default_zone)
    called = (contact_id, names.get(contact_id, ""))
    return await asyncio.to_thread(explained, rule, known, called, at, zone, catalogue)


async def facts_for(
    session: AsyncSession, contact_ids: list[int], rule: Rule, at: datetime
) -> dict[int, Facts]:
    """What the rule reads of these contacts, and the zone each lives in."""
    reads: Reads = rule.reads | ZONE
    return await load_facts(session, contact_ids, reads, at)


def explained(
    rule: Rule,
    facts: Facts,
    contact: tuple[int, str],
    at: datetime,
    zone: str,
    catalogue: Catalogue,
) -> Explanation:
    """The answer in words, in both languages."""
    tree = rule.explain(facts, at, zone)
    sentences = {"en": sentence(tree, "en", catalogue), "zh": sentence(tree, "zh", catalogue)}
    contact_id, name = contact
    return Explanation(
        contact_id, name, tree.truth, sentences, as_json(tree, catalogue), at, zone, tree
    )


async def _the_contact(session: AsyncSession, actor: Actor, reference: int | str) -> int:
    """Raises NotFound, for one that the actor may not see too; and NotAllowed for asking by an
    address where those are hidden, for the answer would tell whether it is right."""
    if isinstance(reference, str) and not shows_address(actor):
        raise NotAllowed(f"{actor.name} is not shown addresses. Ask by the number of the contact.")
    found = await contact_id_called(session, reference)
    if found is None or not await those_allowed(session, actor, "read", "contact", [found]):
        raise NotFound(f"There is no contact {reference}.")
    return found
