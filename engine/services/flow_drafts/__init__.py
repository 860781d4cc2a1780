"""Drafts of flows while somebody draws them: kept at each change, shared by all who draw, undone by
anybody. The text of the draft stays what files and `cadenza flow` read."""

from engine.services.flow_drafts.beginning import begin_flow, copy_of, delete_unpublished
from engine.services.flow_drafts.changing import Done, DraftConflict, change, redo, undo
from engine.services.flow_drafts.checking import DraftProblem, check_draft
from engine.services.flow_drafts.opening import OpenDraft, newest_revision, open_draft
from engine.services.flow_drafts.restoring import restore

__all__ = [
    "Done",
    "DraftConflict",
    "DraftProblem",
    "OpenDraft",
    "begin_flow",
    "change",
    "check_draft",
    "copy_of",
    "delete_unpublished",
    "newest_revision",
    "open_draft",
    "redo",
    "restore",
    "undo",
]
