"""Changing contacts, accounts and tickets: one by hand, or many at once."""

from engine.services.records.bulk import (
    AddTags,
    BulkOrder,
    BulkPage,
    GiveTo,
    PutOnList,
    RemoveTags,
    Selection,
    SetField,
    carry_out_page,
    check_order,
    count_selection,
    may_order,
)
from engine.services.records.editing import edit_account, edit_contact, edit_tags
from engine.services.records.fields import EDITABLE, Editable, editable_fields
from engine.services.records.letting_in import MOST_NAMED, let_selection_in

__all__ = [
    "EDITABLE",
    "MOST_NAMED",
    "AddTags",
    "BulkOrder",
    "BulkPage",
    "Editable",
    "GiveTo",
    "PutOnList",
    "RemoveTags",
    "Selection",
    "SetField",
    "carry_out_page",
    "check_order",
    "count_selection",
    "edit_account",
    "edit_contact",
    "edit_tags",
    "editable_fields",
    "let_selection_in",
    "may_order",
]
