"""Runs in every state, with their journals and messages, for the world the pages show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import (
    Activity,
    Contact,
    Effect,
    Flow,
    FlowVersion,
    Journal,
    Message,
    Run,
)

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

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


async def ada_through(
    session: AsyncSession, flow: Flow, version: FlowVersion, ada: Contact
) -> None:
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


async def mia_held(session: AsyncSession, flow: Flow, version: FlowVersion, mia: Contact) -> None:
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


async def li_waiting(session: AsyncSession, flow: Flow, version: FlowVersion, li: Contact) -> None:
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


async def sakura_maybe(
    session: AsyncSession, flow: Flow, version: FlowVersion, sakura: Contact
) -> None:
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
