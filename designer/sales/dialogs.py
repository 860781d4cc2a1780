"""Dialogs that are asked once and taken away again."""

from __future__ import annotations

from nicegui import ui


def taken_away(dialog: ui.dialog) -> None:
    """It is answered. Where the page went away meanwhile, so did the dialog."""
    if dialog.is_deleted:
        return
    dialog.clear()
    dialog.delete()
