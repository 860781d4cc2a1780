"""A flow as a file that makes the same flow again: its hash is the same."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import FlowVersion
from engine.flows.dump import dump_flow
from engine.flows.load import load_flow
from engine.flows.problems import FlowRefused
from engine.rules import Catalogue
from engine.services.actor import Actor, allowed
from engine.services.plans import current_catalogue
from engine.services.version_moves.versions import flow_of, flow_record, numbered
from engine.steps import STEP_KINDS


async def exported(
    session: AsyncSession, actor: Actor, name: str, number: int | None = None
) -> str:
    """The draft, or a published version, as a text that ends with a line end.

    Comments are kept where the text that was published still means what was published; a version
    whose text is read differently today is written anew from what is stored. Raises NotFound.
    """
    allowed(actor, "read", "flow")
    if number is None:
        return _ended((await flow_record(session, name)).draft_source)
    version = await numbered(session, name, number)
    catalogue = await current_catalogue(session)
    return _ended(version_text(version, catalogue))


def version_text(version: FlowVersion, catalogue: Catalogue) -> str:
    """What was written, if it is still read as the same flow; else what is stored, written out."""
    if _hash_of(version.source, catalogue) == version.hash:
        return version.source
    return dump_flow(flow_of(version), kinds=STEP_KINDS)


def _hash_of(source: str, catalogue: Catalogue) -> str | None:
    try:
        return load_flow(source, file="flow", kinds=STEP_KINDS, catalogue=catalogue).hash()
    except FlowRefused:
        return None


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
