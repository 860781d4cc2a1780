"""Making definitions count: publishing, an older version again, and retiring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import definitions as rows
from crm_store.clock import database_now
from crm_store.models import Definition, DefinitionState, DefinitionVersion
from engine.definitions import DefinitionKind, Draft, World, read_definition
from engine.definitions.reading import refusal
from engine.errors import NotFound, Problem
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.agreement import NeedsApproval as NeedsApproval
from engine.services.definitions.checking import checked_model, warnings_about, world_now
from engine.services.definitions.hooks import PUBLISHED, needs_approval
from engine.services.definitions.kept import nothing_named, stored


@dataclass(frozen=True, slots=True)
class Published:
    """`changed` is False when this very definition was in force already. `warnings` stood in
    nobody's way."""

    definition_id: int
    version_id: int
    number: int
    hash: str
    changed: bool
    warnings: tuple[Problem, ...] = ()


async def publish(
    session: AsyncSession,
    actor: Actor,
    draft: Draft,
    *,
    note: str | None = None,
    now: datetime | None = None,
    approved: bool = False,
    world: World | None = None,
) -> Published:
    """Make the draft what begins from now on; what has begun keeps its version.

    The same definition twice is one version, and one that was in force before is in force again
    under its old number. Two who publish at once come one after the other. `approved` is said by
    the chain that agreed; `world` by whoever publishes several that name each other. Raises
    DefinitionRefused, NeedsApproval.
    """
    allowed(actor, "publish", draft.kind.value)
    now = now or await database_now(session)
    world = world or await world_now(session)
    model, problems = checked_model(draft, world)
    if problems:
        raise refusal(draft.places.file, problems)
    await _ask(session, draft.kind, draft.name, approved)
    record = await rows.locked_definition(session, draft.kind.value, draft.name, draft.label, now)
    digest = draft.hash()
    version = await rows.version_with_hash(session, record.id, digest)
    if version is None:
        version = await rows.add_version(
            session,
            {
                "definition_id": record.id,
                "hash": digest,
                "label": draft.label,
                "document": dict(draft.document),
                "source": draft.source,
                "note": note,
                "published_at": now,
                "published_by": actor.id if actor.kind == "user" else None,
            },
        )
    done = await _put_in_force(session, actor, record, version, note, now)
    return replace(done, warnings=tuple(warnings_about(draft, model, world)))


async def publish_again(
    session: AsyncSession,
    actor: Actor,
    kind: DefinitionKind,
    name: str,
    number: int,
    *,
    now: datetime | None = None,
    approved: bool = False,
) -> Published:
    """Put an older version in force, if it still holds in the company as it is now."""
    allowed(actor, "publish", kind.value)
    from_source = await source_of(session, actor, kind, name, number)
    draft = read_definition(from_source, f"{name}.yaml")
    return await publish(session, actor, draft, now=now, approved=approved)


async def retire(
    session: AsyncSession,
    actor: Actor,
    kind: DefinitionKind,
    name: str,
    *,
    now: datetime | None = None,
) -> None:
    """Nothing begins under it any more; publishing brings it back. Twice changes nothing."""
    allowed(actor, "publish", kind.value)
    record = await rows.definition_named(session, kind.value, name, lock=True)
    if record is None:
        raise nothing_named(kind, name)
    if record.state == DefinitionState.RETIRED:
        return
    record.state = DefinitionState.RETIRED
    record.updated_at = now or await database_now(session)
    await session.flush()
    await audit.record(
        session,
        actor,
        "retire",
        kind.value,
        record.id,
        {"state": DefinitionState.ACTIVE.value},
        {"state": DefinitionState.RETIRED.value},
    )


async def source_of(
    session: AsyncSession,
    actor: Actor,
    kind: DefinitionKind,
    name: str,
    number: int | None = None,
) -> str:
    """The text as it was published; without `number` the version in force. Raises NotFound."""
    allowed(actor, "read", kind.value)
    record = await rows.definition_named(session, kind.value, name)
    if record is None or record.current_version_id is None:
        raise nothing_named(kind, name)
    if number is None:
        version = await rows.version_by_id(session, record.current_version_id)
    else:
        version = await rows.version_numbered(session, record.id, number)
    if version is None:
        raise NotFound(f'The {kind.spoken} "{name}" has no version {number}.')
    return version.source


async def _ask(session: AsyncSession, kind: DefinitionKind, name: str, approved: bool) -> None:
    chain = None if approved else await needs_approval(session, kind, name)
    if chain is not None:
        words = (
            f'Publishing the {kind.spoken} "{name}" needs the approval chain "{chain}". Ask for it '
            f"with `cadenza approval ask {kind.value} {name} --file FILE`, or in the designer."
        )
        raise NeedsApproval(words, chain)


async def _put_in_force(
    session: AsyncSession,
    actor: Actor,
    record: Definition,
    version: DefinitionVersion,
    note: str | None,
    now: datetime,
) -> Published:
    was = {"state": record.state, "version_id": record.current_version_id}
    changed = was != {"state": DefinitionState.ACTIVE.value, "version_id": version.id}
    if changed:
        record.state, record.current_version_id = DefinitionState.ACTIVE, version.id
        record.label, record.updated_at = version.label, now
        await session.flush()
        kind = DefinitionKind(record.kind)
        hook = PUBLISHED.get(kind)
        if hook is not None:
            await hook(session, await stored(session, version.id), now)
        after = {"version": version.number, "hash": version.hash}
        await audit.record(session, actor, "publish", record.kind, record.id, was, after, note)
    return Published(record.id, version.id, version.number, version.hash, changed)
