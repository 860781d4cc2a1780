"""Mail that came back, from a folder to what follows from it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import select, text, update
from temporalio.testing import ActivityEnvironment

from crm_store.models import Audit, Event, Message, SenderDay, SenderHealth, Suppression
from crm_store.session import Store
from engine.activities.bounces import BounceActivities
from engine.activities.parts import Parts
from engine.channels.bounces import BounceAddresses, Kind
from engine.channels.reports import Bounce, Report, What
from engine.errors import Conflict, NotAllowed, NotFound
from engine.measuring.breaker import Health, Limits
from engine.services.actor import SYSTEM, Actor
from engine.services.bounces import BounceDesk, Counted, read_folder
from engine.services.feedback import Consequences, take_in
from engine.services.messages import NotSent, Prepared, prepare
from engine.services.people import create_user, ensure_roles
from engine.services.sender_health import list_domains, resume_domain
from engine.workflows.shared import BouncesInput, Progress
from tests.bounces.samples import ADDRESSES, dsn
from tests.messages.people import SETTINGS, add_asks, add_contacts, library

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LIBRARY = library()
KEY_IN_SAMPLES = "0123456789abcdef0123456789abcdef"


async def sent(store: Store, count: int = 1, *, purpose: str = "marketing") -> list[Prepared]:
    """Messages that went out."""
    async with store.transaction() as session:
        asks = await add_asks(session, await add_contacts(session, count), purpose=purpose)
        made = await prepared(session, asks)
        await session.execute(update(Message).values(state="sent", sender_domain="cadenza.test"))
    return [one for one in made if isinstance(one, Prepared)]


async def prepared(session: Any, asks: Sequence[Any]) -> list[Prepared | NotSent]:
    return await prepare(
        session, asks, library=LIBRARY, sender_settings=SETTINGS, channel_name="smtp", now=NOW
    )


def desk(store: Store) -> BounceDesk:
    return BounceDesk(store, ADDRESSES, 4, lambda _: None)


def mail(one: Prepared, status: str = "5.1.1") -> bytes:
    """A bounce of this message; a mail of its own."""
    mine = ADDRESSES.of(one.outgoing.provider_key) or ""
    raw = dsn(status).replace(ADDRESSES.of(KEY_IN_SAMPLES) or "", mine)
    return raw.replace("20260302100005.1@", f"{one.message_id}@").encode()


async def names(store: Store) -> list[str]:
    async with store.transaction() as session:
        return list(await session.scalars(select(Event.name).order_by(Event.id)))


async def suppressed(store: Store) -> dict[str, tuple[str, datetime | None]]:
    async with store.transaction() as session:
        rows = await session.scalars(select(Suppression))
        return {row.address_key: (row.reason, row.expires_at) for row in rows}


async def test_a_hard_bounce_ends_mail_to_the_address(store: Store) -> None:
    (one,) = await sent(store)
    assert await desk(store).take([mail(one)], NOW) == Counted({Kind.REPORT: 1}, 1)
    assert await names(store) == ["Message Bounced"]
    assert await suppressed(store) == {"ada0@example.com": ("bounced", None)}
    async with store.transaction() as session:
        row = (await session.execute(select(Message))).scalar_one()
        assert (row.bounced_at is not None, row.soft_bounced_at) == (True, None)
    assert await desk(store).take([mail(one)], NOW) == Counted({Kind.REPORT: 1}, 0)
    assert await names(store) == ["Message Bounced"]


async def test_a_forged_or_unreadable_mail_changes_nothing_and_is_counted(store: Store) -> None:
    await sent(store)
    forged = dsn("5.1.1").replace(ADDRESSES.of(KEY_IN_SAMPLES) or "", "x@y.example")
    stranger = BounceAddresses("bounces@mail.example.com", ["somebody else's"])
    mine = stranger.of("f" * 32) or ""
    lie = f"To: {mine}\nReturn-Path: <>\nFrom: mailer-daemon@x.example\n\n550 5.1.1 x"
    counted = await desk(store).take([forged.encode(), b"nothing", lie.encode()], NOW)
    assert counted == Counted({Kind.REPORT: 1, Kind.UNREADABLE: 1, Kind.FORGED: 1}, 0)
    assert await names(store) == []


def maildir(path: Path, mails: Sequence[bytes]) -> Path:
    for name in ("new", "cur", "tmp"):
        (path / name).mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(mails):
        (path / "new" / f"{number:04}.mx").write_bytes(raw)
    return path


async def test_a_maildir_is_read_once_and_put_aside(store: Store, tmp_path: Path) -> None:
    group = await sent(store, 5)
    folder = maildir(tmp_path / "bounces", [mail(one) for one in group])
    (folder / "new" / "link").symlink_to("/etc/hostname")
    os.mkfifo(folder / "new" / "pipe")
    first, more = await read_folder(desk(store), folder, NOW, at_once=3)
    second, no_more = await read_folder(desk(store), folder, NOW, at_once=3)
    assert (first.fresh, more, second.fresh, no_more) == (3, True, 2, False)
    assert {file.name for file in (folder / "new").iterdir()} == {"link", "pipe"}
    assert len(list((folder / "cur").iterdir())) == 5
    assert (await read_folder(desk(store), folder, NOW))[0].total == 0


async def test_a_crash_before_putting_aside_counts_nothing_twice(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = await sent(store, 3)
    folder = maildir(tmp_path / "bounces", [mail(one) for one in group])
    with monkeypatch.context() as patched:
        patched.setattr("engine.channels.bounces.maildir.Maildir.put_aside", _crash)
        with pytest.raises(ZeroDivisionError):
            await read_folder(desk(store), folder, NOW)
    assert len(list((folder / "new").iterdir())) == 3
    counted, _ = await read_folder(desk(store), folder, NOW)
    assert (counted.total, counted.fresh) == (3, 0)
    assert await names(store) == ["Message Bounced"] * 3


def _crash(*_: object) -> None:
    raise ZeroDivisionError("power cut")


def mbox(mails: Sequence[bytes]) -> bytes:
    return b"".join(b"From MAILER-DAEMON Mon Mar  2 10:00:05 2026\n" + one + b"\n" for one in mails)


async def test_an_mbox_is_read_from_where_the_last_reading_ended(
    store: Store, tmp_path: Path
) -> None:
    group = await sent(store, 6)
    file = tmp_path / "bounces.mbox"
    file.write_bytes(mbox([mail(one) for one in group[:4]]))
    steps = [await read_folder(desk(store), file, NOW, at_once=3) for _ in range(3)]
    assert [(one.total, one.fresh, more) for one, more in steps] == [
        (3, 3, True),
        (1, 1, False),
        (0, 0, False),
    ]
    with file.open("ab") as grown:
        grown.write(mbox([mail(group[4])]))
    assert (await read_folder(desk(store), file, NOW))[0] == Counted({Kind.REPORT: 1}, 1)
    # replaced by another one, as logs are
    file.write_bytes(mbox([mail(group[0]), mail(group[5])]))
    counted, _ = await read_folder(desk(store), file, NOW)
    assert (counted.total, counted.fresh) == (2, 1)


async def test_a_folder_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="BOUNCE_MAILBOX"):
        await read_folder(desk(store), tmp_path / "nowhere", NOW)


async def test_a_worker_reads_all_of_it_and_says_when_it_looks_again(
    store: Store, tmp_path: Path
) -> None:
    group = await sent(store, 3)
    folder = maildir(tmp_path / "bounces", [mail(one) for one in group])
    parts = SimpleNamespace(bounce_desk=desk(store), bounce_folder=folder, now=lambda: NOW)
    read = ActivityEnvironment().run
    work = BounceActivities(cast("Parts", parts)).read
    progress = await read(work, BouncesInput(60))
    assert (progress.done, progress.again) == (3, False)
    assert progress.next_due == (NOW + timedelta(seconds=60)).timestamp()
    parts.bounce_folder = tmp_path / "gone"
    assert (await read(work, BouncesInput(60))).next_due is not None
    parts.bounce_folder = None
    assert await read(work, BouncesInput(60)) == Progress()


def report(one: Prepared, what: What, n: int, bounce: Bounce | None = None) -> Report:
    return Report(f"r{n}", one.outgoing.provider_key, what, NOW, bounce=bounce)


async def to_one_person(store: Store, count: int) -> list[Prepared]:
    """Messages to Ada, a minute apart."""
    async with store.transaction() as session:
        contacts = await add_contacts(session, 1)
        asks = []
        for _ in range(count):
            asks += await add_asks(session, contacts)
            await session.execute(text("UPDATE flow SET name = name || '+' || id"))
        made = [one for one in await prepared(session, asks) if isinstance(one, Prepared)]
        for minute, one in enumerate(made):
            at = NOW - timedelta(minutes=60 - minute)
            await session.execute(
                update(Message)
                .where(Message.id == one.message_id)
                .values(state="sent", handed_over_at=at)
            )
    return made


USUAL = Consequences(soft_bounces=3)
FULL = (What.BLOCKED, Bounce.FULL)


@pytest.mark.parametrize(
    ("reports", "rests"),
    [
        ([FULL, FULL], False),
        ([FULL, FULL, FULL], True),
        ([FULL, FULL, (What.DELIVERED, None), FULL], False),
        ([FULL, (What.DELIVERED, None), FULL, FULL, FULL], True),
        ([FULL, FULL, (What.OPENED, None), FULL], False),
        # what is refused because of us says nothing about the mailbox
        ([(What.BLOCKED, Bounce.BLOCK)] * 5, False),
    ],
)
async def test_soft_bounces_in_a_row_make_an_address_rest(
    store: Store, reports: list[tuple[What, Bounce | None]], rests: bool
) -> None:
    group = await to_one_person(store, len(reports))
    for n, (one, (what, bounce)) in enumerate(zip(group, reports, strict=True)):
        told = [report(one, what, n, bounce)]
        await take_in(store, "bounces", told, partitions=4, now=NOW, consequences=USUAL)
    until = NOW + timedelta(days=30)
    assert await suppressed(store) == (
        {"ada0@example.com": ("soft_bounced", until)} if rests else {}
    )


async def test_a_hard_bounce_outlasts_a_rest(store: Store) -> None:
    group = await to_one_person(store, 4)
    for n, one in enumerate(group[:3]):
        await take_in(store, "bounces", [report(one, *_args(n))], partitions=4, now=NOW)
    assert (await suppressed(store))["ada0@example.com"][0] == "soft_bounced"
    hard = report(group[3], What.BOUNCED, 9, Bounce.HARD)
    await take_in(store, "bounces", [hard], partitions=4, now=NOW)
    assert await suppressed(store) == {"ada0@example.com": ("bounced", None)}


def _args(n: int) -> tuple[What, int, Bounce]:
    return What.BLOCKED, n, Bounce.SOFT


async def test_who_rests_gets_mail_again_afterwards(store: Store) -> None:
    async with store.transaction() as session:
        asks = await add_asks(session, await add_contacts(session, 2))
        real = datetime.now(UTC)
        for n, until in enumerate((real + timedelta(days=1), real - timedelta(days=1))):
            session.add(
                Suppression(
                    channel="email",
                    address_key=f"ada{n}@example.com",
                    reason="soft_bounced",
                    expires_at=until,
                )
            )
        await session.flush()
        resting, rested = await prepared(session, asks)
    assert isinstance(resting, NotSent)
    assert resting.code == "suppressed"
    assert isinstance(rested, Prepared)


SMALL = Consequences(limits=Limits(least_sent=10, warn_complaints=0.1, pause_complaints=0.3))


async def test_a_domain_that_annoys_waits_until_somebody_resumes_it(store: Store) -> None:
    async with store.transaction() as session:
        await ensure_roles(session)
        made = await create_user(
            session, SYSTEM, email="ben@example.com", name="Ben", role="admin", language="zh"
        )
    admin = made.id
    group = await sent(store, 10)
    async with store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO sender_day (domain, day, slot, sent)"
                " VALUES ('cadenza.test', :d, 1, 10)"
            ),
            {"d": NOW.date()},
        )
    seen = []
    for n, one in enumerate(group[:4]):
        told = [report(one, What.COMPLAINED, n)]
        for _ in range(2):
            await take_in(store, "fbl", told, partitions=4, now=NOW, consequences=SMALL)
        async with store.transaction() as session:
            (domain,) = await list_domains(session, SYSTEM, NOW)
            seen.append((domain.volume.complained, domain.health))
    warned, paused = Health.WARNED, Health.PAUSED
    assert seen == [(1, warned), (2, warned), (3, paused), (4, paused)]
    await _told_once(store, admin)
    async with store.transaction() as session:
        contacts = await add_contacts(session, 1, email="eve@example.com", email_key="eve")
        marketing = (await prepared(session, await add_asks(session, contacts)))[0]
        assert isinstance(marketing, NotSent)
        assert (marketing.verdict, marketing.code) == ("later", "sender_paused")
        waits = await session.execute(text("SELECT reason, read FROM deferral"))
        assert [tuple(row) for row in waits] == [("sender_paused", {"domain": "cadenza.test"})]
        await session.execute(text("UPDATE flow SET name = name || '+' || id"))
        service = await add_asks(session, contacts, purpose="service")
        assert isinstance((await prepared(session, service))[0], Prepared)
        with pytest.raises(NotAllowed):
            await resume_domain(session, Actor("user", 7, "Ada", "viewer"), "cadenza.test", NOW)
        await session.execute(text("UPDATE effect SET not_before = (SELECT until FROM deferral)"))
        await resume_domain(session, Actor("user", admin, "Ben", "admin"), "cadenza.test", NOW)
        late = text("SELECT count(*) FROM effect WHERE not_before > :now")
        assert await session.scalar(late, {"now": NOW}) == 11
        assert isinstance((await prepared(session, [marketing.ask]))[0], Prepared)
        with pytest.raises(Conflict):
            await resume_domain(session, SYSTEM, "cadenza.test", NOW)
        (domain,) = await list_domains(session, SYSTEM, NOW)
        assert (domain.health, domain.volume.complained) == (Health.WELL, 0)


async def test_what_was_sent_before_a_domain_was_resumed_is_forgiven_when_it_is_reported_late(
    store: Store,
) -> None:
    group = await sent(store, 6)
    resumed = NOW + timedelta(minutes=30)
    async with store.transaction() as session:
        session.add(SenderHealth(domain="cadenza.test", state="paused", since=NOW))
        await session.flush()
        await resume_domain(session, SYSTEM, "cadenza.test", resumed)
        session.add(SenderDay(domain="cadenza.test", day=NOW.date(), slot=0, sent=10))
    later = resumed + timedelta(hours=1)
    late = [report(one, What.COMPLAINED, n) for n, one in enumerate(group[:5])]
    await take_in(store, "fbl", late, partitions=4, now=later, consequences=SMALL)
    async with store.transaction() as session:
        (domain,) = await list_domains(session, SYSTEM, later)
        assert (domain.health, domain.volume.complained) == (Health.WELL, 0)
        await session.execute(
            update(Message)
            .where(Message.id == group[5].message_id)
            .values(handed_over_at=resumed + timedelta(minutes=1))
        )
    new = [report(group[5], What.COMPLAINED, 5)]
    await take_in(store, "fbl", new, partitions=4, now=later, consequences=SMALL)
    async with store.transaction() as session:
        (domain,) = await list_domains(session, SYSTEM, later)
        assert (domain.health, domain.volume.complained) == (Health.WARNED, 1)


async def test_reports_on_one_contact_wait_for_each_other_and_all_count(store: Store) -> None:
    (one,) = await sent(store)
    taken = await asyncio.gather(
        *(
            take_in(store, "fbl", [report(one, What.COMPLAINED, n)], partitions=4, now=NOW)
            for n in range(6)
        )
    )
    assert [each.fresh for each in taken] == [1] * 6


async def _told_once(store: Store, admin: int) -> None:
    async with store.transaction() as session:
        health = (await session.execute(select(SenderHealth))).scalar_one()
        assert (health.state, health.reason, health.complained) == ("paused", "complaints", 3)
        verbs = list(
            await session.scalars(
                select(Audit.verb).where(Audit.subject_kind == "sender_domain").order_by(Audit.id)
            )
        )
        assert verbs == ["warn", "pause"]
        notices = await session.execute(
            text("SELECT user_id, title FROM notice WHERE kind = 'sender_health' ORDER BY id")
        )
        found = [tuple(row) for row in notices]
        assert [user for user, _ in found] == [admin, admin]
        assert "已暂停" in found[1][1]
