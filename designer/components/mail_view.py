"""One mail, shown without letting it do anything: no scripts, no forms, nothing fetched."""

from __future__ import annotations

import asyncio
from typing import Final

from nicegui import ui

from designer.security_headers import MAIL_POLICY
from designer.visitor import Visitor
from designer.widgets import block, facts, words
from engine.channels.mailbox import Mail, Mailbox

_POLICY_TAG: Final = (
    f'<meta http-equiv="Content-Security-Policy" content="{MAIL_POLICY}">'
    '<meta name="referrer" content="no-referrer"><base target="_blank">'
)
# More mails than one contact gets in a trial; the newest are looked at first.
LOOKED_THROUGH: Final = 200
LONGEST_RAW: Final = 200_000


def framed(html: str) -> str:
    """The sender's HTML behind a policy of ours, which must come first to bind what follows."""
    return _POLICY_TAG + html


async def mail_with_key(mailbox: Mailbox, provider_key: str, address: str) -> Mail | None:
    """The mail that travelled under our key, if the mailbox holds it."""

    def look() -> Mail | None:
        for summary in mailbox.page(limit=LOOKED_THROUGH, search=address or None):
            if key_of(summary.message_id) == provider_key:
                return mailbox.message(summary.id)
        return None

    return await asyncio.to_thread(look)


def key_of(message_id: str | None) -> str:
    """Our key in a Message-ID such as "<key@example.com>"."""
    return (message_id or "").strip().strip("<>").rpartition("@")[0] or (message_id or "")


def mail_view(mail: Mail, visitor: Visitor) -> None:
    """Tabs: as the reader's program shows it, as text, and as it went over the wire."""
    t = visitor.t
    with block("cz-card"):
        with ui.tabs().props("dense no-caps align=left").classes("cz-mailtabs") as tabs:
            shown = ui.tab("mail", label=t("Mail")) if mail.html else None
            text = ui.tab("text", label=t("Text")) if mail.text else None
            headers = ui.tab("headers", label=t("Headers"))
            raw = ui.tab("raw", label=t("Source"))
        first = shown or text or headers
        with ui.tab_panels(tabs, value=first).classes("cz-panels"):
            if shown is not None and mail.html:
                with ui.tab_panel(shown):
                    _frame(mail.html, t("The mail"))
            if text is not None and mail.text:
                with ui.tab_panel(text):
                    words(mail.text, "cz-pre", tag="pre")
            with ui.tab_panel(headers):
                facts(list(mail.headers))
            with ui.tab_panel(raw):
                source = mail.raw[:LONGEST_RAW].decode("utf-8", "replace")
                words(source, "cz-pre", tag="pre")
        if mail.attachments:
            sizes = [
                f"{one.name} ({visitor.formats.number(one.size_bytes)} B)"
                for one in mail.attachments
            ]
            facts([(t("Attachments"), ", ".join(sizes))])


def _frame(html: str, title: str) -> None:
    # An empty sandbox: no scripts, no forms, no links that open, and an origin of its own.
    frame = ui.element("iframe").classes("cz-mail")
    frame.props["sandbox"] = ""
    frame.props["referrerpolicy"] = "no-referrer"
    frame.props["title"] = title
    frame.props["srcdoc"] = framed(html)
