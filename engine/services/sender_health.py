"""Sender domains whose mail comes back or annoys: warned of, made to wait, resumed by a person."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import sender_health as rows
from crm_store.notices import tell_admins
from crm_store.sender_health import DomainRow
from engine.errors import Conflict
from engine.measuring.breaker import DAYS, Health, Judged, Limits, Volume, judge
from engine.services import audit
from engine.services.actor import SYSTEM, Actor, allowed

log = logging.getLogger(__name__)

NOTICE: Final = "sender_health"
# What is written to admins, in their language.
_TITLES: Final = {
    ("warned", "en"): "{domain}: too much mail comes back",
    ("warned", "zh"): "{domain}：退回或投诉的邮件过多",
    ("paused", "en"): "{domain} is paused: too much mail comes back",
    ("paused", "zh"): "{domain} 已暂停：退回或投诉的邮件过多",
    ("well", "en"): "{domain} is well again",
    ("well", "zh"): "{domain} 已恢复正常",
}
_BODIES: Final = {
    "en": "Of {sent} messages of the last {days} days {bounced} bounced ({bounces:.2%}) and "
    "{complained} were complained about ({complaints:.2%}).",
    "zh": "最近 {days} 天发送 {sent} 封，退信 {bounced} 封（{bounces:.2%}），"
    "投诉 {complained} 封（{complaints:.2%}）。",
}
_NEXT: Final = {
    "en": " Marketing from this domain waits until somebody resumes it: cadenza message resume "
    "{domain}.",
    "zh": "该域名的营销邮件将一直等待，直到有人恢复：cadenza message resume {domain}。",
}


@dataclass(frozen=True, slots=True)
class SenderDomain:
    """A domain with what it sent in the last days. `since` is None where it was always well."""

    domain: str
    volume: Volume
    health: Health
    since: datetime | None
    reason: str | None


async def judge_domains(
    session: AsyncSession, domains: Collection[str], limits: Limits, now: datetime
) -> None:
    """Look at these domains after reports of them were counted. A change is written down, audited
    and told to the admins, once."""
    if not domains:
        return
    await rows.hold_judgement(session, domains)
    for row in await rows.domains(session, rows.since(now, DAYS), domains):
        found = judge(Health(row.state), _volume(row), limits)
        if found.health != row.state:
            await _change(session, row, found, now)


async def list_domains(session: AsyncSession, actor: Actor, now: datetime) -> list[SenderDomain]:
    """Every domain that sent something in the last days or does not stand well, by name."""
    allowed(actor, "read", "message")
    return [
        SenderDomain(row.domain, _volume(row), Health(row.state), row.since, row.reason)
        for row in await rows.domains(session, rows.since(now, DAYS))
    ]


async def resume_domain(session: AsyncSession, actor: Actor, domain: str, now: datetime) -> None:
    """Let marketing of a paused domain go on; what came back before does not count any more.
    Raises NotAllowed and Conflict."""
    allowed(actor, "manage", "message")
    await rows.hold_judgement(session, [domain])
    if not await rows.resume(session, domain, now):
        raise Conflict(f'"{domain}" is not paused. `cadenza message breaker` shows all domains.')
    before, after = {"state": Health.PAUSED.value}, {"state": Health.WELL.value}
    await audit.record(session, actor, "resume", "sender_domain", domain, before, after)


async def _change(session: AsyncSession, row: DomainRow, found: Judged, now: datetime) -> None:
    volume = _volume(row)
    new = DomainRow(
        row.domain, row.sent, row.bounced, row.complained, found.health.value, now, found.reason
    )
    await rows.write_health(session, new, now)
    after = {
        "state": new.state,
        "reason": new.reason,
        "sent": row.sent,
        "bounced": row.bounced,
        "complained": row.complained,
    }
    verb = {Health.PAUSED: "pause", Health.WARNED: "warn", Health.WELL: "clear"}[found.health]
    await audit.record(
        session, SYSTEM, verb, "sender_domain", row.domain, {"state": row.state}, after
    )
    level = logging.INFO if found.health is Health.WELL else logging.WARNING
    log.log(level, "sender domain %s: %s (%s)", row.domain, found.health, found.reason)
    await tell_admins(
        session,
        NOTICE,
        {language: notice(row.domain, found.health, volume, language) for language in _BODIES},
        f"{row.domain}:{found.health}:{now:%Y%m%d%H%M%S}",
        now,
    )


def notice(domain: str, health: Health, volume: Volume, language: str) -> tuple[str, str]:
    """Title and text."""
    body = _BODIES[language].format(
        sent=volume.sent,
        days=DAYS,
        bounced=volume.bounced,
        bounces=volume.bounces,
        complained=volume.complained,
        complaints=volume.complaints,
    )
    if health is Health.PAUSED:
        body += _NEXT[language].format(domain=domain)
    return _TITLES[health.value, language].format(domain=domain), body


def _volume(row: DomainRow) -> Volume:
    return Volume(row.sent, row.bounced, row.complained)
