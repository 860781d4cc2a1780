"""Telling one of our own people something."""

from __future__ import annotations

from engine.services.effects.notices import Noticing


class Notify(Noticing):
    kind = "notify"
