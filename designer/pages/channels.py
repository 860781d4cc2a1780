"""Channels: how messages travel, whether they may, and a test of each."""

from __future__ import annotations

from designer.page import page
from designer.runtime import Designer
from designer.sender_actions import sender_notices
from designer.shell import frame
from designer.system.channels import ChannelCards, senders_card
from designer.visitor import current
from designer.widgets import block, words
from engine.services.actor import may
from engine.services.channels import DEFAULT, list_channels, list_identities
from engine.services.sender_health import list_domains


def register(designer: Designer) -> None:
    @page("/channels")
    async def channels() -> None:
        visitor = current()
        t, somebody = visitor.t, visitor.somebody
        async with designer.transaction() as session:
            found = {one.name: one for one in await list_channels(session, somebody)}
            senders = await list_identities(session, somebody)
            domains = (
                await list_domains(session, somebody, designer.now())
                if may(somebody, "read", "message")
                else []
            )
        with frame("/channels", t("Channels"), styles=("system.css",)), block("cz-stack"):
            sender_notices(designer, visitor, domains)
            cards = ChannelCards(designer, visitor)
            with block("cz-grid cz-sys__channels"):
                cards.default(found.pop(DEFAULT, None))
                for one in found.values():
                    cards.named(one)
            if not found:
                words(
                    t(
                        "SMS, chats and rooms are added with “cadenza channel add”, which asks for "
                        "their secrets without showing them."
                    ),
                    "cz-soft",
                    tag="p",
                )
            senders_card(senders, visitor)
