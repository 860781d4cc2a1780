"""All forms, each with its address and its last use; without one, what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.runtime import Designer
from designer.sources.making import Making
from designer.visitor import Visitor
from designer.widgets import anchor, block, card, chip, empty_state, words
from engine.services.forms import KnownForm

PATH: Final = "/forms"


def form_list(
    designer: Designer, visitor: Visitor, found: Sequence[KnownForm], actions: ui.element | None
) -> None:
    """`actions` is where the button for a new one goes; None for who may not make one."""
    t = visitor.t
    making = Making(designer, visitor)
    if actions is not None:
        with actions:
            plain_button(t("New form"), making.form, symbol="dynamic_form", main=True).mark(
                "new-form"
            )
    with card():
        if not found:
            empty_state(
                "dynamic_form",
                t("No forms yet"),
                t(
                    "A form stands on a page of its own or in one of yours. Who sends it becomes "
                    "a contact, and what they agree to is confirmed from their address."
                ),
            )
            return
        with block("cz-card__head"):
            words(
                t("People write themselves; what they agree to is confirmed from their address."),
                "cz-soft cz-small",
                tag="p",
            )
        with block("cz-src__list", tag="ul"):
            for one in found:
                _line(visitor, one)


def _line(visitor: Visitor, one: KnownForm) -> None:
    t = visitor.t
    with block(tag="li").mark(f"form-{one.name}"):
        with block("cz-grow"):
            anchor(f"{PATH}/{one.name}", one.form.title, "cz-strong")
            used = (
                t("last used {when}", when=visitor.formats.moment(one.last_used_at))
                if one.last_used_at
                else t("not used yet")
            )
            words(f"/f/{one.name} · {used}", "cz-soft cz-small", tag="div")
        if not one.active:
            chip(t("Paused"), "warn")
