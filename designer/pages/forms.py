"""Forms that anybody may send: where each stands, and making one."""

from __future__ import annotations

from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.sources.form_list import PATH, form_list
from designer.visitor import current
from engine.services.actor import may
from engine.services.forms import list_forms


def register(designer: Designer) -> None:
    @page(PATH)
    async def forms() -> None:
        visitor = current()
        t, somebody = visitor.t, visitor.somebody
        async with designer.transaction() as session:
            found = await list_forms(session, somebody)
        with frame(PATH, t("Forms"), styles=("sources.css",)) as actions:
            makes = may(somebody, "create", "form")
            form_list(designer, visitor, found, actions if makes else None)
