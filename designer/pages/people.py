"""Our own people: everybody, who reports to whom, teams, absences and handovers."""

from __future__ import annotations

from starlette.requests import Request

from designer.components.filter_tabs import filter_tabs
from designer.page import page
from designer.people.addresses import PEOPLE
from designer.people.listing import (
    AWAY,
    HANDOVERS,
    LINE,
    TABS,
    TEAMS,
    absences,
    everybody,
    handovers,
    reporting_line,
    teams,
)
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import current
from designer.widgets import block
from engine.services.actor import allowed


def register(designer: Designer) -> None:
    @page(PEOPLE)
    async def people(request: Request) -> None:
        visitor, t = current(), current().t
        allowed(visitor.somebody, "read", "team")
        asked = request.query_params.get("tab")
        tab = asked if asked in (LINE, TEAMS, AWAY, HANDOVERS) else None
        with (
            frame(PEOPLE, t("People and teams"), styles=("people.css", "access.css")),
            block("cz-stack"),
        ):
            tabs = [(key, t(name)) for key, name in TABS]
            filter_tabs(t("About people"), PEOPLE, {"tab": tab}, "tab", tabs)
            match tab:
                case "line":
                    await reporting_line(designer, visitor)
                case "teams":
                    await teams(designer, visitor)
                case "absences":
                    await absences(designer, visitor)
                case "handovers":
                    await handovers(designer, visitor)
                case _:
                    await everybody(designer, visitor)
