"""Giving out many records at once, in the order of their ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import assigning as rows
from crm_store.assigning import HeldRecord, NewChoice, NewWaiting
from crm_store.fact_borders import share_fact_borders
from engine.assignment import Assignment, Decided, Desk, Round, Routes, Work, local_day
from engine.local_time import is_zone
from engine.people import Directory
from engine.rules import Catalogue
from engine.services.assigning.routes import RecordName, facts_of_records, ready_routes
from engine.services.definitions import Stored
from engine.services.looking_again import deals_given


@dataclass(frozen=True, slots=True)
class Giver:
    """What it takes to give out. `default_zone` is that of people and contacts who have none."""

    people: Directory
    catalogue: Catalogue
    default_zone: str
    now: datetime

    async def give_out(
        self, session: AsyncSession, rules: Stored, kind: RecordName, ids: Collection[int]
    ) -> dict[int, Decided]:
        """Decide, write the owners and why, and queue what nobody can take; by record, without
        those that do not exist. Others who give out by the same rules wait until the end of this
        transaction. Raises Refused for rules that cannot be followed.
        """
        routes = await self._routes(session, rules, kind)
        if kind == "deal":
            await share_fact_borders(session)
        held = await rows.hold_records(session, kind, ids)
        turns = await rows.hold_round(session, rules.name)
        desk = await self._desk(session, rules.name, routes, turns)
        decided = await self._decide(session, desk, kind, held)
        await self._write(session, rules, kind, held, decided)
        left = {place: turn.as_json() for place, turn in desk.rounds.items()}
        await rows.write_round(session, rules.name, {**turns, **left})
        return decided

    async def try_out(
        self, session: AsyncSession, rules: Stored, kind: RecordName, ids: Collection[int]
    ) -> dict[int, Decided]:
        """What `give_out` would decide now; nothing is held or written."""
        routes = await self._routes(session, rules, kind)
        held = await rows.look_at_records(session, kind, ids)
        turns = await rows.look_at_round(session, rules.name)
        desk = await self._desk(session, rules.name, routes, turns)
        return await self._decide(session, desk, kind, held)

    async def _routes(self, session: AsyncSession, rules: Stored, kind: RecordName) -> Routes:
        model: Assignment = rules.model
        return await ready_routes(session, rules.name, model, self.catalogue, kind)

    async def _desk(
        self, session: AsyncSession, name: str, routes: Routes, turns: Mapping[str, Any]
    ) -> Desk:
        rounds = {place: Round.from_json(turn) for place, turn in turns.items()}
        active = [one for one in self.people.people if self.people.is_active(one)]
        began = {one: local_day(self.people, one, self.now, self.default_zone)[0] for one in active}
        today = await rows.given_since(session, name, began) if routes.counts_days else {}
        load = await rows.open_load(session, active) if routes.counts_work else {}
        return Desk(routes, self.people, self.default_zone, rounds, Work(load, today))

    async def _decide(
        self,
        session: AsyncSession,
        desk: Desk,
        kind: RecordName,
        held: Mapping[int, HeldRecord],
    ) -> dict[int, Decided]:
        facts = await facts_of_records(session, kind, held.keys(), desk.routes.reads, self.now)
        decided = {}
        for id_, record in sorted(held.items()):
            if id_ in facts:
                zone = _zone(record, self.default_zone)
                decided[id_] = desk.decide(facts[id_], record.owner_id, self.now, zone)
        return decided

    async def _write(
        self,
        session: AsyncSession,
        rules: Stored,
        kind: RecordName,
        held: Mapping[int, HeldRecord],
        decided: Mapping[int, Decided],
    ) -> None:
        owners = {id_: one.user_id for id_, one in decided.items() if one.user_id is not None}
        new = {id_: owner for id_, owner in owners.items() if owner != held[id_].owner_id}
        await rows.give_records(session, kind, new, self.now)
        if kind == "deal":
            await deals_given(session, self.now, new)
        await rows.add_choices(session, list(_choices(rules, kind, decided)), self.now)
        waiting = [
            _waiting(rules, kind, held[id_], one, self.now)
            for id_, one in decided.items()
            if one.user_id is None
        ]
        await rows.put_waiting(session, waiting, self.now)
        await rows.leave_queue(session, kind, owners.keys())


def _choices(rules: Stored, kind: str, decided: Mapping[int, Decided]) -> Iterable[NewChoice]:
    for id_, one in decided.items():
        if one.user_id is not None:
            place = one.tried[-1].place
            why = one.as_json()
            yield NewChoice(
                kind, id_, rules.name, rules.version_id, place, one.user_id, one.kept, why
            )


def _waiting(
    rules: Stored, kind: str, record: HeldRecord, one: Decided, now: datetime
) -> NewWaiting:
    owner, again = record.owner_id, one.look_again or now
    return NewWaiting(kind, record.id, rules.name, one.as_json(), one.team, owner, again)


def _zone(record: HeldRecord, default: str) -> str:
    zone = record.time_zone
    return zone if zone and is_zone(zone) else default
