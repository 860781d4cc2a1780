"""A plain element whose children can be dragged about."""

from __future__ import annotations

from nicegui.elements.mixins.sortable_element import SortableElement


class Draggable(SortableElement):
    """Any tag; give the container `make_sortable`, its children the handle."""
