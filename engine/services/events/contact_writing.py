"""What a batch says about contacts: gathered in memory, then a statement or three to be written.

Who is who is decided by `engine.services.contacts`; here are only the rows. They are locked before,
so whole values may be written where a part has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import bulk
from crm_store import contacts as rows
from crm_store.base import folded
from crm_store.models import BirthdayCalendar, LifecycleStage
from crm_store.names import contact_name_key
from crm_store.round_trips import Ask
from engine.errors import Problem
from engine.services.contacts.acquaintance import Acquaintance, Circle
from engine.services.contacts.traits import read_traits
from engine.services.custom_fields import DefinedField
from engine.services.events.items import TELLS_FIELDS, Item, Remark

# `last_seen_at` is exact to this, so that a busy contact is not written with every event.
SEEN_EVERY: Final = timedelta(minutes=1)


class ContactWriting:
    """`hear` each item in order, then `number` whoever is new; then `made` and after it `changed`
    are what is to be written."""

    def __init__(self, circle: Circle, custom: Sequence[DefinedField], now: datetime) -> None:
        self._circle = circle
        self._custom = custom
        self._now = now
        self._sources: dict[Acquaintance, str] = {}
        self._met: dict[Item, Acquaintance] = {}
        # The ids of contacts that nobody knew.
        self.newcomers: list[int] = []
        # Whether `changed` writes a field of which a history is kept.
        self.changes_fields = False
        # Contacts that an alias call says are one: who stays, who goes.
        self.to_merge: dict[Item, tuple[int, int]] = {}

    def hear(self, item: Item) -> list[Remark]:
        """Take in what one item says; returns what of it was left out."""
        said: dict[str, Any] = {}
        problems: list[Problem] = []
        if item.traits and item.kind in TELLS_FIELDS:
            said, problems = read_traits(item.traits, self._custom)
            said.pop("email", None)
        if item.previous_id is not None and item.user_id is not None:
            pair = self._circle.rename(item.previous_id, item.user_id)
            if pair is not None:
                self.to_merge[item] = pair
        person, more = self._circle.meet(
            item.user_id,
            item.previous_id or item.anonymous_id,
            item.address,
            guess=item.address_is_user_id,
        )
        person.hear(_unknown(person, said) if item.gently else said)
        if item.hints:
            person.hear(_unknown(person, read_traits(item.hints, ())[0]))
        last = person.values.get("last_seen_at")
        if last is None or item.occurred_at - last >= SEEN_EVERY:
            person.hear({"last_seen_at": item.occurred_at})
        self._met[item] = person
        self._sources.setdefault(person, item.source)
        return [
            Remark(item.index, problem.code, f"{problem.place}: {problem.message}")
            for problem in [*problems, *more]
        ]

    def contact_id_of(self, item: Item) -> int:
        return self._met[item].now_known_as.id_or_fail

    async def number(self, session: AsyncSession, new_ids: Sequence[int]) -> None:
        """Give the contacts that nobody knew their ids; after this `contact_id_of` knows them."""
        new = self._circle.new_people()
        ids = list(new_ids[: len(new)])
        ids += await bulk.allocate_ids(session, "contact", len(new) - len(ids))
        for person, contact_id in zip(new, ids, strict=True):
            person.id = contact_id
        self.newcomers = ids

    def visitors(self) -> dict[int, int]:
        """Contacts that turned out to be others, who take over what was theirs."""
        return {
            visitor.id: person.id_or_fail
            for visitor, person in self._circle.joined()
            if visitor.id is not None
        }

    def made(self) -> list[Ask]:
        """Contacts and names that are new; each answers with a row for every one that went in."""
        lines = [self._new_row(person) for person in self._circle.new_people()]
        lines.sort(key=lambda line: (line["external_id"] or "", line["email_key"] or ""))
        columns = sorted({column for line in lines for column in line})
        for line in lines:
            for column in columns:
                line.setdefault(column, None)
        aliases = {name: one.id_or_fail for name, one in self._circle.new_aliases().items()}
        asks = [bulk.inserting("contact", columns, lines)] if lines else []
        return [*asks, rows.new_aliases(rows.ANONYMOUS, aliases)] if aliases else asks

    def were_made(self, answers: Sequence[Sequence[object]]) -> bool:
        """Whether all of `made` went in, by what it was answered."""
        wanted = (len(self.newcomers), len(self._circle.new_aliases()))
        return [len(one) for one in answers] == [count for count in wanted if count]

    def changed(self) -> list[Ask]:
        """Every row gets every column that changed in any of them: one statement, not one for each
        combination."""
        people = self._circle.changed_people()
        columns = {column for person in people for column in person.changed}
        if columns & {"email", "first_name", "last_name"}:
            columns |= {"email_key", "name_key"}
        columns |= {"updated_at"} if columns - {"last_seen_at"} else set()
        # what rules follow, as opposed to when somebody was last seen
        self.changes_fields = "updated_at" in columns
        lines = {
            person.id_or_fail: {
                column: value for column, value in self._row(person).items() if column in columns
            }
            for person in sorted(people, key=lambda person: person.id_or_fail)
        }
        former = {name: one.id_or_fail for name, one in self._circle.former_ids().items()}
        asks = bulk.updating("contact", lines)
        return [rows.new_aliases(rows.FORMER_ID, former), *asks] if former else asks

    def _row(self, person: Acquaintance) -> dict[str, Any]:
        values = person.values
        email = values.get("email")
        seen_only = person.changed == {"last_seen_at"}
        return {
            **values,
            "email_key": folded(email) if email else None,
            "name_key": contact_name_key(values.get("first_name"), values.get("last_name"), email),
            "updated_at": values.get("updated_at") if seen_only else self._now,
        }

    def _new_row(self, person: Acquaintance) -> dict[str, Any]:
        defaults: Mapping[str, Any] = {
            "external_id": None,
            "birthday_calendar": BirthdayCalendar.GREGORIAN,
            "lifecycle_stage": LifecycleStage.LEAD,
            "score": 0,
            "custom": {},
            "source": self._sources[person],
            "created_at": self._now,
        }
        return {**defaults, **self._row(person), "id": person.id, "updated_at": self._now}


def _unknown(person: Acquaintance, said: Mapping[str, Any]) -> dict[str, Any]:
    """What of this is not known of the person yet."""
    fresh = {
        name: value
        for name, value in said.items()
        if name != "custom" and person.values.get(name) in (None, "")
    }
    own = person.values.get("custom") or {}
    custom = {key: value for key, value in said.get("custom", {}).items() if key not in own}
    return {**fresh, "custom": custom} if custom else fresh
