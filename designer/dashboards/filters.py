"""The row above a dashboard: which one, of which time and flow; all in the address."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui

from designer.asking import plain_button
from designer.components.filter_tabs import address, filter_tabs
from designer.dashboards.asked import OWN, PATH, PERIODS, USUAL_PERIOD, USUAL_VIEW, Asked
from designer.visitor import Visitor
from designer.widgets import block


def filters(
    asked: Asked, visitor: Visitor, views: Mapping[str, str], flows: Mapping[str, str]
) -> None:
    t, query = visitor.t, asked.query
    choices = [(None if key == USUAL_VIEW else key, t(name)) for key, name in views.items()]
    filter_tabs(t("Dashboard"), PATH, query, "view", choices)
    with block("cz-row"):
        of_time = {**query, "from": None, "to": None}
        periods = [(None if k == USUAL_PERIOD else k, t(name)) for k, (_, name) in PERIODS.items()]
        if asked.period == OWN:
            # Nothing of these is chosen; each of them drops the days of one's own.
            of_time["period"] = OWN
        filter_tabs(t("Time"), PATH, of_time, "period", periods)
        _own_days(asked, visitor)
        if asked.view in ("campaigns", "cohorts", "messages"):
            _flow(asked, visitor, flows)


def _own_days(asked: Asked, visitor: Visitor) -> None:
    t = visitor.t
    with ui.element("form") as form, form.classes("cz-row cz-dash__days"):
        form.props["action"] = PATH
        form.props["method"] = "get"
        for name in ("view", "flow"):
            if value := asked.query[name]:
                hidden = ui.element("input").props("type=hidden")
                hidden.props["name"], hidden.props["value"] = name, value
        for name, label, day in (
            ("from", t("From"), asked.stretch.first),
            ("to", t("Until"), asked.stretch.last),
        ):
            field = ui.element("input").classes("cz-dash__day").props("type=date required")
            field.props["name"], field.props["value"] = name, day.isoformat()
            field.props["aria-label"] = label
        with plain_button(t("Show"), None) as button:
            button.props["type"] = "submit"


def _flow(asked: Asked, visitor: Visitor, flows: Mapping[str, str]) -> None:
    t = visitor.t
    options = {"": t("All flows"), **flows}
    if asked.view == "cohorts":
        options.pop("")
    box = ui.select(options, value=asked.flow if asked.flow in options else None, label=t("Flow"))
    box.props("outlined dense options-dense").classes("cz-field cz-dash__flow").mark("dash-flow")
    if asked.flow is None and "" in options:
        box.value = ""
    box.on_value_change(
        lambda event: ui.navigate.to(address(PATH, {**asked.query, "flow": event.value or None}))
    )
