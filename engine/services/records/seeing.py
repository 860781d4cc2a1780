"""One contact or account with a mark of what can be edited in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import record_edits
from engine.errors import NotFound
from engine.services.actor import Actor, allowed_some
from engine.services.records.editing import edit_account, edit_contact
from engine.services.records.fields import EDITABLE, EditedRecord
from engine.services.roles.visibility import allowed_on
from engine.services.segment_door import ChangedMeanwhile
from engine.services.views.grids import GridLine, hidden_in, lines_of
from engine.services.work import Work

ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """`tag` is another one as soon as something that people edit is another."""

    line: GridLine
    tag: str


async def see_record(
    session: AsyncSession, actor: Actor, record: EditedRecord, id_: int
) -> SeenRecord:
    """Raises NotAllowed, NotFound."""
    allowed_some(actor, "read", record)
    found = await lines_of(session, record, [id_], hidden_in(actor, record))
    if not found:
        raise NotFound(f"There is no {record} {id_}.")
    line = found[0]
    allowed_on(actor, "read", record, line.values["owner_id"], id_)
    return SeenRecord(line, tag_of(record, line.values))


async def edit_seen(
    work: Work,
    actor: Actor,
    record: EditedRecord,
    id_: int,
    given: Mapping[str, Any],
    *,
    seen: str,
) -> SeenRecord:
    """Edit what the caller has seen; `seen` "*" takes whatever is there. Raises ChangedMeanwhile,
    and what `edit_contact` raises."""
    allowed_some(actor, "edit", record)
    # held from here on, so that nobody comes between the look and the change
    await record_edits.hold_records(work.session, record, [id_])
    before = await see_record(work.session, actor, record, id_)
    if seen not in (ANY, before.tag):
        raise ChangedMeanwhile(f"The {record} {id_} was changed since you read it.")
    edit = edit_contact if record == "contact" else edit_account
    await edit(work, actor, id_, given)
    return await see_record(work.session, actor, record, id_)


def tag_of(record: EditedRecord, values: Mapping[str, Any]) -> str:
    """The same for the same reader, as long as nobody edits it."""
    names = [*EDITABLE[record], "owner_id", "account_id", "custom", "tags"]
    edited = {name: values.get(name) for name in names}
    text = json.dumps(edited, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
