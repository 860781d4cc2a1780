"""The tree on the screen: groups in groups, conditions as rows, moved by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from nicegui import ui
from nicegui.events import GenericEventArguments, SortableEventArguments

from designer.asking import plain_button
from designer.rule_builder.bench import Bench
from designer.rule_builder.draggable import Draggable
from designer.rule_builder.drawing import Drawing
from designer.rule_builder.problem_words import problem_words
from designer.rule_builder.rows import condition
from designer.rule_builder.tools import Tools
from designer.rule_builder.wordings import JOIN_WORDS, JOINS
from designer.widgets import Words, block, icon, words
from engine.rules import RuleProblem
from engine.rules.building.moves import changed, find, inserted, list_around, moved, stepped
from engine.rules.building.tree import Group, Join, Node, where_of

# Alt with an arrow moves the row that has the focus: up, down, out of its group, into one.
_KEYS: Final = """(event) => {
  const ways = {ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in"};
  if (!event.altKey || event.ctrlKey || event.metaKey || !ways[event.key]) return;
  event.preventDefault(); event.stopPropagation();
  emit(ways[event.key]);
}"""
_WAYS: Final = ("up", "down", "in", "out")


class RuleBuilder:
    """Draws what is on the bench and follows it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._drawing = Drawing(bench)
        self._groups: dict[int, int] = {}
        self._rows: dict[int, int] = {}
        self._elements: dict[int, ui.element] = {}
        self._told: dict[int, Words] = {}
        self._focus: int | None = None
        t = bench.visitor.t
        with block("rb-builder").mark("rule-builder") as self.element:
            with block("rb-undo"):
                self._undo = self._quiet_button("undo", t("Undo"), bench.undo)
                self._redo = self._quiet_button("redo", t("Redo"), bench.redo)
                words(t("Alt with an arrow key moves a condition"), "cz-soft cz-small rb-hint")
            self._tree = block("rb-tree")
        bench.hear(self._heard)
        self._draw()

    def _quiet_button(self, symbol: str, name: str, click: Callable[[], None]) -> ui.element:
        with block("rb-tool", tag="button").mark(f"rule-{symbol}") as button:
            button.props["type"] = "button"
            button.props["aria-label"] = button.props["title"] = name
            button.on("click", click, args=[])
            icon(symbol, "18px")
        return button

    def _heard(self, redraw: bool) -> None:
        if redraw:
            self._draw()
        else:
            self._show_problems()
        self._show_steps()

    def _show_steps(self) -> None:
        for button, possible in (
            (self._undo, self.bench.can_undo),
            (self._redo, self.bench.can_redo),
        ):
            button.props["disabled"] = not possible

    def _draw(self) -> None:
        self._tree.clear()
        for known in (self._groups, self._rows, self._elements, self._told):
            known.clear()
        with self._tree:
            self._group(self.bench.root)
        self._show_problems()
        self._show_steps()
        wanted, self._focus = self._focus, None
        if wanted is not None and wanted in self._elements:
            self.focus(wanted)

    def focus(self, node_id: int) -> None:
        """Show a condition and put the focus on its first field."""
        element = self._elements.get(node_id)
        if element is None:
            return
        element.client.run_javascript(
            f"const row = document.getElementById('{element.html_id}');"
            "if (row) { row.scrollIntoView({block: 'nearest'});"
            "(row.querySelector('.rb-about, .rb-row__main input, .rb-join, .rb-tool')"
            " || row).focus(); }"
        )

    def _group(self, group: Group, *, where: bool = False) -> None:
        is_root = group is self.bench.root
        classes = f"rb-group is-{group.join}" + (" is-where" if where else "")
        with Draggable("div").classes(classes) as element:
            self._remember(group, element)
            with block("rb-group__head"):
                if not is_root and not where:
                    self._grip()
                self._joins(group)
                words(self.bench.visitor.t(JOIN_WORDS[group.join]), "cz-soft cz-small cz-grow")
                if not is_root and not where:
                    Tools(self, group).draw()
            self._parts(group)
            self._problem_line(group)
            self._adding(group)

    def _parts(self, group: Group) -> None:
        around = list_around(self.bench.root, group.id) or "subject"
        with Draggable("div").classes("rb-parts") as parts:
            self._groups[parts.id] = group.id
            for part in group.parts:
                if isinstance(part, Group):
                    self._group(part)
                else:
                    self._condition(part)
        name = f"rb-{self._tree.id}-{around}"
        parts.make_sortable(handle=".rb-grip", group=name, on_end=self._dropped)

    def _condition(self, node: Node) -> None:
        with Draggable("div").classes("rb-row") as element:
            self._remember(node, element)
            element.on("keydown", partial(self._key, node.id), js_handler=_KEYS)
            with block("rb-row__line"):
                self._grip()
                with block("rb-row__main"):
                    condition(self._drawing, node)
                Tools(self, node).draw()
            where = where_of(node)
            if where is not None:
                self._where(where)
            self._problem_line(node)

    def _where(self, where: Group) -> None:
        if where.parts:
            self._group(where, where=True)
            return
        t = self.bench.visitor.t
        with block("rb-where"):
            add = plain_button(t("Only those that …"), partial(self.add, where.id), symbol="add")
            add.classes("is-quiet rb-add").mark("add-where")

    def _remember(self, node: Node, element: ui.element) -> None:
        self._rows[element.id] = node.id
        self._elements[node.id] = element

    def _problem_line(self, node: Node) -> None:
        line = words("", "rb-problem cz-hidden", tag="p")
        line.props["role"] = "status"
        self._told[node.id] = line

    def _grip(self) -> None:
        with block("rb-grip"):
            icon("drag_indicator", "18px")

    def _joins(self, group: Group) -> None:
        t = self.bench.visitor.t
        with block("rb-joins") as joins:
            joins.props["role"] = "group"
            joins.props["aria-label"] = t("How the conditions are joined")
            for join, name in JOINS.items():
                with block("rb-join", tag="button").mark(f"join-{join}") as button:
                    button.props["type"] = "button"
                    button.props["aria-pressed"] = "true" if join == group.join else "false"
                    button.on("click", partial(self._join, group.id, join), args=[])
                    words(t(name))

    def _join(self, group_id: int, join: Join) -> None:
        def change(node: Node) -> Node:
            return Group(join, node.parts, node.id) if isinstance(node, Group) else node

        group = find(self.bench.root, group_id)
        if isinstance(group, Group) and group.join != join:
            self._focus = group_id
            self.bench.put(changed(self.bench.root, group_id, change))

    def _adding(self, group: Group) -> None:
        t = self.bench.visitor.t
        empty = not group.parts and group is self.bench.root
        if empty:
            words(t("No conditions yet: it holds for everybody. Add the first one."), "rb-empty")
        with block("cz-row rb-adding"):
            add = plain_button(t("Condition"), partial(self.add, group.id), symbol="add")
            add.classes("rb-add").mark("add-condition")
            add.props["aria-label"] = t("Add a condition")
            if self.bench.may_nest(group.id):
                nest = plain_button(t("Group"), partial(self.add_group, group.id), symbol="add")
                nest.classes("is-quiet rb-add").mark("add-group")
                nest.props["aria-label"] = t("Add a group")

    async def add(self, group_id: int) -> None:
        """Ask what the new condition is about, and put it last."""
        offer = await self._drawing.choose(group_id)
        group = find(self.bench.root, group_id)
        if offer is None or not isinstance(group, Group):
            return
        node = offer.make()
        self._focus = node.id
        self.bench.put(inserted(self.bench.root, group_id, len(group.parts), (node,)))

    def add_group(self, group_id: int) -> None:
        group = find(self.bench.root, group_id)
        if isinstance(group, Group):
            node = Group("any" if group.join == "all" else "all")
            self._focus = node.id
            self.bench.put(inserted(self.bench.root, group_id, len(group.parts), (node,)))

    def put(self, root: Group, *, focus: int | None = None) -> None:
        """For the tools of a row."""
        self._focus = focus
        self.bench.put(root)

    def _key(self, node_id: int, event: GenericEventArguments) -> None:
        if event.args in _WAYS:
            self.put(stepped(self.bench.root, node_id, event.args), focus=node_id)

    def _dropped(self, event: SortableEventArguments) -> None:
        node_id = self._rows.get(event.item.id)
        group_id = self._groups.get(event.target.id)
        if node_id is None or group_id is None:
            return
        root = moved(self.bench.root, node_id, group_id, event.new_index)
        if root is self.bench.root:
            self._draw()  # it may not stand there: back to where it was
        else:
            self.put(root, focus=node_id)

    def _show_problems(self) -> None:
        """Each mistake at the condition it is in; what is still to be chosen is said softly."""
        t = self.bench.visitor.t
        said: dict[int, str] = {}
        lacking = set(self.bench.lacking)
        for node_id, problem in placed(self.bench):
            if node_id not in lacking:
                said.setdefault(node_id, problem_words(problem.code, problem.message, t))
        for node_id in lacking:
            said[node_id] = t("Something is still to be chosen here.")
        for node_id, line in self._told.items():
            _say(line, said.get(node_id, ""), soft=node_id in lacking)


def placed(bench: Bench) -> Sequence[tuple[int, RuleProblem]]:
    """The checker's problems with the node each one is in."""
    written = bench.written
    found = []
    for problem in bench.problems():
        node_id = written.node_at(problem.pointer)
        if node_id is not None:
            found.append((node_id, problem))
    return found


def _say(line: Words, text: str, *, soft: bool) -> None:
    if line.text == text:
        return
    line.set_text(text)
    line.classes(remove="is-soft cz-hidden")
    # A line that was said keeps its place when it is blank: a button below that moved up between
    # the press and the release of the mouse would not be clicked.
    if soft and text:
        line.classes(add="is-soft")
