"""What waits for one's own answer: requests to decide, cases to take up, and what one was told."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from designer.approval_words import ROOM
from designer.approvals_room import approvals_room
from designer.assets import asset
from designer.case_words import TAB as CASES
from designer.cases import cases_room
from designer.components.filter_tabs import filter_tabs
from designer.duty_room import TAB as DUTY
from designer.duty_room import duty_room
from designer.notices_room import TAB as NOTICES
from designer.notices_room import notices_room
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import current
from designer.widgets import block
from engine.services.actor import may
from engine.services.notices import MOST_COUNTED, unread_notices


def register(designer: Designer) -> None:
    @page(ROOM)
    async def inbox(request: Request) -> None:
        visitor, t = current(), current().t
        query = dict(request.query_params)
        somebody = visitor.somebody
        async with designer.transaction() as session:
            unread = await unread_notices(session, somebody)
        told = f"{t('Notices')} ({_count(unread)})" if unread else t("Notices")
        choices = [
            (which, name)
            for which, name, needed in (
                (None, t("Approvals"), may(somebody, "read", "approval")),
                (CASES, t("Cases"), may(somebody, "read", "escalation")),
                (NOTICES, told, True),
                (DUTY, t("On duty"), may(somebody, "read", "escalation_policy")),
            )
            if needed
        ]
        # of what they may see, the first is shown where nothing else was asked for
        tabs = [which for which, _ in choices]
        tab = query.get("tab") if query.get("tab") in (CASES, NOTICES, DUTY) else tabs[0]
        keys = f'<script src="{asset("inbox_keys.js")}" defer></script>'
        ui.add_head_html(keys)
        with frame(ROOM, t("Inbox"), styles=("people.css",)), block("cz-stack inb-page"):
            with block("inb-more cz-notice"):
                ui.link(t("More has come. Look again."), ROOM)
            filter_tabs(t("Inbox"), ROOM, {"tab": tab}, "tab", choices)
            if tab == CASES:
                await cases_room(designer, visitor, query)
            elif tab == DUTY:
                await duty_room(designer, visitor, query)
            elif tab == NOTICES:
                await notices_room(designer, visitor, query)
            else:
                await approvals_room(designer, visitor, query)


def _count(unread: int) -> str:
    return f"{MOST_COUNTED}+" if unread >= MOST_COUNTED else str(unread)
