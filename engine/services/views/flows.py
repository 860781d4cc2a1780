"""Flows as lists and pages show them: state, versions, and numbers that move while you look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import flow_numbers as rows
from crm_store.models import MessageState
from crm_store.pauses import waiting_at
from engine.errors import NotFound
from engine.flows.model import Flow, from_definition
from engine.machines.mending import MOVED_BY_HAND
from engine.machines.relocation import TO_ANOTHER_VERSION
from engine.rules import Catalogue
from engine.services.actor import Actor, allowed
from engine.services.enrolments import EnrolmentLine, line_of
from engine.services.plans import current_catalogue

# Ways out of a node by which nobody leaves the flow.
_STILL_INSIDE: Final = frozenset({MOVED_BY_HAND, TO_ANOTHER_VERSION})


@dataclass(frozen=True, slots=True)
class Numbers:
    """`here` stand on a node now, held ones apart. `maybe_sent` are not among the `sent`."""

    entered: int = 0
    here: int = 0
    held: int = 0
    finished: int = 0
    sent: int = 0
    maybe_sent: int = 0
    not_sent: int = 0


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One flow in the list. `version` is None while it was never published."""

    name: str
    label: str
    purpose: str
    state: str
    version: int | None
    published_at: datetime | None
    updated_at: datetime
    has_newer_draft: bool
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class VersionLine:
    id: int
    number: int
    published_at: datetime
    published_by: str | None
    is_current: bool
    here: int


@dataclass(frozen=True, slots=True)
class FlowPage:
    """`flow` is the published definition, or None; `draft_source` the draft as it was written."""

    id: int
    name: str
    label: str
    purpose: str
    state: str
    draft_source: str
    draft_revision: int
    has_newer_draft: bool
    version_id: int | None
    version: int | None
    flow: Flow | None
    versions: tuple[VersionLine, ...]
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class NodeNumbers:
    """`left` is by exit; ends are among them, with the outcome in brackets."""

    entered: int
    here: int
    held: int
    left: Mapping[str, int]

    @property
    def ended(self) -> int:
        """Those whose run ended here; those who were moved elsewhere are in the flow still."""
        return sum(
            count
            for name, count in self.left.items()
            if name.startswith("(") and name not in _STILL_INSIDE
        )


@dataclass(frozen=True, slots=True)
class Audience:
    """A whole audience that is entering just now; `total` and the time that is `left` are None
    while they are not known.
    """

    looked_at: int
    entered: int
    total: int | None = None
    left: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FlowCounts:
    """Numbers of one version by node, of the whole flow, and of the audience that is entering.
    `paused` are the paused nodes, with how many fell due on each and wait.
    """

    state: str
    numbers: Numbers
    nodes: Mapping[str, NodeNumbers]
    audience: Audience | None
    paused: Mapping[str, int] = field(default_factory=dict)


async def flow_list(session: AsyncSession, actor: Actor) -> tuple[FlowLine, ...]:
    """Every flow with its numbers over all versions."""
    allowed(actor, "read", "flow")
    flows = await rows.flows(session)
    of_version = await rows.version_flows(session)
    counts = await rows.counted(session, of_version.keys())
    held: dict[int, int] = defaultdict(int)
    for (flow_id, _, _), count in (await rows.held_runs(session)).items():
        held[flow_id] += count
    sent = await rows.messages_by_state(session)
    by_flow: dict[int, list[rows.Counted]] = defaultdict(list)
    for one in counts:
        by_flow[of_version[one.version_id]].append(one)
    return tuple(
        FlowLine(
            name=flow.name,
            label=flow.label,
            purpose=flow.purpose,
            state=flow.state,
            version=version.number if version else None,
            published_at=version.published_at if version else None,
            updated_at=flow.updated_at,
            has_newer_draft=version is None or version.source != flow.draft_source,
            numbers=_numbers(by_flow[flow.id], held[flow.id], _of_flow(sent, flow.id)),
        )
        for flow, version in flows
    )


async def flow_page(session: AsyncSession, actor: Actor, name: str) -> FlowPage:
    """Raises NotFound."""
    allowed(actor, "read", "flow")
    flow = await rows.flow_by_name(session, name)
    if flow is None:
        raise NotFound(f'There is no flow "{name}".')
    versions = await rows.versions(session, flow.id)
    standing: dict[int, int] = defaultdict(int)
    for count in await rows.counted(session, [version.id for version, _ in versions]):
        standing[count.version_id] += count.count if count.exit == "" else -count.count
    current = next((v for v, _ in versions if v.id == flow.published_version_id), None)
    return FlowPage(
        id=flow.id,
        name=flow.name,
        label=flow.label,
        purpose=flow.purpose,
        state=flow.state,
        draft_source=flow.draft_source,
        draft_revision=flow.draft_revision,
        has_newer_draft=current is None or current.source != flow.draft_source,
        version_id=current.id if current else None,
        version=current.number if current else None,
        flow=from_definition(current.definition) if current else None,
        versions=tuple(
            VersionLine(
                version.id,
                version.number,
                version.published_at,
                publisher,
                version.id == flow.published_version_id,
                max(standing[version.id], 0),
            )
            for version, publisher in versions
        ),
        catalogue=await current_catalogue(session),
    )


async def flow_counts(
    session: AsyncSession, actor: Actor, name: str, version_id: int | None
) -> FlowCounts:
    """The numbers of a flow now, by node for one version; small enough to ask every two seconds."""
    allowed(actor, "read", "flow")
    flow = await rows.flow_by_name(session, name)
    if flow is None:
        raise NotFound(f'There is no flow "{name}".')
    versions = [id_ for id_, of in (await rows.version_flows(session)).items() if of == flow.id]
    counts = await rows.counted(session, versions)
    held = await rows.held_runs(session, flow.id)
    sent = await rows.messages_by_state(session, flow.id)
    entering = await rows.running_enrolment(session, flow.id)
    waiting = await waiting_at(session, flow.id, flow.paused_nodes, version_id)
    return FlowCounts(
        state=flow.state,
        numbers=_numbers(counts, sum(held.values()), _of_flow(sent, flow.id)),
        nodes=_by_node(
            (count for count in counts if count.version_id == version_id),
            {node: n for (_, version, node), n in held.items() if version == version_id},
            {node: at_the_door for node, (_, at_the_door) in waiting.items()},
        ),
        paused={node: waiting.get(node, (0, 0))[0] for node in flow.paused_nodes},
        audience=_audience(line_of(entering, name)) if entering else None,
    )


def _audience(line: EnrolmentLine) -> Audience:
    return Audience(line.looked_at, line.entered, line.total, line.left)


def _numbers(counts: Iterable[rows.Counted], held: int, messages: Mapping[str, int]) -> Numbers:
    inside, finished = 0, 0
    for count in counts:
        inside += count.count if count.exit == "" else -count.count
        if count.exit.startswith("(") and count.exit not in _STILL_INSIDE:
            finished += count.count
    inside = max(inside, 0)
    return Numbers(
        entered=inside + finished,
        here=max(inside - held, 0),
        held=held,
        finished=finished,
        sent=messages.get(MessageState.SENT, 0),
        maybe_sent=messages.get(MessageState.MAYBE_SENT, 0),
        not_sent=messages.get(MessageState.REFUSED, 0) + messages.get(MessageState.WITHHELD, 0),
    )


def _by_node(
    counts: Iterable[rows.Counted], held: Mapping[str, int], at_the_door: Mapping[str, int]
) -> dict[str, NodeNumbers]:
    entered: dict[str, int] = defaultdict(int)
    left: dict[str, dict[str, int]] = defaultdict(dict)
    for count in counts:
        if count.exit == "":
            entered[count.node] += count.count
        else:
            left[count.node][count.exit] = count.count
    found = {}
    for node in entered.keys() | left.keys() | held.keys() | at_the_door.keys():
        standing = max(entered[node] - sum(left[node].values()), 0) + at_the_door.get(node, 0)
        on_hold = held.get(node, 0)
        found[node] = NodeNumbers(
            entered[node], max(standing - on_hold, 0), on_hold, dict(left[node])
        )
    return found


def _of_flow(sent: Mapping[tuple[int, str], int], flow_id: int) -> dict[str, int]:
    return {state: count for (flow, state), count in sent.items() if flow == flow_id}
