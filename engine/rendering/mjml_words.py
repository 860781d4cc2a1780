"""What stands where in MJML: the elements of its language that letters may use.

From the documentation of MJML 4. An element of which nothing is said here is refused: the compiler
would drop it without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Elements whose inside is HTML or text of the author's; MJML calls them ending tags.
ENDING: Final = frozenset(
    {
        "mj-text",
        "mj-button",
        "mj-raw",
        "mj-table",
        "mj-style",
        "mj-title",
        "mj-preview",
        "mj-accordion-title",
        "mj-accordion-text",
        "mj-navbar-link",
        "mj-social-element",
    }
)
_CONTENT: Final = frozenset(
    {
        *("mj-text", "mj-button", "mj-image", "mj-divider", "mj-spacer", "mj-table", "mj-raw"),
        *("mj-accordion", "mj-carousel", "mj-navbar", "mj-social"),
    }
)
CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({"mjml"}),
    "mjml": frozenset({"mj-head", "mj-body"}),
    "mj-head": frozenset(
        {"mj-attributes", "mj-breakpoint", "mj-preview", "mj-style", "mj-title", "mj-raw"}
    ),
    "mj-body": frozenset({"mj-section", "mj-wrapper", "mj-hero", "mj-raw"}),
    "mj-wrapper": frozenset({"mj-section", "mj-hero"}),
    "mj-section": frozenset({"mj-column", "mj-group", "mj-raw"}),
    "mj-group": frozenset({"mj-column"}),
    "mj-column": _CONTENT,
    "mj-hero": _CONTENT,
    "mj-accordion": frozenset({"mj-accordion-element"}),
    "mj-accordion-element": frozenset({"mj-accordion-title", "mj-accordion-text"}),
    "mj-carousel": frozenset({"mj-carousel-image"}),
    "mj-navbar": frozenset({"mj-navbar-link"}),
    "mj-social": frozenset({"mj-social-element"}),
}
# Here `{% if %}` and `{% for %}` may stand between elements. In a wrapper or a group the compiler
# would put them into what only Outlook reads.
BLOCKS_IN: Final = frozenset({"mj-body", "mj-section", "mj-column", "mj-hero"})
KNOWN: Final = frozenset(name for names in CHILDREN.values() for name in names)
NEVER: Final[Mapping[str, str]] = {
    "mj-include": "<mj-include> is not allowed: a template holds all of itself.",
    "mj-font": "<mj-font> is not allowed: letters load nothing from elsewhere to be read.",
    "mj-html-attributes": "<mj-html-attributes> is not allowed.",
}
