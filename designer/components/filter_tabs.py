"""A row of choices that narrow a list; each is a link, so it can be shared and gone back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from designer.widgets import anchor, block


def address(path: str, query: Mapping[str, str | None]) -> str:
    """A place in the designer with its filters; those that are empty are left out."""
    filled = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(filled)}" if filled else path


def filter_tabs(
    label: str,
    path: str,
    query: Mapping[str, str | None],
    name: str,
    choices: Iterable[tuple[str | None, str]],
) -> None:
    """`choices` are (value, words); None is "everything". The other filters stay."""
    with block("cz-tabs", tag="nav") as tabs:
        tabs.props["aria-label"] = label
        for value, text in choices:
            active = (query.get(name) or None) == value
            link = anchor(
                address(path, {**query, name: value}),
                text,
                "cz-tab is-active" if active else "cz-tab",
            )
            if active:
                link.props["aria-current"] = "true"
