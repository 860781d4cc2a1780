"""Who is told what of a step of a case."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from crm_store.escalation_steps import StepRow
from crm_store.escalations import CaseRow
from engine.escalations.urgency import Urgency, higher
from engine.flows.words import Words
from engine.machines.escalation import Effect, Held, Reopened, StoodIn, Taken, Tell
from engine.services.escalations import words
from engine.services.links.tokens import FOLDERS, Kind, SignedLinks
from engine.services.telling import Telling

KIND: Final = "escalation"
# The first word of the claim of links by which a case is taken up from a mail.
LINK_CLAIM: Final = "case"
_LINK_LASTS: Final = timedelta(days=30)


def tellings_of(
    case: CaseRow,
    effect: Effect,
    step: StepRow,
    step_id: int,
    admins: Collection[int],
    links: SignedLinks | None,
) -> list[Telling]:
    """One step has one id, so a transaction that is done again after a crash tells nobody twice."""
    title, body = Words(case.title, case.title_zh), Words(case.body, case.body_zh)
    match effect:
        case Tell() if step.user_id is not None:
            body = words.joined(body, words.TAKE_IT_UP)
            link = _link(case, step, step.user_id, links)
            return [_telling(case, step_id, step.user_id, title, body, step.urgency, link)]
        case Taken(by, given_by) if given_by not in (None, by):
            return [_telling(case, step_id, by, title, words.joined(words.GIVEN, body), None)]
        case StoodIn(_, deputy):
            return [
                _telling(case, step_id, deputy, title, words.joined(words.STOOD_IN, body), None)
            ]
        case Reopened(by, why):
            title = words.joined(words.LET_GO, title, between="")
            said = words.EXPIRED if why == "expired" else words.AWAY
            return [_telling(case, step_id, by, title, words.joined(said, body), None)]
        case Held(reason):
            title = words.joined(words.NOBODY_HAS_IT, title, between="")
            body = words.joined(words.HELD[reason], body)
            # whoever must see to it that somebody acts hears of it as of something that is late
            urgency = higher(Urgency(case.urgency), Urgency.HIGH)
            return [_telling(case, step_id, one, title, body, urgency) for one in admins]
    return []


def _telling(
    case: CaseRow,
    step_id: int,
    user_id: int,
    title: Words,
    body: Words,
    urgency: str | None,
    action_path: str = "",
) -> Telling:
    return Telling(
        key=f"escalation/{case.id}/{step_id}",
        user_id=user_id,
        kind=KIND,
        title=title,
        body=body,
        subject_kind=KIND,
        subject_id=case.id,
        urgency=Urgency(urgency or case.urgency),
        path=f"/inbox?tab=cases&case={case.id}",
        action_path=action_path,
    )


def _link(case: CaseRow, step: StepRow, user_id: int, links: SignedLinks | None) -> str:
    """A path by which this person takes the case up; it ends with the case, or after a month."""
    if links is None:
        return ""
    until = step.at + _LINK_LASTS
    return FOLDERS[Kind.ANSWER] + links.token(
        Kind.ANSWER, LINK_CLAIM, case.id, user_id, until=until
    )
