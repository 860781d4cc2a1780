"""Deciding in memory who is who, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_store.base import folded
from engine.errors import Problem
from engine.services.contacts.fields import CONTACT_FIELDS


@dataclass(eq=False, slots=True)
class Acquaintance:
    """A contact as known so far; `id` is None until a new one is written."""

    id: int | None
    values: dict[str, Any]
    is_new: bool = False
    changed: set[str] = field(default_factory=set)
    joined_to: Acquaintance | None = None

    @property
    def now_known_as(self) -> Acquaintance:
        person = self
        while person.joined_to is not None:
            person = person.joined_to
        return person

    @property
    def id_or_fail(self) -> int:
        if self.id is None:
            raise AssertionError("the contact has no id yet")
        return self.id

    @property
    def is_visitor(self) -> bool:
        """Known by anonymous ids alone."""
        return not self.values.get("external_id") and not self.values.get("email")

    def hear(self, said: Mapping[str, Any]) -> None:
        """Take over what was said; what is the same already is no change."""
        for name, value in said.items():
            known = self.values.get(name)
            if name == "custom":
                known = known or {}
                if all(key in known and known[key] == value[key] for key in value):
                    continue
                value = {**known, **value}
            elif known == value:
                continue
            self.values[name] = value
            self.changed.add(name)

    def inherit(self, visitor: Acquaintance) -> None:
        """What was known of the visitor counts where nothing is known of the person."""
        theirs = {name: visitor.values.get(name) for name in CONTACT_FIELDS}
        self.hear(
            {
                name: value
                for name, value in theirs.items()
                if value is not None and self.values.get(name) is None
            }
        )
        custom = visitor.values.get("custom") or {}
        own = self.values.get("custom") or {}
        if fresh := {key: value for key, value in custom.items() if key not in own}:
            self.hear({"custom": fresh})


class Circle:
    """The contacts a batch may be about, found by their names; new ones join it. `former` are names
    ("user" or "email", and what it is) that those had who were merged into them."""

    def __init__(
        self,
        contacts: Iterable[Mapping[str, Any]],
        aliases: Mapping[str, int],
        former: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        people = {row["id"]: Acquaintance(row["id"], dict(row)) for row in contacts}
        self._people = list(people.values())
        self._by_user_id = {p.values["external_id"]: p for p in self._people}
        self._by_email = {p.values["email_key"]: p for p in self._people}
        self._by_user_id.pop(None, None)
        self._by_email.pop(None, None)
        for (kind, name), contact_id in (former or {}).items():
            if contact_id in people:
                known = self._by_user_id if kind == "user" else self._by_email
                known.setdefault(name, people[contact_id])
        self._by_alias = {
            alias: people[contact_id]
            for alias, contact_id in aliases.items()
            if contact_id in people
        }
        self._new_aliases: set[str] = set()
        self._former_ids: dict[str, Acquaintance] = {}

    def meet(
        self, user_id: str | None, anonymous_id: str | None, email: str | None, *, guess: bool
    ) -> tuple[Acquaintance, list[Problem]]:
        """The one person these names mean, and why some name could not be taken over."""
        visitor = self._by_alias.get(anonymous_id) if anonymous_id else None
        visitor = visitor.now_known_as if visitor else None
        addressed = self._by_email.get(folded(email)) if email else None
        person = self._named(user_id, email, addressed, visitor) or self._new()
        if user_id and not person.values.get("external_id"):
            person.hear({"external_id": user_id})
            self._by_user_id[user_id] = person
        problems = self._take_address(person, email, addressed, guess=guess)
        if anonymous_id:
            self._take_alias(person, anonymous_id, visitor)
        return person, problems

    def rename(self, previous_id: str, user_id: str) -> tuple[int, int] | None:
        """Whoever was `previous_id` is `user_id` from now on. Two contacts who are both known stay
        two here: then their ids are returned, first the one who goes by `user_id`."""
        before = self._by_user_id.get(previous_id)
        if before is None:
            return None
        before, after = before.now_known_as, self._by_user_id.get(user_id)
        after = after.now_known_as if after is not None else None
        if after is None:
            if before.values.get("external_id") == previous_id:
                before.hear({"external_id": user_id})
                self._former_ids[previous_id] = before
            else:
                self._former_ids[user_id] = before
            self._by_user_id[user_id] = before
            return None
        if before is after or before.id is None or after.id is None:
            return None
        return after.id, before.id

    def former_ids(self) -> dict[str, Acquaintance]:
        """User ids by which somebody is known beside the present one."""
        return {name: person.now_known_as for name, person in self._former_ids.items()}

    def _named(
        self,
        user_id: str | None,
        email: str | None,
        addressed: Acquaintance | None,
        visitor: Acquaintance | None,
    ) -> Acquaintance | None:
        if user_id:
            if user_id in self._by_user_id:
                return self._by_user_id[user_id]
            if addressed and not addressed.values.get("external_id"):
                return addressed
            return visitor if visitor and visitor.is_visitor else None
        if email:
            return addressed or (visitor if visitor and not visitor.values.get("email") else None)
        return visitor

    def _take_address(
        self,
        person: Acquaintance,
        email: str | None,
        addressed: Acquaintance | None,
        *,
        guess: bool,
    ) -> list[Problem]:
        known = person.values.get("email")
        if not email or addressed is person or (guess and known):
            return []
        if addressed is not None:
            message = "The address belongs to another contact; it was left there."
            return [Problem("traits.email", "address_taken", message)]
        if known:
            self._by_email.pop(folded(known), None)
        person.hear({"email": email})
        self._by_email[folded(email)] = person
        return []

    def _take_alias(
        self, person: Acquaintance, anonymous_id: str, visitor: Acquaintance | None
    ) -> None:
        if visitor is person:
            return
        if visitor is None:
            self._new_aliases.add(anonymous_id)
        elif visitor.is_visitor:
            person.inherit(visitor)
            visitor.joined_to = person
        else:
            # A shared device: the id now means whoever used it last only for this event.
            return
        self._by_alias[anonymous_id] = person

    def _new(self) -> Acquaintance:
        person = Acquaintance(None, {}, is_new=True)
        self._people.append(person)
        return person

    def new_people(self) -> list[Acquaintance]:
        return [p for p in self._people if p.is_new and p.joined_to is None]

    def changed_people(self) -> list[Acquaintance]:
        return [p for p in self._people if p.changed and not p.is_new and p.joined_to is None]

    def new_aliases(self) -> dict[str, Acquaintance]:
        return {alias: self._by_alias[alias].now_known_as for alias in self._new_aliases}

    def joined(self) -> Iterator[tuple[Acquaintance, Acquaintance]]:
        for person in self._people:
            if person.joined_to is not None:
                yield person, person.now_known_as
