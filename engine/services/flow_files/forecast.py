"""What publishing a flow would do, before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import flow_named
from crm_store.models import Flow as FlowRecord
from crm_store.models import FlowVersion
from crm_store.version_people import people_inside, version_rows
from engine.errors import Refused
from engine.flows.diff import FlowDiff, diff_flows
from engine.flows.load import LoadedFlow, read_flow
from engine.flows.migration import Pair, Proposal, propose
from engine.flows.model import Flow, from_definition
from engine.flows.problems import FlowProblem
from engine.rules import Catalogue, RuleRefused, parse
from engine.services.actor import Actor, allowed
from engine.services.flow_checks import flow_findings
from engine.services.plans import current_catalogue
from engine.services.rules.counting import bounded
from engine.services.segments_query import count_matching
from engine.services.templates import TemplateLibrary
from engine.steps import STEP_KINDS

# A person waits for the answer.
LONGEST_COUNT: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Affected:
    """People inside the flow now, who keep the version they have."""

    number: int
    node: str
    state: str
    people: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`published` is the number of what is published now, None when nothing is, `becomes` the
    number the flow would have: the same again when it is published already, an older one when that
    was the same flow.

    `diff` is against what is published. `audience` counts the contacts whom the trigger finds now,
    None where only events or people tell or where it could not be counted (`not_counted` says why);
    `enters_at_once` tells whether they enter with the publication. `proposals` say what a move of
    those inside the published version could look like.
    """

    flow: Flow
    published: int | None
    becomes: int
    is_unchanged: bool
    diff: FlowDiff | None
    problems: tuple[FlowProblem, ...]
    inside: tuple[Affected, ...]
    audience: int | None
    not_counted: str | None
    enters_at_once: bool
    proposals: tuple[Proposal, ...]
    catalogue: Catalogue
    before: Flow | None


async def forecast(
    session: AsyncSession,
    actor: Actor,
    source: str,
    *,
    file: str,
    library: TemplateLibrary,
    now: datetime,
    zone: str,
) -> Forecast:
    """Look only: nothing is stored. Raises FlowRefused when the text is no flow."""
    allowed(actor, "read", "flow")
    catalogue = await current_catalogue(session)
    loaded = read_flow(source, file=file, kinds=STEP_KINDS, catalogue=catalogue)
    flow = loaded.flow
    problems = await _findings(session, loaded, catalogue, library)
    record = await flow_named(session, flow.name)
    versions = await version_rows(session, record.id) if record else []
    published = _published(record, versions)
    before = from_definition(published.definition) if published else None
    same = next((version for version in versions if version.hash == flow.hash()), None)
    audience, why_not = await _audience(session, flow.trigger.audience, catalogue, now, zone)
    return Forecast(
        flow=flow,
        published=published.number if published else None,
        becomes=same.number if same else (versions[-1].number + 1 if versions else 1),
        is_unchanged=same is not None and same is published,
        diff=diff_flows(before, flow, kinds=STEP_KINDS) if before else None,
        problems=problems,
        inside=await _inside(session, record, versions),
        audience=audience,
        not_counted=why_not,
        enters_at_once=flow.trigger.enrols_when_published,
        proposals=tuple(propose(Pair(before, flow))) if before else (),
        catalogue=catalogue,
        before=before,
    )


def _published(record: FlowRecord | None, versions: Sequence[FlowVersion]) -> FlowVersion | None:
    current = record.published_version_id if record else None
    return next((version for version in versions if version.id == current), None)


async def _findings(
    session: AsyncSession, loaded: LoadedFlow, catalogue: Catalogue, library: TemplateLibrary
) -> tuple[FlowProblem, ...]:
    found = await flow_findings(session, loaded.flow, catalogue=catalogue, library=library)
    return tuple(loaded.places.locate(problem) for problem in found)


async def _inside(
    session: AsyncSession, record: FlowRecord | None, versions: Sequence[FlowVersion]
) -> tuple[Affected, ...]:
    if record is None:
        return ()
    numbers = {version.id: version.number for version in versions}
    return tuple(
        Affected(numbers[version_id], node, state, people)
        for version_id, node, state, people in await people_inside(session, record.id)
    )


async def _audience(
    session: AsyncSession, document: Any, catalogue: Catalogue, now: datetime, zone: str
) -> tuple[int | None, str | None]:
    if document is None:
        return None, None
    try:
        rule = parse(document, catalogue, event_rule=False)
        # a statement that is given up takes the transaction with it
        async with session.begin_nested(), bounded(session, LONGEST_COUNT):
            return await count_matching(session, rule, now, zone), None
    except RuleRefused as refused:
        return None, f"{refused}"
    except Refused as refused:
        return None, refused.message
