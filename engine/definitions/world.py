"""What a check may ask about the company in which a definition is to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.definitions.draft import DefinitionKind
from engine.people import ROLES, Directory
from engine.rules import Catalogue
from engine.working_time import WorkingCalendar


@dataclass(frozen=True, slots=True)
class World:
    """None means "not known here", as for files that are checked without a database: the `has_`
    questions then say yes, and nothing is refused for it."""

    catalogue: Catalogue = field(default_factory=Catalogue.standard)
    directory: Directory | None = None
    calendars: Mapping[str, WorkingCalendar] | None = None
    names: Mapping[DefinitionKind, frozenset[str]] | None = None
    flows: frozenset[str] | None = None
    templates: frozenset[str] | None = None

    def has_definition(self, kind: DefinitionKind, name: str) -> bool:
        return self.names is None or name in self.names.get(kind, frozenset())

    def has_calendar(self, name: str) -> bool:
        return self.calendars is None or name in self.calendars

    def has_flow(self, name: str) -> bool:
        return self.flows is None or name in self.flows

    def has_template(self, name: str) -> bool:
        return self.templates is None or name in self.templates

    def has_team(self, name: str) -> bool:
        return self.directory is None or name in self.directory.teams

    def has_role(self, role: str) -> bool:
        return role in ROLES

    def has_person(self, email: str) -> bool:
        """Whether an active person has this address."""
        if self.directory is None:
            return True
        found = self.directory.by_email(email)
        return found is not None and self.directory.is_active(found)
