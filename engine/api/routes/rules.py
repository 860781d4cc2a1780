"""`POST /api/rules/{check,explain,count,sample}`: questions about a rule that is not saved."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC
from typing import Any

from fastapi import APIRouter

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.rates import HeavyLine
from engine.api.shapes import rules as shapes
from engine.api.shapes.common import Words
from engine.rules.wording import describe
from engine.services.rules import (
    Examined,
    count_rule,
    examine_closely,
    explain_rule,
    sample_rule,
    vocabulary,
)


def rules_router(parts: Parts, heavy: HeavyLine) -> APIRouter:
    router = APIRouter(
        prefix="/api/rules", tags=["rules"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )
    zone = parts.settings.company.default_zone

    @router.post("/check", operation_id="check_rule", responses=refusals())
    async def check(asked: shapes.CheckGiven, caller: Calling) -> shapes.Checked:
        """Everything that is wrong with a rule, and what is allowed and probably not meant.

        The answer is 200 for a rule with mistakes too: they are what was asked for.
        """
        async with parts.store.transaction() as session:
            catalogue = await vocabulary(session, caller.actor, asked.subject)
        examined = await asyncio.to_thread(examine_closely, asked.asked(zone), catalogue)
        words = None
        if examined.rule is not None:
            root = examined.rule.root
            words = Words(en=describe(root, "en", catalogue), zh=describe(root, "zh", catalogue))
        return _checked(examined, words)

    @router.post("/explain", operation_id="explain_rule", responses=refusals(404))
    async def explain(asked: shapes.ExplainGiven, caller: Calling) -> shapes.Explained:
        """Whether a rule holds for one contact, with the values it read and the reason in words."""
        at = (asked.at or parts.now()).astimezone(UTC)
        event: dict[str, Any] | None = None
        if asked.event is not None:
            event = asked.event.model_dump() | {"occurred_at": asked.event.occurred_at or at}
        async with parts.store.transaction() as session:
            found = await explain_rule(
                session,
                caller.actor,
                asked.asked(zone),
                asked.contact,
                at=at,
                default_zone=zone,
                event=event,
            )
        return shapes.Explained.model_validate(found)

    @router.post("/count", operation_id="count_rule", responses=refusals())
    async def count(asked: shapes.CountGiven, caller: Calling) -> shapes.Counted:
        """How many contacts a rule holds for just now."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            found = await count_rule(
                session,
                caller.actor,
                asked.asked(zone),
                now=parts.now(),
                zone=zone,
                at_most=asked.at_most,
            )
        return shapes.Counted(**asdict(found))

    @router.post("/sample", operation_id="sample_rule", responses=refusals())
    async def sample(asked: shapes.SampleGiven, caller: Calling) -> shapes.Sampled:
        """A few contacts for whom a rule holds, or does not, each with the reason."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            found = await sample_rule(
                session,
                caller.actor,
                asked.asked(zone),
                now=parts.now(),
                zone=zone,
                size=asked.size,
                seed=asked.seed,
                matching=asked.matching,
            )
        return shapes.Sampled(contacts=[shapes.Explained.model_validate(one) for one in found])

    return router


def _checked(examined: Examined, words: Words | None) -> shapes.Checked:
    rule = examined.rule
    return shapes.Checked(
        ok=rule is not None,
        problems=[shapes.FoundProblem.model_validate(one) for one in examined.problems],
        warnings=[shapes.FoundProblem.model_validate(one) for one in examined.warnings],
        rule=None if rule is None else examined.document,
        words=words,
        reads=[] if rule is None else sorted(".".join(path) for path in rule.reads.fields),
    )
