"""A small world to look at: people, two flows, runs in every state, messages, mail."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.models import (
    Account,
    Consent,
    Contact,
    ContactTag,
    Event,
    Flow,
    FlowVersion,
    NodeCount,
    Order,
    Role,
    Tag,
    User,
)
from crm_store.session import Store
from engine.flows.dump import dump_flow
from engine.flows.model import from_definition
from engine.steps import STEP_KINDS
from tests.designer.seeded_runs import (
    PASSED,
    ada_through,
    at,
    li_waiting,
    mia_held,
    sakura_maybe,
)

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
        await ada_through(session, win_back, version, contacts[0])
        await mia_held(session, win_back, version, contacts[3])
        await li_waiting(session, win_back, version, contacts[1])
        await sakura_maybe(session, win_back, version, contacts[5])


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
