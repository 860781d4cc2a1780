"""The arbiter: one decision for each message of a group, before any of them is written.

Whoever counts what a contact got, to send more, takes the contact's turn first and keeps it until
the message is written down as being handed over. So counting and writing come one after another for
each contact, and a cap holds however many workers, shards and flows there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import sending as rows
from engine.sending import (
    SEND,
    USUAL_PRIORITY,
    About,
    Answer,
    Circumstances,
    Counted,
    Rival,
    Ruling,
    rivals_of,
    rule,
)
from engine.sending.caps import counted_since
from engine.sending.ruling import caps_on
from engine.services.sending.shelf import House, PolicyShelf

# (template, purpose, channel) of a message that waits -> what it is.
AboutOf = Callable[[str, str, str | None], About]


@dataclass(frozen=True, slots=True)
class Case:
    """A message to be decided about; `known` holds what was read of its contact."""

    effect_id: int
    contact_id: int
    flow_id: int
    about: About
    known: Circumstances


def no_priorities() -> Mapping[int, int]:
    return {}


@dataclass(slots=True)
class Arbiter:
    """Decides by the stored policy; one object serves a process. `priorities` are those of flows
    by id, where they are not the usual one."""

    priorities: Callable[[], Mapping[int, int]] = no_priorities
    policies: PolicyShelf = field(default_factory=PolicyShelf)

    async def house(self, session: AsyncSession) -> House:
        return await self.policies.house(session)

    async def hold(
        self, session: AsyncSession, house: House, wanted: Mapping[int, set[About]], now: datetime
    ) -> None:
        """Hold contacts still, given with what is to be sent to them, and take the turns of those
        whose messages are counted, by the house or because they want few. Read their wishes in a
        later statement."""
        counted = {
            contact_id
            for contact_id, abouts in wanted.items()
            if any(house.policy.caps_for(about) for about in abouts)
        }
        await rows.take_turns(session, wanted.keys(), counted, now)

    async def rule(
        self,
        session: AsyncSession,
        house: House,
        cases: Sequence[Case],
        about_of: AboutOf,
        now: datetime,
    ) -> dict[int, Ruling]:
        """Rulings by effect. Of several messages to one contact the more important one takes the
        room, else the one that was asked for first. Those that wait are written down."""
        bench = _Bench(house, self.priorities(), now)
        await bench.read(session, cases, about_of)
        rulings = bench.rule_all(cases)
        waiting = [case for case in cases if rulings[case.effect_id].answer is Answer.DEFER]
        if waiting:
            rulings |= await _not_for_ever(session, house, waiting, rulings)
            await rows.add_deferrals(session, _deferrals(waiting, rulings), now)
        return rulings


@dataclass(slots=True)
class _Bench:
    """One group being decided about. `sent` and `waiting` are by contact."""

    house: House
    of_flows: Mapping[int, int]
    now: datetime
    sent: dict[int, list[Counted]] = field(default_factory=lambda: defaultdict(list))
    waiting: dict[int, list[Rival]] = field(default_factory=lambda: defaultdict(list))

    async def read(self, session: AsyncSession, cases: Sequence[Case], about_of: AboutOf) -> None:
        policy = self.house.policy
        counted = [case for case in cases if caps_on(policy, case.about, case.known)]
        caps = {cap for case in counted for cap in caps_on(policy, case.about, case.known)}
        since = counted_since(caps, self.now)
        if since is None:
            return
        contacts = {case.contact_id for case in counted}
        for one in await rows.what_they_got(session, contacts, since):
            about = About(one.purpose, one.topic, one.medium)
            self.sent[one.contact_id].append(Counted(one.at, about))
        flows = self._flows_ahead_of(min(map(self.priority, counted)))
        if flows:
            but = [case.effect_id for case in cases]
            for row in await rows.who_waits(session, contacts, flows, but):
                about = about_of(row.template, row.purpose, row.channel)
                priority = policy.priority_of(about, self._of_flow(row.flow_id))
                self.waiting[row.contact_id].append(Rival(row.due, priority, about))

    def priority(self, case: Case) -> int:
        return self.house.policy.priority_of(case.about, self._of_flow(case.flow_id))

    def _of_flow(self, flow_id: int) -> int:
        return self.of_flows.get(flow_id, USUAL_PRIORITY)

    def _flows_ahead_of(self, lowest: int) -> Collection[int]:
        """The flows whose messages may go before one of this priority."""
        raised = max((one.priority for one in self.house.policy.priorities), default=0) > lowest
        return [id_ for id_, priority in self.of_flows.items() if raised or priority > lowest]

    def rule_all(self, cases: Sequence[Case]) -> dict[int, Ruling]:
        found: dict[int, Ruling] = {}
        for case in sorted(cases, key=lambda one: (-self.priority(one), one.effect_id)):
            ruling = found[case.effect_id] = self.rule(case)
            if ruling.answer is Answer.SEND:
                self.sent[case.contact_id].append(Counted(self.now, case.about))
            elif ruling.until is not None:
                rival = Rival(ruling.until, self.priority(case), case.about)
                self.waiting[case.contact_id].append(rival)
        return found

    def rule(self, case: Case, since: datetime | None = None) -> Ruling:
        sent = self.sent.get(case.contact_id, ())
        waiting = self.waiting.get(case.contact_id, ())
        known = case.known
        if sent or waiting or since is not None:
            rivals = rivals_of(self.priority(case), waiting) if waiting else ()
            known = replace(known, sent=sent, rivals=rivals, since=since)
        house = self.house
        return rule(house.policy, case.about, known, self.now, house.almanac)


async def _not_for_ever(
    session: AsyncSession,
    house: House,
    waiting: Sequence[Case],
    rulings: Mapping[int, Ruling],
) -> dict[int, Ruling]:
    """What becomes of those that have waited before: after so long they are dropped."""
    if house.policy.longest_wait is None:
        return {}
    since = await rows.waiting_since(session, [case.effect_id for case in waiting])
    latest = house.policy.longest_wait
    found: dict[int, Ruling] = {}
    for case in waiting:
        began, ruling = since.get(case.effect_id), rulings[case.effect_id]
        if began is not None and ruling.until is not None and ruling.until > began + latest:
            read = {**ruling.read, "because": ruling.code, "since": began.isoformat()}
            found[case.effect_id] = Ruling(Answer.DROP, "waited_too_long", read=read)
    return found


def _deferrals(waiting: Sequence[Case], rulings: Mapping[int, Ruling]) -> list[rows.NewDeferral]:
    found = []
    for case in waiting:
        ruling = rulings[case.effect_id]
        if ruling.answer is Answer.DEFER and ruling.until is not None:
            reason = ruling.code or "deferred"
            found.append(rows.NewDeferral(case.effect_id, reason, ruling.until, dict(ruling.read)))
    return found


__all__ = ["SEND", "Arbiter", "Case", "no_priorities"]
