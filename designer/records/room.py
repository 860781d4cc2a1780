"""A list of records as a room: views, search, conditions, order, columns, pages, deeds for many."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from nicegui import ui

from designer.asking import plain_button
from designer.components.search_box import search_box
from designer.i18n import Translator
from designer.problem_words import placed_words, refusal_words
from designer.records.bulk_bar import BulkBar
from designer.records.cells import NAMING, column_for, row_for
from designer.records.columns_dialog import columns_dialog
from designer.records.condition_chips import ConditionChips
from designer.records.condition_dialog import Offered, condition_dialog
from designer.records.grid import Heading, RecordGrid
from designer.records.nothing import nothing_fits, nothing_yet
from designer.records.pager import Pager
from designer.records.view_bar import ViewBar
from designer.records.words import LISTS, ROOMS
from designer.rule_builder import CANCELLED, rule_dialog
from designer.rule_builder.saying import said_of
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, notice, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.rules import Catalogue
from engine.services.rules import vocabulary
from engine.services.saved_views import KeptView, list_views
from engine.services.views.grids import (
    COLUMNS,
    Condition,
    GridCount,
    GridField,
    GridPage,
    GridRecord,
    GridState,
    Moment,
    Turn,
    grid_count,
    grid_fields,
    grid_page,
    grid_tags,
    read_leniently,
)
from engine.services.views.grids.state import MOST_ORDERS

PAGE_ROWS: Final = 50
LONGEST_ADDRESS: Final = 6_000
# So long a new page waits for its rows; what takes longer is shown when it is there.
PATIENCE_SECONDS: Final = 0.25


class RecordRoom:
    """Built where it is called, inside a frame. One object is one open page."""

    def __init__(self, designer: Designer, visitor: Visitor, record: GridRecord) -> None:
        self.designer, self.visitor, self.record = designer, visitor, record
        self.fields: dict[str, GridField] = {}
        self.offered = Offered({}, ())
        self.page: GridPage | None = None
        self.count: GridCount | None = None
        # How many stand before the page; None after "last" of a list that was not counted.
        self.before: int | None = 0
        self.chosen: set[int] = set()
        self.catalogue: Catalogue | None = None
        self._asked = 0

    async def build(self, query: dict[str, str]) -> None:
        """`query` is what the address says: q, sort, view, list."""
        views = await self._load()
        chosen = _view_of(views, query)
        self.state, problems = self._state_of(query, chosen)
        self._kept = self.state
        with block("cz-stack"):
            self.views = ViewBar(self.designer, self.visitor, views, chosen, lambda: self.state)
            if problems:
                notice(
                    self.visitor.t("Part of this view is left out: a field is gone meanwhile."),
                    "warn",
                    "info",
                )
            self._tools()
            self.problem = block("cz-hidden")
            self._grid()
        await self._begin()

    async def _begin(self) -> None:
        """The rows come with the page, unless finding them takes long: then they follow."""
        looking = asyncio.create_task(self._found("first"))
        # whoever leaves before has no use for what went wrong
        looking.add_done_callback(lambda one: one.cancelled() or one.exception())
        await asyncio.wait({looking}, timeout=PATIENCE_SECONDS)
        if looking.done():
            await self._put("first", looking, counting=False)
            ui.timer(0, self._count_it, once=True)
            return
        self.pager.tell(self.visitor.t("Looking through the whole list…"))
        self.busy.set_visibility(True)
        ui.timer(0, lambda: self._put("first", looking, counting=True), once=True)

    async def _load(self) -> list[KeptView]:
        actor = self.visitor.somebody
        async with self.designer.transaction() as session:
            self.fields = await grid_fields(session, actor, self.record)
            directory = await self.designer.runtime.shared.people.directory(session)
            tags = await grid_tags(session, actor) if self.record == "contact" else []
            views = await list_views(session, actor, self.record)
            if self.record == "contact":
                self.catalogue = await vocabulary(session, actor, "contact")
        people = {one.id: one.name for one in directory.people.values() if one.active}
        by_name = sorted(people.items(), key=lambda one: one[1].casefold())
        self.offered = Offered(dict(by_name), tuple(tags))
        return views

    def _state_of(
        self, query: dict[str, str], chosen: KeptView | None
    ) -> tuple[GridState, tuple[Any, ...]]:
        document: Any = dict(chosen.document) if chosen else {}
        if "list" in query and len(query["list"]) <= LONGEST_ADDRESS:
            try:
                document = json.loads(query["list"])
            except ValueError:
                document = None
        if isinstance(document, dict):
            if query.get("q"):
                document["search"] = query["q"][:200]
            if query.get("sort") == "newest" and self.record != "ticket":
                document["order"] = [["created_at", True]]
        return read_leniently(self.record, document, self.fields)

    def _tools(self) -> None:
        t = self.visitor.t
        with block("cz-row"):
            self.searching = search_box(
                _search_words(self.record, t), self.state.search, self._search
            )
            plain_button(t("Narrow"), self._narrow, symbol="filter_list").mark("narrow")
            if self.record == "contact":
                plain_button(t("Rule"), self._rule, symbol="rule").mark("narrow-by-rule")
            plain_button(t("Columns"), self._columns, symbol="view_column").mark("columns")
            self.busy = ui.spinner(size="20px")
            self.busy.set_visibility(False)
        self.chips = ConditionChips(
            self.visitor,
            self.fields,
            self.offered.people,
            self._change_condition,
            self._rule,
            self._drop,
        )
        self.chips.show(self.state, self._rule_words())

    def _grid(self) -> None:
        t = self.visitor.t
        labels = {
            "all": t("Choose all on this page"),
            "order": t("Click to put into this order; with Shift after the others"),
        }
        self.bulk = BulkBar(self)
        with block("cz-card") as self.card:
            self.grid = RecordGrid(
                t(LISTS[self.record]),
                labels,
                chooses=self.bulk.offers,
                on_choose=self._choose,
                on_order=self._order,
            )
            self.pager = Pager(t, self.turn)
        self.nothing = block("cz-card cz-hidden")

    async def turn(self, turn: Turn, *, counting: bool = True) -> None:
        """Show another page; what cannot be shown is said in place of it."""
        self.busy.set_visibility(True)
        await self._put(turn, self._found(turn), counting=counting)

    async def _found(self, turn: Turn) -> GridPage:
        mark = None
        if self.page is not None and turn in ("next", "previous"):
            mark = self.page.last if turn == "next" else self.page.first
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            return await grid_page(
                session,
                actor,
                self.state,
                self.moment(),
                turn=turn if mark is not None or turn == "last" else "first",
                mark=mark,
                limit=PAGE_ROWS,
            )

    async def _put(self, turn: Turn, looking: Awaitable[GridPage], *, counting: bool) -> None:
        self._asked += 1
        asked = self._asked
        try:
            page = await looking
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._refused(error)
            return
        finally:
            self.busy.set_visibility(False)
        if asked != self._asked:
            return  # somebody asked for more meanwhile; the later answer counts
        self._keep_place(turn, page)
        self.page = page
        self._show()
        if counting and self.count is None:
            await self._count_it()

    def moment(self) -> Moment:
        return Moment(self.designer.now(), self.designer.runtime.shared.default_zone)

    async def see(self, state: GridState) -> None:
        """Another way to see the list, from its first page on."""
        same = state.key() == self.state.key()
        self.state, self.page = state, None
        if not same:
            self.count = None
            self.bulk.forget()
        self.chips.show(state, self._rule_words())
        self.views.show_changed(changed=state != self._kept)
        ui.navigate.history.replace(self.address())
        await self.turn("first")

    def address(self) -> str:
        """Where the list is seen like this."""
        document = self.state.document()
        query: dict[str, str] = {}
        if search := document.pop("search", ""):
            query["q"] = search
        if document:
            query["list"] = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        if len(query.get("list", "")) > LONGEST_ADDRESS:
            del query["list"]
        return f"{ROOMS[self.record]}?{urlencode(query)}" if query else ROOMS[self.record]

    async def _count_it(self) -> None:
        state = self.state
        try:
            actor = await self.designer.actor(self.visitor.token)

            async def question() -> GridCount:
                async with self.designer.transaction() as session:
                    return await grid_count(session, actor, state, self.moment())

            count = await self.designer.pulses.ask(("list", actor.sight, state.key()), question)
        except CadenzaError:
            return
        if state.key() == self.state.key():
            self.count = count
            self._tell()
            self.bulk.show()

    def _keep_place(self, turn: Turn, page: GridPage) -> None:
        shown = len(self.page.lines) if self.page else 0
        if turn == "first" or not page.has_previous:
            self.before = 0
        elif turn == "last":
            exact = self.count is not None and self.count.exact
            self.before = (
                max(self.count.count - len(page.lines), 0) if exact and self.count else None
            )
        elif self.before is not None:
            self.before += shown if turn == "next" else -len(page.lines)

    def _show(self) -> None:
        page = self.page
        assert page is not None
        self.problem.clear()
        self.problem.classes(add="cz-hidden")
        shown = [self.fields[name] for name in self._columns_shown()]
        standing = {name: place for place, (name, _) in enumerate(self.state.order, 1)}
        falling = dict(self.state.order)
        headings = [
            Heading(
                column_for(one, self.visitor),
                one.orders,
                standing.get(one.name, 0) * (-1 if falling.get(one.name) else 1),
            )
            for one in shown
        ]
        now = self.designer.now()
        rows = [row_for(self.record, one, shown, self.visitor, now) for one in page.lines]
        self.grid.put(headings, rows, self.chosen)
        self.pager.show(has_previous=page.has_previous, has_next=page.has_next)
        _see(self.card, wanted=bool(rows))
        _see(self.nothing, wanted=not rows)
        if not rows:
            self.nothing.clear()
            with self.nothing:
                self._empty()
        self._tell()
        self.bulk.show()

    def _columns_shown(self) -> tuple[str, ...]:
        naming = NAMING[self.record]
        return (naming, *(one for one in self.state.columns if one != naming))

    def _tell(self) -> None:
        page = self.page
        t, number = self.visitor.t, self.visitor.formats.number
        if page is None or not page.lines:
            self.pager.tell("")
            return
        total = ""
        if self.count is not None:
            total = number(self.count.count)
            if not self.count.exact:
                total = t("more than {count}", count=total)
        if self.before is None:
            self.pager.tell(t("{total} in all", total=total) if total else "")
            return
        first, last = number(self.before + 1), number(self.before + len(page.lines))
        if total:
            self.pager.tell(t("{first}-{last} of {total}", first=first, last=last, total=total))
        else:
            self.pager.tell(t("{first}-{last}", first=first, last=last))

    def _refused(self, error: CadenzaError) -> None:
        self.problem.clear()
        self.problem.classes(remove="cz-hidden")
        with self.problem:
            notice(refusal_words(error, self.visitor.t), "bad", "error_outline")
            for one in error.problems if isinstance(error, Refused) else ():
                words(placed_words("form", one, self.visitor.t), "cz-small cz-bad", tag="p")

    def _empty(self) -> None:
        if self.state.is_narrowed:
            nothing_fits(self.record, self.state, self.visitor)
        else:
            nothing_yet(self.record, self.visitor)

    async def _search(self, typed: str) -> None:
        if typed != self.state.search:
            await self.see(replace(self.state, search=typed))

    async def _narrow(self) -> None:
        found = await condition_dialog(self.visitor, self.fields, self.offered)
        if found is not None:
            await self._with((*self.state.conditions, found))

    async def _change_condition(self, place: int) -> None:
        known = self.state.conditions[place]
        found = await condition_dialog(self.visitor, self.fields, self.offered, known)
        if found is not None:
            rest = list(self.state.conditions)
            rest[place] = found
            await self._with(tuple(rest))

    async def _with(self, conditions: tuple[Condition, ...]) -> None:
        wanted = replace(self.state, conditions=conditions)
        read, problems = read_leniently(self.record, wanted.document(), self.fields)
        if problems:
            ui.notify(problems[0].message, type="warning")
            return
        await self.see(read)

    async def _drop(self, place: int | None) -> None:
        """Take a condition away; None is the rule, -1 everything."""
        if place is None:
            await self.see(replace(self.state, rule=None))
        elif place < 0:
            self.searching.set_value("")
            await self.see(replace(self.state, search="", conditions=(), rule=None))
        else:
            rest = list(self.state.conditions)
            del rest[place]
            await self.see(replace(self.state, conditions=tuple(rest)))

    def _rule_words(self) -> str:
        if self.state.rule is None or self.catalogue is None:
            return ""
        return said_of(self.state.rule, self.catalogue, self.visitor.t)

    async def _rule(self) -> None:
        async with self.designer.transaction() as session:
            self.catalogue = await vocabulary(session, self.visitor.somebody, "contact")
        rule = await rule_dialog(self.designer, self.visitor, self.catalogue, self.state.rule)
        if rule is not CANCELLED:
            await self.see(replace(self.state, rule=rule))

    async def _columns(self) -> None:
        naming = NAMING[self.record]
        found = await columns_dialog(
            self.visitor, self.fields, self.state.columns, COLUMNS[self.record], naming
        )
        if found is not None:
            self.state = replace(self.state, columns=found)
            self.views.show_changed(changed=self.state != self._kept)
            ui.navigate.history.replace(self.address())
            self._show()

    async def _order(self, place: int, joins: bool) -> None:
        shown = self._columns_shown()
        if not 0 <= place < len(shown) or not self.fields[shown[place]].orders:
            return
        name, known = shown[place], dict(self.state.order)
        falls = not known[name] if name in known else _falls_first(self.fields[name])
        order = {**(known if joins else {}), name: falls}
        if joins and len(order) > MOST_ORDERS:
            ui.notify(self.visitor.t("A list is ordered by three columns at most."), type="warning")
            return
        await self.see(replace(self.state, order=tuple(order.items())))

    def _choose(self, ids: list[Any], wanted: bool) -> None:
        here = {one.id for one in self.page.lines} if self.page else set()
        meant = {one for one in ids if isinstance(one, int) and one in here}
        self.chosen = self.chosen | meant if wanted else self.chosen - meant
        self.bulk.picked()


def _falls_first(known: GridField) -> bool:
    """The newest and the largest are looked for more often than the oldest and the smallest."""
    return known.kind in ("instant", "number")


def _view_of(views: list[KeptView], query: dict[str, str]) -> KeptView | None:
    return next((one for one in views if str(one.id) == query.get("view")), None)


def _see(element: ui.element, *, wanted: bool) -> None:
    if wanted:
        element.classes(remove="cz-hidden")
    else:
        element.classes(add="cz-hidden")


def _search_words(record: GridRecord, t: Translator) -> str:
    match record:
        case "contact":
            return t("Name or e-mail")
        case "account":
            return t("Name or domain")
        case "ticket":
            return t("Subject or number")
