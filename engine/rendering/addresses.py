"""Values that begin an address: what comes from a record must not become a script."""

from __future__ import annotations

import re
from typing import Any

from jinja2 import Undefined, nodes

from engine.rendering.problems import BadValue

# Template text cannot name it: a leading `_` is refused.
ADDRESS = "_address"
SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid"})
_BEGINS = re.compile(
    r"""\s(?:href|src|action|formaction|background|poster)\s*=\s*["']?\s*$""", re.I
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# HTML readers drop these from addresses before they look at the scheme.
_DROPPED = re.compile(r"[\x00-\x20]")


def safe_address(value: Any) -> Any:
    """The value, when it is an address that a letter may lead to; a missing one passes."""
    if value is None or isinstance(value, Undefined):
        return value
    found = _SCHEME.match(_DROPPED.sub("", str(value)))
    if found is not None and found[1].lower() not in SCHEMES:
        raise BadValue("A link leads to an address that is not of the web, mail or telephone.")
    return value


def guard_addresses(tree: nodes.Template) -> None:
    """Put the check behind every value that begins the address of a link or image.

    The text is followed as it stands in the source, so a value in either branch of an `{% if %}` at
    the beginning of an address is found as well.
    """
    at_beginning = False
    for output in tree.find_all(nodes.Output):
        written: list[nodes.Expr] = []
        for one in output.nodes:
            if isinstance(one, nodes.TemplateData):
                if one.data.strip():
                    at_beginning = _BEGINS.search(one.data) is not None
                written.append(one)
            elif at_beginning:
                guarded = nodes.Filter(one, ADDRESS, [], [], None, None, lineno=one.lineno)
                written.append(guarded)
            else:
                written.append(one)
        output.nodes = written
