"""What a person answers from the command line: who it is, and what goes on because of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from engine.cli._runtime import opened
from engine.errors import NotAllowed
from engine.runtime import Runtime
from engine.services.actor import SYSTEM, Actor
from engine.services.answering import poke_told
from engine.services.door import acts_as
from engine.services.people import find_user
from engine.services.roles.acting import actor_numbered
from engine.services.travelling import Ledger, Written

As = Annotated[str, typer.Option("--as", help="The address of the person who answers.")]
Answering = Callable[[AsyncSession, Actor, Runtime, Ledger], Awaitable[Written]]


async def answered(email: str, answer: Answering) -> None:
    """Let the person answer, in one transaction, and poke the drivers after it."""
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            actor = await person(session, email)
            written = await answer(session, actor, runtime, _ledger(runtime))
            names = (await runtime.plans.book(session)).names
        poke_told(runtime.pokes, names, written)


async def person(session: AsyncSession, email: str) -> Actor:
    """Raises NotFound, and NotAllowed for somebody who may not sign in any more."""
    found = await find_user(session, SYSTEM, email)
    if not found.active:
        raise NotAllowed(f"{email} is deactivated and answers nothing.")
    actor = await actor_numbered(session, found.id)
    assert actor is not None  # active, a line above
    acts_as(actor)
    return actor


def _ledger(runtime: Runtime) -> Ledger:
    return runtime.shared.ledger(runtime.now())
