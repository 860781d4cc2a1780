"""Mail that comes back: from a folder, a pipe or a webhook to what follows from it."""

from engine.services.bounces.folder import read_folder
from engine.services.bounces.taking import SOURCE, BounceDesk, Counted

__all__ = ["SOURCE", "BounceDesk", "Counted", "read_folder"]
