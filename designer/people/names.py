"""People and roles in choices."""

from __future__ import annotations

from collections.abc import Collection

from designer.i18n import Translator
from designer.terms import ROLES
from engine.people import Directory


def role_words(t: Translator) -> dict[str, str]:
    return {key: t(said) for key, said in ROLES.items()}


def choices(people: Directory, *, but: Collection[int] = ()) -> dict[int, str]:
    """Those who work here, by name."""
    found = [one for one in people.people.values() if one.active and one.id not in but]
    return {one.id: one.name for one in sorted(found, key=lambda one: one.name.casefold())}


def name_of(people: Directory, user_id: int | None) -> str:
    """Empty for nobody."""
    person = people.people.get(user_id) if user_id is not None else None
    return person.name if person is not None else ""
