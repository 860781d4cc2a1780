"""What follows when a ticket has moved: events, people who are told, cases, the survey."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from crm_store import tickets as rows
from engine.errors import Refused
from engine.flows.triggers import ticket_events as names
from engine.local_time import add_span, parse_span
from engine.machines.ticket import Alert, Breach, Clock, StatusChanged, Step, Terms
from engine.services.escalations import (
    OpenCase,
    Urgency,
    open_case,
    pause_cases,
    resolve_cases,
    resume_cases,
)
from engine.services.events import NewEvent
from engine.services.telling import Telling, tell
from engine.services.tickets.happened import tell_events, ticket_event
from engine.services.work import Work
from engine.steps.words import Words
from engine.tickets import TicketPolicy

log = logging.getLogger(__name__)

KIND: Final = "ticket"
# Of a large team nobody feels meant.
MOST_TOLD: Final = 20
_URGENCY: Final = {
    "low": Urgency.LOW,
    "normal": Urgency.NORMAL,
    "high": Urgency.HIGH,
    "urgent": Urgency.URGENT,
}
_CLOCKS: Final = {
    Clock.RESPONSE: Words("first answer", "首次回复"),
    Clock.RESOLUTION: Words("solution", "解决"),
}


async def follow(
    work: Work, row: Mapping[str, Any], step: Step, policy: TicketPolicy, terms: Terms
) -> None:
    """Everything a step of the machine says, in its order."""
    events: list[NewEvent | None] = []
    now_is = {**row, "priority": step.state.priority}
    for one in step.told:
        match one:
            case Alert(clock, percent):
                await _alert(work, now_is, policy, clock, percent)
            case Breach(clock):
                over = {"clock": clock.value}
                events.append(ticket_event(names.BREACHED, clock.value, now_is, work.now, over))
                await _breach(work, now_is, policy, clock)
            case StatusChanged(was, to):
                round_ = str(step.state.reopened)
                await _cases(work, row["id"], was, to)
                if to == "solved":
                    events.append(ticket_event(names.SOLVED, round_, now_is, work.now))
                elif to == "closed":
                    said = {"survey": await _opens_survey(work, now_is, policy, terms)}
                    events.append(ticket_event(names.CLOSED, round_, now_is, work.now, said))
                elif was in ("solved", "closed"):
                    events.append(ticket_event(names.REOPENED, round_, now_is, work.now))
    await tell_events(work, events)


async def people_for(work: Work, row: Mapping[str, Any], team: str | None) -> list[int]:
    """Whose the ticket is: the owner or who stands in for them, else who is there of the team, of
    those who serve, of those who manage."""
    directory = await work.directory()
    owner = row["owner_id"]
    acting = None if owner is None else directory.stands_in(owner, work.now)
    if acting is not None:
        return [acting]
    groups = (
        directory.members(team) if team else (),
        directory.with_role("service"),
        directory.with_role("admin"),
    )
    for group in groups:
        present = [one for one in group if directory.is_present(one, work.now)]
        if present:
            return present[:MOST_TOLD]
    return []


async def tell_people(
    work: Work,
    row: Mapping[str, Any],
    policy: TicketPolicy,
    *,
    key: str,
    title: Words,
    body: Words,
    urgency: Urgency | None = None,
) -> None:
    """Tell those whose ticket it is, once for each `key`. The customer's words are left out: a
    notice is mailed, and outlives them."""
    id_ = row["id"]
    people = await people_for(work, row, policy.team)
    if not people:
        # somebody must find it when they are back
        people = list((await work.directory()).with_role("admin"))[:MOST_TOLD]
        log.error("ticket %s: nobody is there to be told", id_)
    told = urgency or _URGENCY[row["priority"]]
    await tell(
        work,
        [
            Telling(
                f"ticket:{id_}:{key}", one, KIND, title, body, KIND, id_, told, f"/tickets/{id_}"
            )
            for one in people
        ],
    )


async def escalate(
    work: Work, row: Mapping[str, Any], policy: TicketPolicy, name: str, key: str, title: Words
) -> bool:
    """Open a case; False where the escalation policy is not there any more."""
    case = OpenCase(
        policy=name,
        subject_kind=KIND,
        subject_id=row["id"],
        title=title,
        body=Words(f"See ticket {row['id']}.", f"请查看工单 {row['id']}。"),
        urgency=_URGENCY[row["priority"]],
        key=f"ticket:{row['id']}:{key}",
        owner_id=row["owner_id"],
        team=policy.team,
        contact_id=row["contact_id"],
        path=f"/tickets/{row['id']}",
    )
    try:
        await open_case(work, case)
    except Refused as refused:
        log.error("ticket %s: no case was opened: %s", row["id"], refused)
        return False
    return True


async def _alert(
    work: Work, row: Mapping[str, Any], policy: TicketPolicy, clock: Clock, percent: int
) -> None:
    what, id_ = _CLOCKS[clock], row["id"]
    title = Words(
        f"Ticket {id_}: {percent}% of the time for the {what.en} is over",
        f"工单 {id_}：{what.zh}时限已过 {percent}%",
    )
    body = Words("Answer it before the time runs out.", "请在超时前处理。")
    await tell_people(work, row, policy, key=f"{clock}:{percent}", title=title, body=body)


async def _breach(work: Work, row: Mapping[str, Any], policy: TicketPolicy, clock: Clock) -> None:
    what, id_ = _CLOCKS[clock], row["id"]
    title = Words(
        f"Ticket {id_}: the time for the {what.en} is over", f"工单 {id_}：{what.zh}已超时"
    )
    name = getattr(policy.on_breach, clock)
    if name is not None and await escalate(work, row, policy, name, f"{clock}:breach", title):
        return
    body = Words("What was promised to the customer is overdue.", "对客户的承诺已逾期。")
    key = f"{clock}:breach"
    await tell_people(work, row, policy, key=key, title=title, body=body, urgency=Urgency.HIGH)


async def _cases(work: Work, ticket_id: int, was: str, to: str) -> None:
    """Cases wait with the clocks, and end with the ticket."""
    if to in ("solved", "closed"):
        await resolve_cases(work, KIND, ticket_id)
    elif to == "pending":
        await pause_cases(work, KIND, ticket_id)
    elif was == "pending":
        await resume_cases(work, KIND, ticket_id)


async def _opens_survey(
    work: Work, row: Mapping[str, Any], policy: TicketPolicy, terms: Terms
) -> bool:
    """Whether the customer may be asked what they thought of it; the asking is done by a flow."""
    if row["merged_into_id"] is not None or row["satisfaction_score"] is not None:
        return False
    if policy.survey is None or row["contact_id"] is None:
        return False
    since = add_span(work.now, -parse_span(policy.survey.every), terms.zone)
    if await rows.surveyed_lately(work.session, row["contact_id"], since):
        return False
    await rows.put_ticket(work.session, row["id"], {"satisfaction_asked_at": work.now})
    return True
