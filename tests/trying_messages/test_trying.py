"""Looking at a message before people get it: nothing is sent, written or counted."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact, Message, Segment, SegmentMember, Suppression, User
from crm_store.session import Store
from engine.channels.base import OutgoingMessage
from engine.channels.base import Refused as RefusedByChannel
from engine.channels.null import NullChannel
from engine.errors import Conflict, LimitReached, NotAllowed, NotFound, Refused
from engine.sending import Answer
from engine.services.actor import SYSTEM, Actor
from engine.services.files import NewFile, add_file
from engine.services.messages import prepare
from engine.services.people import ensure_roles
from engine.services.sending import editing
from engine.services.templates import TemplateLibrary, UnknownTemplate
from engine.services.templates.drafts import Transactions, save_template
from engine.services.templates.publishing import publish_template
from engine.services.trying_messages import (
    Desk,
    TestAsk,
    add_seed,
    as_reference,
    list_seeds,
    preview,
    proof,
    remove_seed,
    send_test,
    testing,
)
from tests.files import samples
from tests.messages.people import NOW, SETTINGS, TEMPLATES, add_asks, add_contacts, library

DESK = Desk(library(), SETTINGS)
VIEWER = Actor("user", 1, "Cleo", "viewer")
OUTSIDER = Actor("key", 3, "website")


def within(session: AsyncSession) -> Transactions:
    """What opens transactions, where a test has one open already."""
    return lambda: nullcontext(session)


class Kept(NullChannel):
    """Keeps what it is given; refuses addresses of refused.test."""

    def __init__(self) -> None:
        self.mails: list[OutgoingMessage] = []

    async def send(self, message: OutgoingMessage) -> None:
        if message.to.endswith("@refused.test"):
            raise RefusedByChannel("mailbox_full", "The mailbox is full.")
        self.mails.append(message)


async def person(store: Store, role: str = "marketer", email: str | None = "ben@x.test") -> Actor:
    async with store.transaction() as session:
        await ensure_roles(session)
        row = {"name": "Ben", "name_key": "ben", "role": role, "email": email, "email_key": email}
        identity = await session.scalar(insert(User).values(row).returning(User.id))
    return Actor("user", identity, "Ben", role)


def own_library(root: Path, body: str, *, more: str = "") -> TemplateLibrary:
    folder = root / "own"
    folder.mkdir()
    label = "label: {en: Own, zh: 自己}\npurpose: service\n"
    (folder / "meta.yaml").write_text(label + more)
    (folder / "subject.txt").write_text("Hello {{ contact.first_name }}\n")
    (folder / "body.html").write_text(body)
    (root / "_sample.yaml").write_text(
        "contact: {id: 1, email: ada@example.com, first_name: Ada, last_name: Tan, "
        "language: en, time_zone: UTC}\n"
    )
    return TemplateLibrary(root)


def desk_of(root: Path, body: str, *, more: str = "") -> Desk:
    return Desk(own_library(root, body, more=more), SETTINGS)


async def test_a_preview_is_written_with_the_contacts_own_facts(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, language="zh-CN", city="北京")
        seen = await preview(within(session), VIEWER, DESK, "win_back", now=NOW, contact=ada)
        by_address = await preview(
            within(session), VIEWER, DESK, "win_back", now=NOW, contact="ADA0@example.com"
        )
        english = await preview(
            within(session), VIEWER, DESK, "win_back", now=NOW, contact=ada, language="en"
        )
        assert await session.scalar(select(func.count()).select_from(Message)) == 0
    assert (seen.letter.language, seen.letter.subject) == ("zh", "Ada，好久不见")
    assert by_address.letter == seen.letter
    assert (english.letter.language, english.languages) == ("en", ("en", "zh"))
    assert (seen.contact_id, seen.address) == (ada, "ada0@example.com")
    assert seen.html_bytes == len(seen.letter.html.encode())
    assert dict(seen.headers)["To"] == "ada0@example.com"
    assert dict(seen.headers)["List-Unsubscribe"] == "<https://cadenza.test/u/preview>"
    assert "https://cadenza.test/u/preview" in seen.links


async def test_without_a_contact_it_is_written_for_somebody_made_up(store: Store) -> None:
    async with store.transaction() as session:
        seen = await preview(within(session), VIEWER, DESK, "offer", now=NOW)
    assert (seen.contact_id, seen.contact) == (None, "Ada Tan")


async def test_what_cannot_be_previewed_says_why(store: Store, tmp_path: Path) -> None:
    desk = desk_of(tmp_path, "<p>{{ contact.city }}</p>\n")
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        with pytest.raises(Refused) as refused:
            await preview(within(session), VIEWER, desk, "own", now=NOW, contact=ada)
        assert [(one.place, one.code) for one in refused.value.problems] == [
            ("contact.city", "missing_value")
        ]
        with pytest.raises(Refused):
            await preview(within(session), VIEWER, DESK, "offer", now=NOW, language="tlh")
        with pytest.raises(UnknownTemplate):
            await preview(within(session), VIEWER, DESK, "ofer", now=NOW)
        with pytest.raises(NotFound):
            await preview(
                within(session), VIEWER, DESK, "offer", now=NOW, contact="nobody@example.com"
            )
        with pytest.raises(NotAllowed):
            await preview(within(session), OUTSIDER, DESK, "offer", now=NOW)


QUIET = 'quiet_hours: [{from: "08:00", until: "20:00", medium: email}]\n'


async def test_a_preview_says_what_would_become_of_it_now(store: Store) -> None:
    async with store.transaction() as session:
        (yes,) = await add_contacts(session, 1, time_zone="Asia/Singapore")
        row = {"email": "b@x.test", "email_key": "b@x.test"}
        no = await session.scalar(insert(Contact).values(row).returning(Contact.id))
        fine = await preview(within(session), VIEWER, DESK, "offer", now=NOW, contact=yes)
        never = await preview(within(session), VIEWER, DESK, "offer", now=NOW, contact=no)
        await editing.save(session, SYSTEM, QUIET, NOW)
        quiet = await preview(within(session), VIEWER, DESK, "offer", now=NOW, contact=yes)
        made_up = await preview(within(session), VIEWER, DESK, "offer", now=NOW)
        waiting = await session.execute(text("SELECT count(*) FROM deferral"))
        assert waiting.scalar_one() == 0
    assert fine.ruling is not None
    assert never.ruling is not None
    assert quiet.ruling is not None
    assert (fine.ruling.answer, never.ruling.code) == (Answer.SEND, "no_consent")
    assert (quiet.ruling.answer, quiet.ruling.code) == (Answer.DEFER, "quiet_hours")
    assert quiet.ruling.until == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert made_up.ruling is None


CAPPED = "caps: [{most: 1, per: day}]\n"


async def test_a_preview_counts_what_the_contact_got_already(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, time_zone="UTC")
        await editing.save(session, SYSTEM, CAPPED, NOW)
        before = await preview(within(session), VIEWER, DESK, "offer", now=NOW, contact=ada)
        asks = await add_asks(session, [ada])
        await prepare(
            session,
            asks,
            library=DESK.library,
            sender_settings=SETTINGS,
            channel_name="smtp",
            now=NOW,
        )
        after = await preview(within(session), VIEWER, DESK, "offer", now=NOW, contact=ada)
    assert before.ruling is not None
    assert after.ruling is not None
    assert (before.ruling.answer, after.ruling.answer) == (Answer.SEND, Answer.DEFER)
    assert after.ruling.until == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)


async def test_findings_name_what_readers_would_stumble_over(store: Store, tmp_path: Path) -> None:
    body = (
        '<p>Hello {{ contact.first_name | default("") }} , {{ contact.last_name }}</p>'
        '<img src="https://pictures.test/1.png" alt=""><img src="cid:logo" alt="">'
        f"<!--{'x' * 105_000}-->"
    )
    desk = desk_of(tmp_path, body, more="attachments: [terms]\n")
    async with store.transaction() as session:
        await add_file(session, SYSTEM, NewFile("logo", "image/png", samples.PNG), NOW)
        (ada,) = await add_contacts(session, 1, last_name="{{ 7 * 7 }}")
        seen = await preview(within(session), VIEWER, desk, "own", now=NOW, contact=ada)
    levels = {one.code: one.level for one in seen.findings}
    assert levels == {
        "clipped": "warning",
        "gap": "warning",
        "looks_unwritten": "warning",
        "remote_pictures": "note",
        "unknown_file": "problem",
    }
    assert [(one.file.name, one.inline) for one in seen.files] == [("logo", True)]
    assert "{{ 7 * 7 }}" in seen.letter.html


async def segment(store: Store, ids: list[int]) -> None:
    async with store.transaction() as session:
        row = {"name": "vips", "label": "VIPs", "kind": "static", "state": "ready"}
        identity = await session.scalar(insert(Segment).values(row).returning(Segment.id))
        members = [{"segment_id": identity, "contact_id": one, "entered_at": NOW} for one in ids]
        await session.execute(insert(SegmentMember), members)


async def test_a_proof_sums_up_what_a_sample_would_meet(store: Store, tmp_path: Path) -> None:
    desk = desk_of(tmp_path, "<p>{{ contact.city }}</p>\n")
    async with store.transaction() as session:
        ids = await add_contacts(session, 20, city="Singapore")
        await session.execute(update(Contact).where(Contact.id.in_(ids[:3])).values(city=None))
        row = {"channel": "email", "address_key": "ada19@example.com", "reason": "bounced"}
        await session.execute(insert(Suppression), [row])
    await segment(store, ids)
    async with store.transaction() as session:
        found = await proof(session, VIEWER, desk, "own", now=NOW, segment="vips", people=20)
        again = await proof(session, VIEWER, desk, "own", now=NOW, segment="vips", people=5, seed=4)
        same = await proof(session, VIEWER, desk, "own", now=NOW, segment="vips", people=5, seed=4)
        other = await proof(session, VIEWER, desk, "own", now=NOW, segment="vips", people=5, seed=5)
    assert (found.drawn, found.written, found.languages) == (20, 17, {"en": 17})
    assert found.reach == {"sent": 19, "suppressed": 1}
    (missing,) = found.findings
    assert (missing.code, missing.path, missing.count) == (
        "template_missing_value",
        "contact.city",
        3,
    )
    assert {one.contact_id for one in missing.people} == set(ids[:3])
    assert found.largest is not None
    assert found.smallest_bytes <= found.usual_bytes <= found.largest_bytes
    assert again == same
    assert other.subjects != again.subjects


async def test_a_proof_has_its_limits(store: Store) -> None:
    async with store.transaction() as session:
        empty = await proof(session, VIEWER, DESK, "offer", now=NOW)
        assert (empty.drawn, empty.written, empty.largest) == (0, 0, None)
        with pytest.raises(NotFound):
            await proof(session, VIEWER, DESK, "offer", now=NOW, segment="nowhere")
        with pytest.raises(Refused):
            await proof(session, VIEWER, DESK, "offer", now=NOW, people=501)
        with pytest.raises(UnknownTemplate):
            await proof(session, VIEWER, DESK, "ofer", now=NOW)


async def test_a_test_goes_to_whoever_asks_and_leaves_only_a_trace(store: Store) -> None:
    ben, channel = await person(store), Kept()
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
    (tried,) = await send_test(store, ben, DESK, channel, TestAsk("win_back", contact=ada))
    (mail,) = channel.mails
    assert (tried.address, tried.answer) == ("ben@x.test", "sent")
    assert (mail.to, mail.subject) == ("ben@x.test", "[Test] Ada, it has been a while")
    assert mail.html is not None
    assert "ada0@example.com" not in mail.to
    assert "List-Unsubscribe" not in mail.headers
    assert "/u/preview" in mail.html
    async with store.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 0
        trace = text("SELECT verb, subject_kind, actor_name, after->>'template' FROM audit")
        assert (await session.execute(trace)).all() == [("send", "test_message", "Ben", "win_back")]


async def test_the_seed_list_gets_every_language(store: Store) -> None:
    ben, admin, channel = await person(store), Actor("user", 9, "Ann", "admin"), Kept()
    async with store.transaction() as session:
        assert await add_seed(session, admin, "Proofs@example.com", "our own", NOW)
        assert not await add_seed(session, admin, "proofs@example.com", "same again", NOW)
        assert await add_seed(session, admin, "full@refused.test", "", NOW)
        with pytest.raises(NotAllowed):
            await add_seed(session, ben, "victim@example.com", "", NOW)
        with pytest.raises(Refused):
            await add_seed(session, admin, "no address", "", NOW)
        assert [one.note for one in await list_seeds(session, VIEWER)] == ["", "same again"]
    ask = TestAsk("offer", "seeds", every_language=True)
    tried = await send_test(store, ben, DESK, channel, ask)
    assert {(one.language, one.answer) for one in tried} == {
        ("en", "sent"),
        ("zh", "sent"),
        ("en", "mailbox_full"),
        ("zh", "mailbox_full"),
    }
    assert {mail.to for mail in channel.mails} == {"proofs@example.com"}
    async with store.transaction() as session:
        await remove_seed(session, admin, "PROOFS@example.com")
        with pytest.raises(NotFound):
            await remove_seed(session, admin, "proofs@example.com")


async def test_tests_go_nowhere_else(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Kept()
    with pytest.raises(NotAllowed):
        await send_test(store, VIEWER, DESK, channel, TestAsk("offer"))
    with pytest.raises(NotAllowed):
        await send_test(store, SYSTEM, DESK, channel, TestAsk("offer"))
    nameless = await person(store, email=None)
    with pytest.raises(NotAllowed):
        await send_test(store, nameless, DESK, channel, TestAsk("offer"))
    with pytest.raises(Conflict):
        await send_test(store, SYSTEM, DESK, channel, TestAsk("offer", "seeds"))
    assert channel.mails == []


async def test_tests_are_counted_by_the_hour(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ben, channel = await person(store), Kept()
    monkeypatch.setattr(testing, "MOST_AN_HOUR", 2)
    for _ in range(2):
        await send_test(store, ben, DESK, channel, TestAsk("offer"))
    with pytest.raises(LimitReached):
        await send_test(store, ben, DESK, channel, TestAsk("offer"))
    assert len(channel.mails) == 2


async def test_the_seed_list_is_asked_some_times_an_hour_however_long_it_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben, channel = await person(store), Kept()
    monkeypatch.setattr(testing, "MOST_SEED_ASKS_AN_HOUR", 2)
    async with store.transaction() as session:
        for number in range(31):
            await add_seed(session, SYSTEM, f"proof{number}@example.com", "", NOW)
    ask = TestAsk("offer", "seeds", every_language=True)
    answers = await asyncio.gather(
        *(send_test(store, ben, DESK, channel, ask) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in answers) == ["LimitReached"] * 2 + ["list"] * 2
    assert len(channel.mails) == 2 * 31 * 2
    await send_test(store, ben, DESK, channel, TestAsk("offer"))  # counted apart


async def test_what_is_sent_is_tried_with_its_own_sample(store: Store) -> None:
    texts = {
        "meta.yaml": "label: {en: Wine, zh: 酒}\npurpose: service\n",
        "subject.txt": "A {{ contact.city }} for you\n",
        "body.html": "<p>Wine</p>\n",
        "sample.yaml": "contact: {city: Beaune}\n",
    }
    desk = Desk(TemplateLibrary(TEMPLATES), SETTINGS)
    async with store.transaction() as session:
        await save_template(session, SYSTEM, desk.library, "wine", texts, now=NOW)
        await publish_template(session, SYSTEM, desk.library, "wine", now=NOW)
        seen = await preview(within(session), VIEWER, desk, "wine", now=NOW)
    assert (seen.letter.subject, seen.letter.version) == ("A Beaune for you", "v1")


def test_a_contact_is_a_number_or_an_address() -> None:
    assert as_reference(" 12 ") == 12
    assert as_reference("ada@example.com") == "ada@example.com"
    assert as_reference("9" * 30) == "9" * 30


async def test_a_draft_is_tried_as_a_contact_before_anybody_gets_it(store: Store) -> None:
    texts = {
        "meta.yaml": "label: {en: News, zh: 新闻}\npurpose: service\n",
        "subject.txt": "Hello {{ contact.first_name }} of {{ contact.city }}\n",
        "body.html": "<p>News</p>\n",
    }
    ben, channel = await person(store), Kept()
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, city="Lagos")
        await save_template(session, ben, DESK.library, "news", texts, now=NOW)
        seen, by_cleo = [
            await preview(within(session), actor, DESK, "news", now=NOW, contact=ada, draft=True)
            for actor in (ben, VIEWER)
        ]
        with pytest.raises(UnknownTemplate):
            await preview(within(session), VIEWER, DESK, "news", now=NOW, contact=ada)
    assert (seen.letter.subject, seen.languages) == ("Hello Ada of Lagos", ("en",))
    assert by_cleo.letter.subject == "Hello Ada of (hidden)"
    await send_test(store, ben, DESK, channel, TestAsk("news", contact=ada, draft=True))
    assert [mail.subject for mail in channel.mails] == ["[Test] Hello Ada of Lagos"]
