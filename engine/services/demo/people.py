"""Contacts of the demo, by number: the same seed and number always give the same person."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from crm_store.models import BirthdayCalendar, LeadStatus, LifecycleStage
from crm_store.names import contact_name_key
from engine.services.demo.cultures import CULTURES, Culture, Place

# Kept for examples by RFC 2606: mail to them reaches nobody.
DOMAINS: Final = ("example.com", "example.net", "example.org")
# Numbers that telephone companies keep for films; elsewhere people have none here.
_FILM_NUMBERS: Final = {"US": "+120255501{:02}", "GB": "+447700900{:03}", "AU": "+61491570{:03}"}
_TITLES: Final = (
    "Head of Purchasing", "Office Manager", "Marketing Lead", "Founder", "Buyer", "IT Manager",
    "Operations Director", "Finance Manager", "Store Manager", "Product Owner",
)  # fmt: skip
_STAGES: Final[tuple[tuple[LifecycleStage, int], ...]] = (
    (LifecycleStage.SUBSCRIBER, 14),
    (LifecycleStage.LEAD, 20),
    (LifecycleStage.MARKETING_QUALIFIED_LEAD, 8),
    (LifecycleStage.SALES_QUALIFIED_LEAD, 5),
    (LifecycleStage.OPPORTUNITY, 5),
    (LifecycleStage.CUSTOMER, 38),
    (LifecycleStage.EVANGELIST, 2),
    (LifecycleStage.AT_RISK, 4),
    (LifecycleStage.CHURNED, 4),
)
_SOURCES: Final = ("website", "referral", "fair", "newsletter", "advertisement", "partner")
_PLANS: Final = ("free", "team", "business")
COLUMNS: Final = (
    "id", "external_id", "email", "email_key", "phone", "first_name", "last_name", "name_key",
    "job_title", "language", "country", "city", "time_zone", "birthday", "birthday_calendar",
    "lifecycle_stage", "lead_status", "source", "score", "account_id", "owner_id", "custom",
    "last_seen_at", "created_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoContact:
    id: int
    number: int
    place: Place
    stage: LifecycleStage
    created_at: datetime
    account_id: int | None
    owner_id: int
    row: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """What people are tied to."""

    account_ids: Sequence[int]
    owner_ids: Sequence[int]


class People:
    def __init__(self, company: Company, now: datetime) -> None:
        self._company = company
        self._now = now
        self._cultures = list(CULTURES)
        self._shares = [culture.share for culture in CULTURES]
        self._stages = [stage for stage, _ in _STAGES]
        self._stage_shares = [share for _, share in _STAGES]

    def person(self, rnd: random.Random, contact_id: int, number: int) -> DemoContact:
        [culture] = rnd.choices(self._cultures, self._shares)
        [stage] = rnd.choices(self._stages, self._stage_shares)
        place = rnd.choice(culture.places)
        first, first_latin = rnd.choice(culture.given)
        last, last_latin = rnd.choice(culture.family)
        email = f"{first_latin}.{last_latin}.{number}@{rnd.choice(DOMAINS)}"
        at_work = rnd.random() < 0.4
        account_id = rnd.choice(self._company.account_ids) if at_work else None
        owner_id = rnd.choice(self._company.owner_ids)
        created = self._now - timedelta(seconds=rnd.randrange(3600, 3 * 365 * 86400))
        seen = created + (self._now - created) * rnd.random() ** 0.3
        birthday, calendar = _birthday(rnd, culture)
        phone = _FILM_NUMBERS.get(place.country)
        row = (
            contact_id,
            f"demo-{number}",
            email,
            email,
            phone.format(rnd.randrange(100)) if phone and rnd.random() < 0.6 else None,
            first,
            last,
            contact_name_key(first, last, email),
            rnd.choice(_TITLES) if at_work else None,
            culture.language,
            place.country,
            place.city,
            place.time_zone,
            birthday,
            calendar,
            stage,
            _lead_status(rnd, stage),
            rnd.choice(_SOURCES),
            rnd.randrange(10, 100) if stage == LifecycleStage.CUSTOMER else rnd.randrange(60),
            account_id,
            owner_id,
            f'{{"plan": "{rnd.choice(_PLANS)}"}}' if rnd.random() < 0.4 else "{}",
            seen,
            created,
            max(created, seen),
        )
        return DemoContact(contact_id, number, place, stage, created, account_id, owner_id, row)


def _birthday(rnd: random.Random, culture: Culture) -> tuple[date | None, str]:
    calendar = (
        BirthdayCalendar.LUNAR if rnd.randrange(100) < culture.lunar else BirthdayCalendar.GREGORIAN
    )
    chance = rnd.random()
    if chance < 0.3:
        return None, BirthdayCalendar.GREGORIAN
    if chance < 0.31:
        return date(rnd.randrange(1948, 2005, 4), 2, 29), calendar
    return date(1945, 1, 1) + timedelta(days=rnd.randrange(60 * 365)), calendar


def _lead_status(rnd: random.Random, stage: LifecycleStage) -> str | None:
    if stage in (LifecycleStage.LEAD, LifecycleStage.MARKETING_QUALIFIED_LEAD):
        return rnd.choice((LeadStatus.NEW, LeadStatus.OPEN, LeadStatus.ATTEMPTED_TO_CONTACT))
    if stage == LifecycleStage.OPPORTUNITY:
        return LeadStatus.OPEN_DEAL
    return LeadStatus.CONNECTED if stage == LifecycleStage.SALES_QUALIFIED_LEAD else None
