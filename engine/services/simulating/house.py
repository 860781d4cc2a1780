"""The sending policy that counts now, as the arbiter of a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from engine.sending import About, Almanac, Answer, Circumstances, Counted, Home, Policy, rule
from engine.services.sending.shelf import PolicyShelf
from engine.simulate.arbiter import NOW, Ruling


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """Rules about mail whose topic nobody knows before it is written: those about a topic do not
    count, nor do digests. Nobody is lost because they would have had to wait for long."""

    policy: Policy
    almanac: Almanac

    def rule(self, purpose: str, now: datetime, zone: str, sent: Sequence[datetime]) -> Ruling:
        about = About(purpose)
        if not (self.policy.times_for(about) or self.policy.caps_for(about)):
            return NOW
        known = Circumstances(Home(zone), sent=[Counted(at, about) for at in sent])
        found = rule(self.policy, about, known, now, self.almanac)
        waits = found.answer is Answer.DEFER
        return Ruling(found.until, found.code, found.read) if waits else NOW


async def policy_rules(session: AsyncSession) -> PolicyRules:
    house = await PolicyShelf().house(session)
    return PolicyRules(replace(house.policy, longest_wait=None, digests=()), house.almanac)
