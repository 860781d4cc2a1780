"""What somebody is told, as a row in the transaction that has the reason; mailed afterwards."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from crm_store.tellings import NewTelling, put_tellings
from engine.channels.address import is_address
from engine.escalations.urgency import Urgency as Urgency
from engine.people import Directory
from engine.services.work import Work
from engine.steps.words import Words

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing for one person. The same `key` is told to the same person once, ever.

    `path` is where to look, a path of the designer such as "/deals/7". `action_path` is a signed
    path for the mail alone ("/a/..."), never shown in lists. `kind` is a word such as "approval".
    """

    key: str
    user_id: int
    kind: str
    title: Words
    body: Words
    subject_kind: str
    subject_id: int
    urgency: Urgency = Urgency.NORMAL
    path: str = ""
    action_path: str = ""


async def tell(work: Work, tellings: Sequence[Telling]) -> None:
    """Write down what is told. It is shown to them from the commit on, and mailed by the driver
    `notices`, at least once; people who have left are shown it and sent nothing."""
    directory = await work.directory()
    known = [one for one in tellings if one.user_id in directory.people]
    if len(known) < len(tellings):
        missing = sorted({one.user_id for one in tellings} - directory.people.keys())
        log.error("nobody is told who is not there any more: %s", missing)
    _, deliveries = await put_tellings(
        work.session, [_row(one, directory) for one in known], work.now
    )
    if deliveries:
        work.after.notices = True


def _row(one: Telling, directory: Directory) -> NewTelling:
    person = directory.people[one.user_id]
    writable = person.active and person.email is not None and is_address(person.email)
    return NewTelling(
        key=one.key,
        user_id=one.user_id,
        kind=one.kind,
        title=one.title.in_language(person.language),
        body=one.body.in_language(person.language),
        subject_kind=one.subject_kind,
        subject_id=one.subject_id,
        urgency=one.urgency,
        path=one.path,
        action_path=one.action_path,
        email=person.email if writable else None,
        active=person.active,
    )
