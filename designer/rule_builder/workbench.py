"""The builder with everything around it: tree or JSON on one side, answers on the other."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from designer.assets import asset
from designer.rule_builder.answers import Answers
from designer.rule_builder.bench import Bench
from designer.rule_builder.builder import RuleBuilder
from designer.rule_builder.json_view import JsonView
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import block, words
from engine.rules import Catalogue, Subject
from engine.services.rules.suggestions import Suggestions, rule_suggestions

STYLE = "rule_builder.css"


def style_sheet() -> None:
    """For a place on a page that knows nothing of the builder."""
    sheet = ui.element("link").props("rel=stylesheet")
    sheet.props["href"] = asset(STYLE)


async def new_bench(
    designer: Designer,
    visitor: Visitor,
    catalogue: Catalogue,
    rule: Any,
    *,
    subject: Subject = "contact",
    event_rule: bool = False,
) -> Bench:
    """A bench with this rule on it, and the names that have been seen to offer."""
    suggestions = await _suggestions(designer, visitor)
    bench = Bench(designer, visitor, catalogue, subject, event_rule, suggestions)
    bench.begin(rule)
    return bench


async def _suggestions(designer: Designer, visitor: Visitor) -> Suggestions:
    """Asked once for all who build just now and may read the same."""
    actor = await designer.actor(visitor.token)

    async def question() -> Suggestions:
        async with designer.transaction() as session:
            return await rule_suggestions(session, actor)

    key = ("rule-suggestions", actor.sight, actor.scopes)
    return await designer.pulses.ask(key, question)


class Workbench:
    """Draws the bench; the tree and the JSON are two tabs of the same place."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        t = bench.visitor.t
        style_sheet()
        with block("rb-bench"):
            with block("rb-bench__main"):
                with block("cz-tabs") as tabs:
                    tabs.props["role"] = "group"
                    tabs.props["aria-label"] = t("How the rule is shown")
                    self._tabs = [
                        self._tab(t("Builder"), 0, active=True),
                        self._tab("JSON", 1, active=False),
                    ]
                with block("rb-bench__view") as first:
                    self.builder = RuleBuilder(bench)
                with block("rb-bench__view cz-hidden") as second:
                    self.json = JsonView(bench)
                self._views = [first, second]
            with block("rb-bench__side", tag="aside"):
                self.answers = Answers(bench, self._show)

    def _tab(self, name: str, at: int, *, active: bool) -> ui.element:
        with block("cz-tab is-active" if active else "cz-tab", tag="button") as tab:
            tab.props["type"] = "button"
            tab.props["aria-pressed"] = "true" if active else "false"
            tab.on("click", lambda: self.turn(at), args=[])
            tab.mark("rule-tab-json" if at else "rule-tab-builder")
            words(name)
        return tab

    def turn(self, at: int) -> None:
        for here, (tab, view) in enumerate(zip(self._tabs, self._views, strict=True)):
            tab.props["aria-pressed"] = "true" if here == at else "false"
            tab.classes(add="is-active") if here == at else tab.classes(remove="is-active")
            view.classes(remove="cz-hidden") if here == at else view.classes(add="cz-hidden")

    def _show(self, node_id: int) -> None:
        self.turn(0)
        self.builder.focus(node_id)
