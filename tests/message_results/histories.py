"""Random histories of messages, written to the database and kept in memory as well."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.message_touches import Became, Touch, touch
from crm_store.models import (
    Contact,
    Effect,
    Flow,
    FlowVersion,
    GoalReached,
    Message,
    Run,
    SplitTaken,
)
from tests.messages.people import NOW

LINKS = ("https://example.com/a", "https://example.com/b", "https://example.com/c?id=1")
ZONES = ("Asia/Singapore", "Asia/Kolkata", "America/New_York", "Not/AZone", None)


@dataclass
class Sent:
    """A message as the test remembers it."""

    id: int
    contact: int
    flow: str
    node: str
    template: str
    version: str
    language: str
    domain: str
    state: str
    at: datetime
    first: dict[str, datetime] = field(default_factory=dict)
    clicks: set[tuple[str, bool]] = field(default_factory=set)


@dataclass
class Goal:
    contact: int
    flow: str
    at: datetime
    amount: int | None
    currency: str | None


@dataclass
class History:
    flows: dict[str, timedelta | None]
    zones: dict[int, str | None]
    messages: list[Sent] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    arms: dict[tuple[str, int], tuple[str, str, datetime]] = field(default_factory=dict)


async def random_history(session: AsyncSession, seed: int, people: int = 40) -> History:
    chance = random.Random(seed)
    name = f"flow{seed}"
    windows = {f"{name}a": timedelta(days=3), f"{name}b": None}
    contacts = await _contacts(session, seed, people, chance)
    history = History(windows, contacts)
    flows = {flow: await _flow(session, flow, within) for flow, within in windows.items()}
    for flow, (flow_id, version_id) in flows.items():
        runs = await _runs(session, flow_id, version_id, list(contacts))
        await _arms(session, history, flow, flow_id, version_id, chance)
        await _messages(session, history, flow, flow_id, runs, chance)
        await _goals(session, history, flow, flow_id, runs, chance)
    await _touches(session, history, chance)
    return history


async def _contacts(
    session: AsyncSession, seed: int, people: int, chance: random.Random
) -> dict[int, str | None]:
    rows = [
        {"email": f"ada{seed}.{n}@example.com", "time_zone": chance.choice(ZONES)}
        for n in range(people)
    ]
    found = await session.execute(insert(Contact).returning(Contact.id, Contact.time_zone), rows)
    return {row[0]: row[1] for row in found}


async def _flow(session: AsyncSession, name: str, within: timedelta | None) -> tuple[int, int]:
    flow = Flow(name=name, label=name, purpose="marketing", draft_source="")
    session.add(flow)
    await session.flush()
    goal: dict[str, Any] = {"event": "Order Completed"}
    if within is not None:
        goal["within"] = f"P{within.days}D"
    version = FlowVersion(flow_id=flow.id, number=1, hash="h", definition={"goal": goal}, source="")
    session.add(version)
    await session.flush()
    return flow.id, version.id


async def _runs(
    session: AsyncSession, flow_id: int, version_id: int, contacts: list[int]
) -> dict[int, int]:
    """Run by contact."""
    rows = [
        {
            "flow_id": flow_id,
            "flow_version_id": version_id,
            "subject_id": contact,
            "entry_key": "once",
            "shard": 0,
            "node": "hello",
            "visit": 1,
            "entered_at": NOW,
            "moved_at": NOW,
        }
        for contact in contacts
    ]
    found = await session.execute(insert(Run).returning(Run.subject_id, Run.id), rows)
    return {row[0]: row[1] for row in found}


async def _arms(
    session: AsyncSession,
    history: History,
    flow: str,
    flow_id: int,
    version_id: int,
    chance: random.Random,
) -> None:
    rows = []
    for contact in history.zones:
        if chance.random() < 0.7:
            at, arm = NOW + timedelta(hours=chance.randint(0, 60)), chance.choice("xy")
            history.arms[flow, contact] = ("split", arm, at)
            rows.append(
                {
                    "flow_id": flow_id,
                    "node": "split",
                    "subject_id": contact,
                    "flow_version_id": version_id,
                    "arm": arm,
                    "taken_at": at,
                }
            )
    await session.execute(insert(SplitTaken), rows)


async def _messages(
    session: AsyncSession,
    history: History,
    flow: str,
    flow_id: int,
    runs: dict[int, int],
    chance: random.Random,
) -> None:
    for contact, run in runs.items():
        for visit in range(chance.randint(0, 4)):
            node, template = chance.choice([("hello", "welcome"), ("offer", "offer")])
            effect = Effect(
                run_id=run,
                flow_id=flow_id,
                node=node,
                visit=visit,
                kind="send_message",
                purpose="marketing",
                subject_id=contact,
                shard=0,
                ask={},
                not_before=NOW,
            )
            session.add(effect)
            await session.flush()
            one = Message(
                effect_id=effect.id,
                run_id=run,
                flow_id=flow_id,
                node=node,
                contact_id=contact,
                channel="smtp",
                purpose="marketing",
                template=template,
                template_version=chance.choice(["v1", "v2"]),
                language=chance.choice(["en", "zh"]),
                sender_domain=chance.choice(["a.example", "b.example"]),
                provider_key=f"{effect.id:032x}",
                state=chance.choice(["sent"] * 8 + ["maybe_sent", "refused", "withheld"]),
                handed_over_at=NOW + timedelta(minutes=chance.randint(0, 6000)),
            )
            session.add(one)
            await session.flush()
            history.messages.append(
                Sent(
                    *(one.id, contact, flow, node, template, str(one.template_version)),
                    *(str(one.language), str(one.sender_domain), one.state, one.handed_over_at),
                )
            )


async def _goals(
    session: AsyncSession,
    history: History,
    flow: str,
    flow_id: int,
    runs: dict[int, int],
    chance: random.Random,
) -> None:
    for contact, run in runs.items():
        if chance.random() < 0.6:
            worth = chance.choice([(None, None), (500, "EUR"), (700, "SGD")])
            goal = Goal(contact, flow, NOW + timedelta(minutes=chance.randint(0, 9000)), *worth)
            history.goals.append(goal)
            session.add(
                GoalReached(
                    run_id=run,
                    flow_id=flow_id,
                    subject_id=contact,
                    event_id=None,
                    reached_at=goal.at,
                    amount_minor=goal.amount,
                    currency=goal.currency,
                )
            )
    await session.flush()


async def _touches(session: AsyncSession, history: History, chance: random.Random) -> None:
    told: list[Touch] = []
    for one in history.messages:
        for _ in range(chance.randint(0, 5)):
            what = chance.choice(list(Became))
            at = one.at + timedelta(minutes=chance.randint(0, 4000))
            looks = what in (Became.OPENED, Became.CLICKED)
            by_machine = looks and chance.random() < 0.3
            link = chance.choice(LINKS) if what is Became.CLICKED else None
            told.append(Touch(one.id, what, at, by_machine, link=link))
            _remember(one, told[-1])
    chance.shuffle(told)
    for begin in range(0, len(told), 37):
        await touch(session, told[begin : begin + 50])


def _remember(one: Sent, told: Touch) -> None:
    if told.what is Became.CLICKED and told.link is not None:
        one.clicks.add((told.link, told.by_machine))
        if told.by_machine:
            return
    name = f"machine_{told.what}" if told.by_machine else str(told.what)
    one.first[name] = min(told.at, one.first.get(name, told.at))
