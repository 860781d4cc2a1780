"""Opening a case from outside: the API and the command line."""

from __future__ import annotations

from crm_store.escalations import contact_owners
from engine.escalations.urgency import Urgency
from engine.flows.words import Words
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.escalations.asking import OpenCase
from engine.services.escalations.opening import open_case
from engine.services.work import Work


async def open_by_hand(
    work: Work,
    actor: Actor,
    *,
    policy: str,
    subject_kind: str,
    subject_id: int,
    title: Words,
    body: Words,
    urgency: Urgency = Urgency.NORMAL,
    key: str,
    owner_id: int | None = None,
    team: str | None = None,
) -> int:
    """The id of the case that was opened or joined; see `open_case`. The owner of a contact need
    not be said. Raises Refused."""
    allowed(actor, "create", "escalation")
    if subject_kind == "contact" and owner_id is None:
        known = (await contact_owners(work.session, [subject_id])).get(subject_id)
        owner_id, own_team = known or (None, None)
        team = team or own_team
    case_id = await open_case(
        work,
        OpenCase(
            policy=policy,
            subject_kind=subject_kind,
            subject_id=subject_id,
            title=title,
            body=body,
            urgency=urgency,
            key=key,
            owner_id=owner_id,
            team=team,
        ),
    )
    after = {"policy": policy, "subject": f"{subject_kind}/{subject_id}"}
    await audit.record(work.session, actor, "open", "escalation", case_id, after=after)
    return case_id
