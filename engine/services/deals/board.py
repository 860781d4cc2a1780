"""Deals of a pipeline on a board: columns with sums, pages of cards, and what others changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.deal_rows import StageOfPipeline, pipeline_stages
from crm_store.exchange_rates import base_currency
from crm_store.insight.chosen import PipelineRow, pipelines
from crm_store.lists import deal_board as rows
from crm_store.lists.deal_board import BoardFilter as BoardFilter
from crm_store.lists.deal_board import CardRow
from crm_store.lists.deal_board import Named as Named
from crm_store.lists.deal_board import Sorting as Sorting
from engine.errors import NotFound
from engine.local_time import local_date
from engine.measuring.forecasts import weighted
from engine.services.actor import Actor, allowed, allowed_some, hidden_fields, scope_of
from engine.services.deals.clock_states import ClockSeen, clock_states
from engine.services.deals.plans import plans_of

if TYPE_CHECKING:
    from engine.services.work import Work

MOST_AT_ONCE: Final = 300
FIRST_CARDS: Final = 20
# What was changed so long ago is asked for again and again: a change is seen once its transaction
# has ended, which may be later than the moment it carries.
LOOKS_BACK: Final = timedelta(seconds=60)
MOST_CHANGES: Final = 100
_MOST_CHOICES: Final = 20
_MOST_PRODUCTS: Final = 500


@dataclass(frozen=True, slots=True)
class Card:
    """`to_stage` is where a move that waits for an approval leads; `cases` are open ones."""

    id: int
    rank: int
    name: str
    stage: str
    stage_name: str
    stage_name_zh: str | None
    amount_minor: int | None
    currency: str | None
    account: str | None
    contact: str | None
    contact_id: int | None
    owner_id: int | None
    owner: str | None
    expected_close_on: date | None
    entered_at: datetime
    to_stage: str | None
    request_id: int | None
    cases: int
    clock: ClockSeen
    changed_at: datetime
    matches: bool


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """Sums are in the base currency; `without_rate` deals have an amount that no rate converts."""

    stage: StageOfPipeline
    deals: int
    base_minor: int
    weighted_minor: int
    without_rate: int


@dataclass(frozen=True, slots=True)
class Board:
    """`ways` are the stages that people may move a deal to, by stage, whoever they are; None: every
    move is allowed."""

    pipeline: PipelineRow
    base_currency: str
    columns: tuple[BoardColumn, ...]
    ways: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class BoardNews:
    """The sums as they are, and the deals that were changed a moment ago."""

    board: Board
    changed: tuple[Card, ...]
    stages_version: int | None


async def board_pipelines(session: AsyncSession, actor: Actor) -> list[PipelineRow]:
    """The one with the most deals first."""
    allowed_some(actor, "read", "deal")
    used = {one.pipeline_id for one in await pipeline_stages(session)}
    return [one for one in await pipelines(session) if one.id in used]


async def stages_named(session: AsyncSession, pipeline: str) -> list[StageOfPipeline]:
    """The stages of a pipeline that are in use, in order."""
    return [one for one in await pipeline_stages(session) if one.pipeline == pipeline]


async def read_board(work: Work, actor: Actor, pipeline: str, wanted: BoardFilter) -> Board:
    """Raises NotFound."""
    wanted = _seen(actor, wanted)
    found = next((one for one in await pipelines(work.session) if one.key == pipeline), None)
    if found is None:
        raise NotFound(f'There is no pipeline "{pipeline[:63]}".')
    return await _board(work, found, wanted)


async def _board(work: Work, pipeline: PipelineRow, wanted: BoardFilter) -> Board:
    stages = await pipeline_stages(work.session, [pipeline.id])
    sums = {
        one.stage_id: one
        for one in await rows.board_columns(work.session, pipeline.id, wanted, _today(work))
    }
    none = rows.ColumnRow(0, 0, 0, 0)
    columns = []
    for stage in stages:
        one = sums.get(stage.id, none)
        share = weighted(one.base_minor, stage.probability_percent, 100)
        columns.append(BoardColumn(stage, one.deals, one.base_minor, share, one.without_rate))
    base = (await base_currency(work.session)).currency
    return Board(pipeline, base, tuple(columns), await _ways(work, stages))


async def _ways(
    work: Work, stages: Sequence[StageOfPipeline]
) -> Mapping[str, frozenset[str]] | None:
    version = stages[0].version_id if stages else None
    plan = (await plans_of(work, [version])).get(version or 0)
    if plan is None or not plan.ways:
        return None
    by_hand = [way for way in plan.ways if not way.is_automatic]
    return {
        stage.key: frozenset(way.to for way in by_hand if way.model.leads_from(stage.key))
        for stage in stages
    }


async def first_cards(
    work: Work, actor: Actor, board: Board, wanted: BoardFilter, sorting: Sorting
) -> dict[str, list[Card]]:
    """The top of every column, by the key of its stage."""
    wanted = _seen(actor, wanted)
    found = await rows.first_cards(
        work.session,
        [one.stage.id for one in board.columns],
        wanted,
        _today(work),
        sorting=sorting,
        limit=FIRST_CARDS,
    )
    cards: dict[str, list[Card]] = {one.stage.key: [] for one in board.columns}
    for card in await _cards(work, actor, found):
        cards[card.stage].append(card)
    return cards


async def more_cards(
    work: Work,
    actor: Actor,
    stage: StageOfPipeline,
    wanted: BoardFilter,
    sorting: Sorting,
    *,
    after: tuple[int, int] | None,
    limit: int,
) -> list[Card]:
    """The cards of one column after (rank, id)."""
    wanted = _seen(actor, wanted)
    found = await rows.board_cards(
        work.session,
        [stage.id],
        wanted,
        _today(work),
        sorting=sorting,
        after=after,
        limit=min(max(limit, 1), MOST_AT_ONCE),
    )
    return await _cards(work, actor, found)


async def cards_of(
    work: Work, actor: Actor, ids: Collection[int], wanted: BoardFilter, sorting: Sorting
) -> list[Card]:
    """These deals as cards; those that are gone are left out."""
    wanted = _seen(actor, wanted)
    found = await rows.cards_by_id(work.session, ids, wanted, _today(work), sorting=sorting)
    return await _cards(work, actor, found)


async def board_news(
    work: Work, actor: Actor, pipeline: PipelineRow, wanted: BoardFilter, sorting: Sorting
) -> BoardNews:
    """What whoever looks at a board does not know yet."""
    wanted = _seen(actor, wanted)
    board = await _board(work, pipeline, wanted)
    found = await rows.changed_cards(
        work.session,
        pipeline.id,
        wanted,
        _today(work),
        sorting=sorting,
        since=work.now - LOOKS_BACK,
        limit=MOST_CHANGES,
    )
    version = board.columns[0].stage.version_id if board.columns else None
    return BoardNews(board, tuple(await _cards(work, actor, found)), version)


async def stuck_deals(
    work: Work,
    actor: Actor,
    wanted: BoardFilter,
    pipeline: str | None = None,
    *,
    after: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[Card]:
    """Open deals that something holds up, those longest on their stage first."""
    wanted = _seen(actor, wanted)
    stages = [
        one.id
        for one in await pipeline_stages(work.session)
        if one.kind == "open" and pipeline in (None, one.pipeline)
    ]
    found = await rows.board_cards(
        work.session,
        stages,
        wanted,
        _today(work),
        sorting="oldest",
        after=after,
        limit=min(limit, MOST_AT_ONCE),
    )
    return await _cards(work, actor, found)


async def accounts_called(session: AsyncSession, actor: Actor, part: str) -> list[Named]:
    """For choosing one; without a letter nothing is looked for."""
    allowed(actor, "read", "account")
    part = part.strip()[:100]
    return await rows.accounts_called(session, part, limit=_MOST_CHOICES) if part else []


async def all_products(session: AsyncSession, actor: Actor) -> list[Named]:
    allowed_some(actor, "read", "deal")
    return await rows.products(session, limit=_MOST_PRODUCTS)


async def usual_lost_reasons(session: AsyncSession, actor: Actor, pipeline_id: int) -> list[str]:
    """What people gave most often, for giving it again."""
    allowed(actor, "read", "deal")
    return await rows.usual_lost_reasons(session, pipeline_id, limit=6)


def _seen(actor: Actor, wanted: BoardFilter) -> BoardFilter:
    """The filter, and of what it finds the deals that this person may see."""
    allowed_some(actor, "read", "deal")
    scope = scope_of(actor, "read", "deal")
    if scope == "all":
        return wanted
    own = frozenset() if actor.id is None else frozenset({actor.id})
    if scope == "own":
        return replace(wanted, seen_owners=own)
    return replace(wanted, seen_owners=own | actor.team, sees_unowned=True)


async def _cards(work: Work, actor: Actor, found: Sequence[CardRow]) -> list[Card]:
    clocks = await clock_states(work, found)
    if "email" in hidden_fields(actor, "contact"):
        found = [_without_address(row) for row in found]
    return [_card(row, clocks[row.id]) for row in found]


def _without_address(row: CardRow) -> CardRow:
    """Where a contact has no name, the card says the address."""
    return row._replace(contact=None) if row.contact and "@" in row.contact else row


def _card(row: CardRow, clock: ClockSeen) -> Card:
    return Card(
        row.id,
        row.rank,
        row.name,
        row.stage,
        row.stage_label,
        row.stage_label_zh,
        row.amount_minor,
        row.currency,
        row.account,
        row.contact,
        row.contact_id,
        row.owner_id,
        row.owner,
        row.expected_close_on,
        row.stage_entered_at,
        row.pending.get("to") if row.pending else None,
        row.request_id,
        row.cases,
        clock,
        row.changed_at,
        row.matches,
    )


def _today(work: Work) -> date:
    return local_date(work.now, work.shared.default_zone)
