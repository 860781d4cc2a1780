"""Which of two values a merged contact has, and which of two wishes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm_store.consents import ConsentRow
from crm_store.names import contact_name_key

EMAIL: Final = "email"
# A birthday is one value of two columns, and so is an address with the form it is found by.
TOGETHER: Final[Mapping[str, Sequence[str]]] = {
    "birthday": ("birthday", "birthday_calendar"),
    "email": ("email", "email_key"),
}
FIELDS: Final = (
    *("external_id", "email", "phone", "first_name", "last_name", "job_title", "language"),
    *("country", "city", "time_zone", "birthday", "lifecycle_stage", "lead_status", "source"),
    *("account_id", "owner_id"),
)


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """The values of the contact that stays stand, and what it lacks is filled from the other one.
    Of the fields in `take` the other one's value is taken, where it has one: names of fields, or
    "custom.<key>".
    """

    take: frozenset[str] = frozenset()

    def unknown(self) -> list[str]:
        """Names that are no fields of a contact."""
        return sorted(
            name for name in self.take if name not in FIELDS and not name.startswith("custom.")
        )


def merged_values(
    keep: Mapping[str, Any], lose: Mapping[str, Any], policy: FieldPolicy
) -> dict[str, Any]:
    """The columns of the contact that stays which get another value."""
    values: dict[str, Any] = {}
    for name in FIELDS:
        theirs = lose[name]
        if theirs is not None and (keep[name] is None or name in policy.take):
            values |= {column: lose[column] for column in TOGETHER.get(name, (name,))}
    custom = {**lose["custom"], **keep["custom"]}
    for name in policy.take:
        key = name.removeprefix("custom.")
        if name.startswith("custom.") and key in lose["custom"]:
            custom[key] = lose["custom"][key]
    values["custom"] = custom
    seen = [one["last_seen_at"] for one in (keep, lose) if one["last_seen_at"] is not None]
    values["last_seen_at"] = max(seen, default=None)
    values["created_at"] = min(keep["created_at"], lose["created_at"])
    after = {**keep, **values}
    values["name_key"] = contact_name_key(after["first_name"], after["last_name"], after["email"])
    return {name: value for name, value in values.items() if keep[name] != value}


def former_names(lose: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """What the contact that goes was called and the one that stays is not."""
    return {
        kind: lose[kind]
        for kind in ("external_id", "email_key")
        if lose[kind] and lose[kind] != after[kind]
    }


def given_up_names(keep: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """What the contact that stays was called, and is not any more."""
    return former_names(keep, after)


def stricter(
    keep: Sequence[ConsentRow],
    lose: Sequence[ConsentRow],
    *,
    address: str | None,
    addresses: tuple[str | None, str | None],
) -> tuple[list[ConsentRow], list[ConsentRow]]:
    """The wishes that hold for both: those to be written, and those of the contact that stays that
    go. A no of either stands. A yes to mail was given for an address, so it stands for that
    address: `address` is the folded one that stays, `addresses` are those of both contacts.
    """
    mine = {(one.channel, one.purpose): one for one in keep}
    theirs = {(one.channel, one.purpose): one for one in lose}
    put: list[ConsentRow] = []
    gone: list[ConsentRow] = []
    for key in sorted(mine.keys() | theirs.keys()):
        ours, other = mine.get(key), theirs.get(key)
        refusals = [one for one in (ours, other) if one is not None and not one.granted]
        fits = [
            one
            for one, given_for in zip((ours, other), addresses, strict=True)
            if one is not None and (one.channel != EMAIL or given_for == address)
        ]
        chosen = max(refusals, key=_when) if refusals else next(iter(fits), None)
        if chosen is None and ours is not None:
            gone.append(ours)
        elif chosen is not None and chosen is not ours:
            put.append(chosen)
    return put, gone


def _when(one: ConsentRow) -> Any:
    return one.recorded_at
