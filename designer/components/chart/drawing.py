"""The drawn part of a chart: ECharts as NiceGUI ships it, behind arrays.

Not `ui.echart`: its options are objects whose keys may be taken for scripts, and it knows one
theme. Here only arrays travel, colours come from the page's own variables and follow the theme,
and texts are values that are never read as HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nicegui.elements.echart as _echart  # its import makes "nicegui-echart" known to pages
from nicegui import ui

from designer.components.chart.series import Kind, Series, Unit

__all__ = ["Drawing"]
_MODULE = _echart.__name__


class Drawing(ui.element, component="chart.js"):
    def __init__(
        self,
        title: str,
        kind: Kind,
        series: Sequence[Series],
        categories: Sequence[str],
        *,
        unit: Unit,
        language: str,
        told: str,
    ) -> None:
        """`told` is what a screen reader says instead of the picture."""
        super().__init__()
        self._props["title"] = title
        self._props["kind"] = kind
        self._props["unit"] = unit.packed()
        self._props["language"] = language
        self._props["told"] = told
        self._props["first"] = packed(series, categories)

    def show(self, series: Sequence[Series], categories: Sequence[str]) -> None:
        """Other numbers for the same chart; the prop is kept for a page that is drawn anew."""
        now = packed(series, categories)
        with self._props.suspend_updates():
            self._props["first"] = now
        self.run_method("show", now)

    def save(self, file_name: str) -> None:
        """Have the browser keep the picture; `file_name` without its ending."""
        self.run_method("save", file_name)


def packed(series: Sequence[Series], categories: Sequence[str]) -> list[Any]:
    return [list(categories), [one.packed() for one in series]]
