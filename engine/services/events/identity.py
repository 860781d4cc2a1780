"""Who an item is about. Pure: it is given what the database knows and says what to add to it.

A person is known by user ids, by one e-mail address and by the anonymous ids of their browsers. The
user id decides, then the address (one address is one person), then the anonymous id. An anonymous
contact becomes the person whose user id or address first comes with its id; two contacts that each
have a user id or an address are never made one here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crm_store.base import folded
from engine.services.events.items import Item

NameKind = Literal["user", "email", "anonymous"]
Name = tuple[NameKind, str]


@dataclass(slots=True, eq=False)
class Person:
    """A contact as the batch sees it. `before` is its row, None for one that is yet to be made."""

    id: int | None
    external_id: str | None = None
    email_key: str | None = None
    before: Mapping[str, Any] | None = None
    new_names: list[Name] = field(default_factory=list)


def names_of(item: Item) -> list[Name]:
    """Every name under which the database may know the person of an item."""
    names: list[Name] = []
    if item.user_id is not None:
        names.append(("user", item.user_id))
    if item.address is not None:
        names.append(("email", folded(item.address)))
    if item.anonymous_id is not None:
        names.append(("anonymous", item.anonymous_id))
    if item.previous_id is not None:
        names += [("user", item.previous_id), ("anonymous", item.previous_id)]
    return names


class Directory:
    """Names to persons, growing while a batch is read in order."""

    def __init__(self, known: Mapping[Name, Person]) -> None:
        self._known = dict(known)
        self.new: list[Person] = []

    def persons(self) -> Iterable[Person]:
        return {id(person): person for person in self._known.values()}.values()

    def person_of(self, item: Item) -> tuple[Person, str | None]:
        """The person, and a code when one of the names could not be given to them."""
        if item.kind == "alias" and item.user_id is not None and item.previous_id is not None:
            return self._alias(item.user_id, item.previous_id)
        by_user = self._get("user", item.user_id)
        guessed_in_vain = item.address_is_user_id and by_user is not None
        email_key = None if item.address is None or guessed_in_vain else folded(item.address)
        by_email = self._get("email", email_key)
        by_browser = self._get("anonymous", item.anonymous_id)
        if by_browser is not None and not _may_become(by_browser, item.user_id, email_key):
            by_browser = None
        person = by_user or by_email or by_browser or self._person()
        self._learn_user(person, item.user_id)
        self._learn_browser(person, item.anonymous_id)
        return person, self._learn_email(person, email_key)

    def _alias(self, user_id: str, previous_id: str) -> tuple[Person, str | None]:
        by_user = self._get("user", user_id)
        earlier = self._get("user", previous_id) or self._get("anonymous", previous_id)
        person = by_user or earlier or self._person()
        self._learn_user(person, user_id)
        if earlier is None:
            self._learn_browser(person, previous_id)
        return person, None if earlier in (None, person) else "other_contact"

    def _get(self, kind: NameKind, value: str | None) -> Person | None:
        return None if value is None else self._known.get((kind, value))

    def _person(self) -> Person:
        person = Person(None)
        self.new.append(person)
        return person

    def _learn_user(self, person: Person, user_id: str | None) -> None:
        if user_id is None or ("user", user_id) in self._known:
            return
        self._known["user", user_id] = person
        if person.external_id is None:
            person.external_id = user_id
        else:
            person.new_names.append(("user", user_id))

    def _learn_browser(self, person: Person, anonymous_id: str | None) -> None:
        if anonymous_id is not None and ("anonymous", anonymous_id) not in self._known:
            self._known["anonymous", anonymous_id] = person
            person.new_names.append(("anonymous", anonymous_id))

    def _learn_email(self, person: Person, email_key: str | None) -> str | None:
        if email_key is None:
            return None
        owner = self._known.setdefault(("email", email_key), person)
        if owner is not person:
            return "email_taken"
        person.email_key = email_key
        return None


def _may_become(found: Person, user_id: str | None, email_key: str | None) -> bool:
    """A browser's contact stands for whoever uses it until another name says otherwise."""
    if user_id is not None and found.external_id is not None:
        return False
    return email_key is None or found.email_key in (None, email_key)
