"""A scoring model as a file: the YAML form of its document."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ScoringModel
from crm_store.scores import model_named
from engine.errors import Problem, Refused
from engine.flows.written import TextRefused, Written, read_text
from engine.services.actor import Actor
from engine.services.scoring.editing import check_scoring, create_model, edit_model


async def check_file(session: AsyncSession, actor: Actor, text: str | bytes, file: str) -> object:
    """The document in the text. Raises Refused with every mistake and its line; stores nothing."""
    written = read_document(text, file)
    if found := await check_scoring(session, actor, written.data):
        raise Refused(
            f"The scoring model in {file} has mistakes.", [_placed(one, written) for one in found]
        )
    return written.data


async def save_file(
    session: AsyncSession, actor: Actor, text: str | bytes, file: str, now: datetime
) -> ScoringModel:
    """Make the model of a file, or change the one of that name. Raises Refused like the check."""
    document = await check_file(session, actor, text, file)
    assert isinstance(document, dict)
    name = document["score"]
    if await model_named(session, name) is None:
        return await create_model(session, actor, document, now)
    return await edit_model(session, actor, name, document, now)


def read_document(text: str | bytes, file: str) -> Written:
    """The values of a YAML or JSON text with their places. Raises Refused."""
    try:
        written = read_text(text, file)
    except TextRefused as refused:
        raise Refused(
            f"{file} cannot be read.",
            [Problem(one.place, one.code, one.message) for one in refused.problems],
        ) from refused
    if written.problems:
        found = [Problem(one.place, one.code, one.message) for one in written.problems]
        raise Refused(f"{file} cannot be read.", found)
    return written


def _placed(problem: Problem, written: Written) -> Problem:
    line, column = written.places.position(problem.place)
    return replace(problem, place=f"{written.places.file}:{line}:{column}")
