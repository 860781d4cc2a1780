"""The rooms of the designer. A page is a function; `register` hangs all of them into NiceGUI."""

from __future__ import annotations

from designer.pages import (
    contact,
    contacts,
    deal,
    definition,
    definitions,
    flow,
    flows,
    home,
    inbox,
    mailbox,
    message,
    message_results,
    messages,
    run,
    runs,
    sales_figures,
    template,
    templates,
    ticket,
    why,
)
from designer.runtime import Designer

# One a line, so that a new room is a line.
_ROOMS = (
    home,
    flows,
    flow,
    runs,
    run,
    messages,
    message,
    contacts,
    contact,
    why,
    mailbox,
    templates,
    template,
    message_results,
    definitions,
    definition,
    inbox,
    sales_figures,
    deal,
    ticket,
)


def register(designer: Designer) -> None:
    """Called once a process, and again by tests after NiceGUI forgot its pages."""
    for room in _ROOMS:
        room.register(designer)
