"""Tasks, calls, meetings and notes, whatever they are about."""

from engine.services.activities.asking import list_activities, show_activity
from engine.services.activities.editing import (
    ABOUT,
    ActivityChange,
    ActivityGiven,
    add_activity,
    change_activity,
)

__all__ = [
    "ABOUT",
    "ActivityChange",
    "ActivityGiven",
    "add_activity",
    "change_activity",
    "list_activities",
    "show_activity",
]
