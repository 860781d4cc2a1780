"""What a backtest cannot know, said beside its answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.past import PastRun, history_began, late_events
from engine.flows.entry import looks_back
from engine.flows.model import EntryPolicy
from engine.flows.triggers import ManualTrigger, ScheduleTrigger, SegmentTrigger, WebhookTrigger
from engine.machines.plan import Plan
from engine.services.backtesting.entering import reads_of, usual_stay
from engine.services.backtesting.question import Limit, Question
from engine.services.summary_columns import SUMMARY_FIELDS

_NOT_KEPT = ("deals", "orders", "tickets", "messages")


async def limits(
    session: AsyncSession,
    plans: Sequence[Plan],
    question: Question,
    runs: Sequence[PastRun],
) -> list[Limit]:
    """Only those that concern these plans and this stretch."""
    found = [limit for plan in plans for limit in _of_plan(plan, runs)]
    began = await history_began(session)
    if began is None or began > question.since:
        said = "nothing has changed since" if began is None else f"it begins on {began:%Y-%m-%d}"
        found.append(
            Limit(
                "history_is_younger",
                f"The history of fields does not reach back to {question.since:%Y-%m-%d}; {said}. "
                "Before that, fields are taken to have been as they were then.",
            )
        )
    for name in {plan.flow.trigger.starts_on for plan in plans} - {None}:
        found += await _of_events(session, str(name), question)
    return list(dict.fromkeys(found))


async def _of_events(session: AsyncSession, name: str, question: Question) -> list[Limit]:
    if question.clock != "received":
        return []
    all_, late = await late_events(session, name, question.since, question.until)
    if not late:
        return []
    return [
        Limit(
            "late_events",
            f'{late:,} of {all_:,} events "{name}" were received more than a day after they had '
            "happened, and count from then. For a history that was imported take the clock "
            '"occurred".',
        )
    ]


def _of_plan(plan: Plan, runs: Sequence[PastRun]) -> Iterator[Limit]:
    flow, reads = plan.flow, reads_of(plan)
    trigger, name = flow.trigger, flow.name
    if isinstance(trigger, ManualTrigger):
        yield Limit("by_hand", f'"{name}" is entered by hand; nobody is found for it.')
    if isinstance(trigger, SegmentTrigger) and trigger.segment is None:
        yield Limit(
            "asked_when_published",
            f'People come into "{name}" when it is published or by hand, so its rule was asked at '
            "those moments of the stretch; of a flow that was never published, once at the start.",
        )
    if isinstance(trigger, SegmentTrigger) and trigger.segment is not None:
        yield Limit(
            "segment_moves",
            f'Who entered and left "{trigger.segment}" is known by its events only.',
        )
    if isinstance(trigger, ScheduleTrigger | WebhookTrigger):
        yield Limit("no_outages", "Outages and pauses of that time are left out.")
    now = sorted(
        {".".join(path) for path in reads.fields if path[0] == "account" or _is_worked_out(path)}
    )
    lists = sorted(reads.lists & {*_NOT_KEPT})
    if now:
        yield Limit("values_of_now", f"These are read as they are now: {', '.join(now)}.")
    if lists:
        yield Limit(
            "lists_with_values_of_now",
            f"Of {', '.join(lists)} those count that had begun, with the values they have now.",
        )
    if looks_back(flow.entry) and flow.entry.policy is not EntryPolicy.EVERY:
        yield Limit(
            "length_of_runs",
            f"A run is taken to last {usual_stay(runs)}, as half of the flow's real runs did.",
        )


def _is_worked_out(path: tuple[str, ...]) -> bool:
    return path[0] == "contact" and (path[1:] in SUMMARY_FIELDS or path[1:] == ("segments",))
