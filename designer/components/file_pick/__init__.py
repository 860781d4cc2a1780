"""NiceGUI's upload as a plain field: Quasar's has buttons that no screen reader names."""

from __future__ import annotations

from nicegui import ui


class FilePick(ui.upload, component="file_pick.js"):
    """One file at a time, sent as soon as it is chosen."""
