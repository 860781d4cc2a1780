"""Deals as people and programs read them: lists, one deal with its ways on, its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.deal_rows import DealRow, StageOfPipeline, deals_by_id, pipeline_stages
from crm_store.lists.deals import DealFilter, DealLine, deal_lines
from crm_store.models import Deal
from crm_store.stage_visits import VisitRow, visits_of
from engine.errors import NotFound, Problem
from engine.machines.pipeline import Mover, Wish, judge
from engine.rules.types import Language
from engine.services.actor import Actor, allowed, allowed_some, hidden_fields, may
from engine.services.approvals import locked_fields
from engine.services.approvals.reading import Request, requests_about
from engine.services.deals.pending import DEAL_MOVE
from engine.services.deals.plans import plans_of
from engine.services.deals.seeing import facts_of, view_of, zone_of
from engine.services.deals.tags import tag_of
from engine.services.roles.visibility import allowed_on, is_visible, visible

if TYPE_CHECKING:
    from engine.services.work import Work


@dataclass(frozen=True, slots=True)
class PossibleMove:
    """A stage the deal may go to by hand. `problems` are what stands against it now, such as fields
    to fill in; `approval` is the chain that must agree."""

    stage: StageOfPipeline
    problems: tuple[Problem, ...] = ()
    approval: str | None = None


@dataclass(frozen=True, slots=True)
class SeenDeal:
    """`tag` stands for what can be edited. `editable` None: nothing is locked; else only these
    fields may be changed, as the request `locked_by` waits for its approval."""

    line: DealLine
    tag: str
    moves: tuple[PossibleMove, ...]
    editable: frozenset[str] | None = None
    locked_by: int | None = None


@dataclass(frozen=True, slots=True)
class SeenVisit:
    """A stay with its length until it ended, or until now."""

    visit: VisitRow
    seconds: int


@dataclass(frozen=True, slots=True)
class SeenPipeline:
    """`version_id` None: it has no definition, so every move is allowed."""

    key: str
    version_id: int | None
    stages: tuple[StageOfPipeline, ...]


async def list_deals(
    session: AsyncSession,
    actor: Actor,
    wanted: DealFilter,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[DealLine]:
    """The newest first; for the next page give the last id as `before`."""
    allowed_some(actor, "read", "deal")
    which = visible(actor, "read", "deal", Deal.owner_id)
    found = await deal_lines(session, wanted, before=before, limit=limit, which=which)
    return [_shown(one, actor) for one in found]


async def show_deal(work: Work, actor: Actor, deal_id: int, language: Language = "en") -> SeenDeal:
    """What stands against moves is said in the `language`. Raises NotFound."""
    allowed_some(actor, "read", "deal")
    row = (await deals_by_id(work.session, [deal_id])).get(deal_id)
    if row is None:
        raise NotFound(f"There is no deal {deal_id}.")
    allowed_on(actor, "read", "deal", row.owner_id, deal_id)
    line = _shown((await deal_lines(work.session, DealFilter(), limit=1, ids=[deal_id]))[0], actor)
    lock = (await locked_fields(work.session, "deal", [deal_id])).get(deal_id)
    may_edit = is_visible(actor, "edit", "deal", row.owner_id)
    moves = await possible_moves(work, actor, row, language) if may_edit else ()
    if lock is None:
        return SeenDeal(line, tag_of(row), moves)
    return SeenDeal(line, tag_of(row), moves, lock.editable, lock.request_id)


def _shown(line: DealLine, actor: Actor) -> DealLine:
    return replace(line, contact=None) if "email" in hidden_fields(actor, "contact") else line


async def possible_moves(
    work: Work, actor: Actor, row: DealRow, language: Language = "en"
) -> tuple[PossibleMove, ...]:
    """Where this person may move the deal, in the order of the stages."""
    stages = await pipeline_stages(work.session, [row.pipeline_id])
    ahead = [stage for stage in stages if stage.key != row.stage]
    plan = (await plans_of(work, [row.version_id])).get(row.version_id or 0)
    if plan is None:
        return tuple(PossibleMove(stage) for stage in ahead)
    facts = (await facts_of(work, [row.id], [plan])).get(row.id, {})
    directory, catalogue = await work.directory(), await work.catalogue()
    mover = Mover(actor.id, actor.role) if actor.kind == "user" else Mover(None)
    zone = zone_of(work, row.owner_id, directory)
    found = []
    for stage in ahead:
        wish = Wish(view_of(row, {}), stage.key, facts, mover, work.now, zone, language=language)
        judged = judge(plan, wish, directory, catalogue)
        if any(one.code in _NO_WAY for one in judged.problems):
            continue
        found.append(PossibleMove(stage, judged.problems, judged.chain))
    return tuple(found)


_NO_WAY = frozenset({"no_transition", "not_theirs", "unknown_stage"})


async def deal_history(
    session: AsyncSession, actor: Actor, deal_id: int, now: datetime
) -> list[SeenVisit]:
    """Every stay, the first one first. Raises NotFound."""
    allowed_some(actor, "read", "deal")
    row = (await deals_by_id(session, [deal_id])).get(deal_id)
    if row is None:
        raise NotFound(f"There is no deal {deal_id}.")
    allowed_on(actor, "read", "deal", row.owner_id, deal_id)
    return [
        SeenVisit(one, int(((one.left_at or now) - one.entered_at).total_seconds()))
        for one in await visits_of(session, deal_id)
    ]


async def requests_of(work: Work, actor: Actor, deal_id: int) -> list[Request]:
    """The approvals that were asked for about it, the newest first, decided or not; none for whom
    may not read approvals."""
    if not may(actor, "read", "approval"):
        return []
    return await requests_about(work, actor, "deal", deal_id, subject_kind=DEAL_MOVE)


async def list_pipelines(session: AsyncSession, actor: Actor) -> list[SeenPipeline]:
    """All of them, the oldest first, with the stages in use."""
    allowed(actor, "read", "pipeline")
    stages: dict[str, list[StageOfPipeline]] = {}
    for stage in await pipeline_stages(session):
        stages.setdefault(stage.pipeline, []).append(stage)
    return [SeenPipeline(key, own[0].version_id, tuple(own)) for key, own in stages.items()]


async def show_pipeline(session: AsyncSession, actor: Actor, key: str) -> SeenPipeline:
    """Raises NotFound."""
    for pipeline in await list_pipelines(session, actor):
        if pipeline.key == key:
            return pipeline
    raise NotFound(f'There is no pipeline "{key[:63]}".')


def amount_of(minor: int | None, currency: str | None) -> Mapping[str, Any] | None:
    """An amount as it is written in requests."""
    return None if minor is None or currency is None else {"minor": minor, "currency": currency}
