"""What the address of a template's page asks to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from designer.components.filter_tabs import address
from designer.components.letter_frame import Width

VIEWS: Final = ("mail", "dark", "inverted", "text", "short", "headers")
LONGEST: Final = 320


@dataclass(frozen=True, slots=True)
class Asked:
    """`contact` is a number or an address as somebody typed it; None is somebody made up.
    `draft`: the text that is being edited, not the one that is sent."""

    name: str
    contact: str | None
    language: str | None
    view: str
    width: Width
    draft: bool = False

    @property
    def path(self) -> str:
        return f"/templates/{self.name}"

    def query(self) -> dict[str, str | None]:
        """Without what is usual."""
        return {
            "contact": self.contact,
            "language": self.language,
            "view": None if self.view == "mail" else self.view,
            "width": None if self.width == "desktop" else self.width,
            "text": "draft" if self.draft else None,
        }

    def as_seen_by(self, contact: str | None) -> str:
        """The address of the same letter for somebody else, in their own language."""
        return address(self.path, {**self.query(), "contact": contact, "language": None})


def asked_of(name: str, request: Request) -> Asked:
    found = {key: value[:LONGEST] for key, value in request.query_params.items()}
    view = found.get("view", "mail")
    return Asked(
        name,
        found.get("contact") or None,
        found.get("language") or None,
        view if view in VIEWS else "mail",
        "phone" if found.get("width") == "phone" else "desktop",
        found.get("text") == "draft",
    )
