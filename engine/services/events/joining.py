"""The accounts that group calls name: made when new, brought up to date when known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import bulk
from crm_store.base import folded
from crm_store.event_locks import ACCOUNT_COLUMNS, Overtaken, lock_accounts
from crm_store.events import join_contacts
from engine.services import field_values as values
from engine.services.events.items import Item, Remark


def _domain(value: object) -> str:
    """`https://www.example.com/about` is example.com."""
    text = values.short_text(value).lower()
    host = text.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
    return host.removeprefix("www.")


_FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "name": ("name", values.short_text),
    "industry": ("industry", values.short_text),
    "website": ("domain", _domain),
    "domain": ("domain", _domain),
    "employees": ("employee_count", values.integer),
    "country": ("country", values.country),
    "city": ("city", values.short_text),
}


async def join_accounts(
    session: AsyncSession, about: Sequence[tuple[Item, int]], now: datetime
) -> list[tuple[Item, list[Remark]]]:
    """Make contacts members of the accounts their group calls name; returns what was left out."""
    calls = [(item, item.group_id, contact_id) for item, contact_id in about if item.group_id]
    if not calls:
        return []
    known = await lock_accounts(session, {group_id for _, group_id, _ in calls})
    after: dict[str, dict[str, Any]] = {}
    noted = [
        (item, _apply(after.setdefault(group_id, dict(known.get(group_id, {}))), item))
        for item, group_id, _ in calls
    ]
    await _insert(session, {key: row for key, row in after.items() if key not in known}, now)
    await _update(session, known, after, now)
    account_of = {contact_id: after[group_id]["id"] for _, group_id, contact_id in calls}
    await join_contacts(session, account_of, now)
    return noted


async def _insert(session: AsyncSession, new: Mapping[str, dict[str, Any]], now: datetime) -> None:
    rows = []
    ids = await bulk.allocate_ids(session, "account", len(new))
    for account_id, (external_id, account) in zip(ids, sorted(new.items()), strict=True):
        account["id"] = account_id
        account.setdefault("name", external_id)
        made = {**dict.fromkeys(ACCOUNT_COLUMNS), **account, "external_id": external_id}
        rows.append({**made, **_derived(account, now)})
    columns = ["id", "external_id", *ACCOUNT_COLUMNS]
    if len(await bulk.insert_rows(session, "account", columns, rows)) < len(rows):
        raise Overtaken


async def _update(
    session: AsyncSession,
    known: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, dict[str, Any]],
    now: datetime,
) -> None:
    changes: dict[int, dict[str, Any]] = {}
    for group_id, before in known.items():
        changed = {
            column: value
            for column, value in after[group_id].items()
            if value != before.get(column)
        }
        if changed:
            changes[before["id"]] = {**changed, **_derived(after[group_id], now)}
    await bulk.update_rows(session, "account", changes)


def _apply(account: dict[str, Any], item: Item) -> list[Remark]:
    noted = []
    address = item.traits.get("address")
    traits = {**address, **item.traits} if isinstance(address, dict) else item.traits
    for trait, (column, reader) in _FIELDS.items():
        value = traits.get(trait)
        if value is None or value == "":
            continue
        try:
            account[column] = reader(value)
        except values.ValueRefused as refusal:
            noted.append(Remark(item.index, refusal.code, f"traits.{trait}: {refusal.message}"))
    return noted


def _derived(account: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {"name_key": folded(account["name"]), "updated_at": now}
