"""How long people took to decide, to take something up and to answer, from known times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from crm_store.models import ApprovalRequest, ApprovalSeat, EscalationCase, Role, Ticket, User
from crm_store.models.approval import ApprovalDecision
from crm_store.session import Store
from engine.errors import NotAllowed
from engine.services.actor import SYSTEM, Actor
from engine.services.insight import Question, approval_times, escalation_times, ticket_times
from engine.services.insight.csv_text import approval_lines, escalation_lines, ticket_lines

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = 3600.0
MARCH = Question(period="2026-03")


def later(hours: float) -> datetime:
    return START + timedelta(hours=hours)


async def add(store: Store, model: type, *rows: dict[str, Any]) -> None:
    async with store.transaction() as session:
        for row in rows:
            await session.execute(insert(model).values(**row))


@pytest.fixture
async def people(store: Store) -> None:
    await add(store, Role, {"key": "rep", "label": "Rep"})
    names = ("Ben", "Cleo", "Dan")
    await add(store, User, *({"name": n, "name_key": n.lower(), "role": "rep"} for n in names))


def request(number: int, chain: str | None, took: float | None, status: str) -> dict[str, Any]:
    return {
        "key": f"k{number}",
        "subject_kind": "deal_move",
        "subject_id": number,
        "chain": chain,
        "title": "T",
        "body": "B",
        "status": status,
        "state": {},
        "opened_at": START,
        "ended_at": None if took is None else later(took),
    }


def seat(
    number: int, level: str, holder: int, asked: float, voted: float | None, **more: Any
) -> dict[str, Any]:
    return {
        "request_id": number,
        "seat": more.pop("seat", 1),
        "round": 1,
        "level": level,
        "holder_id": holder,
        "vote": None if voted is None else "approved",
        "open": voted is None,
        "asked_at": later(asked),
        "voted_at": None if voted is None else later(voted),
        **more,
    }


async def test_approvals_by_chain_level_and_person(store: Store, people: None) -> None:
    await add(
        store,
        ApprovalRequest,
        request(1, "discount", 10, "approved"),
        request(2, "discount", 30, "rejected"),
        request(3, None, None, "open"),
        request(4, "discount", 5, "approved") | {"opened_at": later(-24 * 90)},
    )
    await add(
        store,
        ApprovalSeat,
        seat(1, "lead", 1, 0, 4),
        seat(1, "head", 2, 4, 10, seat=2),
        seat(2, "lead", 1, 0, 8, by_id=3),
        seat(2, "head", 2, 8, None, seat=2, open=False),
        seat(3, "lead", 1, 0, None),
    )
    # nobody of the second level spoke: Cadenza ended it
    await add(
        store,
        ApprovalDecision,
        {
            "request_id": 2,
            "round": 1,
            "level": "head",
            "verb": "timed_out",
            "door": "clock",
            "at": later(30),
        },
    )
    async with store.transaction() as session:
        found = await approval_times(session, SYSTEM, MARCH, "UTC")
    chains = {one.chain: one for one in found.chains}
    assert (chains["discount"].asked, chains["discount"].approved) == (2, 1)
    assert (chains["discount"].rejected, chains["discount"].open) == (1, 0)
    assert chains["discount"].took.p50 == 20 * HOUR
    assert (chains[None].asked, chains[None].open, chains[None].took.p50) == (1, 1, None)
    assert [(one.level, one.took.cases, one.took.p50) for one in found.levels] == [
        ("head", 2, 14 * HOUR),
        ("lead", 2, 6 * HOUR),
    ]
    who = {one.name: (one.open, one.took.cases, one.took.p50) for one in found.people}
    assert who == {
        "Ben": (1, 1, 4 * HOUR),
        "Cleo": (0, 1, 6 * HOUR),
        "Dan": (0, 1, 8 * HOUR),
    }
    assert len(approval_lines(found)) == 1 + 2 + 2 + 3


async def test_escalations_until_somebody_took_them_up(store: Store, people: None) -> None:
    def case(number: int, level: int, taken: float | None, **more: Any) -> dict[str, Any]:
        return {
            "subject_kind": "deal",
            "subject_id": number,
            "policy": "stuck",
            "title": "T",
            "body": "B",
            "title_zh": "T",
            "body_zh": "B",
            "status": "open",
            "state": {},
            "level": level,
            "told_ids": [],
            "opened_at": START,
            "acknowledged_at": None if taken is None else later(taken),
            **more,
        }

    await add(
        store,
        EscalationCase,
        case(1, 1, 2),
        case(2, 3, 6, ended_at=later(9)),
        case(3, 1, None, held_for="nobody"),
    )
    async with store.transaction() as session:
        (found,) = await escalation_times(session, SYSTEM, MARCH, "UTC")
        assert await escalation_times(session, SYSTEM, Question(period="2026-04"), "UTC") == ()
    assert (found.policy, found.opened, found.open, found.held, found.further) == (
        *("stuck", 3, 2, 1),
        1,
    )
    assert (found.took.cases, found.took.p50) == (2, 4 * HOUR)
    assert escalation_lines([found])[1] == ("stuck", 3, 2, 1, 1, 2, 14400, 18000, 20160)


async def test_tickets_by_priority_and_owner(store: Store, people: None) -> None:
    def ticket(owner: int, answered: float, solved: float | None, **more: Any) -> dict[str, Any]:
        return {
            "subject": "S",
            "priority": "high",
            "owner_id": owner,
            "opened_at": START,
            "first_response_at": later(answered),
            "solved_at": None if solved is None else later(solved),
            **more,
        }

    await add(
        store,
        Ticket,
        ticket(1, 1, 10, satisfaction_score=5, reopened=1),
        ticket(1, 3, 20, satisfaction_score=2, clocks={"told": ["resolution:breach"]}),
        ticket(2, 5, None, clocks={"told": ["response:75", "response:breach"]}),
        ticket(2, 9, 9, merged_into_id=1),
    )
    async with store.transaction() as session:
        (found,) = await ticket_times(session, SYSTEM, MARCH, "UTC")
        owners = await ticket_times(session, SYSTEM, MARCH, "UTC", by_owner=True)
        with pytest.raises(NotAllowed):
            await ticket_times(session, Actor("key", 1, "a key"), MARCH, "UTC")
    assert (found.opened, found.open, found.reopened) == (3, 1, 1)
    assert (found.late_responses, found.late_solutions) == (1, 1)
    assert (found.rated, found.score) == (2, 3.5)
    assert (found.response.p50, found.solution.p50) == (3 * HOUR, 15 * HOUR)
    assert [(one.owner, one.opened) for one in owners] == [("Ben", 2), ("Cleo", 1)]
    assert len(ticket_lines(owners)) == 3
