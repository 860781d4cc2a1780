"""One account with what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import accounts as rows
from crm_store.lists.accounts import AccountTotals as AccountTotals
from crm_store.lists.accounts import Sum as Sum
from crm_store.models import Contact, Deal, Ticket
from engine.errors import NotFound
from engine.services.actor import Actor, allowed_some, hidden_fields, may
from engine.services.roles.visibility import allowed_on, visible
from engine.services.views.grids import GridLine, hidden_in, lines_of

NEWEST: Final = 20


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The newest of each kind; kinds that the reader may not see are empty."""

    line: GridLine
    parent: tuple[int, str] | None
    totals: AccountTotals
    deal_sums: tuple[Sum, ...]
    order_sums: tuple[Sum, ...]
    contacts: tuple[GridLine, ...]
    tickets: tuple[GridLine, ...]
    deals: tuple[Mapping[str, Any], ...]


async def account_page(session: AsyncSession, actor: Actor, account_id: int) -> AccountPage:
    """Raises NotAllowed, NotFound."""
    allowed_some(actor, "read", "account")
    found = await lines_of(session, "account", [account_id], hidden_fields(actor, "account"))
    if not found:
        raise NotFound(f"There is no account {account_id}.")
    allowed_on(actor, "read", "account", found[0].values["owner_id"], account_id)
    own_contacts = visible(actor, "read", "contact", Contact.owner_id)
    own_tickets = visible(actor, "read", "ticket", Ticket.owner_id)
    own_deals = visible(actor, "read", "deal", Deal.owner_id)
    contacts: tuple[GridLine, ...] = ()
    tickets: tuple[GridLine, ...] = ()
    deals: list[dict[str, Any]] = []
    deal_sums: list[Sum] = []
    if may(actor, "read", "contact"):
        ids = await rows.contacts_of_account(session, account_id, NEWEST, own_contacts)
        contacts = await lines_of(session, "contact", ids, hidden_fields(actor, "contact"))
    if may(actor, "read", "ticket"):
        ids = await rows.tickets_of_account(session, account_id, NEWEST, own_tickets)
        tickets = await lines_of(session, "ticket", ids, hidden_in(actor, "ticket"))
    if may(actor, "read", "deal"):
        deals = await rows.deals_of_account(session, account_id, NEWEST, own_deals)
        deal_sums = await rows.deal_sums(session, account_id, own_deals)
    orders = await rows.order_sums(session, account_id) if may(actor, "read", "order") else []
    return AccountPage(
        found[0],
        await rows.parent_of(session, account_id),
        await rows.account_totals(session, account_id, own_contacts, own_tickets),
        tuple(deal_sums),
        tuple(orders),
        contacts,
        tickets,
        tuple(deals),
    )
