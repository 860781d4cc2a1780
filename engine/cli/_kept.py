"""What `cadenza doctor` finds in the database: its own settings, what waits, channels, backups."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.channels import channels
from crm_store.session import POOL_OVERFLOW, Store
from engine.cli._checks import Finding, note, ok, wrong
from engine.measuring.breaker import Health
from engine.services.actor import SYSTEM
from engine.services.backups.holding import is_held
from engine.services.backups.known import latest_backups
from engine.services.channels.registry import secret_purpose
from engine.services.secrets import SecretBox, Unreadable, box_of
from engine.services.sender_health import list_domains
from engine.services.vitals import Level, look
from engine.settings import Settings

OLDEST_BACKUP = timedelta(days=7)
_WANTED = ("fsync", "full_page_writes", "synchronous_commit", "max_connections", "server_encoding")


async def kept(settings: Settings) -> list[Finding]:
    """Only asked when the schema is ours."""
    assert settings.database.url is not None
    store = Store(settings.database.url.get_secret_value(), pool_size=1)
    now = datetime.now(UTC)
    found: list[Finding] = []
    try:
        async with store.transaction() as session:
            found += await _database(session, settings)
            found += await _channels(session, _box(settings))
            found += await _work(session, now)
            found += await _backups(session, now)
    except SQLAlchemyError as error:
        found.append(wrong(f"The database could not be asked ({type(error).__name__})."))
    finally:
        await store.close()
    return found


async def _database(session: AsyncSession, settings: Settings) -> Iterable[Finding]:
    rows = await session.execute(
        text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"),
        {"names": list(_WANTED)},
    )
    known = {str(row.name): str(row.setting) for row in rows}
    found = []
    for name in ("fsync", "full_page_writes"):
        if known.get(name) == "off":
            found.append(
                wrong(f"PostgreSQL runs with {name}=off: a power cut destroys it. Set it to on.")
            )
    if known.get("synchronous_commit") == "off":
        found.append(
            note(
                "PostgreSQL runs with synchronous_commit=off: after a crash the last moments are "
                "gone, and a mail of them may go out twice. Set it to on."
            )
        )
    if known.get("server_encoding") != "UTF8":
        found.append(wrong("The database is not in UTF8: names will be refused. Make it anew."))
    each, most = settings.database.pool_size + POOL_OVERFLOW, int(known.get("max_connections", "0"))
    if most < each * 2:
        found.append(
            note(
                f"max_connections is {most} and one process may take {each}: with more than one, "
                "raise it or lower DATABASE_POOL_SIZE."
            )
        )
    return found or [ok("PostgreSQL keeps what it has written.")]


async def _channels(session: AsyncSession, box: SecretBox) -> Iterable[Finding]:
    rows = list(await channels(session))
    found = []
    for row in rows:
        if row.secret is None:
            continue
        try:
            box.open(row.secret, secret_purpose(row.name))
        except Unreadable as error:
            found.append(wrong(f'The channel "{row.name}" cannot be used: {error}'))
        if not row.enabled:
            found.append(note(f'The channel "{row.name}" is paused: `cadenza channel resume`.'))
    return found or [ok(f"{len(rows)} added channels, all can be used.")]


async def _work(session: AsyncSession, now: datetime) -> Iterable[Finding]:
    seen = await look(session, SYSTEM, now)
    found = [
        wrong(
            f"{one.waiting} of the queue of {one.code} wait, the oldest for "
            f"{one.lag.total_seconds() / 60:.0f} minutes: is a worker running? `cadenza worker` "
            "starts one."
        )
        for one in seen.queues
        if one.level is Level.STUCK
    ]
    if seen.held_runs:
        found.append(note(f"{seen.held_runs} runs are held: `cadenza run held` says why."))
    for domain in await list_domains(session, SYSTEM, now):
        if domain.health is Health.PAUSED:
            found.append(
                wrong(
                    f"Marketing from {domain.domain} waits, because too much came back: look at "
                    "`cadenza message breaker`."
                )
            )
    return found or [ok("Nothing waits that should have been done.")]


async def _backups(session: AsyncSession, now: datetime) -> Iterable[Finding]:
    found = []
    if await is_held(session):
        found.append(
            note("This was restored from a backup and sends nothing until somebody confirms it.")
        )
    latest = await latest_backups(session, SYSTEM, limit=1)
    if not latest:
        found.append(note("No backup was made yet: `cadenza backup` makes one."))
    elif (age := now - latest[0].taken_at) > OLDEST_BACKUP:
        found.append(wrong(f"The last backup is {age.days} days old: `cadenza backup` makes one."))
    else:
        found.append(ok(f"The last backup is {age.total_seconds() / 3600:.0f} hours old."))
    return found


def _box(settings: Settings) -> SecretBox:
    security = settings.security
    given = (security.secret_key, security.old_secret_key)
    return box_of(security.keys(), [one.get_secret_value() for one in given if one])
