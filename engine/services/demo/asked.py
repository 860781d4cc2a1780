"""What waits for people in the demo: a discount to be approved, a complaint to be taken up."""

from __future__ import annotations

from crm_store.lists.deals import DealFilter
from engine.escalations.urgency import Urgency
from engine.services.actor import SYSTEM
from engine.services.approvals import Amount, Ask, open_request
from engine.services.deals.reading import list_deals
from engine.services.escalations import OpenCase, open_case
from engine.services.organisation.profiles import set_manager
from engine.services.people import FIRST_ADMIN_EMAIL, list_users
from engine.services.tickets import TicketFilter, list_tickets
from engine.services.work import Work
from engine.steps.words import Words


async def ask_the_admin(work: Work) -> None:
    """One request and one case, for the first admin, who leads those who lead the teams. Needs the
    ready chain `discount` and the ready policy `complaint` in force."""
    people = await list_users(work.session, SYSTEM)
    admin = next((one for one in people if one.email == FIRST_ADMIN_EMAIL), None)
    heads = [one for one in people if one.role == "sales_manager"]
    deals = await list_deals(work.session, SYSTEM, DealFilter(kind="open"), limit=1)
    unsolved = TicketFilter(status="unsolved")
    tickets = await list_tickets(work.session, SYSTEM, unsolved, limit=1)
    if admin is None or not (heads and deals and tickets):
        return
    for head in heads:
        await set_manager(work.session, SYSTEM, head.id, admin.id)
    deal, ticket = deals[0], tickets[0]
    await open_request(
        work,
        Ask(
            "discount",
            "deal",
            deal.id,
            heads[0].id,
            Words(f"A discount for {deal.name}", f"{deal.name} 的折扣"),
            Words(
                "They sign this week if they get it.",
                "客户表示若给予折扣，本周即可签约。",
            ),
            amount=Amount(80_000, "USD"),
            key=f"demo:discount:{deal.id}",
            record=("deal", deal.id),
            contact_id=deal.contact_id,
            owner_id=deal.owner_id,
        ),
    )
    await open_case(
        work,
        OpenCase(
            "complaint",
            "ticket",
            ticket.id,
            Words(f"Complaint: {ticket.subject}", f"投诉：{ticket.subject}"),
            Words("The customer wants to be called.", "客户要求回电。"),
            Urgency.HIGH,
            key=f"demo:complaint:{ticket.id}",
            owner_id=admin.id,
            contact_id=ticket.contact_id,
            path=f"/tickets/{ticket.id}",
        ),
    )
