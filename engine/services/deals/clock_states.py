"""How deals stand by the clocks of their stage, as people see it: by now, not by the last look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from crm_store.deal_rows import last_activities
from engine.machines.pipeline import alert_times, rot_time, stay_from_json
from engine.pipelines import PipelinePlan, StagePlan
from engine.services.deals.plans import plans_of
from engine.services.deals.seeing import around

if TYPE_CHECKING:
    from engine.services.work import Work

ClockState: TypeAlias = Literal["none", "on_time", "warned", "late", "rotting", "waiting"]


class Standing(Protocol):
    """What must be known of a deal; rows of lists and boards are such."""

    @property
    def id(self) -> int: ...

    @property
    def stage(self) -> str: ...

    @property
    def owner_id(self) -> int | None: ...

    @property
    def stay_version_id(self) -> int | None: ...

    @property
    def stay(self) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class AlertSeen:
    """`after` as it is written in the pipeline. `due_at` None: the clock rests, or nobody works."""

    after: str
    due_at: datetime | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """`warned`: some alerts of the stage are over, `late`: all of them. `rots_at` is when nothing
    will have happened, or had, for too long. `next_at` is what comes next of all of it."""

    state: ClockState
    alerts: tuple[AlertSeen, ...] = ()
    rots_at: datetime | None = None
    next_at: datetime | None = None


NO_CLOCK = ClockSeen("none")


async def clock_states(work: Work, deals: Sequence[Standing]) -> dict[int, ClockSeen]:
    """By deal; those without a clock have `NO_CLOCK`. A few statements, however many there are."""
    plans = await plans_of(work, [one.stay_version_id for one in deals])
    seen: dict[int, ClockSeen] = {}
    silent: dict[int, Standing] = {}
    for deal in deals:
        stage = _stage(plans, deal)
        seen[deal.id] = await _seen(work, plans, deal, None) if stage else NO_CLOCK
        if seen[deal.id].state == "rotting":
            silent[deal.id] = deal
    if silent:
        heard = await _heard(work, plans, silent)
        for id_, at in heard.items():
            seen[id_] = await _seen(work, plans, silent[id_], at)
    return seen


def _stage(plans: Mapping[int, PipelinePlan], deal: Standing) -> StagePlan | None:
    plan = plans.get(deal.stay_version_id or 0)
    return plan.stages.get(deal.stage) if plan is not None and deal.stay is not None else None


async def _heard(
    work: Work, plans: Mapping[int, PipelinePlan], silent: Mapping[int, Standing]
) -> dict[int, datetime]:
    """Signs of life are asked for those alone that seem to have none: it costs the most."""
    events = {
        name
        for deal in silent.values()
        for name in plans[deal.stay_version_id or 0].model.activity_events
    }
    return await last_activities(work.session, silent.keys(), events)


async def _seen(
    work: Work,
    plans: Mapping[int, PipelinePlan],
    deal: Standing,
    last_activity_at: datetime | None,
) -> ClockSeen:
    plan, stage = plans[deal.stay_version_id or 0], _stage(plans, deal)
    if stage is None or deal.stay is None:
        return NO_CLOCK
    stay = stay_from_json(deal.stay)
    here = await around(work, plan, deal.owner_id, last_activity_at=last_activity_at)
    rests = stay.watch.running_since is None
    times = alert_times(stay, stage, here)
    alerts = tuple(
        AlertSeen(
            stage.model.sla[at].after,
            due,
            at in stay.told or (due is not None and due <= work.now),
        )
        for at, due in enumerate(times)
    )
    rots_at = rot_time(stay, stage, here)
    ahead = [one.due_at for one in alerts if one.due_at is not None and not one.is_over]
    if rots_at is not None and rots_at > work.now:
        ahead.append(rots_at)
    return ClockSeen(
        _state(alerts, rots_at, rests, work.now), alerts, rots_at, min(ahead, default=None)
    )


def _state(
    alerts: Sequence[AlertSeen], rots_at: datetime | None, rests: bool, now: datetime
) -> ClockState:
    over = sum(one.is_over for one in alerts)
    if rests:
        return "waiting"
    if alerts and over == len(alerts):
        return "late"
    if rots_at is not None and rots_at <= now:
        return "rotting"
    if over:
        return "warned"
    return "on_time" if alerts or rots_at is not None else "none"
