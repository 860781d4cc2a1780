"""Custom fields of contacts, accounts and deals."""

from __future__ import annotations

from typing import cast

from starlette.requests import Request

from designer.components.filter_tabs import filter_tabs
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.system.fields import RECORD_NAMES, FieldList
from designer.visitor import current
from designer.widgets import block
from engine.rules.fact import RecordKind
from engine.services.actor import Kind, allowed
from engine.services.custom_fields import RECORDS, all_custom_fields

PATH = "/fields"


def register(designer: Designer) -> None:
    @page(PATH)
    async def fields(request: Request) -> None:
        visitor = current()
        t = visitor.t
        asked = request.query_params.get("of", "contact")
        record: RecordKind = next((one for one in RECORDS if one == asked), "contact")
        allowed(visitor.somebody, "read", cast(Kind, record))
        async with designer.transaction() as session:
            found = await all_custom_fields(session, record)
        styles = ("system.css",)
        with frame(PATH, t("Custom fields"), styles=styles) as actions, block("cz-stack"):
            choices = [
                (None if key == "contact" else key, t(name)) for key, name in RECORD_NAMES.items()
            ]
            chosen = None if record == "contact" else record
            filter_tabs(t("Of what"), PATH, {"of": chosen}, "of", choices)
            FieldList(designer, visitor, record).build(found, actions)
