"""The views that somebody keeps of a list, and keeping, sharing, renaming and removing one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from designer.asking import plain_button
from designer.components.filter_tabs import address
from designer.problem_words import all_words
from designer.records.words import LISTS, ROOMS
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, icon, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.saved_views import (
    LONGEST_NAME,
    KeptView,
    change_view,
    keep_view,
    may_share,
    remove_view,
)
from engine.services.views.grids import GridState

Deed = Callable[[Any, Any], Awaitable[Any]]


class ViewBar:
    """Links to the views; `state` tells how the list is seen now."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        views: list[KeptView],
        chosen: KeptView | None,
        state: Callable[[], GridState],
    ) -> None:
        self._designer, self._visitor = designer, visitor
        self._views, self._chosen, self._state = views, chosen, state
        self._record = state().record
        t = visitor.t
        with block("cz-row cz-views"):
            with block("cz-tabs", tag="nav") as tabs:
                tabs.props["aria-label"] = t("Views")
                self._link(None, t("All"))
                for view in views:
                    self._link(view, view.name)
            self._save = plain_button(t("Keep this view"), self._keep, symbol="bookmark_add")
            self._save.mark("keep-view")
            if chosen is not None and chosen.changeable:
                self._menu(chosen)
        self.show_changed(changed=False)

    def show_changed(self, *, changed: bool) -> None:
        """`changed`: the list is seen in another way than the chosen view says."""
        self._save.set_visibility(changed)
        if self._chosen is not None and self._chosen.changeable:
            self._update.set_visibility(changed)

    def _link(self, view: KeptView | None, name: str) -> None:
        here = ROOMS[self._record]
        target = here if view is None else address(here, {"view": str(view.id)})
        active = view == self._chosen
        with anchor(target, classes="cz-tab is-active" if active else "cz-tab") as link:
            if active:
                link.props["aria-current"] = "true"
            if view is not None and view.shared:
                icon("group", "15px")
            words(name)
            if view is not None and not view.mine:
                link.props["title"] = self._visitor.t("Shared by {name}", name=view.owner)

    def _menu(self, view: KeptView) -> None:
        t = self._visitor.t
        self._update = plain_button(t("Save the change"), self._overwrite, symbol="save")
        self._update.mark("update-view")
        with block("cz-button is-quiet", tag="button").props("type=button") as button:
            button.props["aria-label"] = t("More about the view {name}", name=view.name)
            button.mark("view-menu")
            icon("more_vert", "18px")
            with ui.menu():
                ui.menu_item(t("Rename"), self._rename)
                if may_share(self._visitor.somebody, self._record):
                    said = t("Share with nobody any more") if view.shared else t("Share with all")
                    ui.menu_item(said, self._share)
                ui.menu_item(t("Remove the view"), self._remove)

    async def _keep(self) -> None:
        t = self._visitor.t
        asked = await self._ask_name(t("Keep this view"), "", sharing=True)
        if asked is None:
            return
        name, shared = asked

        async def deed(session: Any, actor: Any) -> int:
            return await keep_view(session, actor, name, self._state(), shared=shared)

        view_id = await self._do(deed)
        if view_id is not None:
            ui.navigate.to(address(ROOMS[self._record], {"view": str(view_id)}))

    async def _overwrite(self) -> None:
        await self._change(state=self._state())

    async def _share(self) -> None:
        assert self._chosen is not None
        await self._change(shared=not self._chosen.shared)

    async def _rename(self) -> None:
        assert self._chosen is not None
        asked = await self._ask_name(self._visitor.t("Rename"), self._chosen.name, sharing=False)
        if asked is not None:
            await self._change(name=asked[0])

    async def _change(self, **what: Any) -> None:
        view = self._chosen
        assert view is not None

        async def deed(session: Any, actor: Any) -> bool:
            await change_view(
                session, actor, view.id, now=self._designer.now(), revision=view.revision, **what
            )
            return True

        if await self._do(deed):
            ui.navigate.to(address(ROOMS[self._record], {"view": str(view.id)}))

    async def _remove(self) -> None:
        view, t = self._chosen, self._visitor.t
        assert view is not None
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(t("Remove the view “{name}”?", name=view.name), "cz-h2", tag="h2")
            text = t("What it lists stays as it is.")
            if view.shared:
                text = t("Nobody sees it any more. What it lists stays as it is.")
            words(text, "cz-soft", tag="p")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), dialog.close)
                yes = plain_button(t("Remove the view"), lambda: dialog.submit(True), main=True)
                yes.mark("confirm-remove-view")
        if await dialog is not True:
            return

        async def deed(session: Any, actor: Any) -> bool:
            await remove_view(session, actor, view.id)
            return True

        if await self._do(deed):
            ui.navigate.to(ROOMS[self._record])

    async def _ask_name(self, title: str, name: str, *, sharing: bool) -> tuple[str, bool] | None:
        t = self._visitor.t
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(title, "cz-h2", tag="h2")
            field = ui.input(label=t("Name"), value=name).classes("full-width cz-field")
            field.props("outlined dense autofocus").mark("view-name")
            field.props["maxlength"] = LONGEST_NAME
            box = None
            if sharing and may_share(self._visitor.somebody, self._record):
                said = t("Everybody who sees {list} sees this view", list=t(LISTS[self._record]))
                box = ui.checkbox(said)

            def done() -> None:
                if (field.value or "").strip():
                    dialog.submit((field.value, bool(box is not None and box.value)))

            field.on("keydown.enter", done, args=[])
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), dialog.close)
                plain_button(t("Keep"), done, main=True).mark("confirm-view")
        answer = await dialog
        dialog.delete()
        return answer if isinstance(answer, tuple) else None

    async def _do(self, deed: Deed) -> Any:
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                return await deed(session, actor)
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            ui.notify(all_words(error, self._visitor.t), type="negative")
        return None
