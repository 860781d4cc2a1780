"""Segments as programs edit them: nobody undoes what another has changed meanwhile, and nobody
asks by a segment's rule what they may not read themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Segment
from crm_store.segments import hold_shelf
from engine.errors import Conflict
from engine.rules import RuleProblem
from engine.services.actor import Actor, allowed
from engine.services.rules import AskedRule, RuleNotAccepted, examine, may_know, vocabulary
from engine.services.segments.editing import (
    Edit,
    NewSegment,
    create_segment,
    delete_segment,
    edit_segment,
    existing,
)
from engine.services.segments.looking import SegmentDetail, show_segment


class ChangedMeanwhile(Conflict):
    """The thing is not any more what the caller has seen."""

    code = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class Seen:
    """A segment, and the tag of what can be edited in it."""

    detail: SegmentDetail
    tag: str


async def see(session: AsyncSession, actor: Actor, name: str) -> Seen:
    detail = await show_segment(session, actor, name)
    one = detail.summary
    return Seen(detail, _tag(one.name, one.label, one.label_zh, detail.rule))


async def create(session: AsyncSession, actor: Actor, new: NewSegment, now: datetime) -> Seen:
    """Raises what `create_segment` raises, and NotAllowed for a rule that reads too much.

    What was made is shown, so the actor must be allowed to read segments too.
    """
    allowed(actor, "create", "segment")
    allowed(actor, "read", "segment")
    # first, so that no segment the rule names becomes another one after it was looked at
    await hold_shelf(session)
    documents = (("/rule", new.rule), ("/fill", new.fill))
    mistakes = [(place, await _may_use(session, actor, one)) for place, one in documents]
    record = await create_segment(session, actor, new, now)
    _all_was_read(mistakes)
    return await _written(session, actor, record)


async def edit(
    session: AsyncSession, actor: Actor, name: str, change: Edit, now: datetime, seen: str
) -> Seen:
    """`seen` is the tag of what the caller has read. Raises ChangedMeanwhile when it is another
    one now, and what `edit_segment` raises.
    """
    allowed(actor, "edit", "segment")
    allowed(actor, "read", "segment")
    await _hold(session, name, seen)
    mistakes = [("/rule", await _may_use(session, actor, change.rule))]
    record = await edit_segment(session, actor, name, change, now)
    _all_was_read(mistakes)
    return await _written(session, actor, record)


async def delete(session: AsyncSession, actor: Actor, name: str, seen: str) -> None:
    allowed(actor, "delete", "segment")
    await _hold(session, name, seen)
    await delete_segment(session, actor, name)


async def _may_use(session: AsyncSession, actor: Actor, document: Any) -> tuple[RuleProblem, ...]:
    """Members of a rule's segment say as much as the rule itself. Raises NotAllowed; gives the
    mistakes that kept the rule from being looked at.
    """
    if document is None:
        return ()
    catalogue = await vocabulary(session, actor, "contact")
    examined = examine(AskedRule(document), catalogue)
    if examined.rule is not None:
        may_know(actor, examined.rule, "contact", catalogue)
    return examined.problems


def _all_was_read(mistakes: Iterable[tuple[str, tuple[RuleProblem, ...]]]) -> None:
    """Saving tells of a rule's mistakes together with all others. Should it ever let one pass,
    nobody has looked at what that rule gives away: RuleNotAccepted undoes the transaction.
    """
    for place, problems in mistakes:
        if problems:
            raise RuleNotAccepted(problems, place)


async def _hold(session: AsyncSession, name: str, seen: str) -> None:
    """Nobody else changes the segment until the transaction ends, and it is as it was seen."""
    await hold_shelf(session)
    record = await existing(session, name)
    if seen not in ("*", _tag(record.name, record.label, record.label_zh, record.rule)):
        raise ChangedMeanwhile(f'The segment "{name}" was changed since you read it.')


async def _written(session: AsyncSession, actor: Actor, record: Segment) -> Seen:
    # the database spells some numbers in another way than they were sent
    await session.refresh(record)
    return await see(session, actor, record.name)


def _tag(*parts: Any) -> str:
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
