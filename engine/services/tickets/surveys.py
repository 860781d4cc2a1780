"""What the customer thought of it: asked once after a ticket was closed, answered once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import tickets as rows
from crm_store.consents import contact_known
from engine.errors import Problem, Refused
from engine.flows.triggers import ticket_events as names
from engine.local_time import add_span, parse_span
from engine.services import audit
from engine.services.actor import Actor
from engine.services.tickets.consequences import escalate, tell_people
from engine.services.tickets.happened import tell_events, ticket_event
from engine.services.tickets.keeping import nothing_called
from engine.services.tickets.policies import policies
from engine.services.work import Work
from engine.steps.words import Words
from engine.tickets import TicketPolicy

BEST: Final = 5
LONGEST_COMMENT: Final = 2_000


class SurveyStanding(StrEnum):
    OPEN = "open"
    GIVEN = "given"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ShownSurvey:
    """`subject` is what the customer wrote themselves; `language` None: the browser's."""

    standing: SurveyStanding
    ticket_id: int
    subject: str
    language: str | None


async def survey_shown(session: AsyncSession, ticket_id: int, now: datetime) -> ShownSurvey:
    """Raises NotFound, also where nobody was asked. Changes nothing."""
    row = await rows.ticket_row(session, ticket_id)
    if row is None or row["satisfaction_asked_at"] is None or row["contact_id"] is None:
        raise nothing_called(ticket_id)
    contact = await contact_known(session, row["contact_id"])
    policy = (await policies(session, [row["policy_id"]]))[row["policy_id"]]
    return ShownSurvey(
        _standing(row, policy, now),
        ticket_id,
        row["subject"],
        None if contact is None else contact.language,
    )


async def give_satisfaction(
    work: Work, ticket_id: int, score: int, comment: str = ""
) -> SurveyStanding:
    """Keep a score of 1 to 5, the first one only. OPEN: it was kept just now; GIVEN: there was one
    before; OVER: it comes too late. Raises NotFound, Refused."""
    _check(score, comment)
    row = (await rows.hold_tickets(work.session, [ticket_id])).get(ticket_id)
    if row is None or row["satisfaction_asked_at"] is None or row["contact_id"] is None:
        raise nothing_called(ticket_id)
    policy = (await policies(work.session, [row["policy_id"]]))[row["policy_id"]]
    standing = _standing(row, policy, work.now)
    if standing is not SurveyStanding.OPEN:
        return standing
    said = comment.strip()
    given = {
        "satisfaction_score": score,
        "satisfaction_comment": said or None,
        "satisfaction_given_at": work.now,
    }
    await rows.put_ticket(work.session, ticket_id, given)
    actor = Actor("subject", row["contact_id"], f"Contact {row['contact_id']}")
    told = {"score": score, "commented": bool(said)}
    await audit.record(work.session, actor, "rate", "ticket", ticket_id, None, told)
    event = ticket_event(names.SATISFACTION_GIVEN, "", row, work.now, told)
    await tell_events(work, [event])
    if policy.survey is not None and score <= policy.survey.low:
        await _low(work, row, policy, score)
    return SurveyStanding.OPEN


async def _low(work: Work, row: Mapping[str, Any], policy: TicketPolicy, score: int) -> None:
    id_ = row["id"]
    title = Words(
        f"Ticket {id_}: the customer gave {score} of {BEST}",
        f"工单 {id_}：客户评分 {score}/{BEST}",
    )
    name = policy.survey.escalate if policy.survey else None
    if name is not None and await escalate(work, row, policy, name, "low_score", title):
        return
    body = Words("Ask what went wrong.", "请了解问题所在。")
    await tell_people(work, row, policy, key="low_score", title=title, body=body)


def _standing(row: Mapping[str, Any], policy: TicketPolicy, now: datetime) -> SurveyStanding:
    if row["satisfaction_score"] is not None:
        return SurveyStanding.GIVEN
    if policy.survey is None:
        return SurveyStanding.OVER
    until = add_span(row["satisfaction_asked_at"], parse_span(policy.survey.within), "UTC")
    return SurveyStanding.OPEN if now <= until else SurveyStanding.OVER


def _check(score: int, comment: str) -> None:
    problems = []
    if isinstance(score, bool) or not 1 <= score <= BEST:
        problems.append(Problem("/score", "bad_value", f"is a number from 1 to {BEST}."))
    if len(comment) > LONGEST_COMMENT or "\0" in comment:
        words = f"takes {LONGEST_COMMENT:,} characters at most, and no NUL."
        problems.append(Problem("/comment", "bad_value", words))
    if problems:
        raise Refused("The score cannot be kept.", problems)
