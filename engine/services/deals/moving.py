"""The one place where deals move from stage to stage, whoever asks and by whichever door.

A move is judged by the version of the pipeline that is in force: the way there, who may go it, the
rules of way and stage, the fields they demand. What was asked of one deal says nothing about the
others. A deal is held while it is judged, so of two who move it at once the second is judged by
where the first has put it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from crm_store.deal_rows import (
    DealRow,
    StageOfPipeline,
    hold_deals,
    hold_requests_of,
    pipeline_stages,
)
from engine.errors import NotFound, Problem
from engine.flows.problems import did_you_mean, shown
from engine.machines.pipeline import Judged, Mover, Wish, judge
from engine.pipelines import PipelinePlan
from engine.rules import Facts
from engine.rules.types import Language
from engine.services.actor import Actor, Verb, allowed_some
from engine.services.approvals import locked_fields
from engine.services.approvals.asking import EditLock
from engine.services.changes.causes import NO_CHAINS, Chains
from engine.services.custom_fields import list_custom_fields
from engine.services.deals.answers import (
    MoveAnswer,
    Moved,
    MoveRefused,
    Via,
    WantedMove,
)
from engine.services.deals.fields import missing_references, read_fields
from engine.services.deals.pending import already_waiting, ask_approval, recall
from engine.services.deals.placing import Placing, put_on_stages
from engine.services.deals.plans import plans_of
from engine.services.deals.seeing import facts_of, view_of, with_columns, zone_of
from engine.services.roles.visibility import is_visible

if TYPE_CHECKING:
    from engine.services.work import Work

# More are moved in several requests: one transaction holds them all.
MOST_AT_ONCE = 500
KNOWING: Final[tuple[Verb, ...]] = ("edit", "read")
_NOT_THEIRS = "it belongs to somebody else, and you may move only your own or your team's."
_BEING_DECIDED = "its move is being decided at this moment; move it when that is over."
# Closing and reopening are moves like others; what closes a deal is asked with its reason.
_LOCKED_BY_MOVE = ("contact_id", "account_id", "external_id")


async def move_deal(
    work: Work,
    actor: Actor,
    deal_id: int,
    to_stage: str,
    *,
    fields: Mapping[str, Any] | None = None,
    lost_reason: str | None = None,
    from_stage: str | None = None,
    via: Via,
    language: Language = "en",
) -> MoveAnswer:
    """Move one deal; see `move_deals`. Raises NotFound."""
    wanted = WantedMove(deal_id, to_stage, fields or {}, lost_reason, from_stage)
    answer = (await move_deals(work, actor, [wanted], via=via, language=language)).get(deal_id)
    if answer is None:
        raise NotFound(f"There is no deal {deal_id}.")
    return answer


async def move_deals(
    work: Work,
    actor: Actor,
    wanted: Sequence[WantedMove],
    *,
    via: Via,
    behind: Chains = NO_CHAINS,
    approved: bool = False,
    language: Language = "en",
) -> dict[int, MoveAnswer]:
    """Answers by deal; deals that do not exist are left out, and of several wishes for one deal the
    last counts. `behind` is what led to it, by contact; `approved`: a chain has said yes, so none
    is asked any more. `language` is that of what stands against a move by its pipeline."""
    allowed_some(actor, "edit", "deal")
    wishes = {one.deal_id: one for one in wanted}
    # a flow holds contacts already, and a decision waits for those while it holds its request
    busy = await hold_requests_of(work.session, wishes.keys(), wait=via != "flow")
    rows = await hold_deals(work.session, wishes.keys())
    moving = _Moving(work, actor, via, approved, language)
    await moving.look_up(rows)
    answers: dict[int, MoveAnswer] = {}
    placings: list[Placing] = []
    asking: list[tuple[Placing, str]] = []
    columns: dict[int, dict[str, Any]] = {}
    # who may move it knows that it is there, even where a key leaves out looking
    rows = {
        id_: row
        for id_, row in rows.items()
        if any(is_visible(actor, verb, "deal", row.owner_id) for verb in KNOWING)
    }
    for id_, row in rows.items():
        if not is_visible(actor, "edit", "deal", row.owner_id):
            answers[id_] = _refused(row, Problem("/to", "not_theirs", _NOT_THEIRS))
            continue
        if id_ in busy:
            answers[id_] = _refused(row, Problem("/to", "being_decided", _BEING_DECIDED))
            continue
        read = await moving.read(row, wishes[id_])
        if isinstance(read, dict):
            columns[id_] = read
        else:
            answers[id_] = read
    facts = await moving.facts({id_: rows[id_] for id_ in columns}, columns)
    for id_, own in columns.items():
        row, to = rows[id_], wishes[id_].to_stage
        judged = await moving.judge(row, to, own, facts[id_])
        if judged.problems:
            answers[id_] = MoveRefused(id_, row.stage, judged.problems)
            continue
        placing = Placing(
            row, moving.stage(row, to), own, actor.id if actor.kind == "user" else None
        )
        if judged.chain is not None:
            asking.append((placing, judged.chain))
        else:
            placings.append(placing)
            answers[id_] = Moved(id_, row.stage, to)
    waiting = [one.row.id for one in placings if one.row.pending is not None and not approved]
    await recall(work, waiting)
    await put_on_stages(work, actor, placings, via, behind)
    for placing, chain in asking:
        wish = wishes[placing.row.id]
        known = already_waiting(placing, wish)
        answers[placing.row.id] = known or await ask_approval(
            work, placing, wish, chain, facts[placing.row.id]
        )
    return answers


class _Moving:
    """What judging many deals has in common."""

    def __init__(
        self, work: Work, actor: Actor, via: Via, approved: bool, language: Language
    ) -> None:
        self._work, self._actor, self._via, self._approved = work, actor, via, approved
        self._language: Language = language
        self._plans: dict[int, PipelinePlan] = {}
        self._stages: dict[tuple[int, str], StageOfPipeline] = {}
        self._locks: dict[int, EditLock] = {}

    async def look_up(self, rows: Mapping[int, DealRow]) -> None:
        self._plans = await plans_of(self._work, [row.version_id for row in rows.values()])
        pipelines = {row.pipeline_id for row in rows.values()}
        found = await pipeline_stages(self._work.session, pipelines) if rows else []
        self._stages = {(stage.pipeline_id, stage.key): stage for stage in found}
        self._defined = await list_custom_fields(self._work.session, "deal") if rows else ()
        if not self._approved:
            # the move that waits is recalled by this one
            own = [row.request_id for row in rows.values() if row.request_id is not None]
            self._locks = await locked_fields(self._work.session, "deal", rows, without=own)

    def stage(self, row: DealRow, key: str) -> StageOfPipeline:
        return self._stages[row.pipeline_id, key]

    def plan(self, row: DealRow) -> PipelinePlan | None:
        return self._plans.get(row.version_id or 0)

    async def read(self, row: DealRow, wish: WantedMove) -> dict[str, Any] | MoveAnswer:
        """The columns the move writes, or the answer that needs no judging."""
        if wish.from_stage is not None and wish.from_stage != row.stage:
            words = (
                f"the deal stands on {shown(row.stage)} meanwhile, not {shown(wish.from_stage)}."
            )
            return _refused(row, Problem("/from", "moved_meanwhile", words))
        if (row.pipeline_id, wish.to_stage) not in self._stages:
            known = [key for pipeline, key in self._stages if pipeline == row.pipeline_id]
            words = (
                f"there is no stage {shown(wish.to_stage)}; {did_you_mean(wish.to_stage, known)}"
            )
            return _refused(row, Problem("/to", "unknown_stage", words))
        if wish.to_stage == row.stage:
            return Moved(row.id, row.stage, row.stage, already=True)
        columns, problems = read_fields(wish.fields, self._defined)
        problems += await missing_references(self._work.session, columns)
        problems += _not_with_a_move(wish.fields)
        problems += _locked(self._locks.get(row.id), wish.fields)
        if wish.lost_reason is not None:
            reason, more = read_fields({"lost_reason": wish.lost_reason}, (), "")
            columns |= reason
            problems += more
        return MoveRefused(row.id, row.stage, tuple(problems)) if problems else columns

    async def facts(
        self, rows: Mapping[int, DealRow], columns: Mapping[int, Mapping[str, Any]]
    ) -> dict[int, Facts]:
        found = await facts_of(self._work, rows.keys(), list(self._plans.values()))
        known = {id_: found.get(id_, {}) for id_ in rows}
        return await with_columns(self._work, known, rows, columns)

    async def judge(
        self, row: DealRow, to: str, columns: Mapping[str, Any], facts: Facts
    ) -> Judged:
        plan = self.plan(row)
        if plan is None or self._via == "import":
            return Judged()
        directory = await self._work.directory()
        wish = Wish(
            view_of(row, columns),
            to,
            facts,
            self._mover(),
            self._work.now,
            zone_of(self._work, row.owner_id, directory),
            by_itself=self._via == "clock",
            approved=self._approved,
            language=self._language,
        )
        # who may move it is asked of the deal as it is, not of the owner it is about to get
        wish = replace(wish, deal=replace(wish.deal, owner_id=row.owner_id))
        return judge(plan, wish, directory, await self._work.catalogue())

    def _mover(self) -> Mover:
        if self._actor.kind != "user":
            return Mover(None)
        return Mover(self._actor.id, self._actor.role)


def _not_with_a_move(fields: Collection[str]) -> list[Problem]:
    """Whom a deal is with decides who may move it by which rule, and what others call it is no
    matter of a stage, so these are changed by themselves."""
    return [
        Problem(f"/fields/{name}", "not_with_a_move", f'change "{name}" first, then move the deal.')
        for name in _LOCKED_BY_MOVE
        if name in fields
    ]


def _locked(lock: EditLock | None, fields: Collection[str]) -> list[Problem]:
    """Why it is lost belongs to the move and to nothing that is being approved."""
    if lock is None:
        return []
    words = f"it is locked while request {lock.request_id} waits for its approval."
    return [
        Problem(f"/fields/{name}", "locked", f'"{name}": {words}')
        for name in fields
        if name not in lock.editable and name != "lost_reason"
    ]


def _refused(row: DealRow, problem: Problem) -> MoveRefused:
    return MoveRefused(row.id, row.stage, (problem,))
