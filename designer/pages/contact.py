"""One person: who they are, what they agreed to, what they did, and what happened to them here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from designer.page import page
from designer.pages.contact_history import (
    activities_card,
    deals_card,
    messages_card,
    orders_card,
    runs_card,
)
from designer.pages.contact_wishes import wishes_card
from designer.records.actions import may_merge
from designer.records.beside import scores_card, segments_card
from designer.records.facts_card import FactsCard
from designer.records.life_card import LifeCard
from designer.records.tags_card import TagsRow
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import reason
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, button_link, icon, notice, words
from engine.errors import NotFound
from engine.services.actor import may
from engine.services.custom_fields import list_custom_fields
from engine.services.preferences.wishes import Wishes, wishes_of
from engine.services.records import Editable, editable_fields
from engine.services.scoring.looking import StoredScore, contact_scores
from engine.services.views.contacts import ContactCard, contact_card
from engine.services.views.grids import GridLine, grid_tags, hidden_in, lines_of
from engine.services.views.life import LifePage, Membership, life_of, memberships, visible_kinds
from engine.services.views.messages import MessageFilter, MessageList, message_list
from engine.services.views.runs import RunFilter, RunList, run_list

NEWEST = 10


@dataclass(frozen=True, slots=True)
class _Seen:
    contact: ContactCard
    line: GridLine
    wishes: Wishes
    life: LifePage
    runs: RunList
    messages: MessageList
    scores: Sequence[StoredScore]
    segments: Sequence[Membership]
    fields: dict[str, Editable]
    people: dict[int, str]
    tags: list[str]


def register(designer: Designer) -> None:
    @page("/contacts/{contact_id}")
    async def contact(contact_id: str) -> None:
        visitor = current()
        if not contact_id.isdecimal() or len(contact_id) > 18:
            raise NotFound(f"There is no contact {contact_id[:60]}.")
        async with designer.transaction() as session:
            seen = await _look(designer, visitor, session, int(contact_id))
        _build(designer, visitor, seen)


async def _look(designer: Designer, visitor: Visitor, session: Any, number: int) -> _Seen:
    somebody = visitor.somebody
    found = await contact_card(session, somebody, number)
    runs, messages = RunList((), None), MessageList((), None)
    if may(somebody, "read", "run"):
        runs = await run_list(session, somebody, RunFilter(contact_id=number), limit=NEWEST)
    if may(somebody, "read", "message"):
        asked = MessageFilter(contact_id=number)
        messages = await message_list(session, somebody, asked, limit=NEWEST)
    segments = []
    if may(somebody, "read", "segment"):
        segments = await memberships(session, somebody, number)
    directory = await designer.runtime.shared.people.directory(session)
    custom = await list_custom_fields(session, "contact")
    return _Seen(
        found,
        (await lines_of(session, "contact", [number], hidden_in(somebody, "contact")))[0],
        await wishes_of(session, somebody, number, designer.now()),
        await life_of(session, somebody, number, visible_kinds(somebody)),
        runs,
        messages,
        await contact_scores(session, somebody, number),
        segments,
        editable_fields("contact", custom),
        {one.id: one.name for one in directory.people.values() if one.active},
        await grid_tags(session, somebody),
    )


def _build(designer: Designer, visitor: Visitor, seen: _Seen) -> None:
    t, contact = visitor.t, seen.contact
    trail = [("/contacts", t("Contacts"))]
    with (
        frame("/contacts", contact.name, trail=trail, styles=("records.css",)) as actions,
        block("cz-stack"),
    ):
        with actions:
            if may_merge(visitor):
                button_link(f"/merge?keep={contact.id}", t("Merge"), "call_merge")
            if may(visitor.somebody, "read", "run") and may(visitor.somebody, "read", "flow"):
                with anchor(f"/contacts/{contact.id}/why", classes="cz-button"):
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
                _who(designer, visitor, seen)
            with block("cz-stack"):
                LifeCard(designer, visitor, contact.id).build(seen.life)
                runs_card(designer, visitor, seen.runs)
                messages_card(visitor, seen.messages)
                activities_card(contact, visitor)
                orders_card(contact, visitor)
                deals_card(contact, visitor)


def _who(designer: Designer, visitor: Visitor, seen: _Seen) -> None:
    contact = seen.contact
    TagsRow(designer, visitor, contact.id, contact.tags, contact.lifecycle_stage, tuple(seen.tags))
    FactsCard(designer, visitor, "contact", contact.id, seen.line.values, seen.fields, seen.people)
    scores_card(visitor, contact.score, seen.scores)
    if may(visitor.somebody, "read", "segment"):
        segments_card(visitor, contact.id, seen.segments)
    wishes_card(designer, visitor, seen.wishes, contact.email)
