"""Reading, checking and saving the sending policy. Versions stay; the last one counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import sending as rows
from crm_store.calendars import calendar_rows
from engine.errors import NotFound, Problem, Refused
from engine.flows.problems import FlowProblem, did_you_mean
from engine.flows.written import TextRefused, read_text
from engine.sending import About, Almanac, Policy, SendingHours
from engine.sending.reach import longer_than_waits, never_open
from engine.sending.reading import MEDIA, PURPOSES, read_policy
from engine.sending.standard import STANDARD
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.calendars.shelf import CalendarShelf
from engine.services.segment_door import ChangedMeanwhile

MOST_BYTES = 65_536
# What a text that came without a file is called in messages.
FILE = "policy.yaml"


@dataclass(frozen=True, slots=True)
class Seen:
    """A version of the policy. `version` 0 is the shipped one, which nobody saved; `tag` stands for
    the version in If-Match."""

    version: int
    source: str
    document: Mapping[str, Any]
    saved_by: str | None
    saved_at: datetime | None

    @property
    def tag(self) -> str:
        digest = hashlib.sha256(self.source.encode()).hexdigest()[:16]
        return f"{self.version}-{digest}"


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    saved_by: str
    saved_at: datetime


async def see(session: AsyncSession, actor: Actor, version: int | None = None) -> Seen:
    """The policy that counts, or an earlier version. Raises NotAllowed, NotFound."""
    allowed(actor, "read", "sending_policy")
    row = None if version == 0 else await rows.policy_row(session, version)
    if row is None and version:
        raise NotFound(f"The sending policy has no version {version}.")
    if row is None:
        return Seen(0, STANDARD, yaml.safe_load(STANDARD), None, None)
    return Seen(row.id, row.source, row.document, row.saved_by, row.created_at)


async def versions(session: AsyncSession, actor: Actor, limit: int = 50) -> list[Version]:
    """Who saved which, the last one first."""
    allowed(actor, "read", "sending_policy")
    return [Version(*row) for row in await rows.policy_versions(session, limit)]


async def check(
    session: AsyncSession, actor: Actor, source: str, *, file: str = FILE, root: str = ""
) -> Policy:
    """Raises Refused with every mistake, each at its place below `root`."""
    allowed(actor, "read", "sending_policy")
    return (await _read(session, source, file, root))[0]


def remarks(policy: Policy) -> list[Problem]:
    """What is right and may surprise all the same."""
    return [
        Problem(
            f"/caps/{at}",
            "longer_than_waits",
            f"a {cap.per} is longer than longest_wait: when this cap is full early in the"
            f" {cap.per}, what comes next is withheld (no_time_in_reach) and not sent later.",
        )
        for at, cap in longer_than_waits(policy)
    ]


async def save(
    session: AsyncSession,
    actor: Actor,
    source: str,
    now: datetime,
    *,
    expected: str | None = None,
    file: str = FILE,
    root: str = "",
) -> Seen:
    """Let another policy count from this commit on. Messages that wait are asked about again when
    their time comes. `expected` is the tag of the one it replaces, None for whichever. The same
    text twice is one version. Raises NotAllowed, Refused, ChangedMeanwhile."""
    allowed(actor, "edit", "sending_policy")
    _, document = await _read(session, source, file, root)
    await rows.lock_policies(session)
    before = await see(session, actor)
    if expected is not None and expected != before.tag:
        raise ChangedMeanwhile("The sending policy was changed meanwhile. Read it again.")
    if before.version and before.source == source:
        return before
    version = await rows.add_policy(session, source, json.dumps(document), actor.name, now)
    old, new = dict(before.document), {**document, "version": version}
    await audit.record(session, actor, "edit", "sending_policy", version, old, new)
    return Seen(version, source, document, actor.name, now)


def source_of(document: Mapping[str, Any]) -> str:
    """A policy that came as JSON, as the text that is kept."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)


async def _read(
    session: AsyncSession, source: str, file: str, root: str
) -> tuple[Policy, dict[str, Any]]:
    if len(source.encode()) > MOST_BYTES:
        problem = Problem("/", "too_large", f"is larger than {MOST_BYTES:,} bytes.")
        raise Refused("The sending policy was not read.", [problem])
    try:
        written = read_text(source, file)
    except TextRefused as refused:
        raise _refusal([_told(one) for one in refused.problems]) from refused
    problems = [_told(one) for one in written.problems]
    policy, mistakes = read_policy(written.data)
    problems += mistakes or await _calendar_problems(session, policy)
    if not problems:
        problems += await _reach_problems(session, policy)
    if problems:
        raise _refusal([replace(one, place=root + one.place) for one in problems])
    return policy, dict(written.data or {})


async def _calendar_problems(session: AsyncSession, policy: Policy) -> list[Problem]:
    named = [one for one in policy.times if isinstance(one, SendingHours) and one.calendar]
    if not named:
        return []
    known = [row.name for row in await calendar_rows(session)]
    return [
        Problem(
            "/sending_hours",
            "unknown_calendar",
            f'there is no calendar "{one.calendar}"; {did_you_mean(one.calendar or "", known)}',
        )
        for one in named
        if one.calendar not in known
    ]


async def _reach_problems(session: AsyncSession, policy: Policy) -> list[Problem]:
    calendars = await CalendarShelf().book(session)
    shut = never_open(policy, Almanac(calendars), PURPOSES, MEDIA)
    return [_never(policy, about) for about in shut]


def _never(policy: Policy, about: About) -> Problem:
    hours = any(isinstance(one, SendingHours) for one in policy.times_for(about))
    what = f"{about.purpose} by {about.medium}" + (f" about {about.topic}" if about.topic else "")
    said = f"{what} could go at no time of the week: the hours for it shut each other out."
    return Problem("/sending_hours" if hours else "/quiet_hours", "never_open", said)


def _refusal(problems: list[Problem]) -> Refused:
    count = f"{len(problems)} mistakes" if len(problems) > 1 else "a mistake"
    return Refused(f"The sending policy has {count}.", problems)


def _told(problem: FlowProblem) -> Problem:
    return Problem(problem.place, problem.code.value, problem.message)
