"""What was sent and could not be taken: why, mending it, taking it after all."""

from __future__ import annotations

from starlette.requests import Request

from designer.components.filter_tabs import address, filter_tabs
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.sources.letter_list import PATH, LetterDeeds, LetterList
from designer.sources.terms import STATES
from designer.visitor import current
from designer.widgets import block, button_link, card, empty_state, words
from engine.services.actor import may
from engine.services.dead_letters import count_letters, list_letters


def register(designer: Designer) -> None:
    @page(PATH)
    async def dead_letters(request: Request) -> None:
        visitor = current()
        t, somebody = visitor.t, visitor.somebody
        query = request.query_params
        state = query.get("state", "waiting")
        state = state if state in STATES else "waiting"
        source, code = query.get("source", "")[:80] or None, query.get("code", "")[:80] or None
        before = query.get("before", "")
        async with designer.transaction() as session:
            counted = await count_letters(session, somebody)
            found = await list_letters(
                session,
                somebody,
                state=state,
                source=source,
                code=code,
                before=int(before)
                if before.isascii() and before.isdigit() and len(before) < 18
                else None,
            )
        filters = {"state": None if state == "waiting" else state, "source": source, "code": code}
        manages = may(somebody, "edit", "hook")
        trail = [("/sources", t("Sources"))]
        styles = ("sources.css", "system.css")
        with (
            frame("/sources", t("Refused events"), trail=trail, styles=styles) as actions,
            block("cz-stack"),
        ):
            deeds = LetterDeeds(designer, visitor)
            if manages and state == "waiting" and found.letters:
                with actions:
                    deeds.for_all(source, code)
            choices = [(None if key == "waiting" else key, t(name)) for key, name in STATES.items()]
            filter_tabs(t("State"), PATH, filters, "state", choices)
            if state == "waiting" and counted:
                LetterList.reasons(visitor, counted, source, code)
            with card():
                if not found.letters:
                    empty_state(
                        "mark_email_read",
                        t("Nothing was refused"),
                        t(
                            "What a source sends and Cadenza cannot read is kept here with its "
                            "reason, so that it can be mended and taken after all."
                        ),
                        link=("/sources", t("Sources")),
                    )
                for one in found.letters:
                    LetterList.letter(visitor, one, deeds if manages else None)
            if found.next_before is not None:
                with block("cz-row"):
                    link = address(PATH, {**filters, "before": str(found.next_before)})
                    button_link(link, t("Older ones"), "chevron_right")
            words(
                t("Those that wait are kept for 90 days, the others for 30."),
                "cz-soft cz-small",
                tag="p",
            )
