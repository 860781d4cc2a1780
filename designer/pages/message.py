"""One message: what is known of its way, and the mail itself where the local mailbox has it."""

from __future__ import annotations

from designer.components.mail_view import mail_view, mail_with_key
from designer.flow_graph import title_of
from designer.page import page
from designer.pages.messages import maybe_sent_words
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import CHANNELS, MESSAGE_STATES, PURPOSES, reason, term, toned
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, card, chip, facts, icon, notice, words
from engine.errors import NotFound
from engine.services.views.messages import MessageLine, message_page


def register(designer: Designer) -> None:
    @page("/messages/{message_id}")
    async def message(message_id: str) -> None:
        visitor = current()
        if not message_id.isdecimal() or len(message_id) > 18:
            raise NotFound(f"There is no message {message_id}.")
        async with designer.transaction() as session:
            found = await message_page(session, visitor.somebody, int(message_id))
        await _message(designer, visitor, found)


async def _message(designer: Designer, visitor: Visitor, line: MessageLine) -> None:
    t, formats = visitor.t, visitor.formats
    state, tone = toned(MESSAGE_STATES, line.state, t)
    title = line.subject or line.template
    with (
        frame("/messages", title, trail=[("/messages", t("Messages"))]) as actions,
        block("cz-stack cz-narrow"),
    ):
        with actions:
            with anchor(f"/runs/{line.run_id}", classes="cz-button"):
                icon("route", "18px")
                words(t("Its run"))
            with anchor(f"/contacts/{line.contact_id}", classes="cz-button"):
                icon("person", "18px")
                words(t("Contact"))
        if line.state == "maybe_sent":
            notice(maybe_sent_words(visitor), "warn", "help_outline")
        with card():
            with block("cz-card__head"):
                chip(state, tone)
                words(reason(line.reason, t), "cz-soft")
            facts(
                [
                    (t("To"), f"{line.contact} <{line.address}>" if line.address else line.contact),
                    (t("Flow"), f"{line.flow_label} · {title_of(line.node)}"),
                    (t("Template"), line.template),
                    (t("Purpose"), term(PURPOSES, line.purpose, t)),
                    (t("Sent through"), term(CHANNELS, line.channel, t)),
                    (t("Handed over"), formats.moment(line.handed_over_at)),
                    (t("Answered"), formats.moment(line.answered_at) if line.answered_at else ""),
                    (t("Message-ID"), line.provider_key),
                ]
            )
        mailbox = designer.mailbox
        if mailbox is None:
            return
        kept = await mail_with_key(mailbox, line.provider_key, line.address or "")
        if kept is not None:
            mail_view(kept, visitor)
        elif line.state in ("sent", "maybe_sent"):
            notice(t("The local mailbox does not hold it: it was emptied, or sent elsewhere."))
