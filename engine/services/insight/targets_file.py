"""Reading a file of targets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.insight.targets import users_by_name_and_mail
from engine.errors import Problem, Refused
from engine.services.field_values import ValueRefused, currency, minor_units
from engine.services.imports.mapping import Layout
from engine.services.imports.readers import open_table
from engine.services.insight.targets import MOST_AT_ONCE, WantedTarget

COLUMNS: Final = ("period", "currency", "amount")
_SHOWN_PROBLEMS: Final = 50


async def read_targets(session: AsyncSession, path: Path) -> list[WantedTarget]:
    """Targets of a CSV or XLSX file with the columns period, owner, team, currency and amount.

    An owner is named by mail address, or by a name that only one person has; with neither owner nor
    team a target is everybody's. Raises Refused with every problem and its line.
    """
    table = open_table(path, Layout())
    names = [name.strip().casefold() for name in table.header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise Refused(
            f"{path.name} lacks the column {', '.join(missing)}. It needs period, currency and "
            "amount, and owner or team where a target is somebody's."
        )
    people = await _people(session)
    wanted: list[WantedTarget] = []
    problems: list[Problem] = []
    for line in table.lines:
        cells = {
            name: line.cells[at].strip() if at < len(line.cells) else ""
            for at, name in enumerate(names)
        }
        if not any(cells.values()):
            continue
        if len(wanted) + len(problems) >= MOST_AT_ONCE:
            raise Refused(f"{path.name} has more than {MOST_AT_ONCE:,} targets. Split it up.")
        found = _target(cells, f"line {line.number}", people, problems)
        if found is not None:
            wanted.append(found)
    if problems:
        raise Refused(f"Nothing of {path.name} was used.", problems[:_SHOWN_PROBLEMS])
    return wanted


async def _people(session: AsyncSession) -> Mapping[str, frozenset[int]]:
    """Ids by folded name and by folded address."""
    found: dict[str, frozenset[int]] = {}
    for id_, name, address in await users_by_name_and_mail(session):
        for key in (name, address):
            if key:
                found[key] = found.get(key, frozenset()) | {id_}
    return found


def _target(
    cells: Mapping[str, str],
    place: str,
    people: Mapping[str, frozenset[int]],
    problems: list[Problem],
) -> WantedTarget | None:
    """`set_targets` sees to the period and the team."""
    before = len(problems)
    code, amount = "", 0
    try:
        code = currency(cells["currency"])
        amount = minor_units(cells["amount"], code)
    except ValueRefused as refused:
        column = "amount" if code else "currency"
        problems.append(Problem(f"{place}, {column}", refused.code, refused.message))
    owner = cells.get("owner", "")
    ids = people.get(folded(owner), frozenset()) if owner else frozenset()
    if owner and len(ids) != 1:
        said = "several people are called" if ids else "there is nobody called"
        message = f'{said} "{owner[:60]}"; write the mail address'
        problems.append(Problem(f"{place}, owner", "unknown", message))
    if len(problems) > before:
        return None
    return WantedTarget(
        cells["period"], code, amount, next(iter(ids), None), cells.get("team") or None, place
    )
