"""Won deals that name no contact: events are a contact's, and a sale must not go unheard."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_store.account_contacts import first_contacts
from crm_store.deal_rows import DealRow
from engine.services.telling import Telling, tell
from engine.steps.words import Words

if TYPE_CHECKING:
    from engine.services.work import Work

log = logging.getLogger(__name__)


async def stand_ins(work: Work, won: Sequence[tuple[DealRow, int]]) -> dict[int, int]:
    """For each won deal without a contact the contact of its account that has been known longest,
    by deal. Where there is none either, its people are told that no flow hears of it. With each
    deal comes the number of its stay, so that each sale is told once."""
    without = [(row, visit) for row, visit in won if row.contact_id is None]
    if not without:
        return {}
    accounts = {row.account_id for row, _ in without if row.account_id is not None}
    first = await first_contacts(work.session, accounts)
    found = {row.id: first[row.account_id] for row, _ in without if row.account_id in first}
    await _tell(work, [one for one in without if one[0].id not in found])
    return found


async def _tell(work: Work, unheard: Sequence[tuple[DealRow, int]]) -> None:
    if not unheard:
        return
    directory = await work.directory()
    managers = [
        one
        for role in ("sales_manager", "admin")
        for one in directory.with_role(role)
        if directory.is_present(one, work.now)
    ]
    tellings = []
    for row, visit in unheard:
        owner = None if row.owner_id is None else directory.stands_in(row.owner_id, work.now)
        people = [owner] if owner is not None else managers[:1]
        if not people:
            log.error("deal %s is won and has no contact, and nobody is there to be told", row.id)
        title = Words(
            f"Deal {row.id} is won, and no flow heard of it",
            f"商机 {row.id} 已赢单，但没有流程收到通知",
        )
        body = Words(
            "It has no contact, and its account has none. Give it one, and pass the deal on by "
            "hand.",
            "该商机及其客户公司都没有联系人。请补充联系人，并手动处理后续事项。",
        )
        tellings += [
            Telling(
                f"deal:{row.id}:unheard:{visit}",
                one,
                "deal",
                title,
                body,
                "deal",
                row.id,
                path=f"/deals/{row.id}",
            )
            for one in people
        ]
    await tell(work, tellings)
