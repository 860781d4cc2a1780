"""The policy a case lives by, with the turns of duty as they are now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crm_store.duty_overrides import overrides_of
from crm_store.escalations import CaseRow
from engine.definitions import DefinitionKind
from engine.errors import Problem, Refused
from engine.escalations.policy import Policy, read_policy
from engine.escalations.rotation import Override, Rotation
from engine.services.definitions import current, stored_many

if TYPE_CHECKING:
    from engine.services.work import Work


def read_inline(document: Mapping[str, Any]) -> Policy:
    """The policy that is written where it is used. Raises Refused with every mistake."""
    problems: list[Problem] = []
    policy = read_policy(document, problems)
    if policy is None:
        raise Refused("The escalation cannot be read.", problems)
    return policy


async def policies_of(work: Work, cases: Iterable[CaseRow]) -> dict[int, Policy]:
    """By case; each the version it began with."""
    cases = list(cases)
    wanted = {one.policy_version_id for one in cases if one.policy_version_id is not None}
    versions = await stored_many(work.session, wanted)
    return {
        one.id: read_inline(one.policy_document or {})
        if one.policy_version_id is None
        else versions[one.policy_version_id].model
        for one in cases
    }


async def rotations_of(
    work: Work, policies: Collection[tuple[str, Policy]]
) -> list[Mapping[str, Rotation]]:
    """The rotations that each of these policies, given with its name, may name; with everything
    that people have swapped since. Those of others are taken as they are published now."""
    foreign = {name for _, policy in policies for name, _ in policy.foreign_rotations()}
    others: dict[str, Policy] = {}
    for name in sorted(foreign):
        found = await current(work.session, DefinitionKind.ESCALATION, name)
        if found is not None:
            others[name] = found.model
    named = {name for name, policy in policies if policy.rotations} | set(others)
    if not named:
        return [{} for _ in policies]
    entered = await overrides_of(work.session, named, work.now)

    def swapped(policy: str, rotation: str, plain: Rotation) -> Rotation:
        more = [
            Override(one.starts_at, one.ends_at, one.user_id)
            for one in entered
            if (one.policy, one.rotation) == (policy, rotation)
        ]
        return plain.with_overrides(more) if more else plain

    found_for: list[Mapping[str, Rotation]] = []
    for name, policy in policies:
        known = {key: swapped(name, key, plain) for key, plain in policy.rotations.items()}
        for other, key in policy.foreign_rotations():
            plain = others[other].rotations.get(key) if other in others else None
            if plain is not None:
                known[f"{other}/{key}"] = swapped(other, key, plain)
        found_for.append(known)
    return found_for
