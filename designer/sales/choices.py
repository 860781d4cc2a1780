"""What the fields of a deal may be filled with, asked once for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from designer.runtime import Designer
from engine.errors import NotAllowed
from engine.services.actor import Actor, may
from engine.services.custom_fields import DefinedField, list_custom_fields
from engine.services.deals.board import all_products
from engine.services.insight.asking import Names, read_names
from engine.services.work import Work

__all__ = ["Choices", "choices_for"]


@dataclass(frozen=True, slots=True)
class Choices:
    """`people` are active; `names` are what all ids are called, of those who left too."""

    people: dict[int, str]
    products: dict[int, str]
    custom: dict[str, DefinedField]
    names: Names
    base_currency: str
    teams: dict[int, str]

    def owners(self, held_by: int | None) -> dict[int, str]:
        """Whom a deal may be given to; whoever has it now is among them."""
        if held_by is None or held_by in self.people:
            return self.people
        return {**self.people, held_by: self.names.people.get(held_by, str(held_by))}


async def choices_for(designer: Designer, actor: Actor) -> Choices:
    """Raises NotAllowed for somebody who may not read deals."""
    if not may(actor, "read", "deal"):
        raise NotAllowed(f"{actor.name} may not read deals. Ask an admin for a role that may.")
    shared = designer.runtime.shared
    async with designer.transaction() as session:
        work = Work(session, designer.now(), shared)
        names = await read_names(session)
        directory = await work.directory()
        products = await all_products(session, actor)
        custom = await list_custom_fields(session, "deal")
    people = {id_: name for id_, name in _by_name(names.people) if directory.is_active(id_)}
    return Choices(
        people,
        {one.id: one.name for one in products},
        {one.key: one for one in custom},
        names,
        shared.base_currency,
        dict(_by_name(names.teams)),
    )


def _by_name(names: object) -> Sequence[tuple[int, str]]:
    found = dict(names) if isinstance(names, dict) else {}
    return sorted(found.items(), key=lambda one: one[1].casefold())
