"""New flows to draw: empty, from a text such as a ready flow, or a copy of another."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import flow_drafts as rows
from crm_store.flows import flow_named
from crm_store.models import Flow as FlowRecord
from crm_store.models import FlowState
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.flows.editing import FlowDocument, new_document
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.flow_drafts.opening import open_draft
from engine.services.flow_drafts.texts import document_of, renamed_text, text_of

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
LONGEST_LABEL: Final = 200


async def begin_flow(
    session: AsyncSession, actor: Actor, name: str, label: str, *, source: str | None = None
) -> str:
    """A draft that nobody enters yet; `source` is a text to begin with. Raises Refused, with the
    places "name" and "label", and Conflict where the name is taken."""
    allowed(actor, "create", "flow")
    _check(name, label)
    if await flow_named(session, name) is not None:
        raise Conflict(f'There is a flow "{name}" already. Choose another short name.')
    if source is None:
        document = new_document(name, label.strip())
        text = text_of(document)
    else:
        begun = document_of(source, name)
        document = _called(begun, name, label.strip())
        text = renamed_text(source, document)
    purpose = document.head.get("purpose")
    record = FlowRecord(
        name=name,
        label=label.strip(),
        purpose=purpose if isinstance(purpose, str) else "marketing",
        draft_source=text,
    )
    session.add(record)
    await session.flush()
    await audit.record(session, actor, "create", "flow", record.id, after={"name": name})
    return name


async def copy_of(session: AsyncSession, actor: Actor, other: str, name: str, label: str) -> str:
    """A new flow that begins as the draft of another is now."""
    found = await open_draft(session, actor, other)
    return await begin_flow(session, actor, name, label, source=found.source)


async def delete_unpublished(session: AsyncSession, actor: Actor, name: str) -> None:
    """Raises Conflict for a flow that was ever published: it is retired instead, and what happened
    in it stays known."""
    allowed(actor, "delete", "flow")
    record = await flow_named(session, name, lock=True)
    if record is None:
        raise NotFound(f'There is no flow "{name}".')
    if record.state != FlowState.DRAFT or await rows.published_source(session, record.id):
        raise Conflict(f'Flow "{name}" was published, so it can be retired and not deleted.')
    await audit.record(session, actor, "delete", "flow", record.id, before={"name": name})
    await rows.delete_flow(session, record.id)


def _called(document: FlowDocument, name: str, label: str) -> FlowDocument:
    return replace(document, head={**document.head, "flow": name, "label": label})


def _check(name: str, label: str) -> None:
    problems = []
    if not _NAME.fullmatch(name):
        words = 'Small letters, digits and "_", a letter first, 63 characters at most.'
        problems.append(Problem("name", "bad_name", words))
    if not label.strip() or len(label) > LONGEST_LABEL:
        words = f"Give the flow a name of at most {LONGEST_LABEL} characters."
        problems.append(Problem("label", "missing", words))
    if problems:
        raise Refused("This flow cannot be begun.", problems)
