"""A small world to look at: people, two flows, runs in every state, messages, mail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.models import (
    Account,
    Activity,
    Consent,
    Contact,
    ContactTag,
    Effect,
    Event,
    Flow,
    FlowVersion,
    Journal,
    Message,
    NodeCount,
    Order,
    Role,
    Run,
    Tag,
    User,
)
from crm_store.session import Store
from engine.flows.dump import dump_flow
from engine.flows.model import from_definition
from engine.steps import STEP_KINDS

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
EMAIL, PASSWORD = "ben@cadenza.test", "a quiet green harbour"

PEOPLE: list[tuple[str, str, str, str, str, str, str]] = [
    ("Ada", "Okafor", "ada@example.test", "NG", "Africa/Lagos", "en", "customer"),
    ("伟", "李", "li.wei@example.test", "CN", "Asia/Shanghai", "zh", "customer"),
    ("Cleo", "Marchetti", "cleo@example.test", "IT", "Europe/Rome", "it", "lead"),
    ("Mia", "Lindqvist", "mia@example.test", "SE", "Europe/Stockholm", "sv", "at_risk"),
    ("Tomás", "Ferreira", "tomas@example.test", "PT", "Europe/Lisbon", "pt", "opportunity"),
    ("さくら", "田中", "sakura@example.test", "JP", "Asia/Tokyo", "ja", "customer"),
    ("Noah", "Weiss", "noah@example.test", "DE", "Europe/Berlin", "de", "subscriber"),
    (
        "<b>Mallory</b>",
        "<img src=x onerror=alert(1)>",
        "mallory@example.test",
        "US",
        "America/New_York",
        "en",
        "churned",
    ),
]

WIN_BACK: dict[str, Any] = {
    "flow": "win_back",
    "label": "Win back quiet customers",
    "subject": "contact",
    "purpose": "marketing",
    "consent_note": "Customers agreed to news when they ordered.",
    "trigger": {
        "on": "segment",
        "event": None,
        "when": {"==": [{"var": "contact.lifecycle_stage"}, "customer"]},
    },
    "entry": {"policy": "once", "by": None},
    "exit_when": None,
    "goal": {"event": "Order Completed", "within": "P30D"},
    "holdout_percent": 0,
    "first": "first_touch",
    "nodes": [
        {
            "id": "first_touch",
            "do": "send_message",
            "settings": {"template": "win_back"},
            "exits": {"sent": "settle", "undeliverable": "done", "withheld": "done"},
        },
        {
            "id": "settle",
            "do": "wait",
            "settings": {"for": "3d"},
            "exits": {"passed": "visited"},
        },
        {
            "id": "visited",
            "do": "wait_for",
            "settings": {"event": "Visited Pricing", "timeout": "5d"},
            "exits": {"happened": "big_spender", "timed_out": "reminder"},
        },
        {
            "id": "big_spender",
            "do": "branch",
            "settings": {
                "cases": [{"when": {">": [{"var": "contact.score"}, 50]}, "label": "high score"}]
            },
            "exits": {"case_1": "call", "else": "offer"},
        },
        {
            "id": "offer",
            "do": "send_message",
            "settings": {"template": "win_back_offer"},
            "exits": {"sent": "done", "undeliverable": "done", "withheld": "done"},
        },
        {
            "id": "reminder",
            "do": "send_message",
            "settings": {"template": "offer"},
            "exits": {"sent": "done", "undeliverable": "done", "withheld": "done"},
        },
        {
            "id": "call",
            "do": "create_task",
            "settings": {"title": "Call {{ contact.first_name }}", "due": "1d"},
            "exits": {"done": "done"},
        },
        {"id": "done", "do": "exit", "settings": {"outcome": "done"}, "exits": {}},
    ],
}
WELCOME: dict[str, Any] = {
    **WIN_BACK,
    "flow": "welcome",
    "label": "Welcome 新客户欢迎",
    "purpose": "service",
    "trigger": {"on": "event", "event": "Signed Up", "when": None},
    "first": "hello",
    "nodes": [
        {
            "id": "hello",
            "do": "send_message",
            "settings": {"template": "welcome"},
            "exits": {"sent": "done", "undeliverable": "done", "withheld": "done"},
        },
        {"id": "done", "do": "exit", "settings": {}, "exits": {}},
    ],
}

# (node, exit, how many): what has passed through the win-back flow.
PASSED = [
    ("first_touch", "", 4218),
    ("first_touch", "sent", 4102),
    ("first_touch", "undeliverable", 37),
    ("first_touch", "withheld", 78),
    ("settle", "", 4102),
    ("settle", "passed", 2911),
    ("visited", "", 2911),
    ("visited", "happened", 640),
    ("visited", "timed_out", 1408),
    ("big_spender", "", 640),
    ("big_spender", "case_1", 112),
    ("big_spender", "else", 528),
    ("offer", "", 528),
    ("offer", "sent", 521),
    ("offer", "undeliverable", 3),
    ("reminder", "", 1408),
    ("reminder", "sent", 1399),
    ("call", "", 112),
    ("call", "done", 112),
    ("done", "", 2150),
    ("done", "(done)", 2150),
]


def at(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


async def seed(store: Store, *, password_hash: str, one_time: bool = False) -> None:
    """Fill an empty database. Ben is the admin; everything that is shown happened before NOW."""
    async with store.transaction() as session:
        await _people(session, password_hash, one_time)
        contacts = await _contacts(session)
        win_back, version = await _flow(session, WIN_BACK, "active")
        await _flow(session, WELCOME, "draft", publish=False)
        await session.execute(
            insert(NodeCount),
            [
                {"flow_version_id": version.id, "node": n, "exit": e, "slot": 0, "count": c}
                for n, e, c in PASSED
            ],
        )
        await _ada(session, win_back, version, contacts[0])
        await _held(session, win_back, version, contacts[3])
        await _waiting(session, win_back, version, contacts[1])
        await _maybe(session, win_back, version, contacts[5])


async def _people(session: AsyncSession, password_hash: str, one_time: bool) -> None:
    session.add_all([Role(key=key, label=key) for key in ("admin", "marketer", "viewer")])
    await session.flush()
    for name, email, role in (
        ("Ben Adeyemi", EMAIL, "admin"),
        ("Vera Viewer", "vera@cadenza.test", "viewer"),
    ):
        session.add(
            User(
                name=name,
                name_key=folded(name),
                email=email,
                email_key=folded(email),
                role=role,
                password_hash=password_hash,
                password_is_one_time=one_time,
            )
        )
    await session.flush()


async def _contacts(session: AsyncSession) -> list[Contact]:
    account = Account(name="Northwind Trading", name_key="northwind trading", country="SE")
    session.add(account)
    await session.flush()
    owner = await session.scalar(select(User).where(User.email == EMAIL))
    assert owner is not None
    found = []
    for place, (first, last, email, country, zone, language, stage) in enumerate(PEOPLE):
        contact = Contact(
            first_name=first,
            last_name=last,
            email=email,
            email_key=folded(email),
            name_key=folded(f"{first} {last}"),
            country=country,
            city="Lagos" if country == "NG" else None,
            time_zone=zone,
            language=language,
            lifecycle_stage=stage,
            score=place * 11,
            account_id=account.id if place % 2 else None,
            owner_id=owner.id if place < 4 else None,
            birthday=date(1988, 2, 29) if place == 0 else None,
            created_at=at(days=90 - place),
            last_seen_at=at(hours=5 * place + 1),
            custom={"plan": "team"} if place == 0 else {},
        )
        session.add(contact)
        found.append(contact)
    session.add(Tag(name="newsletter"))
    await session.flush()
    session.add(ContactTag(contact_id=found[0].id, tag="newsletter"))
    session.add(
        Consent(
            contact_id=found[0].id,
            channel="email",
            purpose="marketing",
            granted=True,
            lawful_basis="consent",
            source="sign-up form",
            recorded_at=at(days=80),
        )
    )
    for number, (days, minor) in enumerate(((200, 12900), (120, 4550))):
        session.add(
            Order(
                external_id=f"A-10{number}",
                contact_id=found[0].id,
                placed_at=at(days=days),
                status="completed",
                total_minor=minor,
                currency="EUR",
                item_count=2,
            )
        )
    for name, hours in (("Visited Pricing", 26.0), ("Page Viewed", 27.0), ("Signed Up", 2000.0)):
        session.add(
            Event(
                source="website",
                message_id=f"m-{name}",
                name=name,
                contact_id=found[0].id,
                properties={"path": "/pricing"},
                occurred_at=at(hours=hours),
                received_at=at(hours=hours),
            )
        )
    await session.flush()
    return found


async def _flow(
    session: AsyncSession, definition: dict[str, Any], state: str, *, publish: bool = True
) -> tuple[Flow, FlowVersion]:
    parsed = from_definition(definition)
    source = dump_flow(parsed, kinds=STEP_KINDS)
    flow = Flow(
        name=parsed.name,
        label=parsed.label,
        purpose=parsed.purpose.value,
        state=state,
        draft_source=source,
        created_at=at(days=40),
        updated_at=at(days=12),
    )
    session.add(flow)
    await session.flush()
    version = FlowVersion(
        flow_id=flow.id,
        number=1,
        hash=parsed.hash(),
        definition=parsed.definition(),
        source=source,
        published_at=at(days=12),
    )
    if publish:
        session.add(version)
        await session.flush()
        flow.published_version_id = version.id
    return flow, version


def _entry(when: datetime, node: str, what: str, why: Any = None, **more: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"at": when.isoformat(), "node": node, "visit": 1, "what": what}
    return entry | ({"why": why} if why else {}) | more


async def _run(
    session: AsyncSession,
    flow: Flow,
    version: FlowVersion,
    contact: Contact,
    entries: list[dict[str, Any]],
    **values: Any,
) -> Run:
    run = Run(
        **{
            "flow_id": flow.id,
            "flow_version_id": version.id,
            "subject_id": contact.id,
            "entry_key": "once",
            "shard": 0,
            "visit": 1,
            "entered_at": at(days=12),
            "moved_at": at(days=3),
            **values,
        }
    )
    session.add(run)
    await session.flush()
    session.add(Journal(run_id=run.id, at=run.moved_at, entries=entries))
    await session.flush()
    return run


async def _sent(
    session: AsyncSession, run: Run, node: str, contact: Contact, **values: Any
) -> Message:
    effect = Effect(
        run_id=run.id,
        flow_id=run.flow_id,
        node=node,
        visit=1,
        kind="send_message",
        purpose="marketing",
        subject_id=contact.id,
        shard=0,
        ask={"template": "win_back"},
        state="done",
        not_before=run.entered_at,
    )
    session.add(effect)
    await session.flush()
    message = Message(
        **{
            "effect_id": effect.id,
            "run_id": run.id,
            "flow_id": run.flow_id,
            "node": node,
            "contact_id": contact.id,
            "channel": "email",
            "purpose": "marketing",
            "template": "win_back",
            "language": "en",
            "address": contact.email,
            "subject": f"We miss you, {contact.first_name}",
            "provider_key": f"key-{effect.id}",
            "state": "sent",
            "handed_over_at": at(days=12),
            "answered_at": at(days=12),
            **values,
        }
    )
    session.add(message)
    await session.flush()
    return message


async def _ada(session: AsyncSession, flow: Flow, version: FlowVersion, ada: Contact) -> None:
    """Went the whole way: mail, wait, visit, branch, task, end."""
    run = await _run(
        session,
        flow,
        version,
        ada,
        [],
        state="ended",
        node="done",
        outcome="done",
        ended_at=at(days=1),
        moved_at=at(days=1),
    )
    message = await _sent(session, run, "first_touch", ada)
    session.add(
        Activity(
            kind="task",
            subject="Call Ada",
            contact_id=ada.id,
            run_id=run.id,
            due_at=at(hours=2),
            created_at=at(days=1),
        )
    )
    rule = {
        "truth": True,
        "test": "Compare",
        "read": [{"fact": "contact.score", "value": 72}],
    }
    until = at(days=9)
    entries = [
        _entry(at(days=12), "first_touch", "entered", {"by": "audience", "enrolment_id": 1}),
        _entry(
            at(days=12), "first_touch", "asked", {"template": "win_back"}, effect="send_message"
        ),
        _entry(
            at(days=12), "first_touch", "answered", {"outcome": "done", "message_id": message.id}
        ),
        _entry(
            at(days=12),
            "first_touch",
            "moved",
            {"outcome": "done", "message_id": message.id},
            exit="sent",
            to="settle",
        ),
        _entry(
            at(days=12),
            "settle",
            "waiting",
            {"for": "3d", "until": until.isoformat()},
            until=until.isoformat(),
        ),
        _entry(until, "settle", "moved", exit="passed", to="visited"),
        _entry(
            until,
            "visited",
            "waiting",
            {"event": "Visited Pricing"},
            until=at(days=4).isoformat(),
            listens=["Visited Pricing"],
        ),
        _entry(at(hours=26), "visited", "woken", {"event": "Visited Pricing"}),
        _entry(
            at(hours=26),
            "visited",
            "moved",
            {"event": "Visited Pricing", "occurred_at": at(hours=26).isoformat()},
            exit="happened",
            to="big_spender",
        ),
        _entry(
            at(hours=26),
            "big_spender",
            "moved",
            {"cases": [{"label": "high score", "held": True, "rule": rule}]},
            exit="case_1",
            to="call",
        ),
        _entry(
            at(hours=26),
            "call",
            "moved",
            {"assign_to": "owner", "due_at": at(hours=2).isoformat()},
            exit="done",
            to="done",
        ),
        _entry(at(hours=26), "done", "ended", outcome="done"),
    ]
    await session.execute(text("DELETE FROM journal WHERE run_id = :id"), {"id": run.id})
    session.add(Journal(run_id=run.id, at=at(days=1), entries=entries))
    await session.flush()


async def _held(session: AsyncSession, flow: Flow, version: FlowVersion, mia: Contact) -> None:
    entries = [
        _entry(at(days=5), "first_touch", "entered", {"by": "audience", "enrolment_id": 1}),
        _entry(
            at(days=5),
            "first_touch",
            "held",
            {
                "code": "message_cannot_be_made",
                "message": 'The message "win_back" cannot be made: no contact.nickname.',
            },
        ),
    ]
    await _run(
        session,
        flow,
        version,
        mia,
        entries,
        state="held",
        node="first_touch",
        outcome="message_cannot_be_made",
    )


async def _waiting(session: AsyncSession, flow: Flow, version: FlowVersion, li: Contact) -> None:
    until = NOW + timedelta(days=1)
    entries = [
        _entry(at(days=2), "first_touch", "entered", {"by": "audience", "enrolment_id": 1}),
        _entry(at(days=2), "first_touch", "asked", {"template": "win_back"}, effect="send_message"),
        _entry(at(days=2), "first_touch", "moved", {"outcome": "done"}, exit="sent", to="settle"),
        _entry(at(days=2), "settle", "waiting", {"for": "3d"}, until=until.isoformat()),
    ]
    run = await _run(
        session,
        flow,
        version,
        li,
        entries,
        state="active",
        node="settle",
        due_at=until,
        moved_at=at(days=2),
        entered_at=at(days=2),
    )
    await _sent(
        session,
        run,
        "first_touch",
        li,
        subject="李伟，好久不见",
        language="zh",
        handed_over_at=at(days=2),
    )


async def _maybe(session: AsyncSession, flow: Flow, version: FlowVersion, sakura: Contact) -> None:
    entries = [
        _entry(at(hours=30), "first_touch", "entered", {"by": "audience", "enrolment_id": 1}),
        _entry(
            at(hours=30),
            "first_touch",
            "moved",
            {"outcome": "maybe_done", "reason": "unclear"},
            exit="sent",
            to="settle",
        ),
        _entry(
            at(hours=30),
            "settle",
            "waiting",
            {"for": "3d"},
            until=(NOW + timedelta(days=2)).isoformat(),
        ),
    ]
    run = await _run(
        session,
        flow,
        version,
        sakura,
        entries,
        state="active",
        node="settle",
        due_at=NOW + timedelta(days=2),
        entered_at=at(hours=30),
        moved_at=at(hours=30),
    )
    await _sent(
        session,
        run,
        "first_touch",
        sakura,
        state="maybe_sent",
        reason="unclear",
        answered_at=None,
        handed_over_at=at(hours=30),
    )
