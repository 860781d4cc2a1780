"""Forms made, changed, paused and removed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import public_forms as rows
from crm_store.models import PublicForm
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.custom_fields import list_custom_fields
from engine.services.forms.model import Form, form_from, form_stored, is_form_name
from engine.services.preferences.topics import topics_named
from engine.services.segment_door import ChangedMeanwhile

EVERY = "*"


@dataclass(frozen=True, slots=True)
class KnownForm:
    """`tag` stands for what can be edited in it."""

    name: str
    form: Form
    active: bool
    created_at: datetime
    last_used_at: datetime | None
    tag: str


async def list_forms(session: AsyncSession, actor: Actor) -> list[KnownForm]:
    allowed(actor, "read", "form")
    return [known(one) for one in await rows.forms(session)]


async def read_form(session: AsyncSession, actor: Actor, name: str) -> KnownForm:
    """Raises NotAllowed, NotFound."""
    allowed(actor, "read", "form")
    found = await rows.form_named(session, name)
    if found is None:
        raise NotFound(f'There is no form "{name[:80]}".')
    return known(found)


async def add_form(
    session: AsyncSession,
    actor: Actor,
    name: str,
    given: Any,
    now: datetime,
    *,
    active: bool = True,
) -> Form:
    """One that is not active is there for nobody yet. Raises NotAllowed, Refused with everything
    that is wrong, Conflict when the name is taken."""
    allowed(actor, "create", "form")
    problems = []
    if not is_form_name(name):
        message = "name it with up to 63 small letters, digits or -"
        problems.append(Problem("/name", "bad_name", message))
    form = await _checked(session, given, problems)
    row = {
        "name": name,
        "document": form.as_json(),
        "active": active,
        "created_at": now,
        "updated_at": now,
    }
    form_id = await rows.add_form(session, row)
    if form_id is None:
        raise Conflict(f'There is a form "{name}".')
    await record(session, actor, "create", "form", name, after=form.as_json())
    return form


async def change_form(
    session: AsyncSession,
    actor: Actor,
    name: str,
    given: Any,
    now: datetime,
    *,
    seen: str = EVERY,
) -> Form:
    """`seen` is the tag of what the change was made to. Raises NotAllowed, NotFound, Refused,
    ChangedMeanwhile."""
    allowed(actor, "edit", "form")
    held = await _held(session, name, seen)
    form = await _checked(session, given, [])
    if form.as_json() != held.document:
        values = {"document": form.as_json(), "updated_at": now}
        before = dict(held.document)
        await rows.change_form(session, held.id, values)
        await record(session, actor, "edit", "form", name, before, form.as_json())
    return form


async def set_form_active(session: AsyncSession, actor: Actor, name: str, active: bool) -> None:
    """A paused form is not there for whoever would send it."""
    allowed(actor, "edit", "form")
    held = await _held(session, name)
    if held.active is not active:
        await rows.change_form(session, held.id, {"active": active})
        await record(session, actor, "resume" if active else "pause", "form", name)


async def remove_form(session: AsyncSession, actor: Actor, name: str, *, seen: str = EVERY) -> None:
    """What was sent with it stays. Raises NotAllowed, NotFound, ChangedMeanwhile."""
    allowed(actor, "delete", "form")
    held = await _held(session, name, seen)
    before = dict(held.document)
    await rows.delete_form(session, held.id)
    await record(session, actor, "remove", "form", name, before=before)


def known(row: PublicForm) -> KnownForm:
    form = form_stored(row.document)
    tag = _tag(row.document)
    return KnownForm(row.name, form, row.active, row.created_at, row.last_used_at, tag)


async def _held(session: AsyncSession, name: str, seen: str = EVERY) -> PublicForm:
    held = await rows.form_for_change(session, name)
    if held is None:
        raise NotFound(f'There is no form "{name[:80]}".')
    if seen not in (EVERY, _tag(held.document)):
        raise ChangedMeanwhile(f'The form "{name}" was changed since you read it.')
    return held


def _tag(document: Mapping[str, Any]) -> str:
    """Whether it is active is no part of it: pausing undoes nobody's words."""
    spelled = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(spelled).hexdigest()[:32]


async def _checked(session: AsyncSession, given: Any, problems: list[Problem]) -> Form:
    custom = frozenset(one.key for one in await list_custom_fields(session, "contact"))
    form: Form | None = None
    try:
        form = form_from(given, custom)
    except Refused as refusal:
        problems += refusal.problems
    if form is not None and form.topics:
        there = {one.slug for one in await topics_named(session, form.topics)}
        for number, topic in enumerate(form.topics):
            if topic not in there:
                message = f'there is no topic "{topic}"'
                problems.append(Problem(f"/topics/{number}", "unknown", message))
    if form is None or problems:
        raise Refused("The form was not saved.", problems)
    return form
