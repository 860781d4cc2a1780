"""A kind of open thing for tests of hosts: it is tended so often, counts answers, and ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.services import tenders
from engine.services.clocks import end_clocks, set_clocks
from engine.services.tending import Answer, Answered, ClockKind, Tended
from engine.services.work import Work

KIND = ClockKind.TICKET

_TABLE = """
    CREATE TABLE IF NOT EXISTS thing (
        id bigint PRIMARY KEY, left_to_tend bigint NOT NULL, tended bigint NOT NULL DEFAULT 0,
        accepted bigint NOT NULL DEFAULT 0, open boolean NOT NULL DEFAULT true)
"""


async def make_table(store: Store) -> None:
    async with store.transaction() as session:
        await session.execute(text(_TABLE))


async def _lock(work: Work, id_: int) -> Any:
    found = await work.session.execute(
        text("SELECT id, left_to_tend, open FROM thing WHERE id = :id FOR UPDATE"), {"id": id_}
    )
    return found.one()


async def tend(work: Work, id_: int) -> Tended:
    """Once more; the last time it is over."""
    row = await _lock(work, id_)
    await work.session.execute(
        text(
            "UPDATE thing SET tended = tended + 1, left_to_tend = left_to_tend - 1,"
            " open = left_to_tend > 1 WHERE id = :id"
        ),
        {"id": id_},
    )
    if row.left_to_tend <= 1:
        return Tended(ended=True)
    return Tended(work.now + timedelta(milliseconds=200))


async def act(work: Work, id_: int, answer: Answer) -> Answered:
    """Counts it; "close" also ends the thing."""
    row = await _lock(work, id_)
    if not row.open:
        return Answered("too_late", "It is over.")
    await work.session.execute(
        text("UPDATE thing SET accepted = accepted + 1, open = :open WHERE id = :id"),
        {"id": id_, "open": answer.verb != "close"},
    )
    if answer.verb == "close":
        await end_clocks(work, KIND, [id_])
    return Answered("accepted", details={"by": answer.by_id, "said": answer.given.get("said")})


async def insert_thing(work: Work, id_: int, times: int) -> None:
    await work.session.execute(
        text("INSERT INTO thing (id, left_to_tend) VALUES (:id, :times)"),
        {"id": id_, "times": times},
    )


async def open_thing(work: Work, id_: int, *, in_seconds: float | None, times: int = 1) -> None:
    await insert_thing(work, id_, times)
    due = None if in_seconds is None else work.now + timedelta(seconds=in_seconds)
    await set_clocks(work, KIND, {id_: due})


def answer(by_id: int, answer_id: str, verb: str = "approve", **given: Any) -> Answer:
    return Answer(by_id, verb, given, "api", answer_id)


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tenders.TENDERS, KIND, tend)
    monkeypatch.setitem(tenders.ANSWERS, KIND, act)
