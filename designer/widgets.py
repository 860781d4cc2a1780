"""Small pieces that pages are built from. Texts are always text: nothing here takes HTML."""

from __future__ import annotations

from urllib.parse import quote

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from designer.tone import Tone


def block(classes: str = "", tag: str = "div") -> ui.element:
    return ui.element(tag).classes(classes)


class Words(TextElement):
    """A plain element holding one text, which may change by `set_text`."""

    def __init__(self, tag: str, text: str) -> None:
        super().__init__(tag=tag, text=text)


def words(text: str, classes: str = "", tag: str = "span") -> Words:
    """An element with this text in it."""
    element = Words(tag, text)
    if classes:
        element.classes(classes)
    return element


def icon(name: str, size: str | None = None) -> ui.icon:
    element = ui.icon(name, size=size)
    element.props("aria-hidden=true")
    return element


def anchor(address: str, text: str = "", classes: str = "") -> ui.element:
    """A link inside the designer; an address that leads elsewhere is a mistake of ours."""
    if not address.startswith(("/", "#")) or address.startswith("//"):
        raise ValueError(f"not a place in the designer: {address!r}")
    element = Words("a", text) if text else ui.element("a")
    element.props["href"] = address
    return element.classes(classes) if classes else element


def chip(text: str, tone: Tone = "plain") -> ui.element:
    return words(text, "cz-chip" if tone == "plain" else f"cz-chip is-{tone}")


def button_link(address: str, text: str, symbol: str = "", *, main: bool = False) -> ui.element:
    with anchor(address, classes="cz-button is-main" if main else "cz-button") as link:
        if symbol:
            icon(symbol, "18px")
        words(text)
    return link


def empty_state(
    symbol: str, title: str, text: str, *, link: tuple[str, str] | None = None
) -> ui.element:
    """Words for "there is nothing": what this place is for and what fills it."""
    with block("cz-empty") as place:
        icon(symbol)
        words(title, "cz-empty__title", tag="h2")
        words(text, "cz-empty__text", tag="p")
        if link:
            button_link(link[0], link[1])
    return place


def notice(text: str, tone: Tone = "accent", symbol: str = "info") -> ui.element:
    with block(f"cz-notice is-{tone}") as place:
        place.props["role"] = "status" if tone == "accent" else "alert"
        icon(symbol)
        words(text)
    return place


def ask_to_sign_in() -> None:
    """The page outlived its sign-in: go where one can sign in again, and come back here after."""
    request = ui.context.client.request
    here = request.url.path if request is not None else "/"
    ui.navigate.to(f"/sign-in?next={quote(here)}")


def facts(pairs: list[tuple[str, str]]) -> ui.element:
    """A list of names and values; pairs without a value are left out."""
    with block("cz-facts", tag="dl") as place:
        for name, value in pairs:
            if value:
                words(name, tag="dt")
                words(value, tag="dd")
    return place


def card(title: str = "", link: tuple[str, str] | None = None) -> ui.element:
    place = block("cz-card", tag="section")
    if title:
        with place, block("cz-card__head"):
            words(title, "cz-h2", tag="h2")
            if link:
                anchor(link[0], link[1], "cz-small")
    return place


def tile(label: str, value: str, address: str | None = None) -> ui.element:
    place = anchor(address, classes="cz-card cz-tile") if address else block("cz-card cz-tile")
    with place:
        words(value, "cz-tile__value", tag="div")
        words(label, "cz-soft cz-small", tag="div")
    return place
