"""Simple bars: a name, a length, a number. Read out as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from designer.widgets import block, words


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` is shown as it is; `share` between 0 and 1 is its length, `second` a paler one."""

    name: str
    value: str
    share: float
    second: float = 0.0


def bars(label: str, found: Sequence[Bar]) -> None:
    with block("cz-bars", tag="ul") as place:
        place.props["aria-label"] = label
        for one in found:
            with block("cz-barline", tag="li"):
                words(one.name, "cz-barline__name cz-small")
                with block("cz-barline__track").props("aria-hidden=true"):
                    _length("cz-barline__second", one.second)
                    _length("cz-barline__first", one.share)
                words(one.value, "cz-barline__value cz-small cz-number")


def _length(classes: str, share: float) -> None:
    width = round(min(max(share, 0.0), 1.0) * 100, 1)
    block(classes).style(f"width: {width}%")
