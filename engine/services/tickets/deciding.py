"""What the policy decides about a new ticket: how urgent it is, and whose."""

from __future__ import annotations

import logging

from crm_store import tickets as rows
from engine.errors import NotFound, Refused
from engine.rules import RuleRefused, parse, union
from engine.services.assigning.rules import assign_by_rules
from engine.services.subject_facts import load_subject_facts
from engine.services.tickets.consequences import tell_people
from engine.services.work import Work
from engine.steps.words import Words
from engine.tickets import TicketPolicy

log = logging.getLogger(__name__)


async def priority_by(work: Work, ticket_id: int, policy: TicketPolicy) -> None:
    """The first rule that holds says it; a rule whose field is gone meanwhile holds never."""
    catalogue = await work.catalogue()
    rules = []
    for one in policy.priorities:
        try:
            rule = parse(one.when, catalogue, event_rule=False, subject="ticket")
        except RuleRefused as refused:
            log.error("a rule of the ticket policy cannot be read any more: %s", refused)
            continue
        rules.append((rule, one.priority))
    if not rules:
        return
    reads = union(rule.reads for rule, _ in rules)
    facts = await load_subject_facts(work.session, "ticket", [ticket_id], reads, work.now)
    zone = work.shared.default_zone
    for rule, priority in rules:
        if rule.holds(facts[ticket_id], work.now, zone):
            await rows.put_ticket(work.session, ticket_id, {"priority": priority})
            return


async def assign_by(work: Work, ticket_id: int, policy: TicketPolicy) -> None:
    """As the assignment rules say, which tell somebody when they find nobody. A ticket that has no
    owner without them, or whose rules are gone, is told to those who serve."""
    if policy.assign is not None:
        try:
            await assign_by_rules(work, policy.assign, "ticket", [ticket_id])
        except (NotFound, Refused) as refused:
            log.error("ticket %s is assigned to nobody: %s", ticket_id, refused)
        else:
            return
    row = await rows.ticket_row(work.session, ticket_id)
    if row is not None and row["owner_id"] is None:
        title = Words(f"Ticket {ticket_id} belongs to nobody", f"工单 {ticket_id} 无负责人")
        body = Words("Take it, or give it to somebody.", "请接手，或指派给他人。")
        await tell_people(work, row, policy, key="unowned", title=title, body=body)
