"""One person: who they are, what they agreed to, what they did, and what happened to them here."""

from __future__ import annotations

from typing import Final

from designer.page import page
from designer.pages.contact_history import (
    activities_card,
    deals_card,
    events_card,
    messages_card,
    orders_card,
    plain,
    runs_card,
)
from designer.pages.contact_wishes import wishes_card
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import (
    LEAD_STATUSES,
    LIFECYCLE_STAGES,
    reason,
    term,
    toned,
)
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, card, chip, facts, icon, notice, words
from engine.errors import NotFound
from engine.services.actor import may
from engine.services.preferences.wishes import Wishes, wishes_of
from engine.services.views.contacts import ContactCard, contact_card
from engine.services.views.messages import MessageFilter, MessageList, message_list
from engine.services.views.runs import RunFilter, RunList, run_list

NEWEST: Final = 10


def register(designer: Designer) -> None:
    @page("/contacts/{contact_id}")
    async def contact(contact_id: str) -> None:
        visitor = current()
        if not contact_id.isdecimal() or len(contact_id) > 18:
            raise NotFound(f"There is no contact {contact_id}.")
        number, somebody = int(contact_id), visitor.somebody
        runs, messages = RunList((), None), MessageList((), None)
        async with designer.transaction() as session:
            found = await contact_card(session, somebody, number)
            wishes = await wishes_of(session, somebody, number, designer.now())
            if may(somebody, "read", "run"):
                wanted = RunFilter(contact_id=number)
                runs = await run_list(session, somebody, wanted, limit=NEWEST)
            if may(somebody, "read", "message"):
                asked = MessageFilter(contact_id=number)
                messages = await message_list(session, somebody, asked, limit=NEWEST)
        _build(designer, visitor, found, wishes, runs, messages)


def _build(
    designer: Designer,
    visitor: Visitor,
    contact: ContactCard,
    wishes: Wishes,
    runs: RunList,
    messages: MessageList,
) -> None:
    t = visitor.t
    with (
        frame("/contacts", contact.name, trail=[("/contacts", t("Contacts"))]) as actions,
        block("cz-stack"),
    ):
        if may(visitor.somebody, "read", "run") and may(visitor.somebody, "read", "flow"):
            with actions, anchor(f"/contacts/{contact.id}/why", classes="cz-button"):
                icon("help", "18px")
                words(t("Why, or why not?"))
        for why in dict.fromkeys(why for _, why in contact.suppressed):
            notice(
                t("Nothing is sent to this address: {reason}", reason=reason(why, t)),
                "warn",
                "block",
            )
        with block("cz-contact"):
            with block("cz-stack"):
                _who(contact, visitor)
                wishes_card(designer, visitor, wishes, contact.email)
            with block("cz-stack"):
                runs_card(designer, visitor, runs)
                messages_card(visitor, messages)
                activities_card(contact, visitor)
                orders_card(contact, visitor)
                deals_card(contact, visitor)
                events_card(contact, visitor)


def _who(contact: ContactCard, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    stage, tone = toned(LIFECYCLE_STAGES, contact.lifecycle_stage, t)
    birthday = formats.day(contact.birthday) if contact.birthday else ""
    if birthday and contact.birthday_calendar == "lunar":
        birthday = t("{day} (lunar calendar)", day=birthday)
    with card():
        with block("cz-card__head cz-row"):
            chip(stage, tone)
            for tag in contact.tags:
                chip(tag)
        facts(
            [
                (t("E-mail"), contact.email or ""),
                (t("Phone"), contact.phone or ""),
                (t("Account"), contact.account or ""),
                (t("Job title"), contact.job_title or ""),
                (t("Owner"), contact.owner or ""),
                (t("Lead status"), term(LEAD_STATUSES, contact.lead_status, t)),
                (t("Score"), formats.number(contact.score) if contact.score else ""),
                (t("City"), contact.city or ""),
                (t("Country"), contact.country or ""),
                (t("Time zone"), contact.zone or ""),
                (t("Language"), contact.language or ""),
                (t("Birthday"), birthday),
                (t("Source"), contact.source or ""),
                (t("External id"), contact.external_id or ""),
                (
                    t("Last seen"),
                    formats.moment(contact.last_seen_at) if contact.last_seen_at else "",
                ),
                (t("Created"), formats.moment(contact.created_at)),
                *((name, plain(value)) for name, value in contact.custom.items()),
            ]
        )
