"""The policy as a process knows it, ready to decide by."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import sending as rows
from engine.sending import Almanac, Policy, SendingHours
from engine.sending.reading import read_policy
from engine.sending.standard import STANDARD
from engine.services.calendars.public_holidays import special_days
from engine.services.calendars.shelf import CalendarShelf

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def standard() -> Policy:
    """The policy that is shipped."""
    return read_policy(yaml.safe_load(STANDARD))[0]


def holidays_of(country: str | None, year: int) -> Collection[date]:
    return special_days(country, None, year).off


@dataclass(frozen=True, slots=True)
class House:
    """What a group of messages is decided by; `version` 0 is the shipped policy."""

    policy: Policy
    almanac: Almanac
    version: int = 0


@dataclass(slots=True)
class PolicyShelf:
    """`house` costs one small query; where the policy names a calendar, another."""

    calendars: CalendarShelf = field(default_factory=CalendarShelf)
    _known: tuple[int, Policy] | None = None

    async def house(self, session: AsyncSession) -> House:
        version = await rows.policy_version(session)
        policy = await self._policy(session, version)
        calendars = await self.calendars.book(session) if calendars_in(policy) else {}
        return House(policy, Almanac(calendars, holidays_of), version)

    async def _policy(self, session: AsyncSession, version: int) -> Policy:
        if self._known is not None and self._known[0] == version:
            return self._known[1]
        row = await rows.policy_row(session, version) if version else None
        policy = standard() if row is None else stored(row.document, version)
        self._known = (version, policy)
        return policy


def stored(document: Mapping[str, Any], version: int) -> Policy:
    """A saved policy was checked; what a later release understands no more is left out of it."""
    policy, problems = read_policy(document)
    if problems:
        log.error("version %s of the sending policy: %s", version, problems[0])
    return policy


def calendars_in(policy: Policy) -> frozenset[str]:
    """The calendars that a policy names."""
    return frozenset(
        one.calendar
        for one in policy.times
        if isinstance(one, SendingHours) and one.calendar is not None
    )
