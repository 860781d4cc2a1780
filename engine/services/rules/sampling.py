"""A few contacts for whom a rule holds, or does not, each with the reason."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contact_lookup import contact_names
from engine.rules import Rule, ir
from engine.rules.explain import parts_of
from engine.rules.parse import compiled
from engine.services.actor import Actor
from engine.services.roles.visibility import shows_address, visible
from engine.services.rules.asked import AskedRule, accepted_meanwhile
from engine.services.rules.counting import LONGEST, bounded
from engine.services.rules.explaining import Explanation, explained, facts_for
from engine.services.rules.permissions import may_know, vocabulary
from engine.services.segments_query import CONTACT_ID, CONTACT_OWNER, ids_matching

# Conditions put into words for one answer, over all its contacts: one to two seconds' work at 150
# microseconds each.
MOST_CONDITIONS: Final = 10_000


async def sample_rule(
    session: AsyncSession,
    actor: Actor,
    asked: AskedRule,
    *,
    now: datetime,
    zone: str,
    size: int,
    seed: int = 0,
    matching: bool = True,
    longest: timedelta = LONGEST,
) -> list[Explanation]:
    """Every contact that matches (or does not), and that the actor may see, is as likely as any
    other to be among them.

    The same seed draws the same contacts again. Days and weeks follow `zone` for all of them, as
    they do when contacts are counted. Of a very long rule fewer than `size` are drawn, see
    MOST_CONDITIONS. Raises what `count_rule` raises.
    """
    catalogue = await vocabulary(session, actor, asked.subject)
    rule = await accepted_meanwhile(asked, catalogue, place="/rule")
    may_know(actor, rule, asked.subject, catalogue, seen_only=True)
    which = visible(actor, "read", "contact", CONTACT_OWNER)
    wanted = rule if matching else opposite(rule)
    size = max(1, min(size, MOST_CONDITIONS // conditions_in(rule.root)))
    drawn = func.hashint8extended(CONTACT_ID, seed)
    async with bounded(session, longest):
        query = ids_matching(wanted, now, zone).where(which).order_by(drawn, CONTACT_ID)
        ids = list((await session.execute(query.limit(size))).scalars())
        names = await contact_names(session, ids, by_address=shows_address(actor))
        facts = await facts_for(session, ids, rule, now)

    def in_words() -> list[Explanation]:
        return [
            explained(rule, facts[id_], (id_, names.get(id_, "")), now, zone, catalogue)
            for id_ in ids
            if id_ in facts
        ]

    return await asyncio.to_thread(in_words)


def conditions_in(root: ir.Predicate) -> int:
    """How many conditions an explanation of the rule has."""
    count, ahead = 0, [root]
    while ahead:
        ahead.extend(parts_of(ahead.pop()))
        count += 1
    return count


def opposite(rule: Rule) -> Rule:
    """The rule that holds exactly where this one does not."""
    return compiled(rule.document, ir.Not(rule.root))
