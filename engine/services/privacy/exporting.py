"""Everything about one person as one archive: a file of JSON lines a kind, and an index to read."""

from __future__ import annotations

import html
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import person_data
from crm_store.session import Store
from engine.errors import NotAllowed, NotFound
from engine.services import audit
from engine.services.actor import Actor, allowed, hidden_fields

# So that one person's archive stays a file that can be opened; the index says where it was cut.
MOST_ROWS: Final = 500_000
_WORDS: Final[Mapping[str, str]] = {
    "contact": "Who they are, and what is known of them",
    "names": "Other names and browsers that mean them",
    "merged": "Contacts that were made one with this one",
    "field_history": "How fields changed",
    "tags": "Tags",
    "consents": "What they agreed to, with the source of each",
    "consent_requests": "Confirmations they were asked for",
    "preferences": "What they want to hear, and how often",
    "suppressions": "Why nothing is sent to their addresses",
    "segments": "Segments they are in",
    "scores": "Scores",
    "figures": "Figures worked out from their orders and deals",
    "dates": "Birthdays and other dates that let them into a flow",
    "events": "What they did",
    "orders": "Orders",
    "messages": "Messages to them, with the template of each",
    "clicks": "Links they followed",
    "links": "Links made for them alone",
    "runs": "Their ways through flows",
    "journal": "What each way did, and why",
    "asks": "What those ways asked to be done",
    "goals": "Goals they reached",
    "deals": "Deals",
    "deal_stages": "The stages of those deals",
    "tickets": "Tickets",
    "ticket_comments": "What was written in them",
    "activities": "Tasks, calls, meetings and notes",
    "approvals": "Approvals about them",
    "approval_decisions": "What was decided",
    "escalations": "Escalations about them",
    "notices": "What colleagues were told about them",
    "assignments": "Who was to care for them, and why",
    "audit": "Who changed or read what of theirs",
    "privacy_requests": "What they asked of us before",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows by kind; `cut` are kinds with more than fit."""

    contact_id: int
    rows: Mapping[str, int]
    cut: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Kind:
    rows: int = 0
    cut: bool = False
    first: dict[str, Any] = field(default_factory=dict)


async def export_person(
    store: Store, actor: Actor, contact_id: int, out: IO[bytes], now: datetime
) -> Exported:
    """Write the archive, row by row, as of one moment. That somebody asked is written down first.

    Raises NotAllowed, also for whoever is not shown all of a contact, and NotFound for a number
    that means nobody.
    """
    allowed(actor, "read", "privacy")
    allowed(actor, "read", "contact")
    if told := sorted(hidden_fields(actor, "contact")):
        raise NotAllowed(
            f"{actor.name} is not shown {', '.join(told)} as {actor.role}, and this is everything "
            "about somebody. Ask somebody who sees all of it."
        )
    async with store.transaction() as session:
        number = await person_data.whose(session, contact_id)
        if number is None:
            raise NotFound(f"There is no contact {contact_id}.")
        await audit.record(session, actor, "export", "contact", number, None, {"what": "person"})
    kinds: dict[str, _Kind] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        async with store.transaction() as session:
            await person_data.hold_one_moment(session)
            given = await person_data.about(session, number)
            for kind in person_data.KINDS:
                kinds[kind] = await _write(session, archive, kind, given)
        archive.writestr("index.html", _index(number, kinds, now))
        summary = {
            "contact": number,
            "written_at": now.isoformat(),
            "rows": {kind: one.rows for kind, one in kinds.items()},
            "cut": sorted(kind for kind, one in kinds.items() if one.cut),
        }
        archive.writestr("index.json", json.dumps(summary, indent=1))
    if not kinds["contact"].rows:
        raise NotFound(f"Contact {contact_id} was erased just now.")
    cut = frozenset(kind for kind, one in kinds.items() if one.cut)
    return Exported(number, {kind: one.rows for kind, one in kinds.items()}, cut)


async def _write(
    session: AsyncSession, archive: zipfile.ZipFile, kind: str, given: Mapping[str, Any]
) -> _Kind:
    told = _Kind()
    with archive.open(f"{kind}.jsonl", "w", force_zip64=True) as lines:
        async for page in person_data.rows_of(session, kind, given):
            for row in page:
                if told.rows == MOST_ROWS:
                    told.cut = True
                    return told
                told.first = told.first or row
                told.rows += 1
                lines.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return told


def _index(number: int, kinds: Mapping[str, _Kind], now: datetime) -> str:
    """A page that opens anywhere, with nothing in it that runs or is fetched."""
    known = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(_said(value))}</td></tr>"
        for name, value in kinds["contact"].first.items()
        if value not in (None, "", {}, [])
    )
    listed = "".join(
        f'<tr><th><a href="{kind}.jsonl">{html.escape(_WORDS[kind])}</a></th>'
        f"<td>{one.rows:,}{' (cut)' if one.cut else ''}</td></tr>"
        for kind, one in kinds.items()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>Everything about contact {number}</title>"
        "<style>body{font:15px/1.5 system-ui;max-width:52em;margin:2em auto;padding:0 1em}"
        "th{text-align:left;padding-right:2em;font-weight:400}td{padding:2px 0}</style>"
        f"<h1>Everything about contact {number}</h1><p>As of {now:%Y-%m-%d %H:%M} UTC. Each file "
        "beside this one has a document a line (JSON). The texts of letters are not kept after "
        "they are sent: of each message its template, version, time and fate are.</p>"
        f"<h2>Known</h2><table>{known}</table><h2>Files</h2><table>{listed}</table></html>"
    )


def _said(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
