"""Doing what a stage asks for: of many deals at once, each kind of deed in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from crm_store.audit import add_audit_rows
from crm_store.deal_rows import DealRow, change_deals
from crm_store.deal_tasks import NewDealTask, add_deal_tasks
from engine.errors import NotFound, Refused
from engine.local_time import Span
from engine.pipelines import PipelinePlan, StageModel
from engine.pipelines.actions import (
    Actions,
    Assign,
    CreateTask,
    Escalate,
    Notify,
    StartFlow,
    UpdateDeal,
)
from engine.rules import Facts
from engine.services.actor import SYSTEM
from engine.services.assigning.rules import assign_by_rules
from engine.services.deals.flows_started import WantedFlow, start_flows
from engine.services.deals.reaching import assignee, reached
from engine.services.deals.seeing import calendar_of, zone_of
from engine.services.deals.wording import Moment, own_words, written
from engine.services.escalations import OpenCase, Urgency, open_case
from engine.services.telling import Telling, tell
from engine.steps.span_words import span_of
from engine.steps.words import Words
from engine.stopwatch import Stopwatch, working_length
from engine.working_time import NoWorkingTime

if TYPE_CHECKING:
    from engine.services.work import Work

SUBJECT = "deal"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Actions about one deal. `row` is the deal as it is now; `key` names the occasion, the same
    each time the same is asked; `span` is how long it stood or was silent."""

    row: DealRow
    plan: PipelinePlan
    stage: StageModel
    moment: Moment
    actions: Actions
    key: str
    facts: Facts
    span: Span | None = None


@dataclass(slots=True)
class _Deeds:
    tellings: list[Telling] = field(default_factory=list)
    tasks: list[NewDealTask] = field(default_factory=list)
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    flows: list[WantedFlow] = field(default_factory=list)
    cases: list[OpenCase] = field(default_factory=list)
    given: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    # Deal, what was skipped, and why: somebody may look for it.
    skipped: list[tuple[int, str, str]] = field(default_factory=list)


async def carry_out(work: Work, wanted: Sequence[Wanted]) -> None:
    """Everything that was asked for, in this transaction. What cannot be done (a deal without a
    contact has nobody for a flow, a policy was retired) is written down and keeps nothing else from
    being done. The same asked twice is told once."""
    if not wanted:
        return
    deeds = _Deeds()
    for one in wanted:
        for at, action in enumerate(one.actions):
            await _add(work, one, action, f"{one.key}:{at}", deeds)
    await tell(work, deeds.tellings)
    await add_deal_tasks(work.session, deeds.tasks, work.now)
    await change_deals(work.session, deeds.changes)
    for flow, outcome in (await start_flows(work, deeds.flows)).items():
        if outcome != "started":
            deeds.skipped.append((flow.deal_id, f"start_flow {flow.flow}", outcome))
    await _open_cases(work, deeds)
    await _assign(work, deeds)
    await _write_down(work, deeds.skipped)


async def _add(work: Work, one: Wanted, action: Any, key: str, deeds: _Deeds) -> None:
    row, zone = one.row, zone_of(work, one.row.owner_id, await work.directory())
    instead = own_words(one.moment, row.name, one.stage, one.span)
    match action:
        case Notify():
            title, body = written(action.texts, one.facts, zone, instead)
            urgency = Urgency(action.urgency)
            people = reached(action.to, row.owner_id, await work.directory(), work.now)
            if not people:
                deeds.skipped.append((row.id, "notify", "nobody"))
            deeds.tellings += [
                Telling(key, user, SUBJECT, title, body, SUBJECT, row.id, urgency, _path(row))
                for user in people
            ]
        case CreateTask():
            deeds.tasks.append(await _task(work, one, action, instead, zone))
        case UpdateDeal():
            values = {
                name: value
                for name, value in action.values.items()
                if not name.startswith("custom.")
            }
            custom = {
                name.removeprefix("custom."): value
                for name, value in action.values.items()
                if name.startswith("custom.")
            }
            change = deeds.changes.setdefault(row.id, {"updated_at": work.now})
            change |= values
            if custom:
                change["custom"] = {**change.get("custom", {}), **custom}
        case StartFlow():
            if row.contact_id is None:
                deeds.skipped.append((row.id, f"start_flow {action.flow}", "no_contact"))
            else:
                deeds.flows.append(WantedFlow(row.id, row.contact_id, action.flow, key))
        case Escalate():
            title, body = written(action.texts, one.facts, zone, instead)
            deeds.cases.append(await _case(work, one, action, title, body, key))
        case Assign():
            deeds.given[action.rules].append(row.id)


async def _task(
    work: Work, one: Wanted, action: CreateTask, instead: Words, zone: str
) -> NewDealTask:
    directory, row = await work.directory(), one.row
    owner = assignee(action.assign, row.owner_id, directory, work.now)
    title, body = written(action.texts, one.facts, zone, instead)
    person = directory.people.get(owner) if owner is not None else None
    language = person.language if person else "en"
    due = None
    if action.due is not None:
        calendar = calendar_of(one.plan, owner, directory, await work.calendars())
        limit = working_length(span_of(action.due), calendar)
        try:
            due = Stopwatch().started(work.now).due(limit, calendar, zone)
        except NoWorkingTime:
            due = None
    return NewDealTask(
        row.id,
        row.contact_id,
        row.account_id,
        owner,
        title.in_language(language),
        body.in_language(language) or None,
        due,
    )


async def _case(
    work: Work, one: Wanted, action: Escalate, title: Words, body: Words, key: str
) -> OpenCase:
    owner = one.row.owner_id
    person = (await work.directory()).people.get(owner) if owner is not None else None
    return OpenCase(
        policy=action.policy,
        subject_kind=SUBJECT,
        subject_id=one.row.id,
        title=title,
        body=body,
        urgency=Urgency(action.urgency),
        key=key,
        owner_id=owner,
        team=person.team if person else None,
        contact_id=one.row.contact_id,
        path=_path(one.row),
    )


async def _open_cases(work: Work, deeds: _Deeds) -> None:
    for case in deeds.cases:
        try:
            await open_case(work, case)
        except (NotFound, Refused):
            deeds.skipped.append((case.subject_id, f"escalate {case.policy}", "no_such_policy"))


async def _assign(work: Work, deeds: _Deeds) -> None:
    kind: Literal["deal"] = "deal"
    for rules, ids in deeds.given.items():
        try:
            await assign_by_rules(work, rules, kind, ids)
        except (NotFound, Refused):
            deeds.skipped += [(id_, f"assign {rules}", "no_such_rules") for id_ in ids]


async def _write_down(work: Work, skipped: Sequence[tuple[int, str, str]]) -> None:
    await add_audit_rows(
        work.session,
        [
            {
                "actor_kind": SYSTEM.kind,
                "actor_id": None,
                "actor_name": SYSTEM.name,
                "verb": "skip",
                "subject_kind": SUBJECT,
                "subject_id": str(deal_id),
                "before": None,
                "after": {"action": action},
                "why": why,
            }
            for deal_id, action, why in skipped
        ],
    )


def _path(row: DealRow) -> str:
    return f"/deals/{row.id}"
