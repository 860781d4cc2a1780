"""Making a contact or an account by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store import record_births as births
from crm_store import record_edits as rows
from crm_store.base import folded
from crm_store.names import contact_name_key
from engine.errors import Conflict, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.changes.announcing import NewRecord
from engine.services.records.editing import OWNER, read_values
from engine.services.records.fields import EditedRecord
from engine.services.work import Work


async def create_contact(work: Work, actor: Actor, given: Mapping[str, Any]) -> int:
    """Its number. Names are those of `edit_contact`; without `owner_id` it is the actor's. Raises
    NotAllowed, Refused, and Conflict where somebody has the address or the external id."""
    allowed(actor, "create", "contact")
    values = await _values(work, actor, "contact", given)
    named = [values.get(name) for name in ("email", "phone", "last_name", "first_name")]
    if not any(named) and not values.get("external_id"):
        problem = Problem("/email", "missing", "Say an address, a number or a name.")
        raise Refused("Nobody was made.", [problem])
    email = values.get("email")
    values["email_key"] = folded(email) if email else None
    names = (values.get("first_name"), values.get("last_name"), email)
    values["name_key"] = contact_name_key(*names)
    if email:
        holder = await births.known_by_address(work.session, values["email_key"])
        if holder is not None:
            raise Conflict(f"Contact {holder} has this address already. Change that one instead.")
    return await _make(work, actor, "contact", values)


async def create_account(work: Work, actor: Actor, given: Mapping[str, Any]) -> int:
    """As `create_contact`, of an account."""
    allowed(actor, "create", "account")
    values = await _values(work, actor, "account", given)
    if not values.get("name"):
        problem = Problem("/name", "missing", "An account has a name.")
        raise Refused("No account was made.", [problem])
    values["name_key"] = folded(values["name"])
    if values.get("domain"):
        values["domain"] = folded(values["domain"])
    return await _make(work, actor, "account", values)


async def _values(
    work: Work, actor: Actor, record: EditedRecord, given: Mapping[str, Any]
) -> dict[str, Any]:
    read = await read_values(work, record, given)
    values = {name: value for name, value in read.items() if value is not None}
    if OWNER not in given and actor.kind == "user":
        values[OWNER] = actor.id
    custom = {
        name.removeprefix("custom."): values.pop(name)
        for name in list(values)
        if name.startswith("custom.")
    }
    return {**values, "custom": custom} if custom else values


async def _make(work: Work, actor: Actor, record: EditedRecord, values: Mapping[str, Any]) -> int:
    external_id = values.get("external_id")
    if external_id is not None:
        holder = await rows.holder_of_external_id(work.session, record, external_id, besides=0)
        if holder is not None:
            raise Conflict(f"The {record} {holder} has this external id already.")
    made = await births.add_record(work.session, record, values, work.now)
    if made is None:
        raise Conflict(f"The {record} was made by somebody else at this moment. Look again.")
    if record == "contact":
        work.made.append(NewRecord("contact", made, made))
    # which fields, and not what: the log of changes outlives an erased contact
    after = {"fields": sorted(values.keys() - {"name_key", "email_key"})}
    await audit.record(work.session, actor, "create", record, made, None, after)
    return made
