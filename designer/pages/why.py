"""Why a contact is in a flow, or is not: choose a flow and read the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from starlette.requests import Request

from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, card, empty_state, icon, words
from engine.errors import NotFound
from engine.services.views.contacts import ContactCard, contact_card
from engine.services.views.flows import FlowLine, flow_list
from engine.services.why import Finding, Stance, WhyFlow, why

ICONS: Final = {Stance.FOR: "check_circle", Stance.AGAINST: "block", Stance.NOTE: "info"}
TONES: Final = {Stance.FOR: "good", Stance.AGAINST: "bad", Stance.NOTE: ""}


def register(designer: Designer) -> None:
    @page("/contacts/{contact_id}/why")
    async def why_page(request: Request, contact_id: str) -> None:
        visitor = current()
        if not contact_id.isdecimal() or len(contact_id) > 18:
            raise NotFound(f"There is no contact {contact_id}.")
        flow = request.query_params.get("flow")
        told: WhyFlow | None = None
        async with designer.transaction() as session:
            found = await contact_card(session, visitor.somebody, int(contact_id))
            flows = await flow_list(session, visitor.somebody)
            if flow is not None:
                told = await why(
                    session,
                    visitor.somebody,
                    flow[:200],
                    int(contact_id),
                    plans=designer.plans,
                    now=designer.now(),
                    default_zone=designer.runtime.settings.company.default_zone,
                )
        _build(found, flows, told, visitor)


def _build(
    contact: ContactCard, flows: Sequence[FlowLine], told: WhyFlow | None, visitor: Visitor
) -> None:
    t = visitor.t
    trail = [("/contacts", t("Contacts")), (f"/contacts/{contact.id}", contact.name)]
    with frame("/contacts", t("Why, or why not?"), trail=trail), block("cz-stack"):
        if not flows:
            empty_state("account_tree", t("There is no flow yet"), t("Publish one to ask about."))
            return
        with card(t("Choose a flow")), block("cz-row cz-pad"):
            for flow in flows:
                chosen = told is not None and told.flow == flow.name
                address = f"/contacts/{contact.id}/why?flow={quote(flow.name)}"
                anchor(address, flow.label, "cz-tab is-active" if chosen else "cz-tab")
        if told is not None:
            with card(told.said["zh" if t.language.startswith("zh") else "en"]):
                reasons(told.findings, visitor)
                for run_id in told.run_ids:
                    anchor(f"/runs/{run_id}", t("Run {number}", number=run_id), "cz-pad")


def reasons(findings: Sequence[Finding], visitor: Visitor) -> None:
    """Each reason on a line, with what it does: lets pass, stands in the way, or only says."""
    with block("cz-timeline", tag="ul") as lines:
        lines.props["aria-label"] = visitor.t("Reasons")
        for one in findings:
            with block(tag="li"):
                tone = TONES[one.stance]
                with block(f"cz-dot is-{tone}" if tone else "cz-dot"):
                    icon(ICONS[one.stance])
                words(_in_local_time(one, visitor), "cz-line__title", tag="div").mark(
                    f"why-{one.code}"
                )


def _in_local_time(one: Finding, visitor: Visitor) -> str:
    """The sentence with its instants on the reader's clock."""
    said = one.in_language(visitor.t.language)
    for value in one.details.values():
        if isinstance(value, str) and (moment := _moment(value)) is not None:
            said = said.replace(value, visitor.formats.moment(moment))
    return said


def _moment(text: str) -> datetime | None:
    if len(text) < 19 or "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
