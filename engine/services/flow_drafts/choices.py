"""Names to choose from while somebody fills in a step or a trigger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.directory import person_rows
from crm_store.flows import flow_rows
from crm_store.known_names import known_names
from engine.rules import Catalogue, Type
from engine.services.actor import Actor, allowed, may
from engine.services.rules.suggestions import rule_suggestions
from engine.services.templates import TemplateLibrary

Choices = Mapping[str, Sequence[tuple[str, str]]]

_MOST_PEOPLE: Final = 500


async def form_choices(
    session: AsyncSession,
    actor: Actor,
    *,
    catalogue: Catalogue,
    library: TemplateLibrary,
    language: Literal["en", "zh"],
) -> Choices:
    """(value, label) by the widget that offers them (`engine.flows.form.Widget`). What the actor
    may not read is not offered; it can be written all the same."""
    allowed(actor, "read", "flow")
    await library.refresh(session)
    names = await known_names(session)
    seen = await rule_suggestions(session, actor)
    pipelines = {name.partition("/")[0] for name in names["stage"] if "/" in name}
    return {
        "template_picker": _same(library.names()),
        "flow_picker": _same(row.name for row in await flow_rows(session)),
        "segment_picker": [
            (name, (zh if language == "zh" and zh else label) or name)
            for name, label, zh in seen.segments
        ],
        "event_picker": _same(seen.events),
        "tags": _same(seen.tags),
        "calendar_picker": _same(names["calendar"]),
        "hook_picker": _same(names["hook_source"]),
        "team_picker": _same(names["team"]),
        "assignment_picker": _same(names["assignment"]),
        "stage_picker": _same(name for name in names["stage"] if "/" not in name),
        "pipeline_picker": _same(pipelines),
        "priority": _same(("low", "normal", "high", "urgent"), in_order=True),
        **await _people(session, actor, names["team"]),
        **_facts(catalogue, language),
    }


def _same(values: Iterable[str], *, in_order: bool = False) -> list[tuple[str, str]]:
    return [(value, value) for value in (values if in_order else sorted(values))]


async def _people(session: AsyncSession, actor: Actor, teams: Iterable[str]) -> Choices:
    found = [("owner", "owner"), ("manager", "manager")]
    found += [(f"team:{team}", f"team:{team}") for team in sorted(teams)]
    if may(actor, "read", "team"):
        people = [row for row in await person_rows(session) if row.active and row.email]
        found += [(str(row.email), f"{row.name} · {row.email}") for row in people[:_MOST_PEOPLE]]
    return {"assignee": found}


def _facts(catalogue: Catalogue, language: Literal["en", "zh"]) -> Choices:
    facts = [fact for fact in catalogue.records["contact"].values() if not fact.is_derived]
    fields = [(fact.name, f"{fact.label.in_language(language)} · {fact.name}") for fact in facts]
    days = [
        (fact.name, f"{fact.label.in_language(language)} · {fact.name}")
        for fact in facts
        if fact.type in (Type.DATE, Type.DATETIME)
    ]
    return {"field_values": fields, "field_formulas": fields, "fields": fields, "date_field": days}
