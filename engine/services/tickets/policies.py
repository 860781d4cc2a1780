"""Reading, checking and saving the ticket policy. Versions stay: a ticket is kept by the one that
counted when it was opened."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import ticket_policies as rows
from engine.definitions import located
from engine.errors import NotFound, Problem, Refused
from engine.flows.problems import FlowProblem
from engine.flows.written import TextRefused, read_text
from engine.services import audit
from engine.services.actor import SYSTEM, Actor, allowed
from engine.services.definitions.checking import world_now
from engine.services.segment_door import ChangedMeanwhile
from engine.tickets import STANDARD, TicketPolicy, check_policy, read_policy

log = logging.getLogger(__name__)

MOST_BYTES: Final = 65_536
# What a text that came without a file is called in messages.
FILE: Final = "ticket_policy.yaml"


@dataclass(frozen=True, slots=True)
class SeenPolicy:
    """A version. `version` 0 is the shipped one, which nobody saved; `tag` stands for the version
    in If-Match."""

    version: int
    source: str
    document: Mapping[str, Any]
    saved_by: str | None
    saved_at: datetime | None

    @property
    def tag(self) -> str:
        digest = hashlib.sha256(self.source.encode()).hexdigest()[:16]
        return f"{self.version}-{digest}"


async def see_policy(session: AsyncSession, actor: Actor, version: int | None = None) -> SeenPolicy:
    """The policy that counts, or an earlier version. Raises NotAllowed, NotFound."""
    allowed(actor, "read", "ticket")
    wanted = await rows.latest_id(session) if version is None else version
    if not wanted:
        return SeenPolicy(0, STANDARD, yaml.safe_load(STANDARD), None, None)
    found = await rows.policy_rows(session, [wanted])
    if not found:
        raise NotFound(f"The ticket policy has no version {version}.")
    row = found[0]
    return SeenPolicy(row.id, row.source, row.document, row.saved_by, row.created_at)


async def check_source(
    session: AsyncSession, actor: Actor, source: str, *, file: str = FILE
) -> TicketPolicy:
    """Raises Refused with every mistake, each with file and line."""
    allowed(actor, "read", "ticket")
    return (await _read(session, source, file))[0]


async def save_policy(
    session: AsyncSession,
    actor: Actor,
    source: str,
    now: datetime,
    *,
    expected: str | None = None,
    file: str = FILE,
    root: str | None = None,
) -> SeenPolicy:
    """Let another policy count for tickets that are opened from this commit on. `expected` is the
    tag of the one it replaces, None for whichever. The same text twice is one version. With `root`
    mistakes are told by pointers below it instead of lines. Raises NotAllowed, Refused,
    ChangedMeanwhile."""
    allowed(actor, "publish", "ticket")
    _, document = await _read(session, source, file, root)
    await rows.lock_policies(session)
    before = await see_policy(session, actor)
    if expected is not None and expected != before.tag:
        raise ChangedMeanwhile("The ticket policy was changed meanwhile. Read it again.")
    if before.version and before.source == source:
        return before
    version = await rows.add_policy(session, source, json.dumps(document), actor.name, now)
    old, new = dict(before.document), {**document, "version": version}
    await audit.record(session, actor, "edit", "ticket_policy", version, old, new)
    return SeenPolicy(version, source, document, actor.name, now)


async def policy_now(session: AsyncSession, now: datetime) -> tuple[int, TicketPolicy]:
    """The version that counts for a ticket that is opened now. Where nobody has saved one, the
    shipped policy becomes the first, so that a later release changes nothing that was promised."""
    latest = await rows.latest_id(session)
    if not latest:
        await rows.lock_policies(session)
        latest = await rows.latest_id(session)
    if not latest:
        document = json.dumps(yaml.safe_load(STANDARD))
        latest = await rows.add_policy(session, STANDARD, document, SYSTEM.name, now)
    return latest, (await policies(session, [latest]))[latest]


async def policies(session: AsyncSession, versions: Collection[int]) -> dict[int, TicketPolicy]:
    """Versions by number."""
    found = await rows.policy_rows(session, versions) if versions else []
    return {row.id: _stored(json.dumps(row.document, sort_keys=True)) for row in found}


@lru_cache(maxsize=100)
def _stored(document: str) -> TicketPolicy:
    """A saved policy was checked; one that this release cannot read any more promises nothing."""
    policy, problems = read_policy(json.loads(document))
    if policy is None:
        log.error("a saved ticket policy cannot be read: %s", problems[0])
    return policy or TicketPolicy()


async def _read(
    session: AsyncSession, source: str, file: str, root: str | None = None
) -> tuple[TicketPolicy, dict[str, Any]]:
    if len(source.encode()) > MOST_BYTES:
        problem = Problem(file, "too_large", f"is larger than {MOST_BYTES:,} bytes.")
        raise Refused("The ticket policy was not read.", [problem])
    try:
        written = read_text(source, file)
    except TextRefused as refused:
        raise _refusal([_told(one) for one in refused.problems]) from refused
    policy, problems = read_policy(written.data)
    if policy is not None:
        problems = check_policy(policy, await world_now(session))
    if root is None:
        problems = located(problems, written.places)
    else:
        problems = [replace(one, place=root + one.place) for one in problems]
    found = [*(_told(one) for one in written.problems), *problems]
    if found or policy is None:
        raise _refusal(found)
    return policy, dict(written.data)


def _refusal(problems: list[Problem]) -> Refused:
    count = f"{len(problems)} mistakes" if len(problems) > 1 else "a mistake"
    return Refused(f"The ticket policy has {count}.", problems)


def _told(problem: FlowProblem) -> Problem:
    return Problem(problem.place, problem.code.value, problem.message)
