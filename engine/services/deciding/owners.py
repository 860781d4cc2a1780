"""Who becomes the owner of a contact or of its newest open deal: a person, one of a team, or
whoever published rules choose (`engine.services.assigning`)."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import owners
from crm_store.base import folded
from crm_store.deals import OpenDeal, hold_open_deals
from engine.assignment import Decided
from engine.errors import NotFound, Refused
from engine.services.assigning.giving import Giver
from engine.services.assigning.routes import rules_named
from engine.services.deciding.asked import AskedRun
from engine.services.plans import Plans, current_catalogue
from engine.steps.questions import AssignOwner, Verdict

log = logging.getLogger(__name__)

Asked = AskedRun[AssignOwner]
Of = Literal["contact", "deal"]
# Why rules gave nobody, for the journal.
NO_RULES, BROKEN_RULES, QUEUED = "no_rules", "rules_refused", "queued"


async def assign(
    session: AsyncSession, asked: Sequence[Asked], now: datetime, plans: Plans, zone: str
) -> dict[int, Verdict]:
    """Verdicts by run. Of one contact asked for several times each answer counts, the last is
    written; rules are asked once for each record. `zone` is that of people who have none."""
    pool = await _pool(session, asked, now, plans)
    deals = await _newest_deals(session, asked)
    kept = await _kept(session, asked, deals)
    verdicts: dict[int, Verdict] = {}
    given: dict[str, dict[int, int]] = {"contact": {}, "deal": {}}
    ruled: dict[tuple[str, Of], dict[int, int]] = defaultdict(dict)
    for one in asked:
        of = one.question.of
        deal = deals.get(one.contact_id)
        record = one.contact_id if of == "contact" else (deal.id if deal else None)
        if record is None:
            verdicts[one.run_id] = Verdict("nobody", {"reason": "no_deal"})
        elif (owner := kept.get(one.run_id)) is not None:
            verdicts[one.run_id] = Verdict("assigned", {"of": of, "owner_id": owner, "kept": True})
        elif one.question.way == "rules":
            ruled[one.question.who or "", of][one.run_id] = record
        elif (owner := pool.choose(one)) is None:
            verdicts[one.run_id] = Verdict("nobody", {"of": of, "by": one.question.way})
        else:
            given[of][record] = owner
            why = {"of": of, "by": one.question.way, "owner_id": owner}
            verdicts[one.run_id] = Verdict("assigned", why)
    for table, new in given.items():
        await owners.give(session, table, new, now)
    await owners.write_turns(session, pool.turns_taken)
    if ruled:
        people = await plans.people.directory(session)
        giver = Giver(people, await current_catalogue(session), zone, now)
        for (rules, of), records in sorted(ruled.items()):
            verdicts |= await _by_rules(session, giver, rules, of, records)
    return verdicts


async def _by_rules(
    session: AsyncSession, giver: Giver, rules: str, of: Of, records: Mapping[int, int]
) -> dict[int, Verdict]:
    """Verdicts by run; `records` are theirs. Somebody hears of what waits from the driver that
    looks through the queue."""
    said = {"of": of, "by": "rules", "rules": rules}
    try:
        found = await rules_named(session, rules)
        decided = await giver.give_out(session, found, of, set(records.values()))
    except NotFound:
        return {run: Verdict("nobody", {**said, "reason": NO_RULES}) for run in records}
    except Refused as refused:
        log.error('the assignment rules "%s" cannot be followed: %s', rules, refused)
        return {run: Verdict("nobody", {**said, "reason": BROKEN_RULES}) for run in records}
    return {run: _verdict(decided.get(record), said) for run, record in records.items()}


def _verdict(decided: Decided | None, said: Mapping[str, str]) -> Verdict:
    why = {**said, **({} if decided is None else decided.as_json())}
    if decided is None or decided.user_id is None:
        return Verdict("nobody", {**why, "reason": QUEUED})
    return Verdict("assigned", {**why, "owner_id": decided.user_id})


@dataclass(slots=True)
class _Pool:
    """Who can be chosen. A team's turn goes on from choice to choice, and work counts as given."""

    users: Mapping[str, int]
    members: Mapping[str, list[int]]
    last: Mapping[str, int | None]
    work: dict[int, int]
    of_accounts: Mapping[int, int]
    turns_taken: dict[str, int] = field(default_factory=dict)

    def choose(self, asked: Asked) -> int | None:
        who = asked.question.who or ""
        match asked.question.way:
            case "user":
                return self.users.get(folded(who))
            case "account_owner":
                return self.of_accounts.get(asked.contact_id)
            case "round_robin":
                return self._next(who)
            case "least_open":
                return self._freest(who)
            case "rules":
                return None

    def _next(self, team: str) -> int | None:
        members = self.members.get(team)
        if not members:
            return None
        last = self.turns_taken.get(team, self.last.get(team))
        following = [one for one in members if last is not None and one > last]
        return self._taken(team, (following or members)[0])

    def _freest(self, team: str) -> int | None:
        """Among those with equally little to do, whoever's turn it is."""
        members = self.members.get(team)
        if not members:
            return None
        least = min(self.work.get(one, 0) for one in members)
        free = [one for one in members if self.work.get(one, 0) == least]
        last = self.turns_taken.get(team, self.last.get(team))
        following = [one for one in free if last is not None and one > last]
        return self._taken(team, (following or free)[0])

    def _taken(self, team: str, user: int) -> int:
        self.turns_taken[team] = user
        self.work[user] = self.work.get(user, 0) + 1
        return user


async def _pool(
    session: AsyncSession, asked: Sequence[Asked], now: datetime, plans: Plans
) -> _Pool:
    def whom(*ways: str) -> set[str]:
        return {one.question.who or "" for one in asked if one.question.way in ways}

    teams, counting = whom("round_robin", "least_open"), whom("least_open")
    last = await owners.hold_turns(session, teams)
    members = await _present(session, teams, now, plans)
    counted = {user for team in counting for user in members.get(team, ())}
    by_account = {one.contact_id for one in asked if one.question.way == "account_owner"}
    return _Pool(
        await owners.active_users(session, {folded(address) for address in whom("user")}),
        members,
        last,
        await owners.open_work(session, counted),
        await owners.owners_of_accounts(session, by_account) if by_account else {},
    )


async def _present(
    session: AsyncSession, teams: set[str], now: datetime, plans: Plans
) -> dict[str, list[int]]:
    """The people of each team who are there, in the order of turns."""
    if not teams:
        return {}
    people = await plans.people.directory(session)
    members = await owners.active_members(session, teams)
    return {
        team: [one for one in found if not people.is_absent(one, now)]
        for team, found in members.items()
    }


async def _newest_deals(session: AsyncSession, asked: Sequence[Asked]) -> dict[int, OpenDeal]:
    contacts = {one.contact_id for one in asked if one.question.of == "deal"}
    if not contacts:
        return {}
    return {id_: deals[0] for id_, deals in (await hold_open_deals(session, contacts)).items()}


async def _kept(
    session: AsyncSession, asked: Sequence[Asked], deals: Mapping[int, OpenDeal]
) -> dict[int, int]:
    """By run, the active owner that stays."""
    keeping = [one for one in asked if one.question.keep]
    if not keeping:
        return {}
    contacts = {one.contact_id for one in keeping if one.question.of == "contact"}
    of_contacts = await owners.owners_of_contacts(session, contacts)
    of_deals = {one.contact_id: one.owner_id for one in deals.values() if one.owner_id is not None}
    active = await owners.active_among(session, set(of_deals.values()))
    found: dict[int, int] = {}
    for one in keeping:
        own = of_contacts if one.question.of == "contact" else of_deals
        owner = own.get(one.contact_id)
        if owner is not None and (one.question.of == "contact" or owner in active):
            found[one.run_id] = owner
    return found
