"""Our own people: who there is, who reports to whom, who is away."""

from engine.people.directory import Directory
from engine.people.lines import circle_above, circle_words, circles, organisation_problems
from engine.people.person import ROLES, Absence, Person, Team

__all__ = [
    "ROLES",
    "Absence",
    "Directory",
    "Person",
    "Team",
    "circle_above",
    "circle_words",
    "circles",
    "organisation_problems",
]
