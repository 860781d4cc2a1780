"""Drafting, publishing, pausing and resuming flows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import flow_named, latest_version, version_with_hash
from crm_store.models import Flow as FlowRecord
from crm_store.models import FlowState, FlowVersion
from crm_store.partitions import APART_FROM
from crm_store.pauses import hold_pauses
from crm_store.version_people import version_numbered
from engine.errors import Conflict, NotFound
from engine.flows.load import read_flow
from engine.flows.model import Flow, from_definition
from engine.flows.problems import FlowProblem, FlowRefused, Severity
from engine.rules import Catalogue
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.agreement import agreed
from engine.services.enrolling import new_enrolment
from engine.services.flow_checks import flow_findings
from engine.services.plans import Plans, current_catalogue
from engine.services.pokes import Pokes
from engine.services.templates import TemplateLibrary
from engine.steps import STEP_KINDS

# A draft is written over whatever is there.
ANY_REVISION: Final = -1


class DraftChangedMeanwhile(Conflict):
    """The draft is not any more what the caller has seen."""

    code = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft as stored; `problems` are the findings that do not stop it from being kept."""

    flow_id: int
    name: str
    revision: int
    problems: tuple[FlowProblem, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """`enrolment_id` is set when an audience starts to enter: poke `audience` after the commit."""

    flow_id: int
    name: str
    version_id: int
    number: int
    unchanged: bool
    enrolment_id: int | None


async def save_draft(
    session: AsyncSession,
    actor: Actor,
    source: str,
    *,
    library: TemplateLibrary,
    file: str,
    over: int | None = ANY_REVISION,
) -> Saved:
    """Keep a flow file as the draft of the flow it names; a new name makes a new flow.

    `over` is the revision that was seen, None where there was none: raises DraftChangedMeanwhile,
    and Conflict where the name is taken. Raises FlowRefused, with every problem by line, when the
    text is not a flow. Findings of the static check are returned: a draft may be unfinished, a
    published version may not.
    """
    allowed(actor, "edit", "flow")
    flow, problems = await _checked(session, source, library, file)
    record = await flow_named(session, flow.name, lock=True)
    if over != ANY_REVISION:
        _refuse_unseen(record, flow.name, over)
    if record is None:
        record = FlowRecord(
            name=flow.name, label=flow.label, purpose=flow.purpose, draft_source=source
        )
        session.add(record)
        await session.flush()
    else:
        record.draft_source, record.label = source, flow.label
        record.draft_revision += 1
    await audit.record(
        session, actor, "save_draft", "flow", record.id, after={"revision": record.draft_revision}
    )
    return Saved(record.id, record.name, record.draft_revision, tuple(problems))


def _refuse_unseen(record: FlowRecord | None, name: str, over: int | None) -> None:
    if over is None and record is not None:
        raise Conflict(f'There is a flow "{name}" already. Read it, and say which draft you saw.')
    if over is not None and (record is None or record.draft_revision != over):
        raise DraftChangedMeanwhile(f'The draft of "{name}" was changed since you read it.')


async def publish(
    session: AsyncSession,
    actor: Actor,
    name: str,
    *,
    plans: Plans,
    library: TemplateLibrary,
    now: datetime,
    number: int | None = None,
    approved: bool = False,
) -> Published:
    """Make the draft a version that new people enter; those inside keep the version they have.

    Publishing the same draft twice makes no second version. A segment trigger is evaluated now:
    whoever matches enters, once the enrolment made here has run. With `number` it is that version
    which is published again, and the draft stays as it is. `approved` is said by the chain that
    agreed; raises NeedsApproval where one must.
    """
    allowed(actor, "publish", "flow")
    record = await _existing(session, name)
    if number is None:
        flow, problems = await _checked(session, record.draft_source, library, f"{name}.yaml")
    else:
        flow, problems = await _checked_version(session, name, number, library)
    errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
    if errors:
        raise FlowRefused(f'Flow "{name}" was not published: {len(errors)} to mend.', errors)
    await agreed(session, "flow", name, approved=approved)
    version, unchanged = await _version_of(session, actor, record, flow, now)
    was = record.state
    record.published_version_id = version.id
    record.purpose = flow.purpose
    record.state = FlowState.ACTIVE
    record.updated_at = now
    await session.flush()
    enrolment_id = await _enrol(session, plans, record, flow, now) if not unchanged else None
    await audit.record(
        session,
        actor,
        "publish",
        "flow",
        record.id,
        before={"state": was},
        after={"version": version.number, "hash": version.hash},
    )
    return Published(record.id, name, version.id, version.number, unchanged, enrolment_id)


async def pause(session: AsyncSession, actor: Actor, name: str, now: datetime) -> None:
    """Hold everybody where they are: nobody moves and nothing is sent until `resume`."""
    await _set_state(session, actor, name, FlowState.ACTIVE, FlowState.PAUSED, now)


async def resume(session: AsyncSession, actor: Actor, name: str, now: datetime) -> None:
    """Let people move again; what fell due meanwhile is done now. Poke the flow's drivers after."""
    await _set_state(session, actor, name, FlowState.PAUSED, FlowState.ACTIVE, now)


async def retire(session: AsyncSession, actor: Actor, name: str, now: datetime) -> None:
    """Nobody enters any more; those inside finish, also when the flow was paused. Publishing ends
    it. Poke the flow's drivers after.
    """
    allowed(actor, "publish", "flow")
    record = await _existing(session, name)
    was = record.state
    if was == FlowState.RETIRED:
        return
    if was == FlowState.DRAFT:
        raise Conflict(f'Flow "{name}" was never published, so there is nothing to retire.')
    record.state, record.updated_at = FlowState.RETIRED, now
    await audit.record(
        session, actor, "retire", "flow", record.id, {"state": was}, {"state": record.state}
    )


async def _set_state(
    session: AsyncSession,
    actor: Actor,
    name: str,
    wanted: FlowState,
    new: FlowState,
    now: datetime,
) -> None:
    allowed(actor, "pause", "flow")
    await hold_pauses(session)
    record = await _existing(session, name)
    if record.state == new:
        return
    if record.state != wanted:
        raise Conflict(
            f'Flow "{name}" is {record.state}; only a flow that is {wanted} can do this.'
        )
    record.state, record.updated_at = new, now
    await audit.record(
        session, actor, new.value, "flow", record.id, {"state": wanted}, {"state": new}
    )


async def _checked(
    session: AsyncSession, source: str, library: TemplateLibrary, file: str
) -> tuple[Flow, list[FlowProblem]]:
    catalogue: Catalogue = await current_catalogue(session)
    loaded = read_flow(source, file=file, kinds=STEP_KINDS, catalogue=catalogue)
    found = await flow_findings(session, loaded.flow, catalogue=catalogue, library=library)
    return loaded.flow, [loaded.places.locate(problem) for problem in found]


async def _checked_version(
    session: AsyncSession, name: str, number: int, library: TemplateLibrary
) -> tuple[Flow, list[FlowProblem]]:
    """An older version as it must hold today: fields, messages and flows may have gone since."""
    version = await version_numbered(session, name, number)
    if version is None:
        raise NotFound(f'Flow "{name}" has no version {number}.')
    flow = from_definition(version.definition)
    catalogue = await current_catalogue(session)
    return flow, await flow_findings(session, flow, catalogue=catalogue, library=library)


async def _existing(session: AsyncSession, name: str) -> FlowRecord:
    record = await flow_named(session, name, lock=True)
    if record is None:
        raise NotFound(f'There is no flow "{name}". Save a draft of that name first.')
    return record


async def _version_of(
    session: AsyncSession, actor: Actor, record: FlowRecord, flow: Flow, now: datetime
) -> tuple[FlowVersion, bool]:
    digest = flow.hash()
    known = await version_with_hash(session, record.id, digest)
    if known is not None:
        return known, known.id == record.published_version_id
    last = await latest_version(session, record.id)
    version = FlowVersion(
        flow_id=record.id,
        number=last.number + 1 if last else 1,
        hash=digest,
        definition=flow.definition(),
        source=record.draft_source,
        published_at=now,
        published_by=actor.id if actor.kind == "user" else None,
    )
    session.add(version)
    await session.flush()
    return version, False


async def _enrol(
    session: AsyncSession, plans: Plans, record: FlowRecord, flow: Flow, now: datetime
) -> int | None:
    if not flow.trigger.enrols_when_published:
        return None
    book = await plans.book(session)
    enrolment = new_enrolment(book.flows[record.id], now)
    session.add(enrolment)
    await session.flush()
    return enrolment.id


def poke_all(pokes: Pokes, name: str, *, advance_shards: int, perform_shards: int) -> None:
    """Wake every driver a resumed flow concerns; call after the commit."""
    for shard in range(advance_shards):
        pokes.advance(name, shard, None)
    for shard in range(perform_shards):
        pokes.perform(shard)
        pokes.perform(APART_FROM + shard)
    pokes.due_dates()
