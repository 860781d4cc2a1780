"""Making two contacts one."""

from engine.services.merging.doors import merge_two
from engine.services.merging.merge import Merged, RunsMerged, merge_contacts, preview_merge
from engine.services.merging.values import FieldPolicy

__all__ = ["FieldPolicy", "Merged", "RunsMerged", "merge_contacts", "merge_two", "preview_merge"]
