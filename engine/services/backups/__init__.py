"""Backups that were made, and restored databases that wait for a person's word."""

from engine.services.backups.holding import (
    Held,
    Overdue,
    Released,
    held_back,
    is_held,
    release_hold,
    until_released,
)
from engine.services.backups.known import BackupRow, latest_backups, note_backup

__all__ = [
    "BackupRow",
    "Held",
    "Overdue",
    "Released",
    "held_back",
    "is_held",
    "latest_backups",
    "note_backup",
    "release_hold",
    "until_released",
]
