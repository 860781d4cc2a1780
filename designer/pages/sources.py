"""Sources: who reports what happened, and what of it was refused."""

from __future__ import annotations

from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.sources.source_list import SourceList
from designer.visitor import current
from designer.widgets import anchor, block, button_link, icon, words
from engine.services.actor import may
from engine.services.dead_letters import count_letters
from engine.services.hooks import list_sources
from engine.services.write_keys import list_write_keys

PATH = "/sources"


def register(designer: Designer) -> None:
    @page(PATH)
    async def sources() -> None:
        visitor = current()
        t, somebody = visitor.t, visitor.somebody
        async with designer.transaction() as session:
            hooks = await list_sources(session, somebody)
            keys = (
                await list_write_keys(session, somebody)
                if may(somebody, "read", "write_key")
                else []
            )
            waiting = sum(one.count for one in await count_letters(session, somebody))
        with frame(PATH, t("Sources"), styles=("sources.css",)) as actions, block("cz-stack"):
            with actions:
                button_link("/dead-letters", t("Refused events"), "report")
                if may(somebody, "read", "form"):
                    button_link("/forms", t("Forms"), "dynamic_form")
            if waiting:
                with block("cz-notice is-warn").props("role=status"):
                    icon("report")
                    said = t.n(
                        "{count} event was refused and waits to be mended.",
                        "{count} events were refused and wait to be mended.",
                        waiting,
                    )
                    words(said)
                    anchor("/dead-letters", t("Look at them"))
            lists = SourceList(designer, visitor)
            with block("cz-src__cards"):
                lists.keys(keys)
                lists.webhooks(hooks)
