"""The contacts of a simulation: who they are, what rules read of them, what mail would meet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import String, cast, func, literal
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.past import runs_before
from crm_store.recipients import Recipient, recipients
from engine.effects import Outcome, Receipt
from engine.flows.entry import EarlierRuns
from engine.machines.plan import Plan
from engine.rules import Facts, Reads, Rule, union
from engine.services.entries import ZONE, zone_of
from engine.services.facts import load_facts
from engine.services.messages import EMAIL, MARKETING, Verdict, barrier_to
from engine.services.segments_query import CONTACT_ID, ids_matching, ids_matching_among
from engine.services.simulating.question import Question
from engine.simulate import DELIVERED, Person
from engine.simulate.arrivals import trigger_reads

# A contact's facts take a few KiB; so many fit beside everything else.
PAGE = 5_000


async def who(session: AsyncSession, rule: Rule, question: Question, most: int) -> list[int]:
    """The ids of up to `most` contacts for whom the rule holds: the first of them, or drawn."""
    if question.only:
        among = ids_matching_among(rule, question.only, question.start_at, question.default_zone)
        return sorted((await session.scalars(among)).all())[:most]
    matching = ids_matching(rule, question.start_at, question.default_zone)
    chosen = matching.order_by(CONTACT_ID).limit(most)
    if question.sample:
        drawn = func.md5(literal(f"{question.seed}:").concat(cast(CONTACT_ID, String)))
        chosen = matching.order_by(drawn, CONTACT_ID).limit(most)
    return sorted((await session.scalars(chosen)).all())


async def recipients_of(
    session: AsyncSession, ids: Collection[int], fields: frozenset[str]
) -> dict[int, Recipient]:
    """What messages that read these fields need of contacts."""
    return await recipients(session, ids, EMAIL, MARKETING, fields)


async def people_of(
    session: AsyncSession,
    ids: Collection[int],
    plan: Plan,
    now: datetime,
    default_zone: str,
    *,
    afresh: bool = False,
) -> list[Person]:
    """Contacts as the simulation takes them; who does not exist is left out. They come with the
    runs that they had in the flow before `now`, unless `afresh`."""
    rules = [rule.reads for rule in (plan.entry_rule, plan.goal_rule) if rule is not None]
    reads = union([ZONE, plan.reads, trigger_reads(plan.flow.trigger), *rules])
    ordered = sorted(ids)
    found: list[Person] = []
    for start in range(0, len(ordered), PAGE):
        page = ordered[start : start + PAGE]
        people = await _page(session, page, reads, now, default_zone)
        if not afresh:
            await _remember(session, people, plan.flow.name, now)
        found += people
    return found


async def _remember(
    session: AsyncSession, people: Sequence[Person], flow: str, now: datetime
) -> None:
    """Give people the runs they had in the flow of that name, if there is one."""
    runs = await runs_before(session, flow, [person.id for person in people], now)
    for person in people:
        if (had := runs.get(person.id)) is not None:
            person.earlier = EarlierRuns(had.runs, had.unfinished, had.last_entered_at)
            person.entered_by = frozenset(had.keys)


async def _page(
    session: AsyncSession, ids: list[int], reads: Reads, now: datetime, default_zone: str
) -> list[Person]:
    facts = await load_facts(session, ids, reads, now)
    reach = await recipients(session, ids, EMAIL, MARKETING, frozenset())
    return [
        _person(id_, known, reach.get(id_), default_zone) for id_, known in sorted(facts.items())
    ]


def _person(
    contact_id: int, facts: Facts, recipient: Recipient | None, default_zone: str
) -> Person:
    return Person(
        contact_id,
        facts,
        zone_of(facts, default_zone),
        marketing=_receipt(recipient, MARKETING),
        service=_receipt(recipient, "service"),
    )


def _receipt(recipient: Recipient | None, purpose: str) -> Receipt:
    """What would come of a message now: delivered, or the reason why not."""
    if recipient is None:
        return Receipt(Outcome.REFUSED, "unknown_contact")
    barrier = barrier_to(recipient, purpose)
    if barrier is None:
        return DELIVERED
    verdict, code = barrier
    withheld = verdict is Verdict.WITHHELD
    return Receipt(Outcome.WITHHELD if withheld else Outcome.REFUSED, code)
