"""Giving out by rules within a transaction of one's own, and trying what they would do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.assignment import Decided
from engine.services.actor import Actor, allowed
from engine.services.assigning.giving import Giver
from engine.services.assigning.routes import RecordName, rules_named
from engine.services.assigning.waiting import tell_of_waiting
from engine.services.work import Work


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who got the record and why: the rules that held, who was passed over and on which ground.
    None waits in the queue, and somebody was told."""

    user_id: int | None
    why: Mapping[str, Any] = field(default_factory=dict)


async def assign_by_rules(
    work: Work, rules: str, kind: RecordName, ids: Collection[int]
) -> dict[int, Assigned]:
    """By record; those that do not exist are left out. Asked again, it decides again: a record that
    is to keep its owner says so in its rule (`keep_owner`).

    Raises NotFound for rules nobody published, Refused for rules about other records.
    """
    if not ids:
        return {}
    found = await rules_named(work.session, rules)
    decided = await (await giver_of(work)).give_out(work.session, found, kind, ids)
    await tell_of_waiting(work)
    return {id_: _assigned(one) for id_, one in decided.items()}


async def assign_now(
    work: Work, actor: Actor, rules: str, kind: RecordName, ids: Collection[int]
) -> dict[int, Assigned]:
    """The same, asked for by a person or a program."""
    allowed(actor, "read", "assignment")
    allowed(actor, "edit", kind)
    return await assign_by_rules(work, rules, kind, ids)


async def try_rules(
    work: Work, actor: Actor, rules: str, kind: RecordName, ids: Collection[int]
) -> dict[int, Assigned]:
    """Who would get these records now, one after the other, and why; nothing is changed."""
    allowed(actor, "read", "assignment")
    allowed(actor, "read", kind)
    found = await rules_named(work.session, rules)
    decided = await (await giver_of(work)).try_out(work.session, found, kind, ids)
    return {id_: _assigned(one) for id_, one in decided.items()}


async def giver_of(work: Work) -> Giver:
    people, catalogue = await work.directory(), await work.catalogue()
    return Giver(people, catalogue, work.shared.default_zone, work.now)


def _assigned(one: Decided) -> Assigned:
    return Assigned(one.user_id, one.as_json())
