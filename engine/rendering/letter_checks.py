"""Links, images and active content of a letter, HTML or MJML, as its author wrote it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from jinja2 import TemplateSyntaxError

from engine.rendering.addresses import SCHEMES
from engine.rendering.marks import Marks, pieces
from engine.rendering.remarks import MistakeCode, Remark, Remarks
from engine.rendering.tags import Attribute, Token, tokens

_LINKS = {"a": "href", "area": "href", "mj-button": "href", "mj-image": "href"}
_LINKS |= {"mj-navbar-link": "href", "mj-social-element": "href", "form": "action"}
_IMAGES = {"img": "src", "mj-image": "src", "mj-carousel-image": "src", "input": "src"}
_BACKGROUNDS = {"background", "background-url"}
# In a letter they do nothing or are dropped; in the browser they would run on our own address.
_ACTIVE = frozenset({"script", "iframe", "object", "embed", "applet", "base", "frame", "frameset"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST = re.compile(r"https?://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)", re.IGNORECASE)
# `{{ ... }}:` may be anything but a port.
_SCHEME_BEHIND = re.compile(r"[A-Za-z0-9+.-]*:(?!\d)")
_TAG_BEGINS = re.compile(r"</?[A-Za-z]")
# What only Outlook reads is read with the rest.
_FOR_OUTLOOK = re.compile(r"<!--\[if[^\]]*\]>(?:<!-->)?|(?:<!--)?<!\[endif\]-->")
_PRIVATE_NAMES = ("localhost", ".localhost", ".local", ".internal", ".intranet", ".lan")


def check_letter(source: str) -> Remarks:
    """What is wrong with links, images and tags; nothing when Jinja cannot read the source."""
    remarks, marks = Remarks(), Marks(source)
    try:
        masked = _masked(source, marks)
    except TemplateSyntaxError:
        return remarks
    seen = _Seen(masked, marks, remarks)
    for token in tokens(masked, raw=("style", "script", "mj-style")):
        if token.kind == "open":
            seen.tag(token)
        elif token.kind == "text" and _TAG_BEGINS.match(token.text):
            words = "A tag is never closed, or its quotes do not match; write &lt; for a plain <."
            seen.mistake(token, "broken_tag", words)
        elif token.kind == "raw":
            seen.style(token)
    return remarks


def check_whole(html: str) -> tuple[Remark, ...]:
    """What must not stand in the letter as it is sent, whatever it was made from: MJML writes
    attributes into styles, and what is harmless in a body may not be so in its frame."""
    remarks, marks = Remarks(), Marks(html)
    try:
        masked = _FOR_OUTLOOK.sub("", _masked(html, marks))
    except TemplateSyntaxError:
        return ()
    seen = _Seen(masked, marks, remarks)
    for token in tokens(masked):
        if token.kind == "open":
            seen.contents(token)
        elif token.kind == "raw":
            seen.style(token)
    return tuple(remarks.mistakes)


def _masked(source: str, marks: Marks) -> str:
    return "".join(
        one.text if one.kind == "text" else marks.put(one.text, one.line) for one in pieces(source)
    )


class _Seen:
    def __init__(self, masked: str, marks: Marks, remarks: Remarks) -> None:
        self._masked = masked
        self._marks = marks
        self._remarks = remarks

    def style(self, token: Token) -> None:
        if token.name in ("style", "mj-style") and self._marks.order(token.text):
            words = "A value stands in <style>; styles are the same for everybody."
            self.mistake(token, "value_in_tag", words)

    def contents(self, token: Token) -> None:
        """Active content, and values where they could be more than words."""
        if token.name in _ACTIVE:
            words = f"<{token.name}> is not allowed in a letter; mail programs drop it."
            self.mistake(token, "active_content", words)
        for one in token.attributes:
            if one.name.startswith("on") and one.name != "on":
                self.mistake(token, "active_content", f'"{one.name}" is not allowed in a letter.')
        self._places_of_values(token)

    def tag(self, token: Token) -> None:
        self.contents(token)
        for attribute in self._addresses(token, _LINKS):
            self._link(token, attribute)
        for attribute in self._addresses(token, _IMAGES):
            self._image(token, attribute)
        for attribute in token.attributes:
            if attribute.name in _BACKGROUNDS and attribute.value:
                self._image_address(token, attribute.value)
        self._alternative(token)

    def mistake(self, token: Token, code: MistakeCode, words: str) -> None:
        self._remarks.mistakes.append(Remark(self._line(token), code, words))

    def _places_of_values(self, token: Token) -> None:
        """A value is safe between quotes and nowhere else in a tag."""
        inside: list[int] = []
        for one in token.attributes:
            order = self._marks.order(one.value or "")
            inside.extend(order)
            if order and token.text[one.start - 1] not in "\"'":
                words = f'Write quotes around the value of "{one.name}".'
                self.mistake(token, "unquoted_value", words)
            if order and one.name == "style" and self._holds_value(one):
                words = "A value stands in a style; only fixed words may be there."
                self.mistake(token, "value_in_tag", words)
        bare = [n for n in self._marks.order(token.text) if n not in inside]
        if any(self._marks.kept[number].startswith("{{") for number in bare):
            words = f"{self._marks.shown(bare[0])} stands among attributes; put it into a value."
            self.mistake(token, "value_in_tag", words)

    def _holds_value(self, one: Attribute) -> bool:
        numbers = self._marks.order(one.value or "")
        return any(self._marks.kept[number].startswith("{{") for number in numbers)

    def _addresses(self, token: Token, named: dict[str, str]) -> Iterator[Attribute]:
        wanted = named.get(token.name)
        return (one for one in token.attributes if one.name == wanted)

    def _link(self, token: Token, attribute: Attribute) -> None:
        address = (attribute.value or "").strip()
        if not address or address == "#":
            words = "A link leads nowhere; write its address or take the link away."
            self.mistake(token, "empty_link", words)
        elif not address.startswith("#"):
            self._address(token, address, SCHEMES - {"cid"}, "link")

    def _image(self, token: Token, attribute: Attribute) -> None:
        address = (attribute.value or "").strip()
        if not address:
            self.mistake(token, "empty_link", "An image has no address in src.")
        else:
            self._image_address(token, address)

    def _image_address(self, token: Token, address: str) -> None:
        self._address(token, address, frozenset({"http", "https", "cid"}), "image")

    def _address(self, token: Token, address: str, schemes: frozenset[str], what: str) -> None:
        """What the address begins with, in every branch of the conditions in it. A value at the
        beginning is looked at when it is written (see `guard_addresses`)."""
        order = self._marks.order(address)
        for number in order:
            if not self._marks.kept[number].startswith("{{"):
                address = address.replace(self._marks.mark(number), "\0")
        if "\0" not in address:
            if not address.startswith(tuple(map(self._marks.mark, order))):
                self._beginning(token, address, schemes, what)
            elif _SCHEME_BEHIND.match(address.removeprefix(self._marks.mark(order[0]))):
                words = f"{self._marks.shown(order[0])} stands where the {what} says its kind; "
                self.mistake(token, "link_scheme", f"{words}write https: or the like.")
            return
        for branch in address.split("\0"):
            found = _SCHEME.match(branch.strip())
            if found is not None and found[1].lower() not in schemes:
                self._beginning(token, branch.strip(), schemes, what)

    def _beginning(self, token: Token, address: str, schemes: frozenset[str], what: str) -> None:
        shown = self._marks.back(address)
        shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
        scheme = _SCHEME.match(address)
        if scheme is None or self._marks.order(scheme[0]):
            words = f'The {what} "{shown}" has no host, so in a mail it leads nowhere.'
            self.mistake(token, "relative_link", words)
        elif scheme[1].lower() not in schemes:
            known = ", ".join(sorted(schemes))
            words = f'The {what} begins with "{scheme[1]}:"; there are {known}.'
            self.mistake(token, "link_scheme", words)
        elif scheme[1].lower() in ("http", "https") and self._private(address):
            words = f'The {what} "{shown}" leads to a place that only this network reaches.'
            self.mistake(token, "private_link", words)

    def _private(self, address: str) -> bool:
        found = _HOST.match(address)
        host = found[1].lower().strip("[].") if found else ""
        if not host:
            return True
        if self._marks.order(host):
            return False
        try:
            return not ipaddress.ip_address(host).is_global
        except ValueError:
            return host in _PRIVATE_NAMES or host.endswith(_PRIVATE_NAMES[1:]) or "." not in host

    def _alternative(self, token: Token) -> None:
        if token.name not in ("img", "mj-image", "mj-carousel-image"):
            return
        named = {one.name: one.value or "" for one in token.attributes}
        if "alt" not in named and {named.get("width"), named.get("height")} != {"1"}:
            words = 'An image has no alt text; write alt="" when it is only decoration.'
            self._remarks.warnings.append(Remark(self._line(token), "missing_alt", words))

    def _line(self, token: Token) -> int:
        return self._marks.back(self._masked[: token.at]).count("\n") + 1
