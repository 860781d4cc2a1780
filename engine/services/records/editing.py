"""Editing the fields of one contact or account by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from crm_store import record_changes
from crm_store import record_edits as rows
from crm_store.base import folded
from crm_store.names import contact_name_key
from engine.errors import Conflict, NotAllowed, NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed_some, hidden_fields
from engine.services.custom_fields import list_custom_fields
from engine.services.field_values import ValueRefused
from engine.services.records.fields import EditedRecord, editable_fields
from engine.services.roles.visibility import allowed_on
from engine.services.work import Work

OWNER: Final = "owner_id"
ACCOUNT: Final = "account_id"
LONGEST_TAG: Final = 60
MOST_TAGS: Final = 50


async def edit_contact(
    work: Work, actor: Actor, contact_id: int, given: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Write what was given, and say what is another one now: before and after by field. Names are
    those of `editable_fields`, `owner_id` and `account_id`; None or an empty text takes a value
    away. Raises NotAllowed, NotFound, Refused, Conflict."""
    allowed_some(actor, "edit", "contact")
    _refuse_hidden(actor, "contact", given)
    values = await read_values(work, "contact", given)
    held = (await rows.hold_records(work.session, "contact", [contact_id])).get(contact_id)
    if held is None:
        raise NotFound(f"There is no contact {contact_id}.")
    allowed_on(actor, "edit", "contact", held["owner_id"], contact_id)
    changed = _changed(held, values)
    if "email" in changed:
        await _check_address(work, contact_id, changed["email"][1])
    await _check_external_id(work, "contact", contact_id, changed)
    written = {name: after for name, (_, after) in changed.items()}
    if "email" in written:
        written["email_key"] = folded(written["email"]) if written["email"] else None
    if changed.keys() & {"first_name", "last_name", "email"}:
        names = {**held, **written}
        written["name_key"] = contact_name_key(
            names["first_name"], names["last_name"], names["email"]
        )
    await _write(work, actor, "contact", contact_id, written, changed)
    return changed


async def edit_account(
    work: Work, actor: Actor, account_id: int, given: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """As `edit_contact`, of an account."""
    allowed_some(actor, "edit", "account")
    _refuse_hidden(actor, "account", given)
    values = await read_values(work, "account", given)
    held = (await rows.hold_records(work.session, "account", [account_id])).get(account_id)
    if held is None:
        raise NotFound(f"There is no account {account_id}.")
    allowed_on(actor, "edit", "account", held["owner_id"], account_id)
    changed = _changed(held, values)
    await _check_external_id(work, "account", account_id, changed)
    written = {name: after for name, (_, after) in changed.items()}
    if "name" in written:
        written["name_key"] = folded(written["name"])
    if written.get("domain"):
        written["domain"] = folded(written["domain"])
    await _write(work, actor, "account", account_id, written, changed)
    return changed


async def edit_tags(
    work: Work, actor: Actor, contact_id: int, *, add: list[str], remove: list[str]
) -> None:
    """Raises NotAllowed, NotFound, Refused."""
    allowed_some(actor, "edit", "contact")
    add = checked_tags(add) if add else []
    held = await rows.hold_records(work.session, "contact", [contact_id])
    if contact_id not in held:
        raise NotFound(f"There is no contact {contact_id}.")
    allowed_on(actor, "edit", "contact", held[contact_id]["owner_id"], contact_id)
    if add:
        await record_changes.make_tags(work.session, add)
        await record_changes.add_tags(work.session, [contact_id], add)
    if remove:
        await record_changes.remove_tags(work.session, [contact_id], remove)
    after = {"add_tags": add, "remove_tags": remove}
    await audit.record(work.session, actor, "edit", "contact", contact_id, None, after)


def _refuse_hidden(actor: Actor, record: str, given: Mapping[str, Any]) -> None:
    """Writing over what one does not see would lose it unseen."""
    if told := sorted(hidden_fields(actor, record) & given.keys()):
        raise NotAllowed(
            f"{actor.name} is not shown {', '.join(told)} as {actor.role} and does not change it."
        )


def checked_tags(tags: list[str]) -> list[str]:
    """Without blanks around them, each once. Raises Refused."""
    found = sorted({" ".join(one.split()) for one in tags if one.strip()})
    if not found or len(found) > MOST_TAGS:
        raise _refused("/tags", "bad_tags", f"Name 1 to {MOST_TAGS} tags.")
    if any(len(one) > LONGEST_TAG or "\0" in one for one in found):
        raise _refused("/tags", "bad_tags", f"A tag has {LONGEST_TAG} characters at most.")
    return found


async def read_values(
    work: Work, record: EditedRecord, given: Mapping[str, Any], *, alike: bool = False
) -> dict[str, Any]:
    """What is to be stored, by field. `alike` leaves out what many cannot share. Raises Refused
    with every mistake."""
    fields = editable_fields(record, await list_custom_fields(work.session, record))
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        place = f"/{name}"
        if name == OWNER:
            directory = await work.directory()
            if value is not None and not (isinstance(value, int) and directory.is_active(value)):
                problems.append(
                    Problem(place, "unknown_owner", "Nobody of this number works here.")
                )
            values[name] = value
        elif name == ACCOUNT and record == "contact":
            there = isinstance(value, int) and await rows.hold_records(
                work.session, "account", [value]
            )
            if value is not None and not there:
                problems.append(Problem(place, "unknown_account", "There is no such account."))
            values[name] = value
        elif name not in fields or (alike and not fields[name].alike):
            problems.append(Problem(place, "unknown_field", "This field is not edited here."))
        elif value is None or value == "" or value == []:
            if fields[name].needed:
                problems.append(Problem(place, "needed", "It cannot be left empty."))
            values[name] = None
        else:
            try:
                values[name] = fields[name].read(value)
            except ValueRefused as refusal:
                problems.append(Problem(place, refusal.code, refusal.message))
    if problems:
        raise Refused("Nothing was changed.", problems)
    return values


def _changed(held: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    found: dict[str, tuple[Any, Any]] = {}
    for name, after in values.items():
        if name.startswith("custom."):
            before = (held.get("custom") or {}).get(name.removeprefix("custom."))
        else:
            before = held[name]
        if before != after:
            found[name] = (before, after)
    return found


async def _check_address(work: Work, contact_id: int, address: str | None) -> None:
    if not address:
        return
    holder = await rows.holder_of_address(work.session, folded(address), besides=contact_id)
    if holder is not None:
        raise Conflict(
            f"Contact {holder} has this address already. If they are one person, merge the two."
        )


async def _check_external_id(
    work: Work, record: EditedRecord, id_: int, changed: Mapping[str, tuple[Any, Any]]
) -> None:
    wanted = changed["external_id"][1] if "external_id" in changed else None
    if wanted is None:
        return
    holder = await rows.holder_of_external_id(work.session, record, wanted, besides=id_)
    if holder is not None:
        raise Conflict(f"The {record} {holder} has this external id already.")


async def _write(
    work: Work,
    actor: Actor,
    record: EditedRecord,
    id_: int,
    written: Mapping[str, Any],
    changed: Mapping[str, tuple[Any, Any]],
) -> None:
    if not changed:
        return
    await rows.write_fields(work.session, record, [id_], written, work.now)
    before = {name: _plain(one) for name, (one, _) in changed.items()}
    after = {name: _plain(one) for name, (_, one) in changed.items()}
    await audit.record(work.session, actor, "edit", record, id_, before, after)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _refused(place: str, code: str, message: str) -> Refused:
    return Refused("Nothing was changed.", [Problem(place, code, message)])
